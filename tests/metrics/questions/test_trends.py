"""Trends: every figure equal to plain Python over any events, its numbers to the people behind them."""

from __future__ import annotations

import doctest
import importlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from footfall.errors import BadRequest
from footfall.events.event import Event
from footfall.events.kinds import Kind
from footfall.events.time import DAY_US, HOUR_US, read_time
from footfall.metrics.asked import Scope, Step, parse_step
from footfall.metrics.calendar import Unit
from footfall.metrics.filters.text import parse
from footfall.metrics.lines import Line, lines
from footfall.metrics.splits import Part
from footfall.metrics.trends import Beside, Cell, Figure, Question, answer, behind, periods, settled, told_as_text
from tests.metrics.plain_report import shop_streams
from tests.metrics.questions import plain_ground, plain_trends
from tests.metrics.questions.asking import GROUND, Asked, counts, project, world
from tests.metrics.questions.plain_trends import Is, Row, Told, Value
from tests.sessions import rees46
from tests.sessions.engines import on_duckdb
from tests.sessions.oracle import KINDS
from tests.sessions.streams import BEGIN_US, MINUTE_US

BERLIN = "Europe/Berlin"
CHANGE_US = read_time("2025-10-26T01:00:00Z")
"""Berlin's clocks went from 3 back to 2: its hour from 2 to 3 came twice, and the day had 25 hours."""
SHIFT_US = CHANGE_US - BEGIN_US - 2 * HOUR_US
"""Moves the streams so that they lie around the change."""
NOW_US = CHANGE_US + 3 * DAY_US
SCOPE = Scope(from_us=CHANGE_US - DAY_US, before_us=CHANGE_US + DAY_US, zone=BERLIN)


def anything(event: Event) -> bool:
    return plain_ground.counts(event)


def everything(event: Event) -> bool:
    return True


def of_kind(*kinds: str) -> Is:
    return lambda event: KINDS.get(event.name) in kinds


def unsplit(event: Event) -> str | None:
    return None


class Case(NamedTuple):
    """A question, and what it means in Python."""

    question: Question
    asked: Is = anything
    where: Is = everything
    split: Value = unsplit


def in_range(event: Event) -> bool:
    return CHANGE_US - HOUR_US <= event.ts_us < CHANGE_US + 2 * HOUR_US


def at_home(event: Event) -> bool:
    return event.country == "DE" or event.device is None


HOME = parse('country = "DE" or device missing')
NARROW = Scope(from_us=CHANGE_US - HOUR_US, before_us=CHANGE_US + 2 * HOUR_US, zone=BERLIN, where=HOME)

_OTHER_KINDS = {"click": "click", "click_outbound": "click", "remove_from_cart": "uncart"}
"""What the plain figures of sessions do not tell apart."""

