"""Retention: equal to plain Python over any events, its numbers to the people behind them, and to real shops."""

from __future__ import annotations

import doctest
import importlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from footfall.errors import BadRequest
from footfall.events.event import Event
from footfall.events.kinds import Kind
from footfall.events.time import DAY_US, HOUR_US, read_time
from footfall.metrics.asked import Scope, Step
from footfall.metrics.calendar import Unit
from footfall.metrics.filters.text import parse
from footfall.metrics.retention import Cell, Cohorts, Question, answer, behind
from footfall.metrics.splits import Part
from tests.metrics.plain_report import amount, kind, shop_streams, sold
from tests.metrics.questions import plain_ground, plain_retention
from tests.metrics.questions.asking import GROUND, Asked, Rows, counts, project, world
from tests.metrics.questions.plain_retention import Period
from tests.sessions.engines import on_duckdb
from tests.sessions.streams import BEGIN_US

NOW_US = read_time("2025-10-06T12:00Z")
NOW = GROUND._replace(now_us=NOW_US)


class Case(NamedTuple):
    """A question, and what it means in Python."""

    question: Question
    is_first: Callable[[Event], bool] = plain_ground.counts
    is_back: Callable[[Event], bool] = plain_ground.counts
    split: Callable[[Event], str | None] | None = None
    where: Callable[[Event], bool] = lambda event: True


def bought(event: Event) -> bool:
    return kind(event) == "purchase"


SPAN = Scope(from_us=read_time("2025-09-30T12:00Z"), before_us=read_time("2025-10-05T12:00Z"))
BERLIN = replace(SPAN, zone="Europe/Berlin")

CASES = {
    "first ever": Case(Question(scope=SPAN, unit=Unit.DAY, periods=3, money=True)),
    "any day, by country": Case(
        Question(scope=BERLIN, unit=Unit.DAY, periods=3, cohorts=Cohorts.ACTIVE, split="country", money=True),
        split=lambda event: event.country,
    ),
    "from the first purchase to the next": Case(
        Question(
            scope=SPAN,
            unit=Unit.DAY,
            periods=2,
            first=Step(kind=Kind.PURCHASE),
            back=Step(kind=Kind.PURCHASE),
            split="device",
        ),
        bought,
        bought,
        lambda event: event.device,
    ),
    "sessions, filtered": Case(
        Question(
            scope=replace(BERLIN, by="session", where=parse('device = "mobile"')), unit=Unit.DAY, periods=1, money=True
        ),
        where=lambda event: event.device == "mobile",
    ),
}


@st.composite
def days(draw: st.DrawFn) -> list[Event]:
    """A shop's stream whose events are spread over a week."""
    stream = project(draw(shop_streams()))
    moves = st.lists(st.integers(-1, 4), min_size=len(stream), max_size=len(stream))
    return [replace(event, ts_us=event.ts_us + day * DAY_US) for event, day in zip(stream, draw(moves), strict=True)]


def periods(question: Question, more: int) -> list[Period]:
    """The days that hold the range, and so many more; no clock changes in them."""
    hours = 2 if question.scope.zone == "Europe/Berlin" else 0
    first = read_time("2025-09-30") - hours * HOUR_US
    begins = [first + day * DAY_US for day in range(6 + more)]
    return [
        (begin, begin + DAY_US, f"2025-{'09-30' if day == 0 else f'10-{day:02d}'}") for day, begin in enumerate(begins)
    ]


def plain(case: Case, events: Sequence[Event]) -> dict[str, Rows]:
    """The answer in plain Python."""
    question, scope = case.question, case.question.scope
    assert scope.from_us is not None
    assert scope.before_us is not None
    told = plain_ground.told(events, by=scope.by, passive=True)
    people = {who: [event for event in theirs if case.where(event)] for who, theirs in told.items()}
    owners = {event.event_id: who for who, theirs in people.items() for event in theirs}
    takings = [(event, True) for event in sold(events) if event.name != "order_item"]
    takings += [(event, False) for event in events if kind(event) == "refund" and not event.is_bot]
    lines: dict[str, list[tuple[Event, bool, int]]] = defaultdict(list)
    for event, is_sale in takings:
        if event.event_id in owners:
            money = amount(event) if event.currency is None else 0
            lines[owners[event.event_id]].append((event, is_sale, money))
    asked = plain_retention.Asked(
        cohorts=periods(question, 0),
        after=periods(question, question.periods),
        periods=question.periods,
        from_us=scope.from_us,
        before_us=scope.before_us,
        now_us=NOW_US,
        is_first=case.is_first,
        is_back=case.is_back,
        ever=question.cohorts is Cohorts.FIRST,
        split=case.split,
    )
    rows = plain_retention.answer(people, lines, asked)
    return rows if question.money else {name: table for name, table in rows.items() if name != "money"}


