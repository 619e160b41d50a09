"""What questions cost over the compact index, beside the best SQL written by hand for DuckDB on the same lake.

The kernels give whole answers (times to convert, percentages, parts); the SQL counts only what it is compared by. No
answer is taken from a cache. What the index does not take is measured in `definitions`, more events in `growth`.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import duckdb
import pyarrow.parquet as pq

from benchmarks import by_chdb
from benchmarks.by_hand import PATHS, RETENTION, TRENDS, WEEK_US, funnel_sql, split_sql
from benchmarks.harness import Option, Report, agree, apart, at_most, in_turns, main, taken
from benchmarks.lakes import (
    BEGIN_US,
    END_US,
    KEY,
    NOW_US,
    TAXONOMY,
    THREADS,
    connected,
    snapshot_of,
    whole_of,
    write_lake,
)
from footfall.events.time import DAY_US
from footfall.lake.index.build import COLUMNS
from footfall.lake.index.index import Index
from footfall.lake.index.making import make
from footfall.lake.index.whole import Whole
from footfall.metrics import funnel, paths, retention, trends
from footfall.metrics.asked import Scope, Step
from footfall.metrics.calendar import Unit
from footfall.metrics.kernels import funnel as funnel_kernel
from footfall.metrics.kernels import paths as paths_kernel
from footfall.metrics.kernels import retention as retention_kernel
from footfall.metrics.kernels import trends as trends_kernel

THREE: Final = ("product_view", "add_to_cart", "purchase")
FIVE: Final = ("page_view", "product_view", "search_query", "add_to_cart", "purchase")
THIRTY: Final = FIVE * 6
CPU: Final = time.process_time
Rows = list[tuple[Any, ...]]


class Contest(NamedTuple):
    """A question, asked in two ways; both give the same rows, in any order."""

    name: str
    sql: str
    kernel: Callable[[Whole], Rows]
    most: float
    """Of the time that the SQL takes."""
    chdb: str | None
    """The same for chDB, where it can be said."""


def contests() -> list[Contest]:
    """The questions of the targets."""
    three, five = (partial(funnel_rows, steps=steps) for steps in (THREE, FIVE))
    by_country = partial(funnel_rows, steps=THREE, split="country")
    return [
        Contest("funnel, 3 steps", funnel_sql(THREE), three, 0.25, by_chdb.funnel_sql(THREE)),
        Contest("funnel, 5 steps", funnel_sql(FIVE), five, 0.2, by_chdb.funnel_sql(FIVE)),
        Contest("funnel by country", split_sql(THREE), by_country, 0.3, None),
        Contest("weekly retention", RETENTION, retention_rows, 0.25, by_chdb.RETENTION),
        Contest("people a day by country", TRENDS, trends_rows, 0.25, by_chdb.TRENDS),
        Contest("paths over pages", PATHS, paths_rows, 0.3, by_chdb.PATHS),
    ]


WHENEVER: Final = Scope(from_us=BEGIN_US, before_us=END_US)


def funnel_rows(whole: Whole, *, steps: Sequence[str], split: str | None = None) -> Rows:
    """(step, people), or (country, step, people)."""
    question = funnel.Question(scope=Scope(), steps=tuple(map(Step, steps)), within_us=WEEK_US, split=split)
    rows = funnel_kernel.answer(whole, question, taxonomy=TAXONOMY, now_us=NOW_US).steps.to_pyarrow().to_pylist()
    parts = [(row["split"],) if split else () for row in rows]
    return [(*part, row["step"], row["people"]) for part, row in zip(parts, rows, strict=True)]


def retention_rows(whole: Whole) -> Rows:
    """(week, weeks after it, people)."""
    question = retention.Question(scope=WHENEVER, unit=Unit.WEEK, periods=8)
    cells = retention_kernel.answer(whole, question, taxonomy=TAXONOMY, now_us=NOW_US).cells.to_pyarrow().to_pylist()
    weeks = [(row["begin_us"] // DAY_US + 3) // 7 for row in cells]
    return [(week, row["period"], row["people"]) for week, row in zip(weeks, cells, strict=True) if row["people"]]


def trends_rows(whole: Whole) -> Rows:
    """(day, country, people)."""
    question = trends.Question(scope=WHENEVER, figure=trends.Figure.PEOPLE, split="country")
    points = trends_kernel.answer(whole, question, taxonomy=TAXONOMY, now_us=NOW_US).points.to_pyarrow().to_pylist()
    return [(row["number"], row["split"], row["value"]) for row in points]


def paths_rows(whole: Whole) -> Rows:
    """(place, page, people) of the ten most frequent pages of each place."""
    nodes = paths_kernel.answer(whole, paths.Question(scope=Scope(), depth=3), taxonomy=TAXONOMY).nodes
    return [
        (row["place"], row["label"], row["people"]) for row in nodes.to_pyarrow().to_pylist() if not row["is_other"]
    ]


def building(folder: Path) -> Report:
    """What the index costs to make, and to keep."""
    files = snapshot_of(folder).files["events"]
    tasks = Index(folder / "lake" / "index", KEY).due(files)
    reading = taken(
        lambda: [pq.read_table(file.path, columns=list(COLUMNS), partitioning=None) for file in files], clock=CPU
    )
    began = CPU()
    events = sum(make(task).events for task in tasks)
    seconds = CPU() - began
    size = sum(path.stat().st_size for path in (folder / "lake" / "index").rglob("*.index"))
    report = Report("making the index")
    report.add("pyarrow reads its columns", "µs an event", [1e6 * reading / events])
    report.add("processor time", "µs an event", [1e6 * seconds / events], beside="pyarrow reads its columns")
    report.add("the lake's files", "bytes an event", [sum(file.size for file in files) / events])
    report.add("the index", "bytes an event", [size / events], beside="the lake's files")
    return report


def asking(folder: Path, events: int, rounds: int) -> Report:
    """Every question, in turns with its SQL, and with chDB's where that is installed."""
    whole, chdb = whole_of(folder), by_chdb.connected(folder)
    told = "chDB, which is not installed" if chdb is None else "chDB, for the record"
    report = Report(f"questions over {events:,} events, {THREADS} threads; beside {told}")
    with connected(folder) as connection:
        for contest in contests():
            _in_contest(report, contest, _ways(contest, whole, connection, chdb), rounds)
    return report