CASES = {
    "events an hour, by country": Case(
        Question(scope=SCOPE, unit=Unit.HOUR, split="country"), split=lambda event: event.country
    ),
    "people an hour, filtered, in a range": Case(
        Question(scope=NARROW, unit=Unit.HOUR, figure=Figure.PEOPLE, of=Step(kind=Kind.PURCHASE)),
        of_kind("purchase"),
        lambda event: in_range(event) and at_home(event),
    ),
    "people a day, by class": Case(Question(scope=SCOPE, figure=Figure.PEOPLE, split="class")),
    "sessions with an event, an hour": Case(
        Question(
            scope=replace(SCOPE, by="session"),
            unit=Unit.HOUR,
            figure=Figure.PEOPLE,
            of=parse_step('kind:view[product_id != "p1"]'),
        ),
        lambda event: KINDS.get(event.name) == "view" and event.product_id not in {None, "p1"},
    ),
    "events a minute": Case(
        Question(
            scope=Scope(from_us=CHANGE_US - 2 * HOUR_US, before_us=CHANGE_US + 6 * HOUR_US, zone=BERLIN),
            unit=Unit.MINUTE,
            of=Step("scroll_depth"),
        ),
        lambda event: event.name == "scroll_depth",
        lambda event: CHANGE_US - 2 * HOUR_US <= event.ts_us < CHANGE_US + 6 * HOUR_US,
    ),
    "purchases a day": Case(Question(scope=SCOPE, figure=Figure.PURCHASES)),
    "revenue an hour, by device": Case(
        Question(scope=SCOPE, unit=Unit.HOUR, figure=Figure.REVENUE, split="device"), split=lambda event: event.device
    ),
    "order value a week": Case(Question(scope=SCOPE, unit=Unit.WEEK, figure=Figure.AVERAGE_ORDER_VALUE)),
    "sum of prices a month": Case(
        Question(scope=SCOPE, unit=Unit.MONTH, figure=Figure.SUM, property="price", split="kind"),
        split=lambda event: KINDS.get(event.name, _OTHER_KINDS.get(event.name, "other")),
    ),
    "average quantity a quarter": Case(
        Question(scope=SCOPE, unit=Unit.QUARTER, figure=Figure.AVERAGE, property="quantity")
    ),
    "sessions an hour": Case(Question(scope=SCOPE, unit=Unit.HOUR, figure=Figure.SESSIONS)),
    "sessions with one at home, by product": Case(
        Question(scope=replace(SCOPE, where=HOME), figure=Figure.SESSIONS, split="product_id"),
        where=at_home,
        split=lambda event: event.product_id,
    ),
    "length of sessions, by class": Case(Question(scope=SCOPE, figure=Figure.DURATION, split="class")),
    "bounces a year, by country": Case(
        Question(scope=SCOPE, unit=Unit.YEAR, figure=Figure.BOUNCES, split="country"), split=lambda event: event.country
    ),
    "depth": Case(Question(scope=SCOPE, figure=Figure.DEPTH)),
    "conversion of viewers": Case(
        Question(scope=SCOPE, unit=Unit.HOUR, figure=Figure.CONVERSION, of=Step(kind=Kind.VIEW)), of_kind("view")
    ),
}


def moved(stream: list[Event]) -> list[Event]:
    """One project's events, around the change of the clock."""
    return [replace(event, ts_us=event.ts_us + SHIFT_US) for event in project(stream)]


@cache
def ready(name: str) -> Asked:
    """The answer of a case, ready to run."""
    return Asked.of(answer(GROUND._replace(now_us=NOW_US), CASES[name].question)._asdict())


def number(event: Event, name: str | None) -> int | None:
    if name == "price":
        return event.price_micros
    known = event.quantity is not None and abs(event.quantity) <= 10**9
    return None if event.quantity is None or not known else event.quantity * 1_000_000


def oracle(case: Case, events: Sequence[Event]) -> list[Row]:
    """What the case's figure is counted from."""
    question = case.question
    split = case.split
    if question.split == "class":
        names = plain_ground.classes(events)
        split = lambda event: names.get(event.event_id)  # noqa: E731 - the split of these events
    parts: dict[str, Any] = {"asked": case.asked, "where": case.where, "split": split}
    match question.figure:
        case Figure.PURCHASES | Figure.REVENUE | Figure.AVERAGE_ORDER_VALUE:
            return plain_trends.of_sales(events, **parts)
        case Figure.SUM | Figure.AVERAGE:
            name = question.property
            return plain_trends.of_events(events, **parts, amount=lambda event: number(event, name))
        case Figure.EVENTS | Figure.PEOPLE:
            return plain_trends.of_events(events, **parts, by=question.scope.by)
        case _:
            return plain_trends.of_sessions(events, **parts)


@cache
def many() -> list[Event]:
    """Hundreds of random streams laid over each other."""
    return [replace(event, ts_us=event.ts_us + SHIFT_US) for event in world(shop_streams(), 150)]


def assert_equal(name: str, events: Sequence[Event]) -> None:
    """Each period's and each value's figure, to the bit, and how many stand behind it, are plain Python's."""
    case = CASES[name]
    found, rows = ready(name).rows(events), oracle(case, events)
    figure, unit = case.question.figure.value, case.question.unit.value
    labels = {period.number: period.label for period in periods(settled(case.question, NOW_US))}
    assert {
        (labels[row["number"]], row["split"]): Told(row["value"], row["behind"]) for row in found["points"]
    } == plain_trends.points(rows, figure, unit=unit, zone=BERLIN)
    assert {row["split"]: Told(row["value"], row["behind"]) for row in found["totals"]} == plain_trends.totals(
        rows, figure
    )


