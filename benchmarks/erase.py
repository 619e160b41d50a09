"""How long a person's erasure takes when every day's events have some of theirs, so that every file is written anew.

From the request to the receipt, on a node with all sessions in its lake and its checkpoint. Beside it: reading and
writing the same files with pyarrow, one after the other, and leaving nothing out.
"""

from __future__ import annotations

import argparse
import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq

from benchmarks.harness import Option, Report, agree, apart, at_most, in_turns, main, taken
from benchmarks.lakes import DAYS, PROJECT, write_lake
from footfall.node.node import Node
from footfall.privacy import Person, Removed
from footfall.settings import Settings

WRITING: Final = "files read and written by pyarrow"
ERASING: Final = "until the receipt"
_LOOK_SECONDS: Final = 0.05
_ONE_A_DAY: Final = """
SELECT any_value(user_id) FROM events WHERE user_id IS NOT NULL AND NOT is_bot GROUP BY ts_us // 86400000000"""


def measure(options: argparse.Namespace) -> Iterator[Report]:
    """As many erasures as rounds, each on a copy of one folder, from which one person of every day goes."""
    made: Path = options.folder / "made"
    write_lake(made, options.events)
    with closing(Node.open(made, Settings(query_seconds=600.0))) as node:
        node.rebuild()
        files = len(node.sql(PROJECT, "SELECT DISTINCT ts_us // 86400000000 FROM events"))
        users = tuple(sorted(set(node.sql(PROJECT, _ONE_A_DAY).column(0).to_pylist())))
    removed: list[Removed] = []

    def erase() -> float:
        folder = made.with_name("erased")
        shutil.copytree(made, folder)
        seconds, gone = erased(folder, Person(project_id=PROJECT, who="u:all", users=users))
        removed.append(gone)
        shutil.rmtree(folder)
        return seconds

    found = in_turns({WRITING: lambda: apart(written, made / "lake"), ERASING: erase}, rounds=options.rounds)
    agree("events erased in each round", {removed[0].events}, {each.events for each in removed})
    report = Report(
        f"{removed[0].events:,} events of a person erased from {options.events:,} in {files} of {DAYS} days"
    )
    report.add(WRITING, "s", found[WRITING])
    report.add(ERASING, "s", found[ERASING], beside=WRITING, target=at_most(60, aim=30))
    yield report


def erased(folder: Path, person: Person) -> tuple[float, Removed]:
    """Seconds until a person is erased, and what was removed."""
    with closing(Node.open(folder, Settings())) as node:
        began = time.monotonic()
        node.erasures.ask(person, "benchmark")
        while not (receipts := node.erasures.receipts(PROJECT)):
            time.sleep(_LOOK_SECONDS)
        seconds = time.monotonic() - began
        count = f"SELECT count(*) FROM events WHERE user_id IN ({', '.join(map(repr, person.users))})"
        agree("events that are left of the person", 0, node.sql(PROJECT, count).column(0)[0].as_py())
    return seconds, receipts[0].receipt.removed


def written(lake: Path) -> float:
    """Seconds that reading and writing the files of events takes."""
    target = lake.with_name("written.parquet")

    def write() -> None:
        for path in lake.glob("events/project_id=*/day=*/*.parquet"):
            pq.write_table(pq.ParquetFile(path).read(), target, compression="zstd", compression_level=1)

    seconds = taken(write)
    target.unlink()
    return seconds


if __name__ == "__main__":
    main(
        measure,
        __doc__,
        Option("--events", "in the lake", tiny=20_000, usual=1_000_000, full=10_000_000),
    )
