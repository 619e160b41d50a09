"""Ladders of thresholds: each rung hits whom the batch definition would raise alerts for with that threshold."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from footfall.events.event import Event
from footfall.fraud.ladder import climbed, ladder, present, rungs
from footfall.fraud.models import Rule, Thresholds
from footfall.metrics.people import joined
from tests.fraud import oracle
from tests.fraud.streams import suspicious
from tests.metrics.questions.plain_people import persons
from tests.sessions.engines import DEFAULT_KINDS, EVENTS_TABLE, compiled

DEFAULTS = Thresholds()
OTHER = Thresholds(velocity_events=2, addresses=1, speed_kmh=100, purchase_micros=1_000_000, distance_km=1)
KNOWN = joined(EVENTS_TABLE, None)
LADDERS = {
    limits: ladder(EVENTS_TABLE, taxonomy=DEFAULT_KINDS, thresholds=limits, known=KNOWN) for limits in (DEFAULTS, OTHER)
}
HIT = {limits: compiled(found.hit) for limits, found in LADDERS.items()}
PEOPLE = compiled(LADDERS[DEFAULTS].people)
FIELDS = {
    Rule.HIGH_VELOCITY: ("velocity_events", 1),
    Rule.MULTIPLE_IP: ("addresses", 1),
    Rule.RAPID_LOCATION_CHANGE: ("speed_kmh", 1),
    Rule.HIGH_VALUE_PURCHASE: ("purchase_micros", 1_000_000),
}


def of_one_project(stream: list[Event]) -> list[Event]:
    """The events as one project's."""
    return [replace(event, project_id="default") for event in stream]


@settings(max_examples=30)
@given(suspicious(), st.sampled_from([DEFAULTS, OTHER]))
def test_every_rung_hits_whom_its_threshold_would_have_hit(stream: list[Event], thresholds: Thresholds) -> None:
    """For each rule and threshold: as many people as a plain computation finds firings of, imports included."""
    events = of_one_project(stream)
    hit = HIT[thresholds](events).to_pylist()
    past = [replace(event, source=None) for event in events]
    who = persons(past)
    everybody = {who[event.event_id] for event in past if oracle.looked_at(event)}
    for rule, (field, unit) in FIELDS.items():
        for rung in climbed(rule, thresholds, hit, len(everybody)):
            tried = replace(thresholds, **{field: rung.threshold * unit})
            fired = oracle.firings(past, tried)
            wanted = {who[event_id] for _, _, by, _, event_id, _ in fired if by == rule.value}
            assert rung.people == len(wanted), (rule, rung)
            assert rung.share == (100 * len(wanted) / len(everybody) if everybody else None)


@settings(max_examples=30)
@given(suspicious())
def test_of_how_many(stream: list[Event]) -> None:
    """All whose events the rules look at, imports included."""
    events = of_one_project(stream)
    past = [replace(event, source=None) for event in events]
    who = persons(past)
    wanted = {who[event.event_id] for event in past if oracle.looked_at(event)}
    assert PEOPLE(events).to_pylist() == [{"people": len(wanted)}]


@pytest.mark.parametrize("rule", list(Rule), ids=lambda rule: rule.value)
@given(size=st.integers(2, 1000))
def test_the_present_threshold_and_the_default_are_rungs(rule: Rule, size: int) -> None:
    """A ladder rises, and has both among its rungs."""
    field, unit = FIELDS[rule]
    thresholds = replace(DEFAULTS, **{field: size * unit})
    steps = rungs(rule, thresholds)
    assert {present(rule, thresholds), present(rule, DEFAULTS), size} <= set(steps)
    assert list(steps) == sorted(set(steps))
    assert steps[0] >= 1
