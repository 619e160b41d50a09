"""What an attacker, or a broken client, sends: floods, crowds, strange ids and clocks. All is judged, little kept."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from footfall.events.event import Event
from footfall.fraud.models import Thresholds
from footfall.fraud.trailing import ENTRY
from tests.fraud import oracle
from tests.fraud.live import Live
from tests.fraud.streams import SECOND_US, suspicious
from tests.sessions.streams import BEGIN_US, HOUR_US

DEFAULTS = Thresholds()
STRANGE = ("a", "a\0b", "a\0", "a/b", "é", "e\u0301", "👩‍👩‍👧", "v:a", "\u202ea", " a ", "a\nb")


def view(number: int, ts_us: int, **fields: object) -> Event:
    """A product view of user `u`, which arrives when it happens."""
    known: dict[str, object] = {"user_id": "u", "name": "view", "received_us": ts_us} | fields
    return Event(project_id="default", event_id=f"e{number}", ts_us=ts_us, **known)  # type: ignore[arg-type]


@pytest.mark.parametrize(("within_us", "batch"), [(60 * SECOND_US, 16_384), (3600 * SECOND_US, 999)], ids=["60s", "1h"])
def test_a_flood_of_one_user_is_one_alert_a_rule_and_stays_small(within_us: int, batch: int) -> None:
    """25,000 events, each from an address of its own and out of order within its batch: all judged, few kept."""
    count = 25_000
    events = [view(n, BEGIN_US + within_us * n // count, ip_hash=f"{n}") for n in range(count)]
    live, chance = Live(DEFAULTS), Random(1)
    for start in range(0, count, batch):
        some = events[start : start + batch]
        live.take(chance.sample(some, len(some)))
    assert live.watch.late == 0
    in_a_minute = min(1_000, count * 60 * SECOND_US // within_us + 1)
    last_us = events[-1].ts_us
    assert live.readable() == {
        told("HIGH_VELOCITY", "high", (events[4].ts_us, last_us), count - 4, in_a_minute),
        told("MULTIPLE_IP", "medium", (events[3].ts_us, last_us), count - 3, 1_000),
    }
    assert kept_entries(live) < 9_000


def test_a_flood_of_one_instant_is_cut_off() -> None:
    """Of one microsecond half a trail and a batch are judged; what comes then is counted as late, and not kept."""
    live, batch = Live(DEFAULTS), 16_384
    for turn in range(3):
        live.take([view(batch * turn + n, BEGIN_US) for n in range(batch)])
        assert kept_entries(live) < 9_000
    assert live.readable() == {told("HIGH_VELOCITY", "high", (BEGIN_US, BEGIN_US), batch, 1_000)}
    assert live.watch.late == 2 * batch


def told(rule: str, severity: str, span_us: tuple[int, int], firings: int, peak: int) -> tuple[object, ...]:
    """An alert of user `u` as `Live.readable` tells it."""
    return ("default", f"{rule}:u:u@{span_us[0]}", rule, severity, "u:u", *span_us, firings, peak)


def kept_entries(live: Live) -> int:
    """Rows of the size of an entry that are saved of user `u`, or else 0."""
    live.sweep_out()
    return len(live.shelf["u:default/u"]) // ENTRY.itemsize


def test_a_crowd_of_strangers_comes_and_goes() -> None:
    """70,000 users with one event each, more than 16 bits count, in one batch: no alert, and no memory once saved."""
    crowd = [view(n, BEGIN_US + n, user_id=f"{n}", ip_hash=f"{n}") for n in range(70_000)]
    live = Live(DEFAULTS)
    live.take(crowd)
    assert len(live.watch) == len(crowd)
    assert live.watch.due() == {}
    live.sweep_out()
    assert live.shelf.keys() == {f"u:default/{n}" for n in range(70_000)}
    assert set(map(len, live.shelf.values())) == {ENTRY.itemsize}


def test_slots_of_those_who_left_are_given_to_others_without_their_past() -> None:
    """However many come and go, nobody is taken for the one before, and room is used again."""
    live = Live(DEFAULTS)
    for turn in range(20):
        at_us = BEGIN_US + turn * 20 * SECOND_US
        live.take([view(4 * n + turn, at_us, user_id=f"{turn}-{n}", ip_hash=f"{turn}") for n in range(50)])
        live.sweep_out()
    assert live.readable() == set()
    assert len(live.watch._residents.keys) == 50


@pytest.mark.parametrize("swept", [False, True], ids=["in-memory", "from-the-shelf"])
def test_strange_ids_are_told_apart(swept: bool) -> None:
    """NUL, combining characters, slashes, marks of direction: each id has alerts of its own, with its own text."""
    live = Live(DEFAULTS)
    events = [
        view(10 * number + turn, BEGIN_US + turn * SECOND_US, user_id=user_id)
        for turn in range(5)
        for number, user_id in enumerate(STRANGE)
    ]
    for event in events:
        live.take([event])
        if swept:
            live.sweep_out()
    assert live.readable() == oracle.alerts(events, DEFAULTS)
    assert len(live.readable()) == len(STRANGE)


def test_days_without_a_pause_keep_no_more_than_the_lateness_needs() -> None:
    """A user who never goes idle: the trail is that of a day, and the alerts are those of all events."""
    events = [view(n, BEGIN_US + n * 600 * SECOND_US + n % 7 * SECOND_US) for n in range(1_000)]
    bursts = [view(10_000 + n, BEGIN_US + n // 5 * 10 * HOUR_US + n % 5 * SECOND_US) for n in range(80)]
    stream = in_order(events + bursts)
    live = Live(DEFAULTS)
    for start in range(0, len(stream), 3):
        live.take(stream[start : start + 3])
        live.sweep_out()
        assert len(live.shelf["u:default/u"]) < 300 * ENTRY.itemsize
    assert live.watch.late == 0
    assert live.readable() == oracle.alerts(stream, DEFAULTS)


def test_what_comes_exactly_at_the_lateness_is_in_time() -> None:
    """A sender's clock was a day ahead; the other event of that instant comes as late as an event may."""
    early = view(0, BEGIN_US, received_us=BEGIN_US - 24 * HOUR_US)
    clock = view(1, BEGIN_US, received_us=BEGIN_US + 6 * HOUR_US, user_id="other")
    last = view(2, BEGIN_US, received_us=BEGIN_US + 6 * HOUR_US)
    thresholds = Thresholds(velocity_events=2)
    live = Live(thresholds, lateness_us=6 * HOUR_US)
    live.take([early, clock])
    live.take([last])
    assert live.watch.late == 0
    assert live.readable() == oracle.alerts([early, clock, last], thresholds) != set()


