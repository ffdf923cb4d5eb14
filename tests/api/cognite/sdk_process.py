"""Runs within an interpreter of its own, which has the SDK and none of our packages.

Reads one JSON line a call, `{"code", "arguments"}`: the body of a function of `client` and the
arguments. Answers one line: `{"value"}`, or what the SDK raised.
"""

import json
import sys
import textwrap
import time
import traceback
import warnings
from typing import Any

target, base, project, token = sys.argv[1:]
sys.path.insert(0, target)
warnings.simplefilter("ignore")

from cognite.client import ClientConfig, CogniteClient, global_config  # noqa: E402
from cognite.client.credentials import Token  # noqa: E402
from cognite.client.exceptions import CogniteException  # noqa: E402

global_config.disable_pypi_version_check = True
global_config.max_retries = 20
global_config.max_retry_backoff = 3


def connect(project: str, token: str) -> CogniteClient:
    config = ClientConfig(
        client_name="test", project=project, credentials=Token(token), base_url=base, timeout=30
    )
    return CogniteClient(config)


def segment(client: CogniteClient, body: Any, version: str = "beta") -> Any:
    """Asks for a segmentation and polls, as users of the SDK do: the first and the last answer."""
    path = f"/api/v1/projects/{client.config.project}/context/vision/segment"
    headers = {"cdf-version": version}
    job = client.post(path, json=body, headers=headers).json()
    end = time.monotonic() + 60
    while True:
        answer = client.get(f"{path}/{job['jobId']}", headers=headers).json()
        if answer["status"] in {"Completed", "Failed"} or time.monotonic() > end:
            return [job, answer]
        time.sleep(0.05)


def call(code: str, arguments: dict[str, Any]) -> Any:
    names = ", ".join(["client", *arguments])
    space: dict[str, Any] = {"connect": connect, "segment": segment}
    exec(f"def body({names}):\n{textwrap.indent(textwrap.dedent(code), '    ')}", space)
    return space["body"](client, **arguments)


client = connect(project, token)
answers, sys.stdout = sys.stdout, sys.stderr
for line in sys.stdin:
    asked = json.loads(line)
    try:
        answer: dict[str, Any] = {"value": call(asked["code"], asked["arguments"])}
    except CogniteException as error:
        # The two versions tell the same by different classes and attributes.
        answer = {
            "error": type(error).__name__,
            "code": getattr(error, "code", None),
            "message": str(error),
            "missing": getattr(error, "not_found", None) or getattr(error, "missing", None),
            "duplicated": getattr(error, "duplicated", None),
        }
    except Exception:
        answer = {"error": "Exception", "code": 0, "message": traceback.format_exc()}
    print(json.dumps(answer), file=answers, flush=True)
