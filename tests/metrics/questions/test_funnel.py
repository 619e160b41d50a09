"""The ordered funnel: equal to plain Python over any events, its numbers to the people behind them."""

from __future__ import annotations

import doctest
import importlib
from collections import defaultdict
from collections.abc import Callable, Sequence
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
from footfall.metrics.funnel import Cell, Order, Question, answer, behind
from footfall.metrics.splits import Part
from tests.metrics.plain_report import shop_streams
from tests.metrics.questions import plain_funnel, plain_ground
from tests.metrics.questions.asking import GROUND, Asked, Rows, counts, project, world
from tests.metrics.questions.plain_funnel import Chain, Hit
from tests.sessions import rees46
from tests.sessions.engines import on_duckdb
from tests.sessions.oracle import KINDS
from tests.sessions.streams import BEGIN_US, MINUTE_US

Is = Callable[[Event], bool]


class Case(NamedTuple):
    """A question, and what it means in Python."""

    question: Question
    steps: tuple[Is, ...]
    split: Callable[[Event], str | None] | None = None
    where: Is = lambda event: True


def named(*names: str) -> Is:
    return lambda event: event.name in names


def of_kind(kind: str) -> Is:
    return lambda event: KINDS.get(event.name) == kind


def anything(event: Event) -> bool:
    return plain_ground.counts(event)


LATER = Scope(from_us=BEGIN_US, before_us=BEGIN_US + HOUR_US)

CASES = {
    "view, cart, purchase": Case(
        Question(
            scope=Scope(), steps=(Step(kind=Kind.VIEW), Step(kind=Kind.CART), Step("purchase")), within_us=HOUR_US
        ),
        (of_kind("view"), of_kind("cart"), named("purchase")),
    ),
    "the same step twice, by country": Case(
        Question(scope=Scope(), steps=(Step("purchase"), Step("purchase")), split="country"),
        (named("purchase"), named("purchase")),
        lambda event: event.country,
    ),
    "strict, within a session": Case(
        Question(
            scope=Scope(by="session"), steps=(Step(), Step(), Step("purchase")), order=Order.STRICT, split="device"
        ),
        (anything, anything, named("purchase")),
        lambda event: event.device,
    ),
    "strict, in a range": Case(
        Question(scope=LATER, steps=(Step(), Step(kind=Kind.PURCHASE)), order=Order.STRICT, within_us=7 * MINUTE_US),
        (anything, of_kind("purchase")),
    ),
    "passive, filtered, in a range": Case(
        Question(
            scope=Scope(from_us=BEGIN_US, before_us=BEGIN_US + HOUR_US, where=parse('not country = "FR"')),
            steps=(Step("scroll_depth"), parse_step('*[device = "mobile" or product_id exists]')),
            within_us=30 * MINUTE_US,
            split="product_id",
        ),
        (
            named("scroll_depth"),
            lambda event: anything(event) and (event.device == "mobile" or event.product_id is not None),
        ),
        lambda event: event.product_id,
        lambda event: event.country != "FR",
    ),
    "one step": Case(Question(scope=Scope(), steps=(Step("purchase"),)), (named("purchase"),)),
}


LONG = Question(
    scope=Scope(from_us=BEGIN_US - HOUR_US, before_us=BEGIN_US + 4 * HOUR_US, zone="Europe/Berlin"),
    steps=(Step(), Step(kind=Kind.PURCHASE), Step(kind=Kind.PURCHASE)),
    within_us=2 * HOUR_US,
    split="class",
    unit=Unit.HOUR,
)
"""A funnel with everything that has cells: parts, and a trend."""


def chains(case: Case, events: Sequence[Event]) -> dict[str, Chain]:
    """Everybody's deepest chain, in plain Python."""
    question, scope = case.question, case.question.scope
    strict = question.order is Order.STRICT
    found = {}
    for who, theirs in plain_ground.told(events, by=scope.by, passive=True).items():
        hits = [hit for event in theirs if (hit := _hit(case, event)) is not None]
        chain = plain_funnel.deepest(hits, len(case.steps), within_us=question.within_us, strict=strict)
        if chain is not None:
            found[who] = chain
    return found


def _hit(case: Case, event: Event) -> Hit | None:
    """The event as the funnel sees it; None when it does not."""
    scope = case.question.scope
    steps = {number for number, is_it in enumerate(case.steps, start=1) if is_it(event)}
    if not case.where(event) or (scope.from_us is not None and event.ts_us < scope.from_us):
        return None
    if not plain_ground.counts(event) and not steps:
        return None
    if scope.before_us is not None and event.ts_us >= scope.before_us:
        steps.discard(1)
    return Hit(event.ts_us, event.event_id, case.split(event) if case.split else None, frozenset(steps))