def in_order(stream: list[Event]) -> list[Event]:
    """By arrival."""
    return sorted(stream, key=lambda event: event.received_us)


@settings(max_examples=60)
@given(suspicious(days=True), st.data(), st.integers(1, 9), st.sampled_from([0, 24 * HOUR_US]))
def test_what_is_forgotten_is_of_no_use(stream: list[Event], data: st.DataObject, size: int, cooldown_us: int) -> None:
    """With clocks that go a day ahead, and alerts that go on for a day: what has expired is not missed."""
    thresholds = Thresholds(velocity_events=2, addresses=1, cooldown_us=cooldown_us)
    ahead = st.sampled_from([0, 0, 24 * HOUR_US])
    stream = in_order([replace(event, received_us=event.received_us - data.draw(ahead)) for event in stream])
    live = Live(thresholds, lateness_us=6 * HOUR_US)
    for start in range(0, len(stream), size):
        live.take(stream[start : start + size])
        live.sweep_out(forgetting=True)
    assert live.readable() == oracle.alerts(stream, thresholds)


@settings(max_examples=60)
@given(suspicious(max_events=60), st.integers(1, 9), st.booleans())
def test_a_long_trail_is_cut_where_nothing_in_order_needs_it(stream: list[Event], size: int, sweep: bool) -> None:
    """Events in order of time: however few are held, the alerts are those of all events."""
    thresholds = Thresholds(velocity_events=3, addresses=1, cooldown_us=0)
    stream = in_order([replace(event, received_us=event.ts_us) for event in stream])
    live, in_one_instant = Live(thresholds, most_entries=4), len({event.ts_us for event in stream}) < len(stream)
    for start in range(0, len(stream), size):
        live.take(stream[start : start + size])
        if sweep:
            live.sweep_out()
    assert in_one_instant or live.watch.late == 0
    assert live.watch.late or live.readable() == oracle.alerts(stream, thresholds)
