"""Trends and filters on Spark: the same rows as on DuckDB, which are plain Python's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import ibis.expr.types as ir
import pyarrow.parquet as pq
import pytest
from msgspec import structs

from footfall.engines.spark import Spark
from footfall.events.event import Event
from footfall.lake.event import STORED
from footfall.metrics.asked import Ground, noted
from footfall.metrics.calendar import Unit
from footfall.metrics.filters.conditions import condition
from footfall.metrics.filters.text import parse
from footfall.metrics.trends import answer
from footfall.sessions.batch import sessions
from tests.metrics.filters.plain_filters import DOCUMENTS
from tests.metrics.questions.test_trends import CASES, NOW_US, SCOPE, many
from tests.sessions.engines import DEFAULT_CLASSES, DEFAULT_KINDS, EVENTS_TABLE, LateEvent, compiled, table_of

pytestmark = [
    pytest.mark.spark,
    pytest.mark.timeout(600),
    # py4j leaves its sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def spark() -> Iterator[Spark]:
    """One session for all tests: it takes seconds to start."""
    with Spark() as session:
        yield session


@pytest.fixture(scope="module")
def events(spark: Spark, tmp_path_factory: pytest.TempPathFactory) -> ir.Table:
    """Hundreds of events as a Spark table."""
    return registered(spark, "asked", many(), tmp_path_factory.mktemp("asked"))


def registered(spark: Spark, name: str, events: Sequence[Event], folder: Path) -> ir.Table:
    """The events as a Spark table."""
    pq.write_table(table_of(events), folder / f"{name}.parquet")
    return spark.register(name, [folder / f"{name}.parquet"], STORED)


def ground(events: ir.Table) -> Ground:
    """The events, and the sessions computed of them."""
    held = sessions(events, taxonomy=DEFAULT_KINDS, classes=DEFAULT_CLASSES)
    return Ground(events, held, DEFAULT_KINDS, NOW_US)


@pytest.mark.parametrize("name", CASES)
def test_trends(spark: Spark, events: ir.Table, name: str) -> None:
    """Every figure, in every unit, over a change of the clock: the same rows in the same order."""
    question = CASES[name].question
    here, there = answer(ground(events), question), answer(ground(EVENTS_TABLE), question)
    for table in ("points", "totals"):
        found = spark.run(getattr(here, table)).to_pylist()
        assert found == compiled(getattr(there, table))(many()).to_pylist()


@pytest.mark.parametrize("unit", Unit)
def test_periods(spark: Spark, events: ir.Table, unit: Unit) -> None:
    """Every unit of a zone with half hours: the same numbers."""

    def numbered(table: ir.Table) -> ir.Table:
        calendar = SCOPE.calendar
        return table.select("event_id", number=calendar.period_of(table.ts_us, unit)).order_by("event_id")

    assert spark.run(numbered(events)).to_pylist() == compiled(numbered(EVENTS_TABLE))(many()).to_pylist()


def test_what_was_left_out(spark: Spark, tmp_path: Path) -> None:
    """Bots and late events are counted alike."""
    came = [event if place % 3 else LateEvent(**structs.asdict(event)) for place, event in enumerate(many())]
    here, there = (noted(ground(table), SCOPE) for table in (registered(spark, "came", came, tmp_path), EVENTS_TABLE))
    (counted,) = spark.run(here).to_pylist()
    assert [counted] == compiled(there)(came).to_pylist()
    assert counted["late_events"] > 0


def test_filters_of_json(spark: Spark, tmp_path: Path) -> None:
    """Texts and numbers at paths, absent ones, keys of any spelling, and what is no JSON."""
    told = [structs.replace(event, properties=DOCUMENTS[at % len(DOCUMENTS)]) for at, event in enumerate(many())]
    wanted = [
        *('properties.plan = "pro"', 'properties.plan != "pro"', "properties.plan exists", "properties.none missing"),
        *("properties.n > 2", "properties.n = 10", 'properties.o.k = "a"', 'properties."$a b" contains "ä"'),
    ]

    def judged(table: ir.Table) -> ir.Table:
        columns = {f"c{at}": condition(parse(text), table, DEFAULT_KINDS) for at, text in enumerate(wanted)}
        return table.select("event_id", **columns).order_by("event_id")

    here = spark.run(judged(registered(spark, "told", told, tmp_path))).to_pylist()
    assert here == compiled(judged(EVENTS_TABLE))(told).to_pylist()
    assert all(any(row[f"c{at}"] for row in here) for at in range(len(wanted)))


def test_filters(spark: Spark, events: ir.Table) -> None:
    """Every op, of texts, numbers, money and times, of values that are there and that are not."""
    wanted = [
        *('country = "DE"', 'not country != "DE"', 'country in ("DE", "it\'s")', 'country not in ("FR")'),
        *('page_path contains "/"', 'page_path starts with "/ä"', 'page_path ends with "B"', 'page_path > "/A"'),
        *(r'page_path matches "^/\\w$"', 'kind = "other"', 'kind != "view"', "price >= 2.5", "price < 0.000001"),
        *("quantity = 3", "quantity > 2.5", "quantity in (1, -1)", "amount missing", "is_bot = true"),
        *('ts >= "2025-10-26T01:00:00Z"', 'brand = "\\\\"', "product_id exists"),
    ]

    def judged(table: ir.Table) -> ir.Table:
        columns = {f"c{at}": condition(parse(text), table, DEFAULT_KINDS) for at, text in enumerate(wanted)}
        return table.select("event_id", **columns).order_by("event_id")

    assert spark.run(judged(events)).to_pylist() == compiled(judged(EVENTS_TABLE))(many()).to_pylist()
