"""The pattern generators: every session has its class, keeps the pace, and is the same for the same arguments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from random import Random

import msgspec
import pytest

from footfall.events.event import Event
from footfall.events.kinds import Kind, Taxonomy
from footfall.events.lanes import read_texts
from footfall.events.time import read_time
from footfall.events.wire import Source
from footfall.generate import (
    generate_bouncer_session,
    generate_browser_session,
    generate_engaged_shopper_session,
    generate_power_user_session,
)
from footfall.generate.shapes import MINUTE_US
from footfall.generate.world import WORLDS
from tests.sessions.live import Live
from tests.sessions.oracle import sessions

GENERATORS: dict[str, Callable[..., list[dict[str, object]]]] = {
    "bouncer": generate_bouncer_session,
    "browser": generate_browser_session,
    "engaged_shopper": generate_engaged_shopper_session,
    "power_user": generate_power_user_session,
}
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
TAXONOMY = Taxonomy()
SOURCE = Source(
    project_id="default",
    received_us=read_time("2026-01-03T00:00:00Z"),
    door="http",
    taxonomy=TAXONOMY,
    currency="EUR",
)


def read(events: list[dict[str, object]]) -> Sequence[Event]:
    """The events as the door reads them from a public key; none may be refused."""
    reading = read_texts([msgspec.json.encode(event) for event in events], SOURCE)
    assert reading.rejected == []
    return reading.events


def many(count: int, world: str) -> tuple[list[dict[str, object]], dict[str, str]]:
    """The events of so many sessions of each class, and {session: its class}."""
    events: list[dict[str, object]] = []
    truth = {}
    for number in range(count):
        for name, generate in GENERATORS.items():
            session_id = f"{name[:2]}{number}"
            base = BEGIN + timedelta(minutes=number % 600, microseconds=number)
            events += generate(f"u{number % 97}", session_id, base, seed=7, world=world)
            truth[f"s:{session_id}"] = name
    return events, truth


@pytest.mark.parametrize("world", WORLDS)
def test_every_session_gets_its_class(world: str) -> None:
    """5,000 sessions of each world, their events shuffled and in batches: live, each has the class of its generator."""
    events, truth = many(1_250, world)
    Random(world).shuffle(events)
    live = Live()
    read_ones = read(events)
    for begin in range(0, len(read_ones), 5_000):
        live.take(read_ones[begin : begin + 5_000])
    assert {row["session_id"]: row["visitor_class"] for row in live.readable()} == truth


def test_the_plain_definition_agrees() -> None:
    """The contract's rules, computed slowly from lists, give the same classes."""
    events, truth = many(100, "shop")
    assert {row["session_id"]: row["visitor_class"] for row in sessions(read(events))} == truth


@pytest.mark.parametrize("owner", ["visitor_id", "user_id"])
def test_a_session_is_whole_without_its_id(owner: str) -> None:
    """No two events are over 30 minutes apart, so visitor or user alone give one session of the same class."""
    events: list[dict[str, object]] = []
    truth = {}
    for name, generate in GENERATORS.items():
        for number in range(200):
            session = generate(f"{name}{number}", f"s{name}{number}", BEGIN)
            events += [{"event_id": e["event_id"], **_without_ids(e), owner: e[owner]} for e in session]
            truth[f"{owner[0]}:{session[0][owner]}"] = name
    found = sessions(read(events))
    assert {row["owner"]: row["visitor_class"] for row in found} == truth
    assert len(found) == len(truth)


def _without_ids(event: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in event.items() if name not in ("visitor_id", "user_id", "session_id")}


@pytest.mark.parametrize("name", GENERATORS)
def test_the_borders_are_met(name: str) -> None:
    """Among many sessions of a class there are those that just reach it and those that just miss the next."""
    events_of_all = read([event for n in range(600) for event in GENERATORS[name]("u", f"s{n}", BEGIN)])
    shapes = {
        (row["total_events"], row["session_end"] - row["session_start"], row["purchase_count"])
        for row in sessions(events_of_all)
    }
    events = {shape[0] for shape in shapes}
    spans = {shape[1] for shape in shapes}
    borders = {
        "bouncer": events == {1, 2} and 0 in spans and MINUTE_US - 1 in spans,
        "browser": MINUTE_US in spans and 1 in events and any(n >= 10 and s < 10 * MINUTE_US for n, s, _ in shapes),
        "engaged_shopper": any(n == 10 and s == 10 * MINUTE_US for n, s, _ in shapes)
        and any(n == 29 and s >= 30 * MINUTE_US for n, s, _ in shapes)
        and any(n >= 30 and s < 30 * MINUTE_US for n, s, _ in shapes)
        and any(n < 10 and p == 2 for n, _, p in shapes),
        "power_user": any(n == 30 and s == 30 * MINUTE_US for n, s, _ in shapes),
    }
    assert borders[name], shapes


@pytest.mark.parametrize("name", GENERATORS)
def test_the_same_arguments_give_the_same_events(name: str) -> None:
    """Equal arguments, an equal session; another seed, user, session or time, another one; ids are unlike."""
    generate = GENERATORS[name]
    first = generate("ann", "s1", BEGIN)
    assert first == generate("ann", "s1", BEGIN)
    others = [
        generate("ann", "s1", BEGIN, seed=1),
        generate("bob", "s1", BEGIN),
        generate("ann", "s2", BEGIN),
        generate("ann", "s1", BEGIN + timedelta(days=1)),
    ]
    assert all(other != first for other in others)
    assert len({event["event_id"] for event in first}) == len(first)


def test_times_are_utc() -> None:
    """A time without a zone is UTC; one with a zone is the same moment; the session begins there."""
    naive = generate_browser_session(999, "s", datetime(2026, 1, 1, 12))  # noqa: DTZ001 - what is tested
    aware = generate_browser_session(999, "s", datetime(2026, 1, 1, 14, tzinfo=timezone(timedelta(hours=2))))
    assert naive == aware
    assert naive[0]["timestamp"] == "2026-01-01T12:00:00Z"
    assert {event["user_id"] for event in naive} == {"999"}


def test_an_order_is_worth_its_items() -> None:
    """A purchase's amount is the sum of its order's items, below 500; every order has items and one purchase."""
    events = [e for n in range(200) for name, make in GENERATORS.items() for e in read(make("u", f"{name}{n}", BEGIN))]
    worth: dict[str, int] = defaultdict(int)
    for event in events:
        if event.name == "order_item":
            assert event.order_id
            assert event.price_micros
            worth[event.order_id] += event.price_micros * (event.quantity or 0)
    purchases = [event for event in events if TAXONOMY.kind(event.name) is Kind.PURCHASE]
    assert {event.order_id: event.amount_micros for event in purchases} == worth
    assert len(purchases) == len(worth) > 200
    assert max(worth.values()) < 500 * 10**6


def test_nobody_is_hasty() -> None:
    """Two counting events of a session are at least 16 s apart: no five of them lie within a minute."""
    for generate in GENERATORS.values():
        for number in range(200):
            events = read(generate("u", f"s{number}", BEGIN))
            times = sorted(e.ts_us for e in events if TAXONOMY.kind(e.name) is not Kind.PASSIVE)
            assert all(late - early >= 16_000_000 for early, late in pairwise(times))
