"""What questions cost over the compact index, beside the best SQL written by hand for DuckDB on the same lake.

The kernels give whole answers (times to convert, percentages, parts); the SQL counts only what it is compared by. No
answer is taken from a cache.
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
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.harness import Option, Report, agree, apart, at_most, in_turns, main, taken
from footfall.events.hashing import HashKey
from footfall.events.kinds import DEFAULT_KINDS, Kind, Taxonomy
from footfall.events.schema import EVENTS
from footfall.events.time import DAY_US
from footfall.generate.bulk import Form, Options, generate
from footfall.lake.index.build import COLUMNS
from footfall.lake.index.index import Index
from footfall.lake.index.making import make
from footfall.lake.index.whole import Whole
from footfall.lake.lake import Lake
from footfall.lake.view import View
from footfall.metrics import funnel, paths, retention, trends
from footfall.metrics.asked import Scope, Step
from footfall.metrics.calendar import Unit
from footfall.metrics.kernels import funnel as funnel_kernel
from footfall.metrics.kernels import paths as paths_kernel
from footfall.metrics.kernels import retention as retention_kernel
from footfall.metrics.kernels import trends as trends_kernel

PROJECT: Final = "default"
DAYS: Final = 60
DAY_EVENTS: Final = 15_000
"""A day has at least so many, as smaller files of the lake get no index."""
WORLD: Final = Options(days=DAYS)
BEGIN_US, END_US = WORLD.begin_us, WORLD.end_us
NOW_US: Final = END_US + 100 * DAY_US
WEEK_US: Final = 7 * DAY_US
THREADS: Final = 2
KEY: Final = HashKey(b"a key for measuring, no secret!!")
TAXONOMY: Final = Taxonomy()
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


def contests() -> list[Contest]:
    """The questions of the targets."""
    return [
        Contest("funnel, 3 steps", funnel_sql(THREE), partial(funnel_rows, steps=THREE), 0.25),
        Contest("funnel, 5 steps", funnel_sql(FIVE), partial(funnel_rows, steps=FIVE), 0.2),
        Contest("funnel by country", split_sql(THREE), partial(funnel_rows, steps=THREE, split="country"), 0.3),
        Contest("weekly retention", RETENTION, retention_rows, 0.25),
        Contest("people a day by country", TRENDS, trends_rows, 0.25),
        Contest("paths over pages", PATHS, paths_rows, 0.3),
    ]


def _names(*kinds: Kind) -> str:
    return ", ".join(f"'{name}'" for kind in kinds for name in DEFAULT_KINDS[kind])


COUNTING: Final = f"name NOT IN ({_names(Kind.PASSIVE)})"


def chain_sql(steps: Sequence[str], *, columns: str = "") -> str:
    """Each step's ends with their latest beginning, `f1`, `f2`, …: a chain of ASOF joins."""
    parts = [f"f1 AS (SELECT who, ts_us, ts_us AS began{columns} FROM e WHERE name = '{steps[0]}')"]
    for number, name in enumerate(steps[1:], start=2):
        parts.append(
            f"f{number} AS (SELECT now.who, now.ts_us, past.began FROM (SELECT who, ts_us FROM e WHERE name = '{name}')"
            f" now ASOF JOIN f{number - 1} past ON now.who = past.who AND now.ts_us > past.ts_us"
            f" WHERE now.ts_us - past.began <= {WEEK_US})"
        )
    return "WITH " + ",\n".join(parts)


def funnel_sql(steps: Sequence[str]) -> str:
    """People at each step."""
    counts = (f"SELECT {n}, count(DISTINCT who) FROM f{n}" for n in range(1, len(steps) + 1))
    return f"{chain_sql(steps)}\n{' UNION ALL '.join(counts)}"


def split_sql(steps: Sequence[str]) -> str:
    """People at each step by the country at the latest beginning of their deepest chain."""
    reached = " UNION ALL ".join(
        f"SELECT who, {n} AS depth, max(began) AS began FROM f{n} GROUP BY who" for n in range(1, len(steps) + 1)
    )
    return f"""{chain_sql(steps, columns=", country")},
        deepest AS (SELECT who, max(depth) AS depth, arg_max(began, depth) AS began FROM ({reached}) GROUP BY who),
        placed AS (SELECT d.who, d.depth, any_value(f1.country) AS country FROM deepest d
            JOIN f1 ON f1.who = d.who AND f1.ts_us = d.began GROUP BY ALL)
        SELECT country, n, count(*) FILTER (depth >= n) FROM placed, range(1, {len(steps) + 1}) AS steps(n)
        GROUP BY ALL"""


