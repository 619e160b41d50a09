"""Every limit is answered clearly and at once, and what is in flight stays bounded whatever clients do."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
import tracemalloc
from collections import Counter
from typing import Any

import pytest

from footfall import errors
from footfall.collect.compression import Inflater
from footfall.collect.door import Door
from footfall.collect.limits import Limits
from footfall.collect.protocols.footfall import PATH
from footfall.errors import TooLarge
from footfall.journal.memory import MemoryJournal
from tests.collect.door_client import SERVER, Answer, ask, open_door, send, stored

VIEW = {"name": "view", "visitor_id": "v1"}
GENEROUS_SECONDS = 0.5
"""Of processor time, ten times what is promised: machines that run tests are shared."""


def _timed(door: Door, body: bytes, **more: Any) -> Answer:
    began = time.process_time()
    answer = ask(door, body, **more)
    assert time.process_time() - began < GENEROUS_SECONDS
    return answer


def _event(**more: object) -> bytes:
    return json.dumps({**VIEW, **more}).encode()


@pytest.mark.parametrize(
    ("body", "headers", "status", "said"),
    [
        (b"x" * 4_000_001, {}, 413, "over 4,000,000 bytes"),
        (
            gzip.compress(b"[" + b" " * 300_000_000, 1, mtime=0),
            {"content-encoding": "gzip"},
            413,
            "unpacks to more than 8,000,000",
        ),
        (b"[" + b"1," * 1_900_000 + b"1]", {}, 413, "more than 5,000 events"),
        (b"[" + b"{}," * 1_300_000 + b"{}]", {}, 413, "more than 5,000 events"),
        (b"{}\n" * 1_300_000, {"content-type": "application/x-ndjson"}, 413, "more than 5,000 lines"),
        (b"[" * 1_000 + b"]" * 1_000, {}, 400, "nested deeper than 32"),
        (b"[" * 2_000_000, {}, 400, "nested deeper than 32"),
        (b'{"name":"a","properties":' + b'{"a":' * 1_000 + b"1" + b"}" * 1_001, {}, 400, "nested"),
        (b'[{"name":"a","properties":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001 + b"]", {}, 400, "nested deeper"),
    ],
    ids=["bytes", "bomb", "elements", "objects", "lines", "deep", "deeper", "deep object", "deep properties"],
)
def test_a_body_over_a_limit_is_refused_at_once(body: bytes, headers: dict[str, str], status: int, said: str) -> None:
    """A 4xx that names the limit, within milliseconds, and nothing kept."""
    with open_door() as (door, journal):
        answer = _timed(door, body, headers=SERVER | headers)
        assert (answer.status, said in answer.json()["detail"]) == (status, True)
        assert journal.end() == {0: 0}


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (_event(name="n" * 201), "name-too-long"),
        (_event(name="ü" * 101), "name-too-long"),
        (_event(properties={"a": "x" * 70_000}), "bad-field"),
        (_event(page_title="x" * 8_193), "bad-field"),
    ],
)
def test_an_event_over_a_limit_is_refused_alone(event: bytes, reason: str) -> None:
    """Sizes within an event are the event's fault; its neighbours are stored."""
    with open_door() as (door, journal):
        answer = ask(door, b"[" + event + b"," + _event() + b"]").json()
        assert (answer["accepted"], [fault["reason"] for fault in answer["errors"]]) == (1, [reason])
        ((kept,), _) = stored(journal)[1], None
        assert len(kept.body.encode()) <= 65_536


def test_limits_are_configuration() -> None:
    """Every limit of an operator's own holds instead of the default."""
    limits = Limits(body_bytes=400, inflated_bytes=300, events=2, depth=3, name_bytes=5, property_bytes=10)
    with open_door(limits=limits) as (door, _):
        assert ask(door, b" " * 401).status == 413
        assert (
            ask(door, gzip.compress(b" " * 301, mtime=0), headers=SERVER | {"content-encoding": "gzip"}).status == 413
        )
        assert ask(door, b"[{},{},{}]").status == 413
        assert ask(door, _event(properties={"a": {"b": []}})).status == 400
        answer = ask(door, b"[" + _event(name="purchase") + b"," + _event(properties={"a": "0123456789"}) + b"]")
        assert [fault["reason"] for fault in answer.json()["errors"]] == ["name-too-long", "bad-field"]


def test_a_body_whose_length_is_known_to_be_too_large_is_not_read() -> None:
    """The declared length decides before a byte is read, and the connection is closed."""
    with open_door() as (door, _):
        answer = ask(door, [], headers=SERVER | {"content-length": "4000001"})
        assert (answer.status, answer.headers["connection"]) == (413, "close")


def test_a_body_that_is_longer_than_it_may_be_is_cut_off() -> None:
    """A sender that declares no length is stopped at the limit, not at its end."""
    with open_door() as (door, _):
        answer = ask(door, [b" " * 1_000_000] * 5, declare_length=False, hang_up=True)
        assert (answer.status, answer.headers["connection"]) == (413, "close")


