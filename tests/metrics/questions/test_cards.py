"""Newest sessions of some people: equal to plain Python over any events, whoever is asked for."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.events.event import Event
from footfall.events.schema import EVENTS, to_batch
from footfall.metrics.asked import Ground, Scope
from footfall.metrics.cards import newest_sessions
from tests.metrics.plain_report import shop_streams
from tests.metrics.questions import plain_ground
from tests.metrics.questions.asking import NOW_US, links_in, project
from tests.sessions.engines import DEFAULT_KINDS, on_duckdb
from tests.sessions.streams import BEGIN_US, HOUR_US, IDS

MET = sorted(f"{kind}:{one}" for kind in "uvs" for one in IDS)
"""Everybody who may be met in the streams, and some who are not."""
RANGES = (Scope(), Scope(from_us=BEGIN_US + HOUR_US), Scope(before_us=BEGIN_US + HOUR_US))


def plain(events: Sequence[Event], asked: Scope) -> dict[str, str]:
    """{who: id of the session of their last event in the range} in plain Python."""
    begin, end = asked.from_us or 0, asked.before_us or NOW_US
    names = plain_ground.people(events)
    last: dict[str, tuple[tuple[int, str], str]] = {}
    for session_id, part in plain_ground.sessions(events).items():
        for event in part:
            if plain_ground.counts(event) and begin <= event.ts_us < end:
                who, place = names[event.event_id], plain_ground.place(event)
                last[who] = max(last.get(who, (place, session_id)), (place, session_id))
    return {who: session_id for who, (_, session_id) in last.items()}


@settings(max_examples=25)
@given(shop_streams(), st.lists(st.sampled_from(MET), unique=True, max_size=6), st.sampled_from(RANGES))
def test_they_equal_plain_python(stream: list[Event], who: list[str], asked: Scope) -> None:
    """Everybody asked for who did something in the range, in that order; joined people by their one name alone."""
    events = project(stream)
    sessions = on_duckdb()(events)
    wanted = plain(events, asked)
    tables = (ibis.memtable(pa.Table.from_batches([to_batch(events, EVENTS)])), ibis.memtable(sessions))
    links = ibis.memtable(links_in(events))
    ground = Ground(*tables, DEFAULT_KINDS, NOW_US, links=links)
    found = newest_sessions(ground, asked, who, ibis.Table.to_pyarrow) if who else []
    assert [(row["who"], row["session_id"]) for row in found] == [(one, wanted[one]) for one in who if one in wanted]