def _ways(
    contest: Contest, whole: Whole, connection: duckdb.DuckDBPyConnection, chdb: by_chdb.Connection | None
) -> dict[str, Callable[[], Rows]]:
    """In which ways it is asked; the first two must agree."""
    ways: dict[str, Callable[[], Rows]] = {
        "SQL by hand": lambda: connection.execute(contest.sql).fetchall(),
        "index": lambda: contest.kernel(whole),
    }
    if chdb is not None and contest.chdb is not None:
        ways["chDB"] = partial(by_chdb.rows, chdb, contest.chdb)
    return ways


def _in_contest(report: Report, contest: Contest, ways: Mapping[str, Callable[[], Rows]], rounds: int) -> None:
    agree(contest.name, *(sorted(ways[name](), key=repr) for name in ("SQL by hand", "index")))
    times = in_turns({name: partial(taken, way) for name, way in ways.items()}, rounds=rounds)
    by_hand = f"{contest.name}: SQL by hand"
    wanted = {"index": at_most(contest.most, aim=contest.most / 2)}
    report.add(by_hand, "s", times.pop("SQL by hand"))
    for name, seconds in times.items():
        report.add(f"{contest.name}: {name}", "s", seconds, beside=by_hand, target_ratio=wanted.get(name))


def growing(folder: Path, rounds: int) -> Report:
    """Steps to thirty."""
    whole = whole_of(folder)
    steps = {f"{count} steps": THIRTY[:count] for count in (10, 20, 30)}
    times = in_turns({name: partial(_taken, whole, names) for name, names in steps.items()}, rounds=rounds)
    report = Report("funnels of more steps")
    report.add("10 steps", "s", times["10 steps"])
    report.add("20 steps", "s", times["20 steps"], beside="10 steps", target_ratio=at_most(2.5, aim=2))
    report.add("30 steps", "s", times["30 steps"], beside="10 steps", target_ratio=at_most(3.75, aim=3))
    return report


def _taken(whole: Whole, steps: Sequence[str]) -> float:
    return taken(lambda: funnel_rows(whole, steps=steps))


def needing(folder: Path) -> Report:
    """What a process needs that opens the index and asks every question."""
    paths = list((folder / "lake" / "index").rglob("*.index"))
    reading = taken(lambda: sum(len(path.read_bytes()) for path in paths))
    before = _resident_mb()
    began = time.perf_counter()
    whole = whole_of(folder)
    opening = time.perf_counter() - began
    for contest in contests():
        contest.kernel(whole)
    report = Report("the index in a process of its own")
    report.add("its files are read", "s", [reading])
    report.add("it is opened", "s", [opening], beside="its files are read")
    report.add("libraries alone, and the files", "MB", [before])
    report.add(
        "every question", "MB", [_resident_mb()], beside="libraries alone, and the files", target=at_most(1000, aim=700)
    )
    return report


def _resident_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def measure(options: argparse.Namespace) -> Iterator[Report]:
    """The index, the questions, many steps, and what they need."""
    apart(write_lake, options.folder, options.events)
    yield apart(building, options.folder)
    yield apart(asking, options.folder, options.events, options.rounds)
    yield apart(growing, options.folder, options.rounds)
    yield apart(needing, options.folder)


if __name__ == "__main__":
    main(measure, __doc__, Option("--events", "events of the lake", tiny=20_000, usual=1_000_000, full=10_000_000))