def test_a_bomb_is_not_unpacked() -> None:
    """No more than the limit is ever held of a body that would be a gigabyte."""
    bomb = gzip.compress(b" " * 300_000_000, 1, mtime=0)
    inflater = Inflater(1_000_000, deflate=False)
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            inflater.feed(bomb)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000 + len(bomb)
    finally:
        tracemalloc.stop()


def test_a_slow_client_is_answered_and_closed() -> None:
    """A body that trickles in does not hold a place for ever."""

    async def scene() -> tuple[int, str]:
        async def receive() -> dict[str, Any]:
            await asyncio.sleep(0.02)
            return {"type": "http.request", "body": b" ", "more_body": True}

        sent: list[Any] = []

        async def keep(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": PATH, "headers": [(b"authorization", b"Bearer server-key")]}
        await door(scope, receive, keep)
        return sent[0]["status"], dict(sent[0]["headers"])[b"connection"].decode()

    with open_door(limits=Limits(seconds=0.1)) as (door, _):
        assert asyncio.run(scene()) == (408, "close")
        assert (door.account.bytes, door.account.requests) == (0, 0)


def test_what_is_in_flight_is_bounded() -> None:
    """Bodies are admitted before they are read: beyond the bound 429, and all is free again at the end."""

    async def scene() -> Counter[int]:
        journal.stall()
        body = _event(properties={"a": "x" * 10_000})
        asking = [asyncio.create_task(send(door, body)) for _ in range(200)]
        await asyncio.wait(asking, timeout=0.3)
        assert door.account.bytes <= 300_000
        journal.resume()
        answers = await asyncio.gather(*asking)
        return Counter(answer.status for answer in answers if answer is not None)

    with open_door(limits=Limits(inflight_bytes=300_000)) as (door, journal):
        statuses = asyncio.run(scene())
        assert set(statuses) == {202, 429}
        assert len(stored(journal)[0]) == statuses[202]
        assert (door.account.bytes, door.account.requests) == (0, 0)


def test_the_number_of_requests_in_flight_is_bounded() -> None:
    """However small they are, only so many are worked on at once."""

    async def scene() -> Counter[int]:
        journal.stall()
        asking = [asyncio.create_task(send(door, _event())) for _ in range(50)]
        await asyncio.wait(asking, timeout=0.3)
        journal.resume()
        return Counter(answer.status for answer in await asyncio.gather(*asking) if answer is not None)

    with open_door(limits=Limits(inflight_requests=20)) as (door, journal):
        assert asyncio.run(scene()) == {202: 20, 429: 30}


def test_unpacked_bytes_count_as_held() -> None:
    """A small body that unpacks to a large one is admitted by what it unpacks to."""
    body = gzip.compress(_event(properties={"a": "x" * 60_000}), mtime=0)
    with open_door(limits=Limits(inflight_bytes=50_000)) as (door, _):
        assert ask(door, body, headers=SERVER | {"content-encoding": "gzip"}).status == 429


def test_a_slow_journal_costs_answers_and_loses_nothing() -> None:
    """While a journal crawls and clients push, every answer is 202, 429 or 503; what was acknowledged is stored."""

    async def client(number: int, until: float) -> tuple[Counter[int], set[str]]:
        statuses: Counter[int] = Counter()
        acknowledged: set[str] = set()
        turn = 0
        while time.monotonic() < until:
            turn += 1
            ids = [f"{number}-{turn}-{place}" for place in range(20)]
            answer = await send(door, json.dumps([{**VIEW, "event_id": one} for one in ids]).encode())
            assert answer is not None
            statuses[answer.status] += 1
            acknowledged |= set(ids) if answer.status == 202 else set()
            await asyncio.sleep(0.001 if answer.status == 202 else 0.05)  # they are told to wait a second
        return statuses, acknowledged

    async def crowd() -> list[tuple[Counter[int], set[str]]]:
        until = time.monotonic() + 1.5
        return await asyncio.gather(*(client(number, until) for number in range(40)))

    journal = MemoryJournal()
    journal.slow(0.05)
    journal.fail_next(errors.Unavailable("the disk is full", retry_after=1), times=2)
    with open_door(journal, max_pending_bytes=200_000, limits=Limits(inflight_bytes=400_000)) as (door, _):
        outcomes = asyncio.run(crowd())
        statuses = sum((outcome[0] for outcome in outcomes), Counter())
        acknowledged = set().union(*(outcome[1] for outcome in outcomes))
        assert {202, 503} <= set(statuses) <= {202, 429, 503}
        assert {event.event_id for event in stored(journal)[0]} == acknowledged
        assert (door.account.bytes, door.account.requests) == (0, 0)
