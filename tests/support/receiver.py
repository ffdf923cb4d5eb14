"""Small web servers on the loopback, as strange as a test needs them."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Answer = Callable[[str, socket.socket], None]
"""Called with the request (head and body) and the connection; writes what it likes."""


class Web:
    """A server in threads. `seen` holds each request's text."""

    def __init__(self, answer: Answer, host: str = "127.0.0.1", port: int = 0) -> None:
        self.seen: list[str] = []
        self._answer = answer
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, port), family=family)
        self.host, self.port = host, int(self._listener.getsockname()[1])
        self.url = f"http://{host}:{self.port}"
        self.tls: ssl.SSLContext | None = None
        self._ended = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
            text = self._read(connection)
            if text:
                self.seen.append(text)
                self._answer(text, connection)
                # The client must read the answer before a reset can overtake it.
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_WR)
                while connection.recv(1 << 16):
                    pass

    @staticmethod
    def _read(connection: socket.socket) -> str:
        data = b""
        while b"\r\n\r\n" not in data:
            if not (part := connection.recv(1 << 16)):
                return data.decode("latin-1")
            data += part
        head, _, body = data.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        while len(body) < length:
            body += connection.recv(1 << 16)
        return (head + b"\r\n\r\n" + body).decode("latin-1")

    def answer_with(self, answer: Answer) -> None:
        """From now on."""
        self._answer = answer

    def close(self) -> None:
        self._ended.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def reply(body: bytes = b"", status: str = "200 OK", **headers: str) -> Answer:
    """The same answer to everything; header names with `_` for `-`."""

    def answer(_request: str, connection: socket.socket) -> None:
        fields = {"Content-Length": str(len(body))} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        connection.sendall(f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1") + body)

    return answer


@contextmanager
def web(answer: Answer, host: str = "127.0.0.1") -> Iterator[Web]:
    server = Web(answer, host)
    try:
        yield server
    finally:
        server.close()