@pytest.mark.parametrize("name", CASES)
def test_it_equals_plain_python(name: str) -> None:
    """Over hundreds of events: late, tied, foreign, passive, of bots, of several users on one visitor."""
    assert len(many()) > 300
    assert_equal(name, many())


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=3)
@given(stream=shop_streams())
def test_few_events_equal_plain_python(name: str, stream: list[Event]) -> None:
    """Over any few events, or none."""
    assert_equal(name, moved(stream))


@pytest.mark.parametrize("name", CASES)
def test_behind_every_number_are_as_many_people(name: str) -> None:
    """Of a period, of a value, of both and of neither, those behind are as many as the answer says."""
    question, events = CASES[name].question, many()
    found = ready(name).rows(events)
    begins = {period.number: period.begin_us for period in periods(settled(question, NOW_US))}

    def part(row: dict[str, Any]) -> Part | None:
        return None if question.split is None else Part(value=row["split"], is_other=row["is_other"])

    cells = {
        **{Cell(period=begins[row["number"]], part=part(row)): row["behind"] for row in found["points"]},
        **{Cell(part=part(row)): row["behind"] for row in found["totals"]},
    }
    some = dict(list(cells.items())[::7] + list(cells.items())[-2:])
    happened_in = {row["number"] for row in found["points"]}
    nobody = [Cell(period=begin_us) for number, begin_us in begins.items() if number not in happened_in]
    some |= dict.fromkeys(nobody[:2], 0)
    ground = GROUND._replace(now_us=NOW_US)
    told = counts({repr(cell): behind(ground, question, cell) for cell in some}, events)
    assert told == {repr(cell): people for cell, people in some.items()}


def happened(name: str, at_us: int, **fields: Any) -> Event:
    """An event of ann unless `fields` say otherwise."""
    known = {"user_id": "ann", "event_id": f"{name}-{at_us}-{sorted(fields.items())}", **fields}
    return Event(project_id="default", name=name, ts_us=at_us, received_us=at_us, **known)


def drawn(question: Question, events: Sequence[Event], *, now_us: int = read_time("2030-01-01")) -> list[Line]:
    """The lines of a trend of these events."""
    asked = settled(question, now_us)
    found = Asked.of(answer(GROUND._replace(now_us=now_us), question)._asdict()).rows(events)
    return lines(asked, found["points"], found["totals"], found.get("beside", []), now_us=now_us)


DAY = read_time("2026-03-02T00:00:00Z")
"""A Monday."""


def test_every_period_has_a_point() -> None:
    """Days without events are 0, averages of nothing null; today is unfinished, tomorrow has no value yet."""
    events = [happened("view", DAY, price_micros=2_000_000), happened("view", DAY + 2 * DAY_US)]
    scope = Scope(from_us=DAY, before_us=DAY + 4 * DAY_US)
    now_us = DAY + 2 * DAY_US + HOUR_US
    (line,) = drawn(Question(scope=scope), events, now_us=now_us)
    assert [point.value for point in line.points] == [1, 0, 1, None]
    assert [point.is_unfinished for point in line.points] == [False, False, True, True]
    assert (line.value, line.behind) == (2, 1)
    (line,) = drawn(Question(scope=scope, figure=Figure.AVERAGE, property="price"), events, now_us=now_us)
    assert [point.value for point in line.points] == [2_000_000, None, None, None]


def test_nothing_happened() -> None:
    """Without events there is one line of zeros, with a split there is none."""
    scope = Scope(from_us=DAY, before_us=DAY + 2 * DAY_US)
    (line,) = drawn(Question(scope=scope), [])
    assert (line.part, line.value, [point.value for point in line.points]) == (Part(), 0, [0, 0])
    assert drawn(Question(scope=scope, split="country"), []) == []
    assert drawn(Question(scope=scope, figure=Figure.CONVERSION), [])[0].value is None


