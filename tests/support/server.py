"""The whole product as a child process."""

import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import httpx

from segweb.supervisor.child import leashed

from .environment import CACHE, ROOT, clean_environment, free_port

ADMIN = "admin"
DATABASE = "db.sqlite3"
ADMIN_PASSWORD = "correct-horse-battery"
# Accounts that every server begins with, and their passwords.
PEOPLE = {
    name: f"{name}-has-a-long-password"
    for name in (
        *("cli_bob", "cli_eve", "cora", "dan", "keys_ann", "keys_bob"),
        *("mallory", "nosy", "racer", "ws_bob", "ws_eve"),
    )
}
_CREATE_PEOPLE = f"""
from django.contrib.auth import get_user_model
for name, password in {PEOPLE!r}.items():
    get_user_model().objects.create_user(name, password=password)
"""
_FIRST_START = {
    "SEGWEB_ADMIN_USER": ADMIN,
    "SEGWEB_ADMIN_PASSWORD": ADMIN_PASSWORD,
    "SEGWEB_DEMO": "0",
}
_PUT_BOXES = """
import json, uuid
from django.db import transaction
from annotations.models import Image
from annotations.services.annotations import edit
image = Image.objects.get(pk={0})
with transaction.atomic():
    for x, y, w, h in json.loads({2!r}):
        mask = [[x, y, x + w, y, x + w, y + h, x, y + h]]
        change = edit.Change(label={1}, polygons=mask, plain={3!r})
        edit.create(image, image.created_by, uuid.uuid4(), change)
"""


T = TypeVar("T")


class ServerError(AssertionError):
    """The server did not do what a test needs before it can begin."""


def wait_until(
    probe: Callable[[], T],
    seconds: float = 20,
    every: float | None = None,
    what: str = "it",
) -> T:
    """The first true answer of `probe`; fails the test after `seconds`. Asks `every` so many
    seconds, or ever more seldom: who asks takes time from what is waited for."""
    begin = time.monotonic()
    while True:
        if answer := probe():
            return answer
        passed = time.monotonic() - begin
        if passed > seconds:
            raise ServerError(f"{what} did not happen within {seconds:g} s")
        time.sleep(min(max(0.05, passed / 20), 0.25) if every is None else every)


def _link(source: str, target: str) -> None:
    """As good as a copy of what is only ever replaced as a whole. Stamps are written over."""
    if not os.path.basename(source).startswith("."):
        with suppress(OSError):  # on another file system
            os.link(source, target)
            return
    shutil.copy2(source, target)


def prepare_data() -> Path:
    """A data folder with models, public and static files as a first start makes them, and a
    database with the administrator and `PEOPLE`: servers begin with copies of them. Kept between
    runs, but for the database."""
    data = CACHE / "prepared"
    data.mkdir(parents=True, exist_ok=True)
    stamp, run = data / ".run", os.environ.get("PYTEST_XDIST_TESTRUNUID", "")
    with (data / ".preparing").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of several processes of one run the first one does it
        if not run or not stamp.exists() or stamp.read_text() != run:
            (data / DATABASE).unlink(missing_ok=True)
            for words in (["setup"], ["shell", "-c", _CREATE_PEOPLE]):
                subprocess.run(
                    [sys.executable, "manage.py", *words],
                    cwd=ROOT,
                    env=clean_environment(SEGWEB_DATA=str(data), **_FIRST_START),
                    check=True,
                    stdout=subprocess.DEVNULL,
                )
            stamp.write_text(run)
    return data


