"""Answers of compiled questions: at every moment those of somebody who never asked before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pytest
from msgspec import structs

from footfall.api.asked import PeopleQuery, answered, people_of, rows_of
from footfall.engines.duckdb import Limits, Tables
from footfall.errors import BadRequest
from footfall.events.event import Event
from footfall.events.kinds import Kind, Taxonomy
from footfall.events.schema import EVENTS, to_batch
from footfall.events.time import DAY_US, HOUR_US
from footfall.lake.lake import Lake
from footfall.lake.view import View
from footfall.metrics import breakdown, funnel, retention, trends
from footfall.metrics.asked import ANY, Ground, Scope, Step
from footfall.metrics.calendar import Unit

NOW_US = 20_000 * DAY_US + 1
RANGE = Scope(from_us=NOW_US - 2 * DAY_US, before_us=NOW_US + DAY_US, zone="Europe/Berlin")
PASSED_US = (0, DAY_US // 2 - 1, DAY_US, 28 * DAY_US, 1)
FUNNEL = funnel.Question(scope=Scope(), steps=(ANY, ANY), within_us=DAY_US // 2, unit=Unit.DAY)
QUESTIONS: dict[str, tuple[Any, Callable[..., Any]]] = {
    "trend": (trends.Question(figure=trends.Figure.PEOPLE), trends.answer),
    "funnel, strict": (structs.replace(FUNNEL, order=funnel.Order.STRICT), funnel.answer),
    "funnel, ranged": (structs.replace(FUNNEL, scope=RANGE), funnel.answer),
    "retention": (retention.Question(scope=Scope(), unit=Unit.DAY, periods=3), retention.answer),
    "retention, ranged": (retention.Question(scope=RANGE, unit=Unit.DAY, periods=3), retention.answer),
}


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tables]:
    view = View(Lake.open(tmp_path_factory.mktemp("lake")))
    happened = [
        Event(
            project_id="shop",
            event_id=str(number),
            name=("view", "purchase")[number % 2],
            ts_us=NOW_US - number * 7 * HOUR_US,
            received_us=NOW_US,
            user_id=f"u{number % 3}",
            amount_micros=number * 1_000_000 if number % 2 else None,
        )
        for number in range(20)
    ]
    view.append("events", pa.Table.from_batches([to_batch(happened, EVENTS)]))
    with Tables(view.snapshot(), "shop", Limits(seconds=600)) as opened:
        yield opened


def ground(tables: Tables, passed_us: int, taxonomy: Taxonomy | None = None) -> Ground:
    return Ground(tables.events, tables.sessions, taxonomy or Taxonomy(), NOW_US + passed_us)


@pytest.mark.parametrize(("question", "answer"), QUESTIONS.values(), ids=QUESTIONS)
def test_time_alone_changes_answers_when_it_must(tables: Tables, question: Any, answer: Callable[..., Any]) -> None:
    """Unfinished periods, cells that nobody knows yet, ranges that end now: whenever it is asked, as if for once."""
    seen = []
    for passed_us in PASSED_US:
        at = ground(tables, passed_us)
        found = answer(at, question)._asdict()
        wanted = {name: tables.run(table).to_pylist() for name, table in found.items() if table is not None}
        assert dict(rows_of(tables, at, question, None, answer)) == wanted
        seen.append(wanted)
    assert any(one != seen[0] for one in seen), "time changes this answer"


def test_a_cell_may_be_opened_as_soon_as_it_is_over(tables: Tables) -> None:
    """Before its period has ended nobody stands behind it, a moment later somebody does."""
    question = QUESTIONS["retention, ranged"][0]
    first = retention.span_of(question, NOW_US).periods[0]
    cell = retention.Cell(cohort=first.begin_us, period=2)
    ends_us = retention.span_of(question, NOW_US).periods[2].end_us
    for passed_us, is_over in ((0, False), (ends_us - NOW_US - 1, False), (ends_us - NOW_US, True), (0, False)):
        at = ground(tables, passed_us)
        if is_over:
            assert people_of(tables, at, question, retention.behind, cell=cell, query=PeopleQuery()).count == 0
        else:
            with pytest.raises(BadRequest, match="has not ended"):
                people_of(tables, at, question, retention.behind, cell=cell, query=PeopleQuery())


def test_other_kinds_are_another_question(tables: Tables) -> None:
    """What names mean is a part of what was asked."""
    question = trends.Question(of=Step(kind=Kind.PURCHASE))
    bought, nothing = (
        rows_of(tables, ground(tables, 0, taxonomy), question, None, trends.answer)["totals"]
        for taxonomy in (Taxonomy(), Taxonomy({Kind.PURCHASE: ("sold",)}))
    )
    assert [row["value"] for row in bought] == [10]
    assert nothing == []


def test_every_cell_is_a_question_of_its_own(tables: Tables) -> None:
    """The same question with another number, page or length of page is not mistaken for it."""
    question = funnel.Question(scope=Scope(), steps=(Step("view"), Step("purchase")))
    asked = [
        people_of(tables, ground(tables, 0), question, funnel.behind, cell=funnel.Cell(step=step), query=query)
        for step in (1, 2)
        for query in (PeopleQuery(limit=1), PeopleQuery(limit=2), PeopleQuery(limit=2, unknown=True))
    ]
    assert [(people.count, len(people.items), people.next is None) for people in asked[:3]] == [
        (3, 1, False),
        (3, 2, False),
        (3, 2, False),
    ]
    beyond = PeopleQuery(limit=2, cursor=asked[1].next)
    rest = people_of(tables, ground(tables, 0), question, funnel.behind, cell=funnel.Cell(step=1), query=beyond)
    assert [person.who for person in (*asked[1].items, *rest.items)] == ["u:u0", "u:u1", "u:u2"]
    assert rest.next is None


def test_a_wrong_question_is_refused_each_time(tables: Tables) -> None:
    """Nothing is kept of a question that can't be asked."""
    question = breakdown.Question(scope=Scope(), dimension=breakdown.Dimension.PAGES, top=0)
    for _ in range(2):
        with pytest.raises(BadRequest, match="1 to 1,000 rows"):
            answered(tables, ground(tables, 0), question, lambda at, _: breakdown.answer(at, question)._asdict())
