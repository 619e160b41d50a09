"""What the plain definitions cost on DuckDB, as the API runs them, beside the best SQL written by hand.

Asked is what the index does not take. SQL that Ibis wrote is kept by the question, so what writing it takes stands
apart.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import duckdb
import ibis
import ibis.expr.types as ir

from benchmarks import by_hand_definitions as by_hand
from benchmarks.harness import Option, Report, agree, apart, at_most, in_turns, main, taken
from benchmarks.lakes import BEGIN_US, END_US, NOW_US, PROJECT, TAXONOMY, THREADS, connected, snapshot_of, write_lake
from footfall.engines.duckdb import Limits, Tables
from footfall.engines.plans import Keep, Plan
from footfall.events.time import DAY_US
from footfall.lake.view import Snapshot
from footfall.metrics import breakdown, funnel, persons, retention, trends
from footfall.metrics.asked import Ground, Scope, Step
from footfall.metrics.breakdown import Dimension
from footfall.metrics.filters import text as filters
from footfall.metrics.report import report

THREE: Final = ("product_view", "add_to_cart", "purchase")
BRAND: Final = 'brand = "Stroma"'
BRAND_SQL: Final = "brand = 'Stroma'"
WHENEVER: Final = Scope(from_us=BEGIN_US, before_us=END_US)
LIMITS: Final = Limits(seconds=300.0, threads=THREADS)
"""As the API's, but for the time."""
Row = tuple[Any, ...]
Answered = Mapping[str, list[dict[str, Any]]]
Ask = Callable[[Ground, Keep], Mapping[str, ir.Table | None]]


class Contest(NamedTuple):
    """A question that the definition and the SQL answer; both give the same rows, in any order."""

    name: str
    sql: str
    ask: Ask
    rows: Callable[[Answered], list[Row]]
    """What of the answer is compared."""


def contests() -> list[Contest]:
    """Everything that the index does not take."""
    return [
        _breakdown(Dimension.PAGES, by_hand.PAGES, _pages),
        _breakdown(Dimension.PRODUCTS, by_hand.PRODUCTS, _products),
        _breakdown(Dimension.CATEGORIES, by_hand.CATEGORIES, _products),
        _breakdown(Dimension.CHANNELS, by_hand.sessions_by_sql("channel"), _sessions),
        _breakdown(Dimension.CAMPAIGNS, by_hand.sessions_by_sql("utm_campaign"), _sessions),
        _breakdown(Dimension.COUNTRIES, by_hand.sessions_by_sql("country"), _sessions),
        _breakdown(Dimension.DEVICES, by_hand.sessions_by_sql("device"), _sessions),
        _breakdown(Dimension.CLASSES, by_hand.CLASSES, _sessions),
        Contest("people by revenue", by_hand.PEOPLE, _people, _listed),
        Contest("report", by_hand.REPORT, _report, _reported),
        _trend("revenue a day", by_hand.REVENUE, _revenue, figure=trends.Figure.REVENUE),
        _trend(
            "sessions a day by country", by_hand.SESSIONS_BEGUN, _split, figure=trends.Figure.SESSIONS, split="country"
        ),
        _trend(
            "people a day by country, filtered",
            by_hand.viewers_sql(BRAND_SQL),
            _split,
            figure=trends.Figure.PEOPLE,
            of=Step("product_view", None, filters.parse(BRAND)),
            split="country",
        ),
        _funnel("funnel with a filtered step", by_hand.filtered_funnel_sql(THREE, BRAND_SQL), where=BRAND),
        _funnel("funnel by session", by_hand.session_funnel_sql(THREE), scope=Scope(by="session")),
        _funnel("strict funnel", by_hand.strict_funnel_sql(THREE, 7 * DAY_US), order=funnel.Order.STRICT),
        Contest("weekly retention with money", by_hand.MONEY, _money, _earned),
    ]


def _breakdown(dimension: Dimension, sql: str, rows: Callable[[Answered], list[Row]]) -> Contest:
    question = breakdown.Question(scope=Scope(), dimension=dimension, top=breakdown.MOST_TOP)
    return Contest(dimension, sql, lambda at, keep: breakdown.answer(at, question, keep=keep)._asdict(), rows)


