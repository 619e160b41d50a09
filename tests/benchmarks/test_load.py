"""The load is what it says: events of the stated size, no id twice, one in a hundred bad when asked; all answered."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

from benchmarks.load.clients import Clients, Load
from benchmarks.load.servers import Bare
from benchmarks.load.traffic import BAD_EVERY, EVENT_BYTES, EVENTS, requests


def bodies(events: int, *, bad: bool = False) -> list[list[dict[str, object]]]:
    """The events of some requests: a whole turn of the bodies, and one request more."""
    sent = islice(requests("key", events, bad=bad), EVENTS // events + 1)
    return [json.loads(request.partition(b"\r\n\r\n")[2]) for request in sent]


def test_no_event_is_sent_twice() -> None:
    """Ids differ even when the bodies begin anew."""
    ids = [event["event_id"] for body in bodies(100) for event in body]
    assert len(set(ids)) == len(ids) == EVENTS + 100


def test_a_request_has_the_bytes_that_it_states() -> None:
    """So many events of 480 bytes."""
    request = next(requests("key", 100))
    head, _, body = request.partition(b"\r\n\r\n")
    assert len(body) == 100 * EVENT_BYTES + 1
    assert f"content-length: {len(body)}".encode() in head


def test_one_event_in_a_hundred_is_bad() -> None:
    """It has no name; all others do."""
    for body in bodies(100, bad=True):
        assert [place for place, event in enumerate(body) if "name" not in event] == [BAD_EVERY // 2]


def test_clients_count_what_was_answered(tmp_path: Path) -> None:
    """Several processes at a pace send what is due and no more, and each request's time is kept."""
    with Bare(tmp_path) as bare, Clients(2) as clients:
        tally = clients.push(Load(bare.port, "", connections=4, events=10, seconds=0.5, events_a_second=2_000))
        assert 0 < tally.accepted <= 1_000
        assert (tally.accepted, tally.rejected, tally.refused) == (10 * len(tally.milliseconds), 0, {})
        assert 0 < tally.rate <= 2 * 2_000
        assert bare.cpu_seconds() > 0
        assert bare.resident_mb() > 1
