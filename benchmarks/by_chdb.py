"""The same questions to chDB (ClickHouse in process) over the same files, for the record, where it is installed.

Nothing depends on it: `pip install chdb` to have it asked. What its functions can't say, such as a split of a funnel by
the country at the latest beginning of the deepest chain, it is not asked.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from benchmarks.by_hand import COUNTING, WEEK_US, names
from benchmarks.lakes import PROJECT, THREADS
from footfall.events.kinds import Kind
from footfall.events.time import DAY_US

RETENTION: Final = f"""
    WITH active AS (SELECT DISTINCT who, intDiv(intDiv(ts_us, {DAY_US}) + 3, 7) AS week FROM e WHERE {COUNTING}),
    first AS (SELECT who, min(week) AS week FROM active GROUP BY who)
    SELECT first.week, active.week - first.week AS later, count() FROM active JOIN first ON active.who = first.who
    WHERE later <= 8 GROUP BY first.week, later"""
TRENDS: Final = f"""
    SELECT intDiv(ts_us, {DAY_US}) AS day, country, uniqExact(who) FROM e WHERE {COUNTING} GROUP BY day, country"""
PATHS: Final = f"""
    SELECT place - 1, page, count() AS people FROM (
        SELECT arraySlice(arrayCompact(arrayMap(seen -> seen.3, arraySort(groupArray((ts_us, event_id, page_path))))),
            1, 4) AS way
        FROM e WHERE name IN ({names(Kind.PAGE)}) GROUP BY who)
    ARRAY JOIN way AS page, arrayEnumerate(way) AS place
    GROUP BY place, page ORDER BY place, people DESC, page LIMIT 10 BY place"""


def funnel_sql(steps: Sequence[str]) -> str:
    """People at each step."""
    listed = ", ".join(f"'{name}'" for name in steps)
    conditions = ", ".join(f"name = '{name}'" for name in steps)
    return f"""
        SELECT n, countIf(level >= n) FROM (
            SELECT windowFunnel({WEEK_US})(toUInt64(ts_us), {conditions}) AS level
            FROM e WHERE name IN ({listed}) GROUP BY who)
        ARRAY JOIN range(1, {len(steps) + 1}) AS n GROUP BY n"""


class Connection(Protocol):
    """What is used of chDB, which ships no types."""

    def query(self, sql: str, form: str = ..., /) -> object: ...


def connected(folder: Path) -> Connection | None:
    """A chDB with the lake's events of people as `e`; None where it is not installed."""
    try:
        chdb = importlib.import_module("chdb.session")
    except ImportError:
        return None
    connection: Connection = chdb.Session()
    files = f"{folder}/lake/events/project_id={PROJECT}/*/*.parquet".replace("'", "''")
    connection.query("CREATE DATABASE lake ENGINE = Atomic")
    connection.query("USE lake")
    connection.query(
        f"""CREATE VIEW e AS SELECT *, coalesce('u:' || user_id, 'v:' || visitor_id, 's:' || session_id) AS who
        FROM file('{files}', Parquet) WHERE NOT is_bot"""
    )
    return connection


def rows(connection: Connection, sql: str) -> list[tuple[Any, ...]]:
    """What it answers, with as many threads as the others have."""
    told = json.loads(str(connection.query(f"{sql} SETTINGS max_threads = {THREADS}", "JSONCompact")))
    return [tuple(row) for row in told["data"]]
