"""How fast worlds are made, and with how much memory: events as files, and sessions one at a time.

The ceiling of the files is one core that only writes the same columns.
"""

from __future__ import annotations

import argparse
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq

from benchmarks.harness import Option, Report, agree, apart, in_turns, main, taken
from footfall.generate import generate_engaged_shopper_session
from footfall.generate.bulk import Form, Options, generate
from footfall.generate.bulk.files import TableFile

CEILING: Final = "writing alone"
_SESSIONS: Final = 300


def write_world(folder: Path, form: Form, events: int) -> float:
    """Events a second."""
    shutil.rmtree(folder, ignore_errors=True)
    options = Options(events=events)
    seconds = taken(lambda: agree("events", events, generate(folder, options, form=form).events))
    return events / seconds


def write_alone(world: Path, folder: Path) -> float:
    """Events a second of tables that are there already."""
    tables = [pq.ParquetFile(path).read() for path in sorted((world / "events").rglob("*.parquet"))]
    shutil.rmtree(folder, ignore_errors=True)
    began = time.perf_counter()
    for number, table in enumerate(tables):
        with TableFile(folder / f"{number}.parquet", table.schema, Form.PARQUET) as file:
            file.write(table)
    return sum(map(len, tables)) / (time.perf_counter() - began)


def peak_mb(folder: Path, events: int) -> float:
    """MB that a process had at most which made a world of so many events in one day."""
    generate(folder, Options(events=events, days=1))
    status = Path("/proc/self/status").read_text()  # ru_maxrss would be that of the parent, if it had more
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def one_at_a_time() -> float:
    """Events a second of sessions made one by one."""
    began, begin, events = time.perf_counter(), datetime(2026, 1, 1, tzinfo=UTC), 0
    for number in range(_SESSIONS):
        events += len(generate_engaged_shopper_session("u", f"s{number}", begin))
    return events / (time.perf_counter() - began)


def measure(options: argparse.Namespace) -> Iterator[Report]:
    """The one report."""
    folder: Path = options.folder
    report = Report(f"a world of {options.events:,} events")
    steps = {
        "parquet": lambda: write_world(folder / "parquet", Form.PARQUET, options.events),
        CEILING: lambda: write_alone(folder / "parquet", folder / "alone"),
        "csv": lambda: write_world(folder / "csv", Form.CSV, options.events // 5),
        "ndjson": lambda: write_world(folder / "ndjson", Form.NDJSON, options.events // 5),
        "sessions one at a time": one_at_a_time,
    }
    found = in_turns(steps, rounds=options.rounds)
    report.add(CEILING, "events/s", found.pop(CEILING))
    for name, rounds in found.items():
        report.add(name, "events/s", rounds, beside=CEILING)
    few, many = options.events, 4 * options.events
    report.add(f"peak memory, {few:,} events", "MB", [apart(peak_mb, folder / "few", few)])
    peak = apart(peak_mb, folder / "many", many)
    report.add(f"peak memory, {many:,} events", "MB", [peak], beside=f"peak memory, {few:,} events")
    yield report


if __name__ == "__main__":
    main(measure, __doc__, Option("--events", "events of a world", tiny=5_000, usual=500_000, full=2_000_000))