class Server:
    """One running product with its own data folder."""

    def __init__(self, data: Path, prepared: Path | None = None, **settings: str) -> None:
        self.data = data
        self.port = int(settings.pop("SEGWEB_PORT", 0)) or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log: list[str] = []
        self._passwords = {ADMIN: ADMIN_PASSWORD, **PEOPLE}
        self._sessions: dict[str, httpx.Cookies] = {}
        self._ready = threading.Event()
        self._process: subprocess.Popen[str] | None = None
        self._pid = 0
        self.environment = clean_environment(
            **{
                "SEGWEB_DATA": str(data),
                "SEGWEB_PORT": str(self.port),
                "SEGWEB_WORKERS": "one",
            }
            | _FIRST_START
            | settings
        )
        if prepared is not None:
            for name in ("models", "public", "static"):
                if (prepared / name).is_dir() and not (data / name).exists():
                    shutil.copytree(prepared / name, data / name, copy_function=_link)
            if "DATABASE_URL" not in settings and not (data / DATABASE).exists():
                shutil.copy2(prepared / DATABASE, data / DATABASE)

    @classmethod
    def attach(cls, address: dict[str, Any]) -> "Server":
        """A server that another process started, by its `address()`."""
        server = cls(Path(address["data"]), SEGWEB_PORT=str(address["port"]))
        server._pid, server.environment = address["pid"], address["environment"]
        return server

    def address(self) -> dict[str, Any]:
        """What `attach` needs, as JSON can hold it."""
        return {
            "data": str(self.data),
            "port": self.port,
            "pid": self.pid,
            "environment": self.environment,
        }

    # --- life -------------------------------------------------------------------------------

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else self._pid

    def start(self, seconds: float = 120) -> "Server":
        """Starts the product and waits until it says that it is ready."""
        self._ready.clear()
        self._process = subprocess.Popen(
            leashed([sys.executable, "-m", "segweb.supervisor"]),
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        threading.Thread(target=self._read, daemon=True).start()
        end = time.monotonic() + seconds
        while not self._ready.wait(0.1):
            if self._process.poll() is not None or time.monotonic() > end:
                tail = "\n".join(self.log[-40:])
                self.stop()
                raise ServerError(f"the server did not become ready:\n{tail}")
        return self

    def stop(self, number: signal.Signals = signal.SIGTERM, seconds: float = 20) -> int:
        """Ends the product; its exit status."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(number)
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def kill(self) -> None:
        """Ends the product that no test looks at any more: a clean stop takes two seconds of CPU
        time."""
        self.stop(signal.SIGKILL)

    def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.log.append(line.rstrip("\n"))
            if line.startswith(f"ready {self.url}"):
                self._ready.set()

    # --- people ------------------------------------------------------------------------------

    def manage(self, *arguments: str) -> str:
        """Output of a management command on this server's data."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ServerError(f"manage.py {arguments[0]} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def put_boxes(
        self, image: int, label: int, boxes: Iterable[tuple[int, int, int, int]], **fields: Any
    ) -> None:
        """Makes an object of each x, y, width and height; many take a fraction of the time that
        requests would."""
        code = _PUT_BOXES.format(image, label, json.dumps(list(boxes)), fields)
        self.manage("shell", "-c", code)

    def create_token(self, user: str = ADMIN, name: str = "test") -> str:
        """A new API token of `user`: the admin, or one of `PEOPLE`."""
        with self.client(user) as client:
            answer = client.post("/api/tokens", json={"name": name}).raise_for_status()
        return str(answer.json()["token"])

    def session(self, user: str = ADMIN) -> httpx.Cookies:
        """The cookies of one sign-in at the login page by `user`, shared by all who ask: the
        admin, or one of `PEOPLE`."""
        if user not in self._sessions:
            self._sessions[user] = self._sign_in(user, self._passwords[user])
        return self._sessions[user]

    @contextmanager
    def client(self, user: str = ADMIN, *, own_session: bool = False) -> Iterator[httpx.Client]:
        """A client that is signed in and sends the CSRF header, as pages do. One that is to sign
        out needs a session of its own."""
        session = self._sign_in(user, self._passwords[user]) if own_session else self.session(user)
        with httpx.Client(base_url=self.url, timeout=30, cookies=session) as client:

            def add_token(request: httpx.Request) -> None:
                request.headers["X-CSRFToken"] = client.cookies.get("csrftoken", "")

            client.event_hooks["request"].append(add_token)
            yield client

    def _sign_in(self, user: str, password: str) -> httpx.Cookies:
        with httpx.Client(base_url=self.url, timeout=30) as client:
            page = client.get("/login/")
            found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
            form = {"username": user, "password": password}
            if found:
                form["csrfmiddlewaretoken"] = found[1]
            answer = client.post("/login/", data=form, headers={"Referer": f"{self.url}/login/"})
            if answer.status_code != 302:
                raise ServerError(f"login answered {answer.status_code}")
            return client.cookies

    def token_client(self, token: str) -> httpx.Client:
        """A client that shows `token` with every request."""
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)

    def wait_for_job(self, client: httpx.Client, job: int, seconds: float = 60) -> dict[str, Any]:
        """The job once it is Completed or Failed."""

        def finished() -> dict[str, Any] | None:
            row: dict[str, Any] = client.get(f"/api/jobs/{job}").raise_for_status().json()
            return row if row["status"] in {"Completed", "Failed"} else None

        result = wait_until(finished, seconds, what=f"the end of job {job}")
        assert result is not None
        return result