def test_without_a_range_it_is_the_last_thirty() -> None:
    """Up to the period of now, whole."""
    asked = settled(Question(unit=Unit.MONTH), read_time("2026-03-29T12:00Z"))
    listed = [period.label for period in periods(asked)]
    assert (len(listed), listed[0], listed[-1]) == (30, "2023-10", "2026-03")


def test_a_period_that_the_range_cuts_is_partial() -> None:
    """The first and the last, when they begin or end outside."""
    scope = Scope(from_us=DAY + HOUR_US, before_us=DAY + 2 * DAY_US + 1)
    (line,) = drawn(Question(scope=scope), [])
    assert [point.is_partial for point in line.points] == [True, False, True]


def test_the_rest_is_told_together() -> None:
    """The fifty most frequent values stand for themselves; people of the others are counted once."""
    events = [
        happened("view", DAY + place, brand=f"brand {brand:02}") for brand in range(60) for place in range(60 - brand)
    ]
    scope = Scope(from_us=DAY, before_us=DAY + DAY_US)
    found = drawn(Question(scope=scope, split="brand", figure=Figure.PEOPLE), events)
    assert len(found) == 51
    assert found[0].part == Part(value="brand 00")
    assert found[-1].part == Part(is_other=True)
    assert (found[-1].value, found[-1].points[0].value) == (1, 1)


def test_beside_the_time_before() -> None:
    """Three days beside the three before them; values that are new are among the others there."""
    events = [
        *(happened("view", DAY - place * DAY_US, country="DE") for place in (1, 2, 2)[:2]),
        happened("view", DAY - DAY_US, country="FR"),
        happened("view", DAY + DAY_US, country="DE"),
    ]
    scope = Scope(from_us=DAY, before_us=DAY + 3 * DAY_US)
    (line,) = drawn(Question(scope=scope, split="country", beside=Beside.BEFORE), events)
    assert line.part == Part(value="DE")
    assert [point.value for point in line.points] == [0, 1, 0]
    assert [point.beside for point in line.points] == [0, 1, 1]
    assert [point.beside_period.label for point in line.points if point.beside_period] == [
        *("2026-02-27", "2026-02-28", "2026-03-01"),
    ]


@pytest.mark.parametrize(
    ("unit", "begins", "labels"),
    [
        (Unit.DAY, "2024-02-28", {"2024-02-28": "2023-02-28", "2024-02-29": None, "2024-03-01": "2023-03-01"}),
        (Unit.WEEK, "2026-03-02", {"2026-03-02": "2025-03-03"}),
        (Unit.MONTH, "2026-02-01", {"2026-02": "2025-02", "2026-03": "2025-03"}),
        (Unit.QUARTER, "2026-01-01", {"2026-Q1": "2025-Q1"}),
        (Unit.YEAR, "2026-01-01", {"2026": "2025"}),
        (Unit.HOUR, "2026-03-30T02:00+02:00", {"2026-03-30T02:00+02:00": None}),
        (Unit.HOUR, "2026-03-29T12:00Z", {"2026-03-29T14:00+02:00": "2025-03-29T14:00+01:00"}),
    ],
    ids=["29 February", "week", "month", "quarter", "year", "hour left out", "hour"],
)
def test_beside_the_year_before(unit: Unit, begins: str, labels: dict[str, str | None]) -> None:
    """The same place of the calendar: the date, the week's day, the clock; nothing where there is none."""
    from_us = read_time(begins if "T" in begins else f"{begins}T12:00Z")
    span_us = {Unit.DAY: 2 * DAY_US, Unit.MONTH: 40 * DAY_US}.get(unit, 1)
    scope = Scope(from_us=from_us, before_us=from_us + span_us + 1, zone=BERLIN)
    (line,) = drawn(Question(scope=scope, unit=unit, beside=Beside.YEAR), [], now_us=from_us + 400 * DAY_US)
    told = {point.period.label: point.beside_period and point.beside_period.label for point in line.points}
    assert {name: told[name] for name in labels} == labels


