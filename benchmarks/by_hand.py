"""The best SQL that was found by hand for DuckDB, for the questions of the index: what kernels stand beside.

It counts what it is compared by, over `e` of `lakes.connected`. Joining visitors and users, which changes nothing in
these worlds, is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from footfall.events.kinds import DEFAULT_KINDS, Kind
from footfall.events.time import DAY_US

WEEK_US: Final = 7 * DAY_US


def names(*kinds: Kind) -> str:
    return ", ".join(f"'{name}'" for kind in kinds for name in DEFAULT_KINDS[kind])


COUNTING: Final = f"name NOT IN ({names(Kind.PASSIVE)})"


def chain_sql(steps: Sequence[str], *, columns: str = "", events: str = "e", where: str = "true") -> str:
    """Each step's ends with their latest beginning, `f1`, `f2`, …: a chain of ASOF joins; `where` is of the first."""
    parts = [f"f1 AS (SELECT who, ts_us, ts_us AS began{columns} FROM {events} WHERE name = '{steps[0]}' AND {where})"]
    for number, name in enumerate(steps[1:], start=2):
        parts.append(
            f"f{number} AS (SELECT now.who, now.ts_us, past.began"
            f" FROM (SELECT who, ts_us FROM {events} WHERE name = '{name}')"
            f" now ASOF JOIN f{number - 1} past ON now.who = past.who AND now.ts_us > past.ts_us"
            f" WHERE now.ts_us - past.began <= {WEEK_US})"
        )
    return ",\n".join(parts)


def reached_sql(steps: int) -> str:
    """People at each step of `chain_sql`."""
    return " UNION ALL ".join(f"SELECT {n}, count(DISTINCT who) FROM f{n}" for n in range(1, steps + 1))


def funnel_sql(steps: Sequence[str]) -> str:
    """People at each step."""
    return f"WITH {chain_sql(steps)}\n{reached_sql(len(steps))}"


def split_sql(steps: Sequence[str]) -> str:
    """People at each step by the country at the latest beginning of their deepest chain."""
    reached = " UNION ALL ".join(
        f"SELECT who, {n} AS depth, max(began) AS began FROM f{n} GROUP BY who" for n in range(1, len(steps) + 1)
    )
    return f"""WITH {chain_sql(steps, columns=", country")},
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
        FROM e WHERE name IN ({names(Kind.PAGE)}) WINDOW w AS (PARTITION BY who ORDER BY ts_us, event_id)),
    moved AS (SELECT who, page_path, row_number() OVER (PARTITION BY who ORDER BY ts_us, event_id) - 1 AS place
        FROM seen WHERE n = 1 OR page_path IS DISTINCT FROM before QUALIFY place <= 3)
    SELECT place, page_path, count(*) AS people FROM moved GROUP BY place, page_path
    QUALIFY row_number() OVER (PARTITION BY place ORDER BY people DESC, page_path) <= 10"""