def _lines(found: Answered) -> Iterator[tuple[int, Any, dict[str, Any]]]:
    """Each row of a breakdown: whether it is of all, its value, and its figures."""
    yield from ((0, row["value"], row) for row in found["rows"])
    yield 1, None, found["total"][0]


def _sessions(found: Answered) -> list[Row]:
    names = ("sessions", "bounces", "conversions", "purchases", "revenue_micros", "people")
    return [(whole, value, *(row[name] for name in names)) for whole, value, row in _lines(found)]


def _products(found: Answered) -> list[Row]:
    names = ("views", "carts", "purchases", "revenue_micros", "viewers", "carters", "buyers")
    return [(whole, value, *(row[name] for name in names)) for whole, value, row in _lines(found)]


def _pages(found: Answered) -> list[Row]:
    rows: list[Row] = []
    for whole, value, row in _lines(found):
        rows.append(("views", whole, value, row["views"], row["people"], 0))
        rows.append(("sessions", whole, value, row["sessions"], row["conversions"], row["revenue_micros"]))
        rows += [("entries", whole, value, row["entries"], row["bounces"], 0)] if row["entries"] else []
        rows += [("exits", whole, value, row["exits"], 0, 0)] if row["exits"] else []
    return rows


def _people(at: Ground, _: Keep) -> Mapping[str, ir.Table]:
    question = persons.Question(scope=Scope(), sort=persons.Sort.REVENUE)
    return {"rows": persons.page(at, question, limit=101)}


def _listed(found: Answered) -> list[Row]:
    names = ("who", "first_us", "last_us", "events", "sessions", "purchases", "revenue_micros", "visitor_class")
    return [tuple(row[name] for name in names) for row in found["rows"]]


def _report(at: Ground, keep: Keep) -> Mapping[str, ir.Table]:
    return report(at, keep=keep)._asdict()


def _reported(found: Answered) -> list[Row]:
    (totals,) = found["totals"]
    met = ("events", "people", "first_us", "last_us", "lookers", "clickers")
    earned = ("total_purchases", "buyers", "total_revenue_micros", "total_refunds", "refund_micros")
    products = ("product_id", "revenue_micros", "purchases", "views", "carts")
    return [
        ("met", None, *(totals[name] for name in met)),
        ("earned", None, *(totals[name] for name in earned), 0),
        *(("mix", row["name"], row["events"], 0, 0, 0, 0, 0) for row in found["mix"]),
        *(("pages", row["page"], row["views"], row["people"], 0, 0, 0, 0) for row in found["pages"]),
        *(("products", *(row[name] for name in products), 0, 0) for row in found["products"]),
        *(("countries", row["country"], row["events"], row["people"], 0, 0, 0, 0) for row in found["countries"]),
        *(("devices", row["device"], row["events"], row["people"], 0, 0, 0, 0) for row in found["devices"]),
    ]


def _trend(name: str, sql: str, rows: Callable[[Answered], list[Row]], **asked: Any) -> Contest:
    question = trends.Question(scope=WHENEVER, **asked)
    return Contest(name, sql, lambda at, keep: trends.answer(at, question, keep=keep)._asdict(), rows)


def _revenue(found: Answered) -> list[Row]:
    points = [(row["number"], row["value"], row["behind"]) for row in found["points"]]
    return [*points, *((None, row["value"], row["behind"]) for row in found["totals"])]


def _split(found: Answered) -> list[Row]:
    points = [(row["number"], row["split"], row["value"]) for row in found["points"]]
    return [*points, *((None, row["split"], row["value"]) for row in found["totals"])]


def _funnel(name: str, sql: str, *, where: str | None = None, **asked: Any) -> Contest:
    first, *others = THREE
    steps = (Step(first, None, None if where is None else filters.parse(where)), *map(Step, others))
    question = funnel.Question(**{"scope": Scope(), "steps": steps, **asked})
    return Contest(
        name,
        sql,
        lambda at, keep: funnel.answer(at, question, keep=keep)._asdict(),
        lambda found: [(row["step"], row["people"]) for row in found["steps"]],
    )


def _money(at: Ground, keep: Keep) -> Mapping[str, ir.Table | None]:
    question = retention.Question(scope=WHENEVER, periods=8, money=True)
    return retention.answer(at, question, keep=keep)._asdict()


