"""Asks the web server whether everything is ready."""

import http.client
import threading
import time

from .options import Options

_EVERY = 0.5


def probe(options: Options) -> tuple[bool, str]:
    """Whether `/readyz` says yes, and what it says."""
    connection = http.client.HTTPConnection(options.reached_at, options.port, timeout=10)
    headers = {"Host": options.host_header, "Connection": "close"}
    if options.proxy:
        headers["X-Forwarded-Proto"] = "https"
    try:
        connection.request("GET", "/readyz", headers=headers)
        answer = connection.getresponse()
        text = answer.read(2000).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        return False, f"no answer ({error})"
    finally:
        connection.close()
    # Served as https, plain requests are sent on: the web server is up.
    return answer.status in {200, 301}, text


class Readiness(threading.Thread):
    """Asks until the answer is yes; `ready` and `said` tell."""

    def __init__(self, options: Options) -> None:
        super().__init__(daemon=True)
        self._options = options
        self.ready = False
        self.said = "not asked yet"

    def run(self) -> None:
        while not self.ready:
            self.ready, self.said = probe(self._options)
            time.sleep(_EVERY)
