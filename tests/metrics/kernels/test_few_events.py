"""Of few events of few people, where every border meets another, the kernels' rows are the definitions', too."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from msgspec import structs

from footfall.events.event import Event
from footfall.metrics import funnel, paths, retention, trends
from footfall.metrics.asked import ANY, Step
from footfall.metrics.calendar import Unit
from footfall.metrics.kernels.answers import Answers
from footfall.metrics.lasting import Question
from tests.lake.index.streams import happened
from tests.metrics.kernels.test_answers import ALL, DEFINED, NOW_US, SCROLLED
from tests.metrics.kernels.test_ties import NO_SESSIONS
from tests.metrics.kernels.wholes import whole_of
from tests.metrics.questions.asking import Asked

LATE = structs.replace(ALL, from_us=(ALL.from_us or 0) + 1)
"""Begins a moment after some events, so that a part of a day is picked."""
NEVER = structs.replace(ALL, before_us=ALL.from_us)
"""No time at all."""
QUESTIONS: dict[str, Question] = {
    "retention": retention.Question(scope=LATE, unit=Unit.DAY, periods=2, split="country"),
    "retention of some": retention.Question(scope=ALL, unit=Unit.DAY, periods=2, first=Step("purchase"), back=SCROLLED),
    "retention of no time": retention.Question(scope=NEVER, unit=Unit.DAY, periods=2),
    "funnel": funnel.Question(scope=LATE, steps=(ANY, Step("purchase"), ANY), split="country"),
    "trends": trends.Question(scope=LATE, figure=trends.Figure.PEOPLE, split="country"),
    "paths": paths.Question(scope=LATE, over=paths.Over.EVENTS, depth=2, top=2),
}


@cache
def defined(name: str) -> Asked:
    """The definition, compiled once."""
    question: Any = QUESTIONS[name]
    definition = next(module for module in (retention, funnel, trends, paths) if isinstance(question, module.Question))
    return Asked.of(definition.answer(DEFINED, question)._asdict())


@pytest.mark.parametrize("name", QUESTIONS)
@given(events=happened(days=2, most=8))
@settings(max_examples=15)
def test_few_events(name: str, events: list[Event]) -> None:
    """One person in two names, the last of one and the first of the next; instants that are all the same."""
    question: Any = QUESTIONS[name]
    told: Mapping[str, Any] = Answers(DEFINED.taxonomy).of(whole_of(events), question, now_us=NOW_US)._asdict()
    rows = {table: found.to_pyarrow().to_pylist() for table, found in told.items() if found is not None}
    assert rows == defined(name).rows(events, sessions=NO_SESSIONS)
