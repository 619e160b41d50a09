"""Paths: equal to plain Python over any events, their numbers to the people behind them."""

from __future__ import annotations

import doctest
import importlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings

from footfall.errors import BadRequest
from footfall.events.event import Event
from footfall.events.kinds import Kind
from footfall.metrics.asked import Scope, Step
from footfall.metrics.filters.text import parse
from footfall.metrics.paths import Cell, Over, Question, answer, behind
from footfall.metrics.splits import Part
from tests.metrics.plain_report import kind, page_of, shop_streams
from tests.metrics.questions import plain_ground, plain_paths
from tests.metrics.questions.asking import GROUND, Asked, Rows, counts, project, world
from tests.metrics.questions.plain_paths import Visit
from tests.sessions import rees46
from tests.sessions.engines import on_duckdb
from tests.sessions.streams import BEGIN_US, HOUR_US


class Case(NamedTuple):
    """A question, and what it means in Python."""

    question: Question
    is_anchor: Callable[[Event], bool] = lambda event: True
    where: Callable[[Event], bool] = lambda event: True


def bought(event: Event) -> bool:
    return kind(event) == "purchase"


CASES = {
    "pages": Case(Question(scope=Scope())),
    "events in a session": Case(Question(scope=Scope(by="session"), over=Over.EVENTS, depth=2, top=2)),
    "pages after a purchase": Case(Question(scope=Scope(), start=Step(kind=Kind.PURCHASE), depth=3, top=1), bought),
    "events before a purchase, in a range": Case(
        Question(
            scope=Scope(from_us=BEGIN_US, before_us=BEGIN_US + HOUR_US, where=parse('country != "FR"')),
            over=Over.EVENTS,
            end=Step(kind=Kind.PURCHASE),
            top=1,
        ),
        bought,
        lambda event: BEGIN_US <= event.ts_us < BEGIN_US + HOUR_US and event.country not in {None, "FR"},
    ),
    "pages before scrolling": Case(
        Question(scope=Scope(), end=Step("scroll_depth"), top=2), lambda event: event.name == "scroll_depth"
    ),
}


def plain(case: Case, events: Sequence[Event]) -> dict[str, Rows]:
    """The answer in plain Python."""
    question = case.question
    backwards = question.end is not None
    ways = {}
    for who, theirs in plain_ground.told(events, by=question.scope.by, passive=True).items():
        visits = [visit for event in filter(case.where, theirs) if (visit := _visit(case, event)) is not None]
        if way := plain_paths.way(visits, backwards=backwards):
            ways[who] = way
    return plain_paths.answer(ways, depth=question.depth, top=question.top, backwards=backwards)


def _visit(case: Case, event: Event) -> Visit | None:
    """The event as paths see it; None when they do not lead over it."""
    question = case.question
    is_anchor = (plain_ground.counts(event) or question.start != question.end) and case.is_anchor(event)
    if question.over is Over.EVENTS:
        led = plain_ground.counts(event) or is_anchor
        return Visit(event.ts_us, event.event_id, event.name, is_anchor) if led else None
    if kind(event) == "page":
        return Visit(event.ts_us, event.event_id, page_of(event), is_anchor)
    named = question.start is not None or question.end is not None
    return Visit(event.ts_us, event.event_id, event.name, is_anchor) if named and is_anchor else None


@cache
def ready(name: str) -> Asked:
    return Asked.of(answer(GROUND, CASES[name].question)._asdict())


@settings(max_examples=15)
@given(shop_streams())
def test_it_equals_plain_python(stream: list[Event]) -> None:
    """Every node, link and transition, in order: ties, loops, the unknown, what is rare, both directions."""
    events = project(stream)
    sessions = on_duckdb()(events)
    for name, case in CASES.items():
        assert ready(name).rows(events, sessions) == plain(case, events), name