@cache
def ready(name: str) -> Asked:
    return Asked.of(answer(NOW, CASES[name].question)._asdict())


@settings(max_examples=8)
@given(days())
def test_it_equals_plain_python(events: list[Event]) -> None:
    """Every cohort, cell, share and sum, in order: ties, days of a zone, unfinished cells, repeated orders."""
    sessions = on_duckdb()(events)
    for name, case in CASES.items():
        assert ready(name).rows(events, sessions) == plain(case, events), name


def test_the_people_behind_every_number() -> None:
    """As many people as the number says, each once: cohorts, cells, buyers, of every part."""
    question = CASES["any day, by country"].question
    events = world(days(), 100)
    found = ready("any day, by country").rows(events)
    cells = {}
    for row in found["cohorts"]:
        part = Part(value=row["split"], is_other=row["is_other"])
        cells[Cell(cohort=row["begin_us"], part=part)] = row["size"]
    for table, figure in (("cells", "people"), ("money", "buyers")):
        for row in found[table]:
            part = Part(value=row["split"], is_other=row["is_other"])
            cell = Cell(cohort=row["begin_us"], period=row["period"], part=part, buyers=table == "money")
            if row[figure] is None:
                with pytest.raises(BadRequest, match="has not ended"):
                    behind(NOW, question, cell)
            elif row[figure] or table == "cells":
                cells[cell] = row[figure]
    assert len(set(cells.values())) > 3, "there is something to compare"
    counted = counts({str(place): behind(NOW, question, cell) for place, cell in enumerate(cells)}, events)
    assert counted == {str(place): people for place, people in enumerate(cells.values())}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Question(scope=SPAN, unit=Unit.HOUR), "day, week"),
        (Question(scope=SPAN, periods=0), "1 to 100"),
        (Question(scope=SPAN, periods=101), "1 to 100"),
        (Question(scope=Scope(from_us=0, before_us=3000 * DAY_US), unit=Unit.DAY), "2,000"),
        (Question(scope=Scope(before_us=read_time("0001-01-02"))), "years 1 to 9999"),
        (
            Question(
                scope=Scope(from_us=read_time("9990-01-01"), before_us=read_time("9991-01-01")),
                unit=Unit.YEAR,
                periods=20,
            ),
            "years 1 to 9999",
        ),
    ],
    ids=["hours", "no period", "many periods", "many cohorts", "before all calendars", "behind all calendars"],
)
def test_what_is_beyond_the_limits_is_refused(asked: Question, said: str) -> None:
    """The error says the limit."""
    with pytest.raises(BadRequest, match=said):
        answer(GROUND, asked)


@pytest.mark.parametrize("cell", [Cell(cohort=BEGIN_US + 1), Cell(cohort=BEGIN_US, period=4)], ids=["cohort", "period"])
def test_a_cell_that_there_is_not(cell: Cell) -> None:
    """Nobody is behind a cohort or a period that the retention does not have: an error, not an empty list."""
    with pytest.raises(BadRequest, match="the retention"):
        behind(NOW, CASES["first ever"].question, cell)


def test_first_ever_looks_before_the_range() -> None:
    """Who came before the range is no newcomer in it; who was active again is in that day's cohort of the active."""
    old = Event(project_id="default", event_id="0", name="view", ts_us=0, received_us=0, user_id="ann")
    events = [old, replace(old, event_id="1", ts_us=BEGIN_US)]
    sizes = []
    for cohorts in Cohorts:
        asked = Question(scope=SPAN, unit=Unit.DAY, cohorts=cohorts)
        sizes.append([row["size"] for row in Asked.of({"rows": answer(NOW, asked).cohorts}).rows(events)["rows"]])
    assert sizes == [[0, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0]]


def test_weeks_begin_as_configured() -> None:
    """A Sunday's first event is of the week that begins with it, or that ends with it."""
    sunday = replace(EVENT, ts_us=read_time("2025-10-05T12:00Z"))
    for week_starts, begins in ((0, "2025-09-29"), (6, "2025-10-05")):
        asked = Question(scope=Scope(week_starts=week_starts), unit=Unit.WEEK)
        rows = Asked.of({"rows": answer(NOW, asked).cohorts}).rows([sunday])["rows"]
        assert [row["label"] for row in rows if row["size"]] == [begins]


EVENT = Event(project_id="default", event_id="0", name="view", ts_us=0, received_us=0, user_id="ann")


def test_worked_examples() -> None:
    """The docstrings' examples hold."""
    failed, tried = doctest.testmod(importlib.import_module("footfall.metrics.retention"))
    assert not failed
    assert tried