@cache
def ready(name: str) -> Asked:
    return Asked.of({"steps": answer(GROUND, CASES[name].question).steps})


@settings(max_examples=15)
@given(shop_streams())
def test_it_equals_plain_python(stream: list[Event]) -> None:
    """Every row and figure, to the bit and in order: ties, several users on one visitor, bots, passive events."""
    events = project(stream)
    sessions = on_duckdb()(events)
    for name, case in CASES.items():
        wanted = plain_funnel.steps(chains(case, events), len(case.steps), most=50 if case.split else None)
        assert ready(name).rows(events, sessions)["steps"] == wanted, name


def long_case(events: Sequence[Event]) -> Case:
    """`LONG` in Python."""
    classes = plain_ground.classes(events)
    steps = (anything, of_kind("purchase"), of_kind("purchase"))
    return Case(LONG, steps, lambda event: classes.get(event.event_id))


@settings(max_examples=10)
@given(shop_streams())
def test_by_class_and_over_time(stream: list[Event]) -> None:
    """The class is that of the session where the chain began; the periods' people are together the funnel's."""
    events = project(stream)
    found = long_funnel().rows(events)
    theirs = chains(long_case(events), events)
    assert found["steps"] == plain_funnel.steps(theirs, 3, most=50)
    periods = [
        (begin_us, begin_us + HOUR_US, f"2025-10-01T{1 + hour:02d}:00+02:00")
        for hour, begin_us in enumerate(range(BEGIN_US - HOUR_US, BEGIN_US + 4 * HOUR_US, HOUR_US))
    ]
    wanted = plain_funnel.trend(theirs, 3, periods, most=50)
    assert found["trend"] == [row | {"unfinished": False} for row in wanted]


@cache
def long_funnel() -> Asked:
    return Asked.of(answer(GROUND, LONG)._asdict())


def test_the_people_behind_every_number() -> None:
    """As many people as the number says, each once, at every step of every part, dropped or not, in every period."""
    events = world(shop_streams(), 200)
    found = long_funnel().rows(events)
    assert len({row["split"] for row in found["steps"]}) > 2, "there is something to compare"
    cells = {}
    for row in found["steps"]:
        part = Part(value=row["split"], is_other=row["is_other"])
        cells[Cell(step=row["step"], part=part)] = row["people"]
        if row["step"] > 1:
            cells[Cell(step=row["step"], part=part, dropped=True)] = row["dropped"]
    for row in found["trend"]:
        part = Part(value=row["split"], is_other=row["is_other"])
        cells[Cell(step=1, part=part, period=row["begin_us"])] = row["entered"]
        cells[Cell(step=3, part=part, period=row["begin_us"])] = row["converted"]
    counted = counts({str(place): behind(GROUND, LONG, cell) for place, cell in enumerate(cells)}, events)
    assert counted == {str(place): people for place, people in enumerate(cells.values())}


def seen(who: str, *steps: tuple[str, str], **fields: Any) -> list[Event]:
    """Events of one user: (time, name)."""
    return [
        Event(
            project_id="default",
            event_id=f"{who}-{when}-{name}",
            name=name,
            ts_us=read_time(when),
            received_us=0,
            user_id=who,
            **fields,
        )
        for when, name in steps
    ]


def rows(question: Question, events: Sequence[Event], table: str = "steps", *, now: str = "2026-06-01") -> Rows:
    ground = GROUND._replace(now_us=read_time(now))
    return Asked.of(answer(ground, question)._asdict()).rows(events)[table]


FUNNEL = (Step("view"), Step("purchase"))


def test_days_of_a_zone_and_what_is_unfinished() -> None:
    """A day of 23 hours holds its people; while its last one can still get further it is unfinished."""
    scope = Scope(from_us=read_time("2026-03-28"), before_us=read_time("2026-03-30T22:00Z"), zone="Europe/Berlin")
    asked = Question(scope=scope, steps=FUNNEL, within_us=DAY_US, unit=Unit.DAY)
    events = [
        *seen("ann", ("2026-03-28T22:59:59Z", "view"), ("2026-03-29T22:59:59Z", "purchase")),
        *seen("bob", ("2026-03-28T23:00Z", "view"), ("2026-03-29T23:00:00.000001Z", "purchase")),
        *seen("cleo", ("2026-03-29T21:59:59Z", "view")),
        *seen("dan", ("2026-03-30T21:59:59Z", "view"), ("2026-03-31T08:00Z", "purchase")),
        *seen("eve", ("2026-03-30T22:00Z", "view"), ("2026-03-31T08:00Z", "purchase")),
    ]
    told = rows(asked, events, "trend", now="2026-03-31T00:00Z")
    assert [(row["label"], row["entered"], row["converted"], row["unfinished"]) for row in told] == [
        ("2026-03-28", 1, 1, False),
        ("2026-03-29", 2, 0, False),
        ("2026-03-30", 1, 1, True),
    ]