def _earned(found: Answered) -> list[Row]:
    def at(row: dict[str, Any]) -> tuple[int, int]:
        return (row["begin_us"] // DAY_US + 3) // 7, row["period"]

    people = [("people", *at(row), row["people"], 0, 0, 0) for row in found["cells"] if row["people"]]
    names = ("buyers", "purchases", "revenue_micros", "refund_micros")
    money = [("money", *at(row), *(row[name] for name in names)) for row in found["money"]]
    return [*people, *(row for row in money if any(row[3:]))]


def answered(snapshot: Snapshot, limits: Limits, ask: Ask, key: bytes) -> Answered:
    """The definition's answer as the API gets it; what was asked by the same key before is not written as SQL again."""
    with Tables(snapshot, PROJECT, limits) as tables:
        ground = Ground(tables.events, tables.sessions, TAXONOMY, NOW_US)
        found = tables.answer(key, lambda keep: ask(ground, keep))
        return {name: table.to_pylist() for name, table in found.items()}


def asking(folder: Path, events: int, rounds: int, only: Sequence[str]) -> Report:
    """Every question, in turns with its SQL."""
    (spill := folder / "spill").mkdir(exist_ok=True)
    answer = partial(answered, snapshot_of(folder), replace(LIMITS, spill=spill))
    report = Report(f"definitions over {events:,} events, {THREADS} threads")
    with connected(folder) as connection:
        for contest in _chosen(only):
            _asked(report, contest, partial(answer, contest.ask, contest.name.encode()), connection, rounds)
    return report


def _chosen(only: Sequence[str]) -> list[Contest]:
    return [contest for contest in contests() if not only or any(part in contest.name for part in only)]


def _asked(
    report: Report,
    contest: Contest,
    ask: Callable[[], Answered],
    connection: duckdb.DuckDBPyConnection,
    rounds: int,
) -> None:
    by_hand = partial(_by_hand, connection, contest.sql)
    agree(contest.name, *(sorted(rows, key=repr) for rows in (contest.rows(ask()), by_hand())))
    times = in_turns({"SQL": lambda: taken(by_hand), "definition": lambda: taken(ask)}, rounds=rounds)
    sql, definition = f"{contest.name}: SQL by hand", f"{contest.name}: definition"
    report.add(sql, "s", times["SQL"])
    report.add(definition, "s", times["definition"], beside=sql, target_ratio=at_most(1.2, aim=1.0))


def _by_hand(connection: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    """The SQL's rows; sums of whole numbers come as they are wide, or as decimals, and are all whole."""
    return [
        tuple(int(value) if isinstance(value, Decimal) else value for value in row)
        for row in connection.execute(sql).fetchall()
    ]


def compiling(folder: Path, rounds: int, only: Sequence[str]) -> Report:
    """What it takes to write a definition's SQL, which is done once for each question."""
    times: dict[str, list[float]] = {}
    with Tables(snapshot_of(folder), PROJECT, LIMITS) as tables:
        ground = Ground(tables.events, tables.sessions, TAXONOMY, NOW_US)
        database = ibis.duckdb.connect()
        for contest in _chosen(only):
            plan = partial(Plan.of, partial(contest.ask, ground), database)
            times |= in_turns({contest.name: partial(taken, plan)}, rounds=rounds)
        peer = in_turns({"count": lambda: taken(lambda: database.compile(ground.events.count()))}, rounds=rounds)
    report = Report("what Ibis takes to write a definition's SQL, once for each question")
    report.add("a count of all events", "s", peer["count"])
    for name, found in times.items():
        report.add(name, "s", found, beside="a count of all events")
    return report


def measure(options: argparse.Namespace) -> Iterator[Report]:
    """The answers, then what it takes to write their SQL."""
    apart(write_lake, options.folder, options.events, sessions=True)
    yield apart(asking, options.folder, options.events, options.rounds, options.only)
    yield apart(compiling, options.folder, options.rounds, options.only)


if __name__ == "__main__":
    main(
        measure,
        __doc__,
        Option("--events", "events of the lake", tiny=20_000, usual=1_000_000, full=10_000_000),
        ("--only", {"nargs": "*", "default": (), "metavar": "PART", "help": "questions whose names hold one of these"}),
    )
