"""How many bytes an event costs the disk: what is written in all, and what stays in the lake.

A real server takes in a day of a generated shop, each event with an id as random as clients make them. Then it is
stopped, and its small files are merged as upkeep does. Beside it: the same events as JSON, as they were sent, and the
lake's rows as plain Parquet.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.dataset as ds
import pyarrow.parquet as pq

from benchmarks.harness import Option, Report, agree, at_most, main
from benchmarks.load.servers import Footfall
from footfall.events.schema import EVENTS
from footfall.generate.bulk import Form, Options, generate
from footfall.lake.lake import Lake

CONNECTIONS, BATCH = 8, 1_000
"""Commits are then as large as they are under full load, whatever the sender; small ones cost more bytes an event."""
KEPT, WRITTEN = at_most(60, aim=45), at_most(300, aim=225)


def measure(options: argparse.Namespace) -> Iterator[Report]:
    """Once: bytes do not vary from round to round."""
    folder: Path = options.folder
    bodies = generated(folder / "world", options.events)
    with Footfall(folder / "data") as footfall:
        offsets = sent(footfall, bodies)
        footfall.catch_up(max(offsets))
        agree("events that can be read, and ids", (options.events,) * 2, footfall.stored())
        footfall.stop()
    lake = Lake.open(folder / "data" / "lake")
    committed = bytes_kept(lake)
    merged = sum(
        file.size for table in ("events", "sessions") for change in lake.compact(table) for file in change.added
    )
    plain = plainly(lake, folder / "plain.parquet")

    report = Report(f"a day of {options.events:,} generated events, {BATCH} a request")

    def add(name: str, size: int, **details: object) -> None:
        report.add(name, "bytes an event", [size / options.events], **details)  # type: ignore[arg-type]

    add("sent as JSON", sum(map(len, bodies)))
    add("written to disk, merging included", footfall.written_bytes + merged, beside="sent as JSON", target=WRITTEN)
    add("the same rows as plain Parquet", plain)
    add("kept in the lake as committed", committed, beside="the same rows as plain Parquet", target=KEPT)
    add("kept in the lake, merged", bytes_kept(lake), beside="the same rows as plain Parquet", target=KEPT)
    yield report


def generated(folder: Path, events: int) -> list[bytes]:
    """Bodies of a day's events in the order of their times, ids as random as UUIDs of version 7."""
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    generate(folder, Options(events=events, begin=yesterday, days=1), form=Form.NDJSON)
    lines = [line for path in sorted((folder / "events").rglob("*.ndjson")) for line in path.read_bytes().splitlines()]
    chance, now_ms = random.Random(5), time.time_ns() // 1_000_000
    found = [json.loads(line) for line in lines]
    found.sort(key=lambda event: str(event["timestamp"]))
    for number, event in enumerate(found):
        event["timestamp"] = event["timestamp"].replace(" ", "T")
        event.pop("ip", None)  # a server would have to send it; browsers do not
        head = (now_ms + number // 100) << 80 | 7 << 76 | 2 << 62
        event["event_id"] = str(uuid.UUID(int=head | chance.getrandbits(62) | chance.getrandbits(12) << 64))
    return [
        json.dumps(found[begin : begin + BATCH], separators=(",", ":")).encode()
        for begin in range(0, len(found), BATCH)
    ]


def sent(footfall: Footfall, bodies: Sequence[bytes]) -> list[int]:
    """The offsets that were answered; nothing may have been refused."""

    def send(share: Sequence[bytes]) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", footfall.port, timeout=60)
        headers = {"authorization": f"Bearer {footfall.key}", "content-type": "application/json"}
        offset = 0
        for body in share:
            connection.request("POST", "/v1/events", body, headers)
            response = connection.getresponse()
            answer = json.loads(response.read())
            agree("status, and rejected events", (202, 0), (response.status, answer.get("rejected")))
            offset = answer["offset"]
        return offset

    with ThreadPoolExecutor(CONNECTIONS) as senders:
        return list(senders.map(send, [bodies[first::CONNECTIONS] for first in range(CONNECTIONS)]))


def bytes_kept(lake: Lake) -> int:
    """Size of the files that hold the lake's events."""
    return sum(file.size for file in lake.files("events"))


def plainly(lake: Lake, path: Path) -> int:
    """Size of one plain file of the lake's events."""
    rows = ds.dataset([file.path for file in lake.files("events")], schema=EVENTS, format="parquet").to_table()
    pq.write_table(rows, path, compression="zstd")
    return path.stat().st_size


if __name__ == "__main__":
    main(measure, __doc__, Option("--events", "of the day", tiny=2_000, usual=200_000, full=1_000_000))
