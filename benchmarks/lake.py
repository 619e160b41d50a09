"""What the lake costs: a commit of events beside writing and syncing the same rows plainly, and opening tables."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.harness import Report, agree, in_turns, main, taken
from benchmarks.load.columns import START_US, events_of
from footfall.engines.duckdb import Tables
from footfall.engines.sealed import run_sql
from footfall.events.schema import EVENTS
from footfall.lake.lake import Lake
from footfall.lake.view import View

SIZES: Final = (10_000, 50_000, 100_000)
FILES: Final = (1, 100, 2_000)
ROWS_A_FILE: Final = 5
DAY_US: Final = 86_400_000_000


def measure(options: argparse.Namespace) -> Iterator[Report]:
    """Commits, then opening."""
    report = Report("a commit of events")
    for size in SIZES:
        committing(report, options.folder / f"commits-{size}", size, 2 * options.rounds)
    yield report
    report = Report("until a question can be asked")
    for files in FILES:
        opening(report, options.folder / f"open-{files}", files, 2 * options.rounds)
    yield report


def committing(report: Report, folder: Path, size: int, rounds: int) -> None:
    """Commit and plain write of the same rows."""
    rows = events_of(np.random.default_rng(3).integers(0, size // 20, size))
    lake, versions, plain_file = Lake.open(folder), count(1), folder / "plain.parquet"

    def plainly() -> None:
        pq.write_table(rows, plain_file, compression="zstd", compression_level=1)
        with plain_file.open("rb") as file:
            os.fsync(file.fileno())

    def commit() -> None:
        lake.commit("events", rows, app_id="bench", version=next(versions))

    plain_name, name = f"plain write and sync of {size:,}", f"commit of {size:,}"
    found = in_turns({plain_name: lambda: 1000 * taken(plainly), name: lambda: 1000 * taken(commit)}, rounds=rounds)
    agree("rows committed", size * (rounds + 1), sum(file.rows for file in lake.files("events")))
    report.add(plain_name, "ms", found[plain_name])
    report.add(name, "ms", found[name], beside=plain_name)
    report.add(f"plain, {size:,}", "bytes an event", [plain_file.stat().st_size / size])
    report.add(f"kept, {size:,}", "bytes an event", [lake.files("events")[-1].size / size], beside=f"plain, {size:,}")


def opening(report: Report, folder: Path, files: int, rounds: int) -> None:
    """With few files and with many. One commit each would take minutes: there are as many as days, in one commit."""
    rows = events_of(np.arange(files * ROWS_A_FILE))
    days = pa.array(START_US + np.repeat(np.arange(files), ROWS_A_FILE) * DAY_US)
    rows = rows.set_column(EVENTS.get_field_index("ts_us"), EVENTS.field("ts_us"), days)
    Lake.open(folder).commit("events", rows, app_id="bench", version=1)
    snapshot = View(Lake.open(folder)).snapshot()
    agree("files", files, len(snapshot.files["events"]))

    def tables(*names: str) -> None:
        with Tables(snapshot, "default") as opened:
            for name in names:
                getattr(opened, name)

    found = in_turns(
        {
            "a bare DuckDB": lambda: taken(lambda: duckdb.connect().execute("SELECT 1").fetchall()),
            "the lake": lambda: taken(lambda: Lake.open(folder)),
            "events": lambda: taken(lambda: tables("events")),
            "all tables": lambda: taken(lambda: tables("events", "sessions", "rejected")),
            "sealed SQL, whole": lambda: taken(lambda: run_sql(snapshot, "default", "SELECT 1")),
        },
        rounds=rounds,
    )
    bare, *others = ((f"{name}, {files:,} files", [1000 * each for each in seconds]) for name, seconds in found.items())
    report.add(bare[0], "ms", bare[1])
    for name, times in others:
        report.add(name, "ms", times, beside=bare[0])


if __name__ == "__main__":
    main(measure, __doc__)
