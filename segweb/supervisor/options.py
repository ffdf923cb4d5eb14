"""What the command line and the environment say."""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DEFAULTS = {
    "SEGWEB_HOST": "127.0.0.1",
    "SEGWEB_PORT": "8000",
    "SEGWEB_DATA": "var",
    "SEGWEB_PROXY": "0",
    "SEGWEB_ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
    "SEGWEB_LOG_LEVEL": "INFO",
    "SEGWEB_WORKERS": "by_queue",
    "REDIS_URL": "",
}
_EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}


@dataclass(frozen=True)
class Options:
    """Where to listen, where the data lie, and what the processes are told."""

    host: str
    port: int
    data: Path
    redis_url: str
    proxy: bool
    allowed_hosts: tuple[str, ...]
    log_level: str
    workers: str

    @property
    def reached_at(self) -> str:
        """An address on which this machine reaches the server."""
        return _EVERY_ADDRESS.get(self.host, self.host)

    @property
    def url(self) -> str:
        host = f"[{self.reached_at}]" if ":" in self.reached_at else self.reached_at
        return f"http://{host}:{self.port}"

    @property
    def host_header(self) -> str:
        """A Host header that the application accepts."""
        named = [name for name in self.allowed_hosts if name != "*"]
        if self.reached_at in named or not named:
            return f"{self.reached_at}:{self.port}"
        return f"{named[0].lstrip('.')}:{self.port}"


def _port(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return number


def parse(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> Options:
    """The options; a mistake prints the usage and ends the program with status 2."""
    told = {name: environment.get(name) or default for name, default in DEFAULTS.items()}
    parser = argparse.ArgumentParser(prog="deploy/up", description="Starts segweb.")
    parser.add_argument("--host", default=told["SEGWEB_HOST"], help="address to listen on")
    parser.add_argument("--port", default=told["SEGWEB_PORT"], type=_port, help="port")
    parser.add_argument("--data", default=told["SEGWEB_DATA"], type=Path, help="data folder")
    given = parser.parse_args(arguments)
    data = given.data.expanduser()
    return Options(
        host=given.host,
        port=given.port,
        data=data if data.is_absolute() else ROOT / data,
        redis_url=told["REDIS_URL"],
        proxy=told["SEGWEB_PROXY"].strip().lower() in {"1", "true", "yes", "on"},
        allowed_hosts=tuple(filter(None, map(str.strip, told["SEGWEB_ALLOWED_HOSTS"].split(",")))),
        log_level=told["SEGWEB_LOG_LEVEL"].upper(),
        workers=told["SEGWEB_WORKERS"].strip(),
    )
