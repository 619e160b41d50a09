"""What a row of a CSV costs to import, in µs: read and checked, stored, and its session computed at the end.

A made-up log of REES46's columns; the ceiling is Python's csv module alone.
"""

from __future__ import annotations

import argparse
import csv
import gc
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

from benchmarks.harness import Report, agree, main, taken
from footfall.cli.client import Client, open_client
from footfall.events.kinds import DEFAULT_KINDS
from footfall.imports import column_map, send
from footfall.imports.chunks import Chunks
from footfall.imports.models import Terms
from footfall.imports.readers import Reading
from footfall.imports.sending import source_of

ROWS: Final = 200_000
CEILING: Final = "csv module alone"
_COLUMNS: Final = "event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session"
_KINDS: Final = ("view",) * 30 + ("cart", "purchase")


class Timed:
    """An API whose calls are timed: `storing` seconds in chunks, `finishing` seconds in sessions."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.storing = self.finishing = 0.0

    def put(self, path: str, content: object = None) -> Any:
        return self._client.put(path, content)

    def post(self, path: str, content: object = None) -> Any:
        begun = time.perf_counter()
        answer = self._client.post(path, content)
        passed = time.perf_counter() - begun
        if path.endswith("/finish"):
            self.finishing += passed
        else:
            self.storing += passed
        return answer


def write_log(path: Path) -> None:
    """Sessions of ten events on average, thirty products a brand, a second between two rows."""
    chance = Random(1)
    with path.open("w") as file:
        file.write(_COLUMNS + "\n")
        for number in range(ROWS):
            moment = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(1_570_000_000 + number // 4))
            session, product = number // 10_000 * 1000 + chance.randrange(1000), chance.randrange(30_000)
            category = f"kind{product % 40}.part{product % 7}" if product % 3 else ""
            what = (
                f"{product},{20**13 + product % 40},{category},brand{product // 30},{product % 900}.{product % 90 + 10}"
            )
            file.write(f"{moment},{chance.choice(_KINDS)},{what},{session % 90_000},s{session:016x}\n")


def read_alone(path: Path) -> int:
    with path.open(newline="") as file:
        return sum(1 for _ in csv.reader(file))


def check_alone(path: Path) -> int:
    """Read and check all rows, and forget them."""
    terms = Terms(
        project_id="shop",
        received_us=time.time_ns() // 1000,
        next_chunk=0,
        currency="EUR",
        kinds=DEFAULT_KINDS,
        max_name_bytes=200,
        max_property_bytes=65_536,
    )
    chunks = Chunks(Reading([path]), column_map("rees46", [], []), source_of(terms))
    return sum(len(chunk.record.events) for chunk in chunks)


def stages(log: Path, folder: Path) -> dict[str, float]:
    """{stage: seconds that it took}."""
    columns = column_map("rees46", [], [])
    ceiling = taken(lambda: agree("rows", ROWS + 1, read_alone(log)))
    checking = taken(lambda: agree("rows that are good", ROWS, check_alone(log)))
    with open_client(folder) as client:
        api = Timed(client)
        whole = taken(lambda: send(api, log, columns))
        again = taken(lambda: send(client, log, columns))
    return {
        CEILING: ceiling,
        "reading and checking alone": checking,
        "storing a chunk (while the next one is read)": api.storing,
        "sessions at the end": api.finishing,
        "all, in one process": whole,
        "all, a second time: duplicates": again,
    }


def measure(options: argparse.Namespace) -> Iterator[Report]:
    """The one report."""
    gc.set_threshold(100_000, 20, 100)  # as the command does
    sys.setswitchinterval(0.0005)
    log: Path = options.folder / "log.csv"
    write_log(log)
    rounds = [stages(log, options.folder / f"data-{number}") for number in range(options.rounds)]
    report = Report(f"an import of {ROWS:,} rows")
    for name in rounds[0]:
        figures = [found[name] / ROWS * 1e6 for found in rounds]
        report.add(name, "µs a row", figures, beside=None if name == CEILING else CEILING)
    yield report


if __name__ == "__main__":
    main(measure, __doc__)
