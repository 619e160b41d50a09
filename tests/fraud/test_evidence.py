"""The events behind an alert are those that made its rule fire: all of them, and no other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from footfall.events.event import Event
from footfall.fraud import evidence
from footfall.fraud.batch import COLUMNS
from footfall.fraud.models import Thresholds
from tests.fraud import oracle
from tests.fraud.streams import SECOND_US, suspicious
from tests.sessions.engines import DEFAULT_KINDS, EVENTS_TABLE, compiled, table_of
from tests.sessions.streams import BEGIN_US

DEFAULTS = Thresholds()
LOW = Thresholds(velocity_events=2, addresses=1, distance_km=1, cooldown_us=0, purchase_micros=0)
Row = dict[str, object]


def found(events: list[Event], alert: Row, thresholds: Thresholds) -> evidence.Evidence:
    """What is behind `alert`, by way of DuckDB."""
    near = compiled(evidence.near(EVENTS_TABLE, alert, thresholds))(events)
    return evidence.behind(near, alert, DEFAULT_KINDS, thresholds)


def alerts(events: list[Event], thresholds: Thresholds) -> Iterator[Row]:
    """The alerts of a project, as rows."""
    for values in oracle.alerts(events, thresholds):
        yield dict(zip(COLUMNS, values, strict=True))


def behind(events: list[Event], alert: Row, thresholds: Thresholds) -> list[tuple[int, str]]:
    """The events of an alert as a person would gather them: each firing, and in whose company it was one."""
    mine = [event for event in events if oracle.subject(event) == alert["subject"] and oracle.looked_at(event)]
    fired = {found[4] for found in oracle.firings(mine, thresholds) if belongs(found, alert)}
    chosen = {e.event_id: e.ts_us for e in mine if e.event_id in fired}
    for event in mine:
        if event.event_id in fired:
            chosen |= {other.event_id: other.ts_us for other in company(event, mine, alert, thresholds)}
    return sorted((ts_us, event_id) for event_id, ts_us in chosen.items())


def belongs(firing: oracle.Firing, alert: Row) -> bool:
    """Whether a firing is one of the alert's."""
    _, subject, rule, ts_us, *_ = firing
    first, last = alert["first_us"], alert["last_us"]
    assert isinstance(first, int)
    assert isinstance(last, int)
    return (subject, rule) == (alert["subject"], alert["rule"]) and first <= ts_us <= last


def company(event: Event, mine: list[Event], alert: Row, thresholds: Thresholds) -> Iterator[Event]:
    """Without whom the alert's rule would not have fired at `event`."""
    match alert["rule"]:
        case "HIGH_VELOCITY":
            yield from (other for other in mine if 0 <= event.ts_us - other.ts_us <= thresholds.velocity_us)
        case "MULTIPLE_IP":
            near = (other for other in mine if 0 <= event.ts_us - other.ts_us <= thresholds.addresses_us)
            yield from (other for other in near if other.ip_hash is not None)
        case "RAPID_LOCATION_CHANGE":
            placed = [other for other in mine if oracle.place(other)]
            placed.sort(key=lambda other: (other.ts_us, oracle.place(other), other.event_id))
            yield from left_too_fast(event, placed, thresholds)
            told = [other for other in mine if oracle.country(other)]
            told.sort(key=lambda e: (e.ts_us, oracle.country(e), oracle.place(e) is not None, e.event_id))
            left = left_too_fast(event, told, thresholds)
            yield from (other for other in left if not (oracle.place(other) and oracle.place(event)))


def left_too_fast(event: Event, order: list[Event], thresholds: Thresholds) -> Iterator[Event]:
    """The one before `event`, if the two alone make a location change that is too rapid."""
    at = order.index(event) if event in order else 0
    for other in order[max(at - 1, 0) : at]:
        fired = oracle.firings([other, event], thresholds)
        if any((firing[2], firing[4]) == ("RAPID_LOCATION_CHANGE", event.event_id) for firing in fired):
            yield other


@settings(max_examples=25)
@given(suspicious(), st.sampled_from([DEFAULTS, LOW]))
def test_every_alert_has_the_events_that_made_it(stream: list[Event], thresholds: Thresholds) -> None:
    """Exactly those that a person would gather, in order of time, and known to be all."""
    events = [replace(event, project_id="default") for event in stream]
    for alert in alerts(events, thresholds):
        told = found(events, alert, thresholds)
        assert list(told.places) == behind(events, alert, thresholds)
        assert told.complete


def burst(number: int, *, apart_us: int = SECOND_US) -> list[Event]:
    """So many events of one user."""
    begin = Event(project_id="default", event_id="", name="view", ts_us=BEGIN_US, received_us=BEGIN_US, user_id="ann")
    return [replace(begin, event_id=f"{at:06}", ts_us=BEGIN_US + at * apart_us) for at in range(number)]


def test_other_thresholds_than_the_alert_was_raised_with() -> None:
    """What today's thresholds do not find any more is told as far as they do, and that it is not all."""
    events = burst(9)
    (alert,) = alerts(events, DEFAULTS)
    assert found(events, alert, replace(DEFAULTS, velocity_events=100)) == evidence.Evidence((), complete=False)
    fewer = found(events, alert, replace(DEFAULTS, velocity_events=8))
    assert (len(fewer.places), fewer.complete) == (9, False)


def test_nothing_is_stored_any_more() -> None:
    """An alert whose events were erased has none."""
    (alert,) = alerts(burst(9), DEFAULTS)
    assert found([], alert, DEFAULTS) == evidence.Evidence((), complete=False)


def test_an_endless_alert_is_told_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the most events that are looked at the first ones are told, and that they are not all."""
    monkeypatch.setattr(evidence, "MOST_EVENTS", 12)
    for size, complete in ((12, True), (13, False)):
        (alert,) = alerts(burst(size), DEFAULTS)
        told = found(burst(size), alert, DEFAULTS)
        assert (len(told.places), told.complete) == (12, complete)


def test_the_events_themselves() -> None:
    """Places lead to whole events, of this subject alone, in order of time."""
    events = burst(6)
    strangers = [replace(event, user_id="ben") for event in burst(1)]
    (alert,) = alerts(events, DEFAULTS)
    places = [(event.ts_us, event.event_id) for event in events]
    rows = compiled(evidence.named(EVENTS_TABLE, alert, places[2:5]))([*reversed(events), *strangers])
    assert rows.to_pylist() == table_of(events[2:5]).to_pylist()
