"""What stays of days that are removed: who was there first and when; cohorts stay the same by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from footfall.events.event import Event
from footfall.events.kinds import Kind, Taxonomy
from footfall.events.schema import EVENTS, to_batch
from footfall.events.time import DAY_US
from footfall.lake.first import Task, keep
from footfall.lake.lake import Lake
from footfall.lake.view import View
from footfall.metrics.asked import ANY, Ground, Scope, Step
from footfall.metrics.calendar import Unit
from footfall.metrics.filters.text import parse
from footfall.metrics.retention import Question, answer
from footfall.sessions.schema import SESSIONS

DAYS, BORDER = 6, 3
NAMES = ("page_view", "product_view", "purchase", "identify", "scroll_depth")
QUESTIONS = {
    "anything": ANY,
    "a name": Step(name="purchase"),
    "a kind": Step(kind=Kind.VIEW),
    "names": Step(where=parse('name in ("page_view", "purchase")')),
}


def rows(events: Sequence[Event]) -> pa.Table:
    """The events as a table."""
    return pa.Table.from_batches([to_batch(list(events), EVENTS)])


@st.composite
def streams(draw: st.DrawFn) -> list[Event]:
    """Events of a few people over some days, with visitors that become known on any of them."""
    ids = st.sampled_from([("ann", None), ("ann", "v1"), (None, "v1"), (None, "v2"), ("bob", "v2"), (None, None)])
    drawn = draw(
        st.lists(
            st.tuples(st.sampled_from(NAMES), st.integers(0, DAYS - 1), st.integers(0, 5), ids, st.booleans()),
            min_size=1,
            max_size=25,
        )
    )
    return [
        Event(
            project_id="shop",
            event_id=f"{number}",
            name=name,
            ts_us=day * DAY_US + hour,
            received_us=0,
            user_id=user,
            visitor_id=visitor,
            session_id=None if user or visitor else "s1",
            properties='{"secret": "kanarienvogel"}',
            is_bot=is_bot and number % 5 == 0,
        )
        for number, (name, day, hour, (user, visitor), is_bot) in enumerate(drawn)
    ]


def told(events: pa.Table, first: Step, first_events: pa.Table | None) -> Mapping[str, list[dict[str, Any]]]:
    """The cohorts of days that are kept, and their cells."""
    ground = Ground(
        ibis.memtable(events),
        ibis.memtable(SESSIONS.empty_table()),
        Taxonomy(),
        now_us=DAYS * DAY_US,
        first_events=None if first_events is None else ibis.memtable(first_events),
    )
    scope = Scope(from_us=BORDER * DAY_US, before_us=DAYS * DAY_US)
    found = answer(ground, Question(scope=scope, unit=Unit.DAY, periods=2, first=first))
    return {"cohorts": found.cohorts.to_pyarrow().to_pylist(), "cells": found.cells.to_pyarrow().to_pylist()}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for lakes."""
    return tmp_path_factory.mktemp("lakes")


def kept(folder: Path, days: Sequence[pa.Table]) -> pa.Table:
    """What a lake in `folder` keeps of these days, each removed by itself."""
    view = View(Lake.open(folder))
    for version, events in enumerate(days, 1):
        view.commit_rows("events", events, app_id="test", version=version)
    for day in sorted({file.day for file in view.snapshot().files["events"]}):
        files = [file.path for file in view.snapshot().files["events"] if file.day == day]
        for _ in range(2):  # as after a crash before the day was removed
            known = [file.path for file in view.snapshot().files["first_events"]]
            view.exchange("first_events", (), keep(Task(str(folder / "first_events"), [files], known)).written)
    import pyarrow.dataset as ds

    paths = [file.path for file in view.snapshot().files["first_events"]]
    found: pa.Table = ds.dataset(paths, schema=EVENTS, format="parquet").to_table() if paths else EVENTS.empty_table()
    return found


@settings(max_examples=12)
@given(stream=streams(), first=st.sampled_from(list(QUESTIONS.values())))
def test_cohorts_of_days_that_are_kept_stay_the_same(root: Path, stream: list[Event], first: Step) -> None:
    """Whoever was there before, under whatever id, is in no later cohort; so for every condition on names and kinds."""
    old = [rows([e for e in stream if e.ts_us // DAY_US == day]) for day in range(BORDER)]
    new = rows([e for e in stream if e.ts_us >= BORDER * DAY_US])
    folder = root / str(len(list(root.iterdir())))
    firsts = kept(folder, [day for day in old if len(day)])
    assert told(new, first, firsts) == told(rows(stream), first, None)
    assert firsts["properties"].null_count == len(firsts)


def test_one_row_for_each_name_of_everybody(tmp_path: Path) -> None:
    """The earliest, with ids, name and times alone; of bots nothing; doing it again adds nothing."""
    base = Event(project_id="shop", event_id="", name="view", ts_us=0, received_us=7, visitor_id="v", country="DE")
    days = [
        [(3, "b", "view", False), (2, "a", "view", False), (2, "c", "buy", False), (1, "d", "bot", True)],
        [(DAY_US, "e", "view", False), (DAY_US, "f", "look", False)],
    ]
    tables = [
        rows([structs.replace(base, ts_us=at, event_id=own, name=name, is_bot=bot) for at, own, name, bot in day])
        for day in days
    ]
    found = kept(tmp_path, tables)
    assert sorted(found["event_id"].to_pylist()) == ["a", "c", "f"]
    assert set(found["country"].to_pylist()) == {None}


def test_an_alias_is_kept_whole(tmp_path: Path) -> None:
    """People are joined by what it says, so each different one stays."""
    base = Event(project_id="shop", event_id="", name="alias", ts_us=0, received_us=0, user_id="ann")
    said = ['{"previous_id": "a"}', '{"previous_id": "b"}', '{"previous_id": "a"}']
    events = [structs.replace(base, event_id=str(n), ts_us=n, properties=text) for n, text in enumerate(said)]
    assert kept(tmp_path, [rows(events)])["properties"].to_pylist() == said[:2]
