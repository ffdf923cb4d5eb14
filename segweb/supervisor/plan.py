"""Which processes the product consists of."""

import os
import secrets
import sys
from contextlib import suppress
from pathlib import Path

from .child import Spec
from .options import ROOT, Options

# Queues (the first names the worker), pool, and why: solo keeps one loaded model and its caches
# in the process that uses them; prefork bounds the memory of a child that decodes what strangers
# send; threads wait for other people's servers.
_WORKERS = {
    "worker-interactive": ("interactive", ("--pool", "solo")),
    "worker-batch": ("batch,proposals", ("--pool", "solo")),
    "worker-io": ("io", ("--pool", "prefork", "--concurrency", "1")),
    "worker-net": ("net", ("--pool", "threads", "--concurrency", "8")),
}
# One process that loads everything once: a quarter of the start's work and of the memory.
_ONE_WORKER = {"worker": ("interactive,batch,proposals,io,net", ("--pool", "solo"))}
# The largest frame a page may send over its websocket.
_FRAME_BYTES = 256 * 1024
# Longer than clients keep an unused connection (5 s in httpx): they would send a request on one
# that is being closed.
_KEEP_ALIVE_SECONDS = 20
# The supervisor says it once, in one line; every worker would in eight.
_NO_ROOT_WARNING = {"PYTHONWARNINGS": "ignore:You're running the worker"}
# Set-up has run Django's checks; in a worker they would load all pages and APIs: 0.7 s, 23 MB.
_NO_CHECKS = {"CELERY_SKIP_CHECKS": "1"}
# glibc gives the memory of one picture back to the system before the next one takes as much:
# thousands of page faults a photo. A worker keeps up to 64 MB; what is larger goes back at once.
_KEEP_MEMORY = {"MALLOC_TRIM_THRESHOLD_": str(64 << 20), "MALLOC_MMAP_THRESHOLD_": str(32 << 20)}


def environment(options: Options, socket: Path | None) -> dict[str, str]:
    """The environment of every process; `socket` is the private Redis's, if there is one."""
    result = dict(os.environ)
    result |= {
        "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "segweb.settings"),
        "SEGWEB_DATA": str(options.data),
        "SEGWEB_HOST": options.host,
        "SEGWEB_PORT": str(options.port),
        "PYTHONUNBUFFERED": "1",
    }
    if socket is not None and socket.parent.parent != options.data:
        result["REDIS_URL"] = f"unix://{socket}"
        # To the application a Redis named by address means several hosts, which share a key.
        if not result.get("SEGWEB_SECRET_KEY"):
            result["SEGWEB_SECRET_KEY"] = _own_key(options.data / "secret_key")
    return result


def _own_key(path: Path) -> str:
    """The key that the embedded default keeps in its data folder, made if there is none."""
    with suppress(FileExistsError):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w") as stream:
            stream.write(secrets.token_urlsafe(48))
    return path.read_text().strip()


def setup(options: Options, variables: dict[str, str]) -> Spec:
    """Prepares database, models, static files and the first account."""
    return Spec("set-up", [sys.executable, "manage.py", "setup"], variables, ROOT)


def web(options: Options, variables: dict[str, str]) -> Spec:
    words = [sys.executable, "-m", "uvicorn", "segweb.asgi:application"]
    words += ["--host", options.host, "--port", str(options.port), "--lifespan", "off"]
    words += ["--ws-max-size", str(_FRAME_BYTES), "--timeout-graceful-shutdown", "5"]
    words += ["--timeout-keep-alive", str(_KEEP_ALIVE_SECONDS)]
    words += ["--no-access-log", "--no-server-header", "--log-level", options.log_level.lower()]
    words += ["--proxy-headers" if options.proxy else "--no-proxy-headers"]
    return Spec("web", words, variables, ROOT)


def workers(options: Options, variables: dict[str, str]) -> list[Spec]:
    specs = []
    variables = _KEEP_MEMORY | variables | _NO_ROOT_WARNING | _NO_CHECKS
    layout = _ONE_WORKER if options.workers == "one" else _WORKERS
    for name, (queues, pool) in layout.items():
        words = [sys.executable, "-m", "celery", "--quiet", "--app", "segweb.celery:app", "worker"]
        words += ["--queues", queues, *pool, "--hostname", f"{queues.partition(',')[0]}@%h"]
        words += ["--without-gossip", "--without-mingle", "--loglevel", options.log_level]
        specs.append(Spec(name, words, variables, ROOT))
    return specs
