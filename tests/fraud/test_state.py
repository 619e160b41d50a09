"""What a checkpoint keeps of subjects: as many bytes as came, whatever becomes of the process, and readable at once."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from footfall.events.event import Event
from footfall.fraud.alarms import RULES
from footfall.fraud.batch import COLUMNS
from footfall.fraud.glance import NEVER_US
from footfall.fraud.models import Chain, Rule, Thresholds
from footfall.fraud.trail import Trail, decode_trail, encode_grown, encode_trail
from footfall.fraud.trailing import ENTRY
from footfall.journal.memory import MemoryJournal
from footfall.live.kept import encode_kept
from tests.fraud import oracle
from tests.fraud.live import Live
from tests.fraud.streams import SECOND_US, suspicious
from tests.live.passes import HandDriven, journalled, readable
from tests.sessions.live import EVER
from tests.sessions.streams import BEGIN_US

DEFAULTS = oracle.of_settings()
chains = st.builds(Chain, st.sampled_from(Rule), *[st.integers(-(2**62) + 1, 2**62)] * 4)
trails = st.builds(
    Trail,
    st.integers(NEVER_US, 2**62),
    st.lists(chains, max_size=9).map(tuple),
    st.lists(chains, max_size=9).map(tuple),
)
rows = st.lists(st.binary(min_size=ENTRY.itemsize - 8, max_size=ENTRY.itemsize - 8), max_size=9)


@given(rows, trails, st.integers(0, 9))
def test_a_trail_is_read_as_it_was_written_and_with_what_was_added(bodies: list[bytes], trail: Trail, at: int) -> None:
    """Whatever stands in it: entries come back in order of time, whether they were saved at once or added later."""
    entries = [(BEGIN_US - n).to_bytes(8, "little") + body for n, body in enumerate(bodies)]
    body = encode_trail(b"".join(entries[:at]), trail) + b"".join(entries[at:])
    assert len(body) % ENTRY.itemsize == 0
    found, known = decode_trail(body)
    assert known == trail
    assert found.tobytes() == b"".join(reversed(entries))


@given(trails, st.lists(st.tuples(st.sampled_from(range(len(RULES))), st.integers(0, 3), st.integers(1, 9))))
def test_alerts_that_grew_are_read_as_they_have_become(trail: Trail, grown: list[tuple[int, int, int]]) -> None:
    """Rows added after the trail, with entries between them: each alert is as the last row of it says."""
    known = {(RULES.index(chain.rule), chain.first_us): chain for chain in trail.alerts}
    trail = Trail(trail.settled_us, trail.carried, tuple(known[place] for place in sorted(known)))
    entry = np.zeros(1, ENTRY).tobytes()
    body = encode_trail(entry, trail)
    for rule, first_us, firings in grown:
        body += encode_grown(np.array([rule]), np.array([[first_us, first_us + 1, firings, 2]])).tobytes() + entry
        known[rule, first_us] = Chain(RULES[rule], first_us, first_us + 1, firings, 2)
    entries, found = decode_trail(body)
    assert found == Trail(trail.settled_us, trail.carried, tuple(known[place] for place in sorted(known)))
    assert entries.tobytes() == entry * (len(grown) + 1)


def test_a_checkpoint_of_users_in_alarm_grows_by_what_came() -> None:
    """However long their trails and alerts are: an entry and the alert's new state each, and both are read again."""
    live, users, events = Live(DEFAULTS), 50, list[Event]()
    for turn in range(60):
        at_us = BEGIN_US + turn * SECOND_US
        some = [
            Event(
                project_id="default",
                event_id=f"{turn}-{n}",
                name="view",
                ts_us=at_us,
                received_us=at_us,
                user_id=f"user-{n}",
            )
            for n in range(users)
        ]
        events += some
        live.take(some)
        live.handed += live.watch.close().values()
        kept = live.watch.save()
        assert sum(kept.sizes.tolist()) <= 2 * users * ENTRY.itemsize
        for part in kept.parts():
            live.shelf[part.key] = live.shelf.get(part.key, b"") + part.body
    live.watch.evict(EVER)
    late = [replace(event, event_id=f"late-{event.event_id}") for event in events[-users:]]
    live.take(late)
    assert live.readable() == oracle.alerts([*events, *late], DEFAULTS)


def test_a_checkpoint_grows_by_what_came_not_by_what_is_known() -> None:
    """Users with long trails and one new event each: some bytes a user are saved."""
    live, users = Live(Thresholds()), 500
    for turn in range(20):
        at_us = BEGIN_US + turn * 60 * SECOND_US
        live.take(
            [
                Event(
                    project_id="default",
                    event_id=f"{turn}-{n}",
                    name="view",
                    ts_us=at_us + n,
                    received_us=at_us + n,
                    user_id=f"user-{n * 2_654_435_761 % 2**32:08x}",
                    ip_hash=f"{n}",
                )
                for n in range(users)
            ]
        )
        kept = live.watch.save()
        assert len(kept.keys) == users
        assert len(encode_kept({"fraud": kept})) < 40 * users


@settings(max_examples=12)
@given(suspicious(days=True), st.lists(st.sampled_from(["seal", "compact", "restart"]), max_size=12), st.integers(1, 7))
def test_compaction_neither_loses_an_alert_nor_brings_one_back(stream: list[Event], plan: list[str], size: int) -> None:
    """Files of the table merged between any two sealings, tombstones among them: readers see what all events make."""
    journal = MemoryJournal()
    with tempfile.TemporaryDirectory() as folder:
        driven = HandDriven(Path(folder), journal)
        for start in range(0, len(stream), size):
            journalled(journal, stream[start : start + size])
            driven.work_off()
            match plan.pop(0) if plan else "seal":
                case "seal":
                    driven.seal()
                case "compact":
                    driven.processor.view.compact("alerts")
                case "restart":
                    driven.close()
                    driven = HandDriven(Path(folder), journal)
                    driven.work_off()
        driven.processor.view.compact("alerts")
        seen = readable(driven.processor.snapshot(), "alerts")
        assert {tuple(row[name] for name in COLUMNS) for row in seen} == oracle.alerts(stream, DEFAULTS)
        driven.close()


def test_strange_ids_survive_a_restart(tmp_path: Path) -> None:
    """What is kept under a key with NUL, or with anything else that UTF-8 has, is found after it left the memory."""
    ids = ("a", "a\0b", "a\0", "é", "e\u0301", "👩‍👩‍👧")
    events = [
        Event(
            project_id="default",
            event_id=f"{turn}-{number}",
            name="view",
            ts_us=BEGIN_US + turn * SECOND_US,
            received_us=BEGIN_US + turn * SECOND_US,
            user_id=user_id,
        )
        for turn in range(6)
        for number, user_id in enumerate(ids)
    ]
    journal = MemoryJournal()
    driven = HandDriven(tmp_path, journal)
    for start in range(0, len(events), len(ids)):
        journalled(journal, events[start : start + len(ids)])
        driven.work_off()
        driven.seal()
        driven.close()
        driven = HandDriven(tmp_path, journal)
    rows = pa.Table.from_pylist(readable(driven.processor.snapshot(), "alerts")).select(list(COLUMNS)).to_pylist()
    assert {tuple(row.values()) for row in rows} == oracle.alerts(events, DEFAULTS)
    assert len(rows) == len(ids)
    driven.close()
