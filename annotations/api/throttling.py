"""How many requests one token, or one person's pages, may send: a bucket in Redis for each.

The bucket holds `SEGWEB_RATE_LIMIT` requests and refills evenly over its time. It is kept as the
one moment at which it will be full again (the generic cell rate algorithm, ITU-T I.371), so a
request costs one short script. Without Redis nobody is limited: answers matter more.
"""

import math
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings
from django.http import HttpRequest
from redis.backoff import NoBackoff
from redis.retry import Retry

from ..services.errors import TooMany

# A page loads a hundred thumbnails at once, and several pages are open.
SESSION_FACTOR = 5
# One who waits for Redis must not keep others waiting; after a failure it is left alone.
_ANSWER_SECONDS = 0.25
_AWAY_SECONDS = 2.0

# KEYS: the bucket. ARGV: milliseconds until one request is refilled, until a whole bucket is.
# Gives: 1 or 0, the requests left, and the milliseconds until the bucket is full, or until the
# next request is taken.
_SCRIPT = """
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local one, whole = tonumber(ARGV[1]), tonumber(ARGV[2])
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now) + one
local room = now + whole - full
if room < -0.001 then return {0, 0, math.ceil(-room)} end
redis.call('SET', KEYS[1], string.format('%.3f', full), 'PX', math.max(1, math.ceil(full - now)))
return {1, math.floor(room / one + 0.001), math.ceil(full - now)}
"""


@dataclass(frozen=True)
class Rate:
    """The state of a bucket after a request: its size, what is left, seconds until it is full
    (or, when nothing is left, until the next request is taken)."""

    limit: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        """The fields of the IETF's draft 'RateLimit header fields for HTTP'."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


class _Buckets:
    """One client a process; its connections are shared by the threads."""

    def __init__(self, url: str) -> None:
        client = redis.Redis.from_url(
            url,
            socket_timeout=_ANSWER_SECONDS,
            socket_connect_timeout=_ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._take: Any = client.register_script(_SCRIPT)
        self._away_until = 0.0

    def take(self, key: str, count: int, seconds: int) -> tuple[int, int, int] | None:
        """What the script gives, or None while Redis is away."""
        if time.monotonic() < self._away_until:
            return None
        whole = seconds * 1000
        try:
            good, left, wait = self._take(keys=[f"segweb:rate:{key}"], args=[whole / count, whole])
        except (redis.RedisError, OSError):
            self._away_until = time.monotonic() + _AWAY_SECONDS
            return None
        return good, left, wait


@lru_cache(maxsize=1)
def _buckets(url: str) -> _Buckets:
    return _Buckets(url)


def count(request: HttpRequest, key: str, factor: int = 1) -> None:
    """Takes one request from the bucket `key`, which is `factor` times the setting's size.

    The answer's headers tell of it (see `segweb.middleware`). Raises TooMany when it is empty.
    """
    if settings.SEGWEB_RATE_LIMIT is None:
        return
    limit, seconds = settings.SEGWEB_RATE_LIMIT
    limit *= factor
    taken = _buckets(settings.REDIS_URL).take(key, limit, seconds)
    if taken is None:
        return
    good, left, wait = taken
    rate = Rate(limit, left, math.ceil(wait / 1000))
    request.rate_headers = rate.headers()  # type: ignore[attr-defined]
    if not good:
        error = TooMany("too_many_requests", f"More than {limit} requests in {seconds} s; wait.")
        error.retry_after = max(1, rate.reset)
        raise error
