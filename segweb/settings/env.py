"""Every setting an operator can make, declared once.

The README's table is made from `SETTINGS` (a test holds the two together). Values are read
from the environment when the settings module is imported; a value that does not parse stops
the start with the variable's name.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent.parent


def _flag(text: str) -> bool:
    lowered = text.strip().lower()
    if lowered in {"1", "true", "yes", "on"}:
        return True
    if lowered in {"", "0", "false", "no", "off"}:
        return False
    raise ValueError("use 1 or 0")


def _names(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _positive(text: str) -> int:
    number = int(text)
    if number <= 0:
        raise ValueError("must be above 0")
    return number


def _not_negative(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError("must not be below 0")
    return number


def _one_of(*names: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in names:
            raise ValueError(f"use one of {', '.join(names)}")
        return text

    return parse


def _port(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 65535:
        raise ValueError("must be 1 to 65535")
    return number


def _half_minute(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 30:
        raise ValueError("must be 1 to 30")
    return number


_SECONDS = {"s": 1, "sec": 1, "second": 1, "min": 60, "minute": 60, "h": 3600, "hour": 3600}


def _rate(text: str) -> tuple[int, int] | None:
    """(requests, seconds) of `600/min`; None for 0, which means no limit."""
    if text.strip() == "0":
        return None
    number, _, unit = text.strip().partition("/")
    if unit not in _SECONDS or not number.isascii() or not number.isdigit() or int(number) == 0:
        raise ValueError("use a form like 600/min, 20/s or 50000/hour; 0 for no limit")
    return int(number), _SECONDS[unit]


@dataclass(frozen=True)
class Setting:
    """One environment variable: its name, default text, meaning and parser."""

    name: str
    default: str
    help: str
    parse: Callable[[str], Any] = str

    def value(self) -> Any:
        """The parsed value from the environment, or the parsed default."""
        text = os.environ.get(self.name, self.default)
        try:
            return self.parse(text)
        except ValueError as error:
            raise ImproperlyConfigured(f"{self.name}={text!r} is not valid: {error}") from error


SETTINGS: tuple[Setting, ...] = (
    Setting("SEGWEB_HOST", "127.0.0.1", "address the web server listens on"),
    Setting("SEGWEB_PORT", "8000", "port the web server listens on", _port),
    Setting("SEGWEB_DATA", "var", "folder of the database, files, models and the private Redis"),
    Setting(
        "SEGWEB_SECRET_KEY",
        "",
        "signs sessions; empty: made once and kept in the data folder (embedded default only)",
    ),
    Setting("SEGWEB_DEBUG", "0", "Django's debug mode; never on a server others reach", _flag),
    Setting(
        "SEGWEB_ALLOWED_HOSTS",
        "localhost,127.0.0.1,[::1]",
        "host names the server answers to, comma-separated",
        _names,
    ),
    Setting(
        "SEGWEB_TRUSTED_ORIGINS",
        "",
        "further origins (https://name) that may send forms and open websockets",
        _names,
    ),
    Setting(
        "SEGWEB_HTTPS",
        "0",
        "served over https: secure cookies, HSTS, redirect from http",
        _flag,
    ),
    Setting(
        "SEGWEB_PROXY",
        "0",
        "behind a proxy that sets X-Forwarded-Proto",
        _flag,
    ),
    Setting("SEGWEB_ADMIN_USER", "admin", "name of the administrator made at the first start"),
    Setting(
        "SEGWEB_ADMIN_PASSWORD",
        "",
        "the administrator's password; empty: a random one, printed once",
    ),
    Setting("SEGWEB_DEMO", "1", "make the demo project at the first start", _flag),
    Setting("SEGWEB_MAX_BYTES", "100000000", "largest image file accepted, in bytes", _positive),
    Setting(
        "SEGWEB_MAX_REQUEST_BYTES",
        "1000000000",
        "largest body of one upload request, in bytes (all its files together)",
        _positive,
    ),
    Setting("SEGWEB_MAX_PIXELS", "200000000", "largest image accepted, in pixels", _positive),
    Setting(
        "SEGWEB_DECODE_SECONDS",
        "60",
        "time the worker may take to decode one image before it is refused",
        _positive,
    ),
    Setting(
        "SEGWEB_DECODE_MEMORY_MB",
        "560",
        "memory that decoding one image may take, in MB (a PNG takes 4 bytes a pixel)",
        _positive,
    ),
    Setting(
        "SEGWEB_WEBHOOK_ATTEMPTS",
        "8",
        "how often one event is sent to a webhook that does not take it",
        _positive,
    ),
    Setting(
        "SEGWEB_WEBHOOK_RETRY_SECONDS",
        "10",
        "wait before the second attempt; each further one is six times longer, 8 hours at most",
        _positive,
    ),
    Setting("SEGWEB_PREVIEW_SIDE", "2048", "longest side of the displayed image", _positive),
    Setting(
        "SEGWEB_ENGINE",
        "sam_onnx",
        "segmentation engine: sam_onnx, sam_torch (GPU hosts), or fake (no weights, for tests)",
    ),
    Setting(
        "SEGWEB_PRECISION",
        "auto",
        "precision of sam_onnx's encoder: auto (the fastest that the CPU runs well), f32, int8, "
        "or bf16 (needs the package openvino)",
        _one_of("auto", "f32", "int8", "bf16"),
    ),
    Setting(
        "SEGWEB_ENGINE_THREADS",
        "0",
        "threads of one model run; 0: the machine's cores, at most 8",
        int,
    ),
    Setting(
        "SEGWEB_TORCH_MODEL",
        "mobile_sam",
        "model of sam_torch: mobile_sam, vit_b, vit_l or vit_h",
        _one_of("mobile_sam", "vit_b", "vit_l", "vit_h"),
    ),
    Setting(
        "SEGWEB_TORCH_CHECKPOINT",
        "",
        "file of vit_b, vit_l or vit_h; empty: the one that manage.py fetch_checkpoint fetched",
    ),
    Setting(
        "SEGWEB_TORCH_DEVICE",
        "auto",
        "device of sam_torch: auto (CUDA where there is one), cuda, cuda:1, cpu",
    ),
    Setting(
        "SEGWEB_TORCH_PRECISION",
        "auto",
        "precision of sam_torch's encoder: f32, half (16 bits where the device is faster so), or "
        "auto (f32 for mobile_sam, half for the others)",
        _one_of("auto", "f32", "half"),
    ),
    Setting(
        "SEGWEB_EMBEDDINGS_MB",
        "0",
        "room for embeddings on disk, in MB; beyond it the least used go; 0: no limit",
        _not_negative,
    ),
    Setting(
        "SEGWEB_EMBEDDINGS_MEMORY_MB",
        "128",
        "room for embeddings in each worker's memory, in MB (one takes 4)",
        _not_negative,
    ),
    Setting(
        "SEGWEB_JOB_LEASE_SECONDS",
        "15",
        "a running job whose worker is silent for so long is given to another",
        _positive,
    ),
    Setting(
        "SEGWEB_JOB_ATTEMPTS",
        "5",
        "how often a job whose worker died is started before it is failed",
        _positive,
    ),
    Setting(
        "SEGWEB_JOB_KEEP_HOURS",
        "24",
        "finished jobs that found masks are removed after so many hours",
        _positive,
    ),
    Setting(
        "SEGWEB_FETCH_ALLOW",
        "",
        "own stores inside the network that files may be fetched from and webhooks sent to: "
        "hosts, host:port, addresses, networks; comma-separated",
        _names,
    ),
    Setting(
        "SEGWEB_FETCH_SECONDS",
        "20",
        "time that fetching one file by its address may take, at most 30",
        _half_minute,
    ),
    Setting(
        "SEGWEB_PIXLAB_WAIT_SECONDS",
        "30",
        "how long a call of `/segment` waits for its result before it answers 503",
        _positive,
    ),
    Setting(
        "SEGWEB_PIXLAB_LINK_HOURS",
        "24",
        "how long the links of `/segment` and `/store` work; their files go afterwards",
        _positive,
    ),
    Setting(
        "SEGWEB_PIXLAB_MAX_PIXELS",
        "40000000",
        "largest picture that is segmented by its colours, in pixels",
        _positive,
    ),
    Setting(
        "SEGWEB_PIXLAB_JOBS_A_USER",
        "20",
        "unfinished calls of `/segment` that one person may have",
        _positive,
    ),
    Setting(
        "SEGWEB_RATE_LIMIT",
        "6000/min",
        "requests that one API token may send (a person's pages five times as many); 0: no limit",
        _rate,
    ),
    Setting(
        "SEGWEB_LINK_SECONDS",
        "3600",
        "how long the Cognite API's signed upload and download addresses are good for",
        _positive,
    ),
    Setting(
        "SEGWEB_WORKERS",
        "by_queue",
        "worker processes: by_queue (four, each with its own limits), or one for every queue, "
        "which takes less memory and does not limit what decoding a file takes",
        _one_of("by_queue", "one"),
    ),
    Setting("SEGWEB_LOG_LEVEL", "INFO", "least severity that is logged"),
    Setting("DATABASE_URL", "", "postgres://user:password@host/name instead of SQLite"),
    Setting("REDIS_URL", "", "redis://host:6379/0 (or unix://) instead of the private Redis"),
)

_BY_NAME = {setting.name: setting for setting in SETTINGS}


def env(name: str) -> Any:
    """Value of the declared variable `name`; an undeclared name is a programming error."""
    return _BY_NAME[name].value()


def data_dir() -> Path:
    """The data folder as an absolute path; a relative one counts from the project's root."""
    path = Path(env("SEGWEB_DATA")).expanduser()
    return path if path.is_absolute() else ROOT / path