def test_an_unusual_day_is_marked() -> None:
    """Of ten Mondays with some ten visits one has a hundred; the day that has not ended is not judged."""
    counts_ = [10, 12, 9, 100, 11, 10, 8, 12, 9, 1]
    events = [
        happened("view", DAY + week * 7 * DAY_US + place)
        for week, count in enumerate(counts_)
        for place in range(count)
    ]
    scope = Scope(from_us=DAY, before_us=DAY + 64 * DAY_US)
    (line,) = drawn(Question(scope=scope), events, now_us=DAY + 63 * DAY_US + HOUR_US)
    unusual = [point.period.label for point in line.points if point.judged and point.judged.is_unusual]
    assert unusual == ["2026-03-23"]
    assert line.points[63].judged is None


def test_a_real_shop(shared_data: Path) -> None:
    """The REES46 sample, day by day: its sales, and every other figure equal to plain Python."""
    log = rees46.events(shared_data)
    sessions = on_duckdb()(log)
    scope = Scope(from_us=min(e.ts_us for e in log), before_us=max(e.ts_us for e in log) + 1)
    for figure, wanted in ((Figure.REVENUE, 59_442_630_000), (Figure.PURCHASES, 214), (Figure.SESSIONS, 5_066)):
        asked = Question(scope=scope, figure=figure)
        found = Asked.of(answer(GROUND, asked)._asdict()).rows(log, sessions)
        (total,) = found["totals"]
        assert total["value"] == wanted
        assert sum(row["value"] for row in found["points"]) == wanted
    asked = Question(scope=scope, figure=Figure.PEOPLE, of=Step("view"), split="product_id", unit=Unit.WEEK)
    found = Asked.of(answer(GROUND, asked)._asdict()).rows(log, sessions)
    people: dict[tuple[str, str | None], set[str | None]] = {}
    for event in log:
        if event.name == "view":
            key = plain_trends.label(event.ts_us, "week", "UTC"), event.product_id
            people.setdefault(key, set()).add(event.user_id)
    labels = {period.number: period.label for period in periods(settled(asked, NOW_US))}
    rows = [row for row in found["points"] if not row["is_other"]]
    assert len({row["split"] for row in rows}) == 50
    assert all(len(people[labels[row["number"]], row["split"]]) == row["value"] for row in rows)


@pytest.mark.parametrize(
    ("question", "says"),
    [
        (Question(figure=Figure.SUM), "needs a property"),
        (Question(property="price"), "not of a property"),
        (Question(figure=Figure.SUM, property="country"), "'country' is a text"),
        (Question(split="ts"), "'ts' is a time"),
        (Question(split="contry"), "did you mean 'country'?"),
        (Question(unit=Unit.MINUTE, scope=Scope(from_us=0, before_us=365 * DAY_US)), "2,000 are the most"),
    ],
    ids=["no property", "a property", "a text's sum", "split by time", "no such split", "a year of minutes"],
)
def test_what_can_not_be_asked_is_told(question: Question, says: str) -> None:
    """The error says what is wrong and what is right."""
    with pytest.raises(BadRequest) as caught:
        answer(GROUND, question)
    assert says in caught.value.detail


def test_numbers_that_are_not_there_have_nobody_behind_them() -> None:
    """A period that does not begin then, and a value of an answer without a split, are errors."""
    scope = Scope(from_us=DAY, before_us=DAY + DAY_US)
    with pytest.raises(BadRequest, match="no period of the range begins then"):
        behind(GROUND, Question(scope=scope), Cell(period=DAY + MINUTE_US))
    with pytest.raises(BadRequest, match="not split"):
        behind(GROUND, Question(scope=scope), Cell(part=Part(value="DE")))


def test_a_question_in_words() -> None:
    """What is asked, of which events, over which time, and how."""
    asked = Question(scope=Scope(where=HOME, zone=BERLIN), figure=Figure.PEOPLE, of=Step(kind=Kind.VIEW), split="brand")
    assert told_as_text(replace(asked, beside=Beside.YEAR)) == (
        'people of kind:view by day (Europe/Berlin), where country = "DE" or device missing, split by brand, '
        "beside the year before"
    )


@pytest.mark.parametrize("name", ["trends", "anomalies"])
def test_examples_in_the_definition_hold(name: str) -> None:
    """The worked example beside the rule is true."""
    failed, tried = doctest.testmod(importlib.import_module(f"footfall.metrics.{name}"))
    assert tried
    assert not failed
