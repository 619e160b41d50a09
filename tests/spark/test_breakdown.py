"""Breakdowns, people, and what filters see of them on Spark: the rows of DuckDB, which are those of plain Python."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import ibis.expr.types as ir
import pytest
from msgspec import structs

from footfall.engines.spark import Spark
from footfall.events.event import Event
from footfall.events.time import HOUR_US
from footfall.metrics import breakdown, persons
from footfall.metrics.asked import Ground, Scope, activity
from footfall.metrics.breakdown import Dimension
from footfall.metrics.filters.text import parse
from tests.metrics.plain_report import shop_streams
from tests.metrics.questions.asking import GROUND, Asked, world
from tests.metrics.questions.test_asked import WHERE
from tests.sessions.streams import BEGIN_US
from tests.spark.test_funnel import Ask, on_spark

pytestmark = [
    pytest.mark.spark,
    pytest.mark.timeout(600),
    # py4j leaves its sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]

SOME = Scope(from_us=BEGIN_US, before_us=BEGIN_US + 5 * HOUR_US, where=parse('not country = "FR"'))
PLANS = ({"plan": "pro"}, {"plan": "team", "size": {"seats": 7}}, {"plan": None}, {"size": {"seats": 2}})


@pytest.fixture(scope="module")
def spark() -> Iterator[Spark]:
    """One session for all tests: it takes seconds to start."""
    with Spark() as session:
        yield session


@cache
def many() -> list[Event]:
    """Hundreds of events; those that identify somebody tell a plan, and sessions come by channels and campaigns."""
    return [
        structs.replace(
            event,
            name="identify" if place % 5 == 0 else event.name,
            properties=json.dumps(PLANS[place % len(PLANS)]),
            channel=(None, "paid", "mail")[place % 3],
            utm_campaign=(None, None, "may")[place % 3],
        )
        for place, event in enumerate(world(shop_streams(), 60))
    ]


def breaking(dimension: Dimension, figure: str) -> Ask:
    """The breakdown of some of the events, and who stands behind a figure of all of them."""

    def ask(ground: Ground) -> dict[str, ir.Table | None]:
        question = breakdown.Question(scope=SOME, dimension=dimension, top=1000)
        behind = breakdown.behind(ground, question, breakdown.Cell(figure=figure, whole=True))
        return {**breakdown.answer(ground, question)._asdict(), "behind": behind.order_by("who")}

    return ask


WHO = "u:8-B"
ASKED: dict[str, Ask] = {
    "pages": breaking(Dimension.PAGES, "entries"),
    "products": breaking(Dimension.PRODUCTS, "buyers"),
    "categories": breaking(Dimension.CATEGORIES, "viewers"),
    "countries": breaking(Dimension.COUNTRIES, "people"),
    "classes": breaking(Dimension.CLASSES, "conversions"),
    "people by revenue": lambda ground: {
        "people": persons.people(ground, persons.Question(scope=SOME, sort=persons.Sort.REVENUE))
    },
    "people of a class": lambda ground: {
        "people": persons.people(ground, persons.Question(scope=Scope(), search="1", visitor_class="browser"))
    },
    "one person": lambda ground: {
        "ids": persons.ids_of(persons.events_of(ground, WHO)),
        "traits": persons.traits_of(persons.events_of(ground, WHO)),
        "time line": persons.newest_events(persons.events_of(ground, WHO), limit=20).select("event_id", "ts_us"),
        "class history": persons.sessions_of(ground, WHO, limit=10).select("session_id", "visitor_class"),
    },
    "filters": lambda ground: {
        text: activity(ground, Scope(where=parse(text))).order_by("event_id") for text in (WHERE[1], WHERE[5])
    },
}


@pytest.mark.parametrize("name", ASKED)
def test_random_events(spark: Spark, tmp_path: Path, name: str) -> None:
    """People joined, bots, ties, repeated orders, several users on one visitor: every row, and there are some."""
    here = on_spark(spark, many(), tmp_path, ASKED[name])
    assert here == Asked.of(ASKED[name](GROUND)).rows(many())
    assert any(here.values())


@pytest.mark.parametrize("name", ["pages", "products", "people by revenue"])
def test_nothing_happened(spark: Spark, tmp_path: Path, name: str) -> None:
    """Without events both have the same rows, if any."""
    assert on_spark(spark, [], tmp_path, ASKED[name]) == Asked.of(ASKED[name](GROUND)).rows([])
