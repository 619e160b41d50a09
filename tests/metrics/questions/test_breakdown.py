"""Breakdowns: equal to plain Python over any events, their numbers to the people behind them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import pytest
from hypothesis import given, settings

from footfall.errors import BadRequest
from footfall.events.event import Event
from footfall.metrics.asked import Scope
from footfall.metrics.breakdown import Cell, Dimension, Question, answer, behind, counted
from footfall.metrics.filters.text import parse
from tests.metrics.plain_report import shop_streams
from tests.metrics.questions import plain_breakdown
from tests.metrics.questions.asking import GROUND, Asked, counts, project, world
from tests.metrics.questions.plain_breakdown import Told
from tests.sessions.engines import on_duckdb
from tests.sessions.streams import BEGIN_US, HOUR_US

EVERYTHING = Scope()
SOME = Scope(from_us=BEGIN_US, before_us=BEGIN_US + HOUR_US, where=parse('not country = "FR" or product_id exists'))
SCOPES = {"everything": EVERYTHING, "some": SOME}
COLUMNS = {Dimension.COUNTRIES: "country", Dimension.CLASSES: ""}


def within(scope: Scope, event: Event) -> bool:
    return scope is EVERYTHING or BEGIN_US <= event.ts_us < BEGIN_US + HOUR_US


def asked(scope: Scope, event: Event) -> bool:
    """Whether the event is in the scope, in Python."""
    return within(scope, event) and (scope is EVERYTHING or event.country != "FR" or event.product_id is not None)


def plain(dimension: Dimension, scope: Scope, events: Sequence[Event]) -> Told:
    """The breakdown in plain Python."""

    def ours(event: Event) -> bool:
        return asked(scope, event)

    match dimension:
        case Dimension.PAGES:
            return plain_breakdown.by_pages(events, within=lambda event: within(scope, event), asked=ours)
        case Dimension.PRODUCTS | Dimension.CATEGORIES:
            is_category = dimension is Dimension.CATEGORIES
            return plain_breakdown.by_products(events, asked=ours, categories=is_category)
        case _:
            is_class = dimension is Dimension.CLASSES
            return plain_breakdown.by_sessions(events, COLUMNS[dimension], asked=ours, classes=is_class)


TRIED = (*COLUMNS, Dimension.PAGES, Dimension.PRODUCTS, Dimension.CATEGORIES)


@cache
def ready(dimension: Dimension, name: str) -> Asked:
    return Asked.of(answer(GROUND, Question(scope=SCOPES[name], dimension=dimension, top=1_000))._asdict())


@settings(max_examples=8)
@given(shop_streams())
def test_they_equal_plain_python(stream: list[Event]) -> None:
    """Every row and figure, to the bit and in order, and the total: ties, orders, several users on one visitor."""
    events = project(stream)
    sessions = on_duckdb()(events)
    for dimension in TRIED:
        for name, scope in SCOPES.items():
            found, wanted = ready(dimension, name).rows(events, sessions), plain(dimension, scope, events)
            assert found["rows"] == wanted.rows, (dimension, name)
            assert found["total"] == [wanted.total], (dimension, name)


@pytest.mark.parametrize("dimension", TRIED, ids=lambda dimension: dimension.value)
def test_the_people_behind_every_number(dimension: Dimension) -> None:
    """As many people, or sessions, as the number says, each once: of every figure of every row and of the total."""
    events = world(shop_streams(), 100)
    found = ready(dimension, "some").rows(events)
    assert len(found["rows"]) > 1, "there is something to compare"
    cells = {
        Cell(figure=figure, value=row["value"]): row[figure] for row in found["rows"] for figure in counted(dimension)
    }
    cells |= {Cell(figure=figure, whole=True): found["total"][0][figure] for figure in counted(dimension)}
    question = Question(scope=SOME, dimension=dimension)
    told = counts({str(place): behind(GROUND, question, cell) for place, cell in enumerate(cells)}, events)
    assert told == {str(place): number for place, number in enumerate(cells.values())}


def test_each_session_stands_under_one_channel() -> None:
    """The first that is known of it; so rows add up to the total."""
    events = [
        Event(
            project_id="default", event_id=str(n), name="page_view", ts_us=n, received_us=n, visitor_id=who, channel=how
        )
        for n, (who, how) in enumerate([("a", None), ("a", "paid"), ("a", "direct"), ("b", "direct"), ("c", None)])
    ]
    question = Question(scope=EVERYTHING, dimension=Dimension.CHANNELS)
    found = Asked.of(answer(GROUND, question)._asdict()).rows(events)
    assert [(row["value"], row["sessions"]) for row in found["rows"]] == [("direct", 1), ("paid", 1), (None, 1)]
    assert found["total"][0]["sessions"] == 3


@pytest.mark.parametrize("top", [0, 1_001])
def test_too_many_rows_are_refused(top: int) -> None:
    """The error says the limit."""
    with pytest.raises(BadRequest, match="1 to 1,000"):
        answer(GROUND, Question(scope=EVERYTHING, dimension=Dimension.PAGES, top=top))


def test_a_figure_that_counts_nobody() -> None:
    """Nobody is behind a sum of money: the error says what can be opened."""
    with pytest.raises(BadRequest, match="viewers, carters, buyers"):
        behind(GROUND, Question(scope=EVERYTHING, dimension=Dimension.PRODUCTS), Cell(figure="revenue_micros"))
