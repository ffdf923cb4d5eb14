"""The real SDK, in a process of its own: its packages are not ours."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.environment import CACHE, clean_environment

VERSIONS = {"8": "8.22.0", "7": "7.94.2"}


class SdkError(Exception):
    """What the SDK raised for an answer of the API."""

    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__(f"{told['error']} {told['code']}: {told['message']}")
        self.kind: str = told["error"]
        self.code: int | None = told["code"]
        self.message: str = told["message"]
        self.missing: list[Any] | None = told.get("missing")
        self.duplicated: list[Any] | None = told.get("duplicated")


def packages(major: str) -> Path:
    """Where `deploy/test` puts this version of the SDK."""
    return CACHE / f"cognite{major}"


class Sdk:
    """A signed-in `CogniteClient`."""

    def __init__(self, major: str, url: str, project: str, token: str) -> None:
        self.major, self.project, self.token = major, project, token
        script = Path(__file__).with_name("sdk_process.py")
        words = [sys.executable, "-I", "-S", str(script), str(packages(major))]
        self._process = subprocess.Popen(
            [*words, url, project, token],
            env=clean_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, code: str, **arguments: Any) -> Any:
        """What the function body `code` returns; `client` and the arguments are its names.
        Raises SdkError."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"code": code, "arguments": arguments}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the SDK's process ended"
        told = json.loads(line)
        if "error" in told:
            raise SdkError(told)
        return told["value"]

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)
