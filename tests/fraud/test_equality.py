"""Alerts are a function of the set of events: the live step, DuckDB and a plain computation agree."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from footfall.events.event import Event
from footfall.fraud.batch import COLUMNS, alerts, firings
from footfall.fraud.models import Thresholds
from tests.fraud import oracle
from tests.fraud.live import Live
from tests.fraud.streams import suspicious
from tests.sessions.engines import DEFAULT_KINDS, EVENTS_TABLE, compiled

DEFAULTS = Thresholds()
LOW = Thresholds(velocity_events=2, addresses=1, distance_km=1, cooldown_us=0, purchase_micros=0)
ON_DUCKDB = {
    limits: compiled(alerts(EVENTS_TABLE, taxonomy=DEFAULT_KINDS, thresholds=limits)) for limits in (DEFAULTS, LOW)
}
FIRINGS = compiled(firings(EVENTS_TABLE, taxonomy=DEFAULT_KINDS, thresholds=DEFAULTS))
limits = st.sampled_from([DEFAULTS, LOW])


@given(suspicious(), limits)
def test_the_batch_definition_is_the_plain_computation(stream: list[Event], thresholds: Thresholds) -> None:
    """DuckDB finds the alerts that a person would by hand."""
    rows = ON_DUCKDB[thresholds](stream).to_pylist()
    assert {tuple(row[name] for name in COLUMNS) for row in rows} == oracle.alerts(stream, thresholds)
    assert len(rows) == len(oracle.alerts(stream, thresholds))


@given(suspicious(), limits, st.integers(1, 9), st.integers(0, 99), st.booleans())
def test_the_live_step_gives_the_same_in_any_order_and_any_batches(
    stream: list[Event], thresholds: Thresholds, size: int, seed: int, sweep: bool
) -> None:
    """However events are ordered, cut into batches and forgotten in between: the same alerts."""
    Random(seed).shuffle(stream)
    live = Live(thresholds)
    for start in range(0, len(stream), size):
        live.take(stream[start : start + size])
        if sweep:
            live.sweep_out()
    assert live.readable() == oracle.alerts(stream, thresholds)


@given(suspicious(), limits, st.integers(1, 40), st.booleans(), st.booleans())
def test_events_in_order_of_time_let_alerts_grow_to_the_same(
    stream: list[Event], thresholds: Thresholds, size: int, sweep: bool, fast: bool
) -> None:
    """Whether alerts go on from the newest ones or whole trails are judged at each batch."""
    stream.sort(key=lambda event: event.ts_us)
    live = Live(thresholds, fast=fast)
    for start in range(0, len(stream), size):
        live.take(stream[start : start + size])
        if sweep:
            live.sweep_out()
    assert live.readable() == oracle.alerts(stream, thresholds)


@given(suspicious(days=True), limits, st.integers(1, 9), st.booleans())
def test_what_is_long_past_is_settled_without_a_trace(
    stream: list[Event], thresholds: Thresholds, size: int, sweep: bool
) -> None:
    """Weeks of events, none later than the lateness: trails stay short, and the alerts are those of all events."""
    live = Live(thresholds)
    for start in range(0, len(stream), size):
        live.take(stream[start : start + size])
        if sweep:
            live.sweep_out()
    assert live.readable() == oracle.alerts(stream, thresholds)
    assert live.watch.late == 0
