"""What counting requests costs: `python -m tests.bench.bench_rate [--rounds N]`.

Two servers, one that counts and one that does not (`SEGWEB_RATE_LIMIT=0`), are asked in turn for
`/api/me`; and the script in Redis is asked by itself, beside a bare PING. Medians, and of the two
servers also the fastest tenth, which other work on the machine disturbs less.
"""

import argparse
import tempfile
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import redis

from annotations.api.throttling import _Buckets
from tests.support.server import Server, prepare_data

from . import running


def by_itself(socket: str, rounds: int) -> dict[str, float]:
    buckets = _Buckets(socket)
    plain: Any = redis.Redis.from_url(socket)
    pings = [running.timed(plain.ping) for _ in range(rounds)]
    takes = [running.timed(lambda: buckets.take("bench", 10**7, 60)) for _ in range(rounds)]
    return {"ping_ms": median(pings) * 1000, "take_ms": median(takes) * 1000}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2000)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        prepared = prepare_data()
        servers = [
            Server(Path(one), prepared, SEGWEB_ENGINE="fake", SEGWEB_RATE_LIMIT="1000000/min"),
            Server(Path(two), prepared, SEGWEB_ENGINE="fake", SEGWEB_RATE_LIMIT="0"),
        ]
        try:
            clients = [s.start().token_client(s.create_token()) for s in servers]
            times: list[list[float]] = [[], []]
            for _ in range(rounds):
                for client, seen in zip(clients, times, strict=True):
                    seen.append(running.timed(lambda client=client: client.get("/api/me")))
            counted, free = (median(seen) * 1000 for seen in times)
            socket = f"unix://{Path(one) / 'redis' / 'redis.sock'}"
            result = by_itself(socket, rounds)
        finally:
            for server in servers:
                server.stop()
    best = [quantiles(seen, n=10)[0] * 1000 for seen in times]
    result |= {"counted_ms": counted, "free_ms": free, "cost_ms": counted - free}
    result |= {"counted_p10_ms": best[0], "free_p10_ms": best[1], "cost_p10_ms": best[0] - best[1]}
    running.tell({name: round(value, 3) for name, value in result.items()})


if __name__ == "__main__":
    main()
