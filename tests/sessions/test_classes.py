"""Visitor classes: total, monotone, the same on numpy and in batch, and explained by their own clauses."""

from __future__ import annotations

import doctest
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from footfall.errors import BadRequest
from footfall.events.event import Event
from footfall.sessions import classes as classes_module
from footfall.sessions import figures as figures_module
from footfall.sessions.classes import DEFAULT_RULES, GROWING, Classes, Clause, Rule
from footfall.sessions.ops import IBIS, NUMPY
from tests.sessions import oracle
from tests.sessions.engines import compiled
from tests.sessions.streams import deduplicated, streams

CLASSES = Classes()
FIGURES = ("total_events", "session_duration_minutes", "cart_count", "purchase_count")
SCHEMA = pa.schema([(name, pa.float64() if name == FIGURES[1] else pa.int64()) for name in GROWING])

_bounds = st.sampled_from([0, 1, 2, 3, 9, 10, 29, 30, 31])
_minutes = st.sampled_from([0.0, 0.99, 1.0, 9.999999983333334, 10.0, 29.999999983333334, 30.0, 30.1])
_sessions = st.fixed_dictionaries(
    {name: _minutes if name == FIGURES[1] else _bounds for name in GROWING},
)


def judged(rows: list[dict[str, Any]], classes: Classes = CLASSES) -> list[tuple[int, int]]:
    """(number, clauses) of each, by the numpy columns."""
    columns = {
        field.name: np.array([row[field.name] for row in rows], field.type.to_pandas_dtype()) for field in SCHEMA
    }
    verdict = classes.classify(columns, NUMPY)
    return list(zip(verdict.number.tolist(), verdict.clauses.tolist(), strict=True))


@given(st.lists(_sessions, min_size=1, max_size=20))
def test_every_session_has_the_contracts_one_class(rows: list[dict[str, Any]]) -> None:
    """Around every threshold the class and its clauses are those of the contract's table."""
    for row, (number, clauses) in zip(rows, judged(rows), strict=True):
        rule = CLASSES.rules[number]
        assert {"visitor_class": rule.name, "score": rule.score, "clauses": clauses} == oracle.visitor_class(row)


@given(_sessions, st.sampled_from(GROWING), st.integers(0, 100))
def test_more_activity_never_lowers_a_class(row: dict[str, Any], figure: str, more: int) -> None:
    """Raising any one figure leaves the score or raises it."""
    (before, _), (after, _) = judged([row, row | {figure: row[figure] + more}])
    assert CLASSES.rules[after].score >= CLASSES.rules[before].score


@given(streams(), st.integers(0, 10**6), st.sampled_from(["view", "purchase", "scroll_depth"]))
def test_another_event_never_lowers_the_best_class(stream: list[Event], place: int, name: str) -> None:
    """Whatever an owner does more, wherever in time: its session with the event is no worse than before."""
    events = [event for event in deduplicated(stream) if not event.is_bot]
    if not events:
        return
    model = events[place % len(events)]
    more = replace(model, event_id="more", name=name, order_id="another")

    def score(now: list[Event]) -> int:
        return max((row["score"] for row in oracle.sessions(now) if _holds(row, model)), default=0)

    assert score([*events, more]) >= score(events)


def _holds(row: oracle.Row, event: Event) -> bool:
    mine = (row["project_id"], row["owner"]) == (event.project_id, oracle.owner(event))
    return bool(mine and row["session_start"] <= event.ts_us <= row["session_end"])


@settings(max_examples=25)
@given(st.lists(_sessions, min_size=1, max_size=50))
def test_ibis_columns_give_the_same(rows: list[dict[str, Any]]) -> None:
    """The one function gives the same numbers and bits over columns of an engine."""
    assert VERDICTS([], figures=pa.Table.from_pylist(rows, SCHEMA)).to_pylist() == [
        {"number": number, "clauses": clauses} for number, clauses in judged(rows)
    ]


def _verdicts() -> ibis.Table:
    table = ibis.table(ibis.Schema.from_pyarrow(SCHEMA), name="figures")
    verdict = CLASSES.classify({name: table[name] for name in table.columns}, IBIS)
    return table.select(number=verdict.number.cast("int64"), clauses=verdict.clauses.cast("int64"))


VERDICTS = compiled(_verdicts())


@given(_sessions)
def test_why_names_clauses_that_hold(row: dict[str, Any]) -> None:
    """What is given as reason are clauses of the session's own class, true of its figures."""
    ((number, clauses),) = judged([row])
    rule = CLASSES.rules[number]
    wanted = [
        f"{clause} ({row[clause.figure]:g})"
        for group in rule.any_of
        if all(row[clause.figure] >= clause.at_least for clause in group)
        for clause in group
    ]
    assert CLASSES.why(number, clauses, row) == (wanted or ["no higher class's clauses held"])


def test_a_version_stands_for_the_rules() -> None:
    """The same rules have the same version, other rules another."""
    assert Classes().version == Classes(DEFAULT_RULES).version
    assert Classes(DEFAULT_RULES[1:]).version != Classes().version


LAST = Rule("last", (), score=1, icon="", action_priority=1, advice=())


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ([], "every class needs clauses but the last"),
        ([replace(LAST, any_of=((Clause("total_events", 1),),))], "every class needs clauses but the last"),
        ([replace(LAST, score=2), LAST], "every class needs clauses but the last"),
        ([replace(LAST, any_of=((),), score=2), LAST], "every class needs clauses but the last"),
        ([replace(LAST, any_of=((Clause("total_events", 1),),)), LAST], "falling score"),
        ([replace(LAST, any_of=((Clause("engagement_rate", 1),),), score=2), LAST], "'engagement_rate' can't stand"),
        ([replace(LAST, any_of=((Clause("total_events", 1),) * 63,), score=2), LAST], "at most 62"),
    ],
)
def test_rules_that_could_not_be_total_and_monotone_are_refused(rules: list[Rule], says: str) -> None:
    """Configuration can't make a session without a class, or one that activity lowers; the error says what is wrong."""
    with pytest.raises(BadRequest, match=says):
        Classes(rules)


def test_one_class_for_all() -> None:
    """A single class without clauses is everybody's."""
    row: dict[str, Any] = dict.fromkeys(GROWING, 0)
    assert judged([row], Classes([LAST])) == [(0, 0)]


@pytest.mark.parametrize("module", [classes_module, figures_module])
def test_examples_in_the_definitions_hold(module: Any) -> None:
    """The examples beside the rules are true."""
    failed, tried = doctest.testmod(module)
    assert tried
    assert not failed
