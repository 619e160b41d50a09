"""Open sessions: whatever the order, the batches and what had left the memory meanwhile, the oracle's sessions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from footfall.events.event import Event
from footfall.sessions.classes import Classes
from footfall.sessions.open import OpenSessions
from footfall.sessions.saved import SavedOwner, decode_owner, encode_owner
from tests.sessions import oracle
from tests.sessions.engines import on_duckdb
from tests.sessions.equality import assert_same
from tests.sessions.live import EVER, Live, columns, event
from tests.sessions.streams import BEGIN_US, deduplicated, streams

BATCH = on_duckdb()


def parts(events: Sequence[Event], cuts: Sequence[int]) -> list[Sequence[Event]]:
    """`events` cut into batches at the places `cuts`."""
    places = sorted({0, len(events), *(cut % (len(events) + 1) for cut in cuts)})
    return [events[a:b] for a, b in pairwise(places)]


@given(streams(), st.lists(st.integers(0, 60), max_size=8), st.sets(st.integers(0, 8)))
def test_any_batches_and_any_eviction_give_the_oracles_sessions(
    stream: list[Event], cuts: list[int], sweeps: set[int]
) -> None:
    """Live == oracle == DuckDB to the bit, whatever left the memory between batches, and readers see nothing else."""
    events = deduplicated(stream)
    live = Live()
    for number, part in enumerate(parts(events, cuts)):
        live.take(part)
        if number in sweeps:
            live.sweep_out()
    assert_same(live.readable(), oracle.sessions(events), names=("live", "oracle"))
    assert_same(live.readable(), BATCH(events), names=("live", "DuckDB"))


@given(streams(), st.randoms(use_true_random=False), st.lists(st.integers(0, 60), max_size=6))
def test_order_of_arrival_does_not_matter(stream: list[Event], random: object, cuts: list[int]) -> None:
    """Sessions depend on the set of events: shuffled ones give the same."""
    events = deduplicated(stream)
    shuffled = list(events)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = Live(), Live()
    one.take(events)
    for part in parts(shuffled, cuts):
        other.take(part)
    assert_same(one.readable(), other.readable(), names=("in order", "shuffled"))


def test_a_late_event_joins_two_sessions_and_the_lost_id_leaves_a_tombstone() -> None:
    """10:00 and 10:50 are two sessions until 10:25 comes; then the second id is gone for readers."""
    live = Live()
    live.take([event(0), event(50)])
    live.sweep_out()
    assert len(live.readable()) == 2
    live.take([event(25)])
    (row,) = live.readable()
    assert row["total_events"] == 3
    assert row["session_id"] == f"v:v@{BEGIN_US}"


def test_an_earlier_event_moves_the_start_and_with_it_the_id() -> None:
    """The session is known by its new start only."""
    live = Live()
    live.take([event(20)])
    live.sweep_out()
    live.take([event(0)])
    assert [row["session_id"] for row in live.readable()] == [f"v:v@{BEGIN_US}"]


@pytest.mark.parametrize(("minute", "late"), [(0, True), (-30, True), (-30.1, False), (35, True), (35.1, False)])
def test_an_event_near_a_session_that_may_not_change_is_late(minute: float, late: bool) -> None:
    """It would extend or join a session whose extent (0 to 5 min) is all that is known."""
    first = Live()
    first.take([event(0), event(5)])
    first.sweep_out()
    again = OpenSessions(Classes())
    past = {owner: decode_owner(body) for owner, body in first.shelf.items()}
    batch = columns([event(minute, event_id="x")])
    again.load(past, forget_before_us=EVER)
    assert again.late(batch).tolist() == [late]


def test_a_clients_session_that_may_not_change_takes_no_event_at_any_time() -> None:
    """A client's session id has no gaps, so any later event of it is late."""
    first = Live()
    first.take([event(0, session_id="s")])
    first.sweep_out()
    again = OpenSessions(Classes())
    again.load({owner: decode_owner(body) for owner, body in first.shelf.items()}, forget_before_us=EVER)
    assert again.late(columns([event(5000, session_id="s"), event(0, session_id="other")])).tolist() == [True, False]


def test_of_many_owners_only_those_with_a_near_past_are_late() -> None:
    """Owners without a past, with one beside an open session, beside two, and with nothing else, in one batch."""
    first = Live()
    first.take([event(0, visitor_id=who, event_id=who) for who in ("one", "two", "gone")])
    first.sweep_out()
    again = OpenSessions(Classes())
    again.load({owner: decode_owner(body) for owner, body in first.shelf.items()}, forget_before_us=EVER)
    open_ = [("one", 100), ("two", 100), ("two", 200), ("new", 0)]
    again.absorb(columns([event(at, visitor_id=who, event_id=f"{who}{at}") for who, at in open_]), revision=1)
    asked = [
        ("new", 1),
        ("two", 30),
        ("gone", 31),
        ("one", 101),
        ("gone", -30),
        ("other", 0),
        ("one", -1),
        ("two", 199),
    ]
    batch = columns([event(at, visitor_id=who, event_id=f"{who}{at}") for who, at in asked])
    assert again.late(batch).tolist() == [False, True, False, False, True, False, True, False]
    again.close(EVER)
    again.save()
    again.evict(EVER)
    assert set(again.lacks(batch)) == {f"v:default/{who}" for who, _ in asked}
    assert not again.late(batch).any()


@given(streams(max_events=25))
def test_more_activity_never_lowers_a_class(stream: list[Event]) -> None:
    """Event by event, no owner's best class gets worse unless its session was joined to a better one."""
    live = Live()
    best: dict[object, int] = {}
    for happened in deduplicated(stream):
        live.take([happened])
        scores: dict[object, int] = {}
        for row in live.readable():
            owner = (row["project_id"], row["owner"])
            score = row["score"]
            assert isinstance(score, int)
            scores[owner] = max(scores.get(owner, 0), score)
        assert all(scores[owner] >= score for owner, score in best.items())
        best = scores


def test_saved_owners_come_back_as_they_were() -> None:
    """Bytes of an owner hold all of it, a second user and an order included."""
    live = Live()
    live.take([event(0, user_id="u1", order_id="o", name="purchase", amount_micros=5), event(1, user_id="u2")])
    saved = live.open.save().saved()
    assert {owner: decode_owner(encode_owner(past)) for owner, past in saved.items()} == saved
    (known,) = saved.values()
    assert isinstance(known, SavedOwner)
    assert known.sessions[0].users == ("u1", "u2")
    assert replace(known.sessions[0], row_due=False) != known.sessions[0]