def test_a_visitor_who_becomes_known_is_one_person() -> None:
    """What the visitor saw before the login and what the user bought on another device is one chain."""
    events = [
        *(replace(event, user_id=None, visitor_id="v") for event in seen("?", ("2026-01-01T10:00", "view"))),
        *seen("ann", ("2026-01-01T10:05", "login"), visitor_id="v"),
        *seen("ann", ("2026-01-02T10:00", "purchase"), visitor_id="phone"),
    ]
    assert [row["people"] for row in rows(Question(scope=Scope(), steps=FUNNEL), events)] == [1, 1]


def test_nothing_happened() -> None:
    """Without events there is the funnel with nobody in it, and no part of a split one."""
    asked = Question(scope=Scope(), steps=FUNNEL)
    assert [row["people"] for row in rows(asked, [])] == [0, 0]
    assert [row["dropped"] for row in rows(asked, [])] == [None, 0]
    assert rows(replace(asked, split="country"), []) == []


def test_what_is_rare_is_told_together() -> None:
    """Fifty countries stand by themselves, the rest is `other`, and everybody is somewhere."""
    names = [f"{number:02d}" for number in range(60)]
    events = [event for name in names for event in seen(name, ("2026-01-01", "view"), country=name)]
    events += seen("second", ("2026-01-01", "view"), country="59") + seen("nowhere", ("2026-01-01", "view"))
    asked = Question(scope=Scope(), steps=(Step("view"),), split="country")
    told = rows(asked, events)
    assert [(row["split"], row["people"]) for row in told[:2]] == [("59", 2), ("00", 1)]
    assert [row["is_other"] for row in told] == [False] * 50 + [True]
    assert told[-1]["split"] is None
    assert sum(row["people"] for row in told) == 62
    other = Cell(step=1, part=Part(is_other=True))
    assert counts({"other": behind(GROUND, asked, other)}, events) == {"other": told[-1]["people"]}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Question(scope=Scope(), steps=()), "1 to 30 steps"),
        (Question(scope=Scope(), steps=FUNNEL * 16), "1 to 30 steps"),
        (Question(scope=Scope(), steps=FUNNEL, within_us=0), "window"),
        (Question(scope=Scope(), steps=FUNNEL, within_us=401 * DAY_US), "400 days"),
        (Question(scope=Scope(from_us=0, before_us=10 * 365 * DAY_US), steps=FUNNEL, unit=Unit.DAY), "2,000"),
    ],
    ids=["no step", "many steps", "no window", "long window", "many periods"],
)
def test_what_is_beyond_the_limits_is_refused(asked: Question, said: str) -> None:
    """The error says the limit."""
    with pytest.raises(BadRequest, match=said):
        answer(GROUND, asked)


@pytest.mark.parametrize("cell", [Cell(step=0), Cell(step=3), Cell(step=1, dropped=True), Cell(step=1, period=7)])
def test_a_cell_that_there_is_not(cell: Cell) -> None:
    """Nobody is behind a step or a period that the funnel does not have: that is an error, not an empty list."""
    with pytest.raises(BadRequest, match=r"funnel"):
        behind(GROUND, Question(scope=Scope(), steps=FUNNEL), cell)


def test_a_real_shop(shared_data: Path) -> None:
    """REES46: view → cart → purchase, in any session and in one, as counted from the raw file alone."""
    log = rees46.events(shared_data)
    steps = (Step("view"), Step("cart"), Step("purchase"))
    for scope, key in ((Scope(), "user_id"), (Scope(by="session"), "user_session")):
        asked = Question(scope=scope, steps=steps, within_us=DAY_US)
        assert [row["people"] for row in rows(asked, log)] == raw_funnel(shared_data, key)


def raw_funnel(shared_data: Path, key: str) -> list[int]:
    """How many viewed, then carted, then bought: three earliest times each, for the file holds less than the window.

    Without a window the first view is the best start, then the first cart after it, then the first purchase.
    """
    times: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in rees46.whole_rows(shared_data):
        times[row[key]][row["event_type"]].append(row["event_time"])
    reached = [0, 0, 0]
    for theirs in times.values():
        before = ""
        for place, name in enumerate(("view", "cart", "purchase")):
            before = min((when for when in theirs[name] if when > before), default="")
            if not before:
                break
            reached[place] += 1
    return reached


def test_worked_examples() -> None:
    """The docstrings' examples hold."""
    for name in ("funnel", "splits", "order_statistics"):
        failed, tried = doctest.testmod(importlib.import_module(f"footfall.metrics.{name}"))
        assert not failed
        assert tried, name