RETENTION: Final = f"""
    WITH active AS (SELECT DISTINCT who, (ts_us // {DAY_US} + 3) // 7 AS week FROM e WHERE {COUNTING}),
    first AS (SELECT who, min(week) AS week FROM active GROUP BY who)
    SELECT first.week, active.week - first.week AS later, count(*) FROM active JOIN first USING (who)
    WHERE later <= 8 GROUP BY ALL"""
TRENDS: Final = f"""
    SELECT ts_us // {DAY_US}, country, count(DISTINCT who) FROM e WHERE {COUNTING} GROUP BY ALL"""
PATHS: Final = f"""
    WITH seen AS (SELECT who, ts_us, event_id, page_path, lag(page_path) OVER w AS before, row_number() OVER w AS n
        FROM e WHERE name IN ({_names(Kind.PAGE)}) WINDOW w AS (PARTITION BY who ORDER BY ts_us, event_id)),
    moved AS (SELECT who, page_path, row_number() OVER (PARTITION BY who ORDER BY ts_us, event_id) - 1 AS place
        FROM seen WHERE n = 1 OR page_path IS DISTINCT FROM before QUALIFY place <= 3)
    SELECT place, page_path, count(*) AS people FROM moved GROUP BY place, page_path
    QUALIFY row_number() OVER (PARTITION BY place ORDER BY people DESC, page_path) <= 10"""

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


def write_lake(folder: Path, events: int) -> None:
    """A generated world as the lake of one project, a file a day."""
    days = min(DAYS, max(events // DAY_EVENTS, 1))
    options = Options(customers=max(events // 20, 10), events=events, days=days)
    generate(folder / "world", options, form=Form.PARQUET)
    lake, connection = Lake.open(folder / "lake"), duckdb.connect()
    for version, day in enumerate(sorted((folder / "world" / "events").glob("date=*")), start=1):
        rows = connection.sql(
            f"""SELECT *, epoch_us(timestamp) AS ts_us, epoch_us(timestamp) AS received_us, '{PROJECT}' AS project_id
            FROM read_parquet('{day}/*.parquet', hive_partitioning=false)"""
        ).to_arrow_table()
        lake.commit("events", _as_events(rows), app_id="bench", version=version)


def _as_events(rows: pa.Table) -> pa.Table:
    known = set(rows.column_names)
    columns = [
        rows.column(field.name).cast(field.type) if field.name in known else pa.nulls(len(rows), field.type)
        for field in EVENTS
    ]
    return pa.table(columns, schema=EVENTS)


class Ready(NamedTuple):
    """A lake with its index, opened."""

    whole: Whole
    connection: duckdb.DuckDBPyConnection
    """With the events of people as `e`: who, ts_us, event_id, name and what is asked for."""


def whole_of(folder: Path) -> Whole:
    """All of the lake in the folder; its index is made."""
    whole = Index(folder / "lake" / "index", KEY).whole(View(Lake.open(folder / "lake")).snapshot(), PROJECT)
    assert whole is not None
    return whole


def opened(folder: Path) -> Ready:
    """The lake in the folder, to be asked in both ways."""
    connection = duckdb.connect(config={"threads": THREADS, "memory_limit": "8GB"})
    connection.execute("SET enable_progress_bar = false")
    files = [file.path for file in Lake.open(folder / "lake").files("events")]
    connection.execute(
        f"""CREATE VIEW e AS SELECT coalesce('u:' || user_id, 'v:' || visitor_id, 's:' || session_id) AS who,
        ts_us, event_id, name, country, page_path FROM read_parquet({files}, hive_partitioning=false)
        WHERE NOT is_bot"""
    )
    return Ready(whole_of(folder), connection)


def building(folder: Path) -> Report:
    """What the index costs to make, and to keep."""
    files = View(Lake.open(folder / "lake")).snapshot().files["events"]
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
    """Every question, in turns with its SQL."""
    ready, found = opened(folder), contests()
    with ready.connection:
        return _asked(ready, found, events, rounds)


def _asked(ready: Ready, found: Sequence[Contest], events: int, rounds: int) -> Report:
    for contest in found:
        answers = (contest.kernel(ready.whole), ready.connection.execute(contest.sql).fetchall())
        agree(contest.name, *(sorted(rows, key=repr) for rows in answers))
    report = Report(f"questions over {events:,} events, {THREADS} threads")
    for contest in found:
        times = in_turns(_ways(contest, ready), rounds=rounds)
        sql, kernel = f"{contest.name}: SQL by hand", f"{contest.name}: index"
        report.add(sql, "s", times["SQL"])
        report.add(kernel, "s", times["index"], beside=sql, target_ratio=at_most(contest.most, aim=contest.most / 2))
    return report


def _ways(contest: Contest, ready: Ready) -> Mapping[str, Callable[[], float]]:
    return {
        "SQL": lambda: taken(lambda: ready.connection.execute(contest.sql).fetchall()),
        "index": lambda: taken(lambda: contest.kernel(ready.whole)),
    }


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
