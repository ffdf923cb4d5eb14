"""A web server of others, with every habit that a fetcher has to live with."""

import socket
import socketserver
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import parse_qs, urlsplit

Say = Callable[[bytes], None]


class _Handler(socketserver.StreamRequestHandler):
    server: "OtherSite"

    def handle(self) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.rfile.readline()
            if not line:
                return
            head += line
        self.server.requests.append(head.decode("latin-1"))
        target = urlsplit(head.split()[1].decode("latin-1"))
        query = {name: values[0] for name, values in parse_qs(target.query).items()}
        # The other side may have heard enough.
        with suppress(OSError):
            self.server.answer(target.path, query, self.wfile.write)


class OtherSite(socketserver.ThreadingTCPServer):
    """Serves on a free port of 127.0.0.1; `requests` are the heads it saw."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, file: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.file = file
        self.requests: list[str] = []
        self.port: int = self.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def answer(self, path: str, query: dict[str, str], say: Say) -> None:
        name = path.strip("/").split("/")[0].replace("-", "_").split(".")[0]
        getattr(self, f"_{name}", self._missing)(query, say)

    @staticmethod
    def _head(say: Say, status: str = "200 OK", **headers: object) -> None:
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        say("\r\n".join([f"HTTP/1.1 {status}", *lines, "Connection: close", "", ""]).encode())

    def _missing(self, _query: dict[str, str], say: Say) -> None:
        self._head(say, "404 Not Found", Content_Length=0)

    def _file(self, _query: dict[str, str], say: Say) -> None:
        self._head(say, Content_Type="image/png", Content_Length=len(self.file))
        say(self.file)

    def _named(self, _query: dict[str, str], say: Say) -> None:
        self._head(say, Content_Disposition='attachment; filename="a cup.png"')
        say(self.file)

    def _to(self, query: dict[str, str], say: Say) -> None:
        status = f"{query.get('code', 302)} Elsewhere"
        self._head(say, status, Location=query.get("url", ""), Content_Length=0)

    def _loop(self, _query: dict[str, str], say: Say) -> None:
        self._head(say, "302 Found", Location="/loop", Content_Length=0)

    def _endless(self, _query: dict[str, str], say: Say) -> None:
        self._head(say)
        while True:
            say(bytes(1 << 16))

    def _claims_much(self, _query: dict[str, str], say: Say) -> None:
        self._head(say, Content_Length=10**12)

    def _short(self, _query: dict[str, str], say: Say) -> None:
        self._head(say, Content_Length=len(self.file) + 10)
        say(self.file)

    def _slow_body(self, _query: dict[str, str], say: Say) -> None:
        self._head(say, Content_Length=10_000)
        self._drip(say, b"x")

    def _slow_head(self, _query: dict[str, str], say: Say) -> None:
        say(b"HTTP/1.1 200 OK\r\n")
        self._drip(say, b"X: y\r\n")

    def _continues(self, _query: dict[str, str], say: Say) -> None:
        self._drip(say, b"HTTP/1.1 100 Continue\r\n\r\n")

    @staticmethod
    def _drip(say: Say, piece: bytes) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            say(piece)
            time.sleep(0.2)

    def _silent(self, _query: dict[str, str], _say: Say) -> None:
        time.sleep(60)

    def _large_head(self, _query: dict[str, str], say: Say) -> None:
        say(b"HTTP/1.1 200 OK\r\n")
        for number in range(100_000):
            say(b"X-%d: %s\r\n" % (number, b"y" * 100))

    def _packed(self, _query: dict[str, str], say: Say) -> None:
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        data = b"".join(packer.compress(bytes(1 << 20)) for _ in range(200)) + packer.flush()
        self._head(say, Content_Encoding="gzip", Content_Length=len(data))
        say(data)

    def _no_http(self, _query: dict[str, str], say: Say) -> None:
        say(b"-ERR unknown command 'GET'\r\n")

    def _page(self, _query: dict[str, str], say: Say) -> None:
        self._head(say, Content_Type="image/png")
        say(b"<html><script>alert(1)</script></html>")


@contextmanager
def other_site(file: bytes) -> Iterator[OtherSite]:
    with OtherSite(file) as site:
        thread = threading.Thread(target=site.serve_forever, daemon=True)
        thread.start()
        yield site
        site.shutdown()


def closed_port() -> int:
    """A port of this machine where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
