"""Lakes of generated worlds, with their sessions and without a server: what questions are asked of, and how.

What is asked, and beside what, stands in the measurements.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from footfall.engines.duckdb import Limits, Tables
from footfall.engines.scan import newest_sql, rows_sql, states_of
from footfall.events.hashing import HashKey
from footfall.events.kinds import Taxonomy
from footfall.events.schema import EVENTS
from footfall.events.time import DAY_US
from footfall.generate.bulk import Form, Options, generate
from footfall.lake.index.index import Index
from footfall.lake.index.whole import Whole
from footfall.lake.lake import Lake
from footfall.lake.layout import LAYOUTS
from footfall.lake.view import Snapshot, View
from footfall.sessions import batch
from footfall.sessions.classes import Classes
from footfall.sessions.schema import SESSIONS

PROJECT: Final = "default"
DAYS: Final = 60
DAY_EVENTS: Final = 15_000
"""A day has at least so many, as smaller files of the lake get no index."""
WORLD: Final = Options(days=DAYS)
BEGIN_US, END_US = WORLD.begin_us, WORLD.end_us
NOW_US: Final = END_US + 100 * DAY_US
THREADS: Final = 2
KEY: Final = HashKey(b"a key for measuring, no secret!!")
TAXONOMY: Final = Taxonomy()
_SHARE: Final = 5_000_000
"""Events of which sessions are computed together."""
_COMPUTING: Final = Limits(seconds=3_600, memory_bytes=6 << 30, rows=None, bytes=1 << 34, threads=THREADS)


def write_lake(folder: Path, events: int, *, sessions: bool = False) -> None:
    """A generated world as the lake of one project, a file a day; with its sessions when they are wanted."""
    days = min(DAYS, max(events // DAY_EVENTS, 1))
    options = Options(customers=max(events // 20, 10), events=events, days=days)
    generate(folder / "world", options, form=Form.PARQUET)
    lake, connection = Lake.open(folder / "lake"), duckdb.connect()
    for version, day in enumerate(sorted((folder / "world" / "events").glob("date=*")), start=1):
        rows = connection.sql(
            f"""SELECT *, epoch_us(timestamp) AS ts_us, epoch_us(timestamp) AS received_us, '{PROJECT}' AS project_id,
                (price * 1000000)::BIGINT AS price_micros, (amount * 1000000)::BIGINT AS amount_micros
            FROM read_parquet('{day}/*.parquet', hive_partitioning=false)"""
        ).to_arrow_table()
        lake.commit("events", _as_events(rows), app_id="bench", version=version)
    if sessions:
        _write_sessions(lake, shares=1 + events // _SHARE)


def _as_events(rows: pa.Table) -> pa.Table:
    known = set(rows.column_names)
    columns = [
        rows.column(field.name).cast(field.type) if field.name in known else pa.nulls(len(rows), field.type)
        for field in EVENTS
    ]
    return pa.table(columns, schema=EVENTS)


def _write_sessions(lake: Lake, *, shares: int) -> None:
    """What the batch says of the lake's events, so many owners at a time."""
    snapshot = View(lake).snapshot()
    for number in range(shares):
        with Tables(snapshot, PROJECT, _COMPUTING) as tables:
            theirs = batch.share(tables.events, batch.owner(tables.events), number, shares)
            rows = tables.run(batch.sessions(theirs, taxonomy=TAXONOMY, classes=Classes()))
        marks = {"revision": pa.repeat(pa.scalar(1), len(rows)), "deleted": pa.repeat(pa.scalar(False), len(rows))}
        for name, mark in marks.items():
            rows = rows.append_column(name, mark)
        lake.commit("sessions", rows.select(SESSIONS.names).cast(SESSIONS), app_id="bench", version=number + 1)


def snapshot_of(folder: Path) -> Snapshot:
    """The lake in the folder at this moment."""
    return View(Lake.open(folder / "lake")).snapshot()


def whole_of(folder: Path) -> Whole:
    """All of the lake in the folder; its index is made."""
    whole = Index(folder / "lake" / "index", KEY).whole(snapshot_of(folder), PROJECT)
    assert whole is not None
    return whole


def connected(folder: Path) -> duckdb.DuckDBPyConnection:
    """DuckDB with the lake's events of people as `e`, and the newest states of `sessions` where there are any.

    `who` is what an event says of its person.
    """
    connection = duckdb.connect(config={"threads": THREADS, "memory_limit": "8GB"})
    connection.execute("SET enable_progress_bar = false")
    files = Lake.open(folder / "lake").files
    for layout in (LAYOUTS["events"], LAYOUTS["sessions"]):
        connection.register(f"{layout.name}_tail", layout.schema.empty_table())
        name = layout.name if layout.state is None else states_of(layout)
        connection.execute(f'CREATE VIEW "{name}" AS {rows_sql(layout, files(layout.name), f"{layout.name}_tail")}')
    connection.execute(f"CREATE VIEW sessions AS {newest_sql(LAYOUTS['sessions'])}")
    connection.execute(
        """CREATE VIEW e AS SELECT *, coalesce('u:' || user_id, 'v:' || visitor_id, 's:' || session_id) AS who
        FROM events WHERE NOT is_bot"""
    )
    return connection
