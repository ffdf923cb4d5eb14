"""Uploads: `python -m tests.bench.bench_upload [--count N]`. Four in flight, one file each.

The peer's figure for the same work (200 photos, 225 MB) is in the README.
"""

import argparse
from functools import partial

import httpx

from . import photos, running


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    count = parser.parse_args().count
    data = photos.make(count)
    # The fake engine: what is measured is the acceptance, not the model beside it.
    with running.product("fake") as (_, client):
        project = running.project(client)
        running.upload(client, project["id"], "first.jpg", photos.make(count + 1)[-1])
        work = [_upload(client, project["id"], n, photo) for n, photo in enumerate(data)]
        total, each = running.at_once(4, work)
        running.tell(
            {
                "images": count,
                "megabytes": round(sum(map(len, data)) / 1e6, 1),
                "images_per_second": round(count / total, 1),
                **running.spread(each),
            }
        )


def _upload(client: httpx.Client, project: int, number: int, photo: bytes):
    return partial(running.upload, client, project, f"photo-{number}.jpg", photo)


if __name__ == "__main__":
    main()