@pytest.mark.parametrize(
    "name", ["pages after a purchase", "events before a purchase, in a range", "events in a session"]
)
def test_the_people_behind_every_number(name: str) -> None:
    """As many people as the number says, each once: at nodes, where ways end, along links, of transitions."""
    events, question = world(shop_streams(), 200), CASES[name].question
    found = ready(name).rows(events)
    assert found["links"], "there is something to compare"
    assert any(row["is_other"] for row in found["nodes"]), "there is something to compare"
    cells = {}
    for row in found["nodes"]:
        node = Part(value=row["label"], is_other=row["is_other"])
        cells[Cell(place=row["place"], label=node)] = row["people"]
        cells[Cell(place=row["place"], label=node, ended=True)] = row["ended"]
    for row in found["links"]:
        source = Part(value=row["source"], is_other=row["source_is_other"])
        target = Part(value=row["target"], is_other=row["target_is_other"])
        cells[Cell(place=row["place"], label=source, target=target)] = row["people"]
    for row in found["transitions"]:
        cells[Cell(label=Part(value=row["source"]), target=Part(value=row["target"]))] = row["people"]
    counted = counts({str(place): behind(GROUND, question, cell) for place, cell in enumerate(cells)}, events)
    assert counted == {str(place): people for place, people in enumerate(cells.values())}


@settings(max_examples=10)
@given(shop_streams())
def test_what_leaves_a_node_came_to_it(stream: list[Event]) -> None:
    """A node's people go on along its links or end there; all but the start's came along links."""
    found = ready("pages").rows(project(stream))
    for node in found["nodes"]:
        name = node["label"], node["is_other"]
        came = sum(
            link["people"]
            for link in found["links"]
            if (link["place"] + 1, link["target"], link["target_is_other"]) == (node["place"], *name)
        )
        went = sum(
            link["people"]
            for link in found["links"]
            if (link["place"], link["source"], link["source_is_other"]) == (node["place"], *name)
        )
        assert node["place"] == 0 or came == node["people"]
        assert node["place"] == CASES["pages"].question.depth or went + node["ended"] == node["people"]


def test_a_real_shop(shared_data: Path) -> None:
    """REES46: what is done right before the last purchase of a session, as counted from the raw file alone."""
    before: dict[str, int] = {}
    sessions: dict[str, list[tuple[str, int, str]]] = {}
    for number, row in enumerate(rees46.whole_rows(shared_data)):
        sessions.setdefault(row["user_session"], []).append((row["event_time"], number, row["event_type"]))
    for theirs in sessions.values():
        names = [name for _, _, name in sorted(theirs)]
        if "purchase" in names:
            last = len(names) - names[::-1].index("purchase")
            others = [name for place, name in enumerate(names[:last]) if place == 0 or names[place - 1] != name]
            if len(others) > 1:
                before[others[-2]] = before.get(others[-2], 0) + 1
    asked = Question(scope=Scope(by="session"), over=Over.EVENTS, end=Step("purchase"))
    found = Asked.of(answer(GROUND, asked)._asdict()).rows(rees46.events(shared_data))
    assert {row["source"]: row["people"] for row in found["links"] if row["place"] == -1} == before


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Question(scope=Scope(), start=Step(), end=Step()), "not both"),
        (Question(scope=Scope(), depth=0), "1 to 30"),
        (Question(scope=Scope(), depth=31), "1 to 30"),
        (Question(scope=Scope(), top=101), "1 to 100"),
    ],
    ids=["both ends", "no depth", "too deep", "too wide"],
)
def test_what_is_beyond_the_limits_is_refused(asked: Question, said: str) -> None:
    """The error says the limit."""
    with pytest.raises(BadRequest, match=said):
        answer(GROUND, asked)


def test_nothing_happened() -> None:
    """Without events there is nothing to draw."""
    assert ready("pages").rows([]) == {"nodes": [], "links": [], "transitions": []}


def test_worked_examples() -> None:
    """The docstrings' examples hold."""
    for name in ("paths", "walks"):
        failed, tried = doctest.testmod(importlib.import_module(f"footfall.metrics.{name}"))
        assert not failed
        assert tried, name
