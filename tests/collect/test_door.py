"""What a sender sees of the door: forms of bodies, keys, origins, answers."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall import errors
from footfall.journal.memory import MemoryJournal
from tests.collect.door_client import NOW_US, PAGE, PUBLIC, SERVER, ask, open_door, send, stored

VIEW = {"name": "view", "visitor_id": "v1", "event_id": "e1"}
HOUR_US = 3_600_000_000


def _json(sent: object) -> bytes:
    return json.dumps(sent).encode()


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (_json(VIEW), {}),
        (_json([VIEW]), {"content-type": "application/json; charset=UTF-8"}),
        (_json({"batch": [VIEW]}), {"content-type": "text/plain;charset=UTF-8"}),
        (_json({"events": [VIEW], "sent_at": None}), {}),
        (_json(VIEW) + b"\n", {"content-type": "application/x-ndjson"}),
        (b"\xef\xbb\xbf \n" + _json([VIEW]), {}),
        (gzip.compress(_json([VIEW]), mtime=0), {"content-encoding": "gzip"}),
        (gzip.compress(b"[", mtime=0) + gzip.compress(_json(VIEW) + b"]", mtime=0), {"content-encoding": "gzip"}),
        (zlib.compress(_json([VIEW])), {"content-encoding": "deflate"}),
        (zlib.compress(_json([VIEW]))[2:-4], {"content-encoding": "deflate"}),
    ],
)
def test_every_form_of_a_body_gives_the_same_event(body: bytes, headers: dict[str, str]) -> None:
    """One object, an array, an envelope, a line; plain or compressed; whole or byte by byte."""
    for pieces in (body, [bytes([byte]) for byte in body]):
        with open_door() as (door, journal):
            answer = ask(door, pieces, headers=SERVER | headers)
            assert answer.status == 202
            assert answer.json() == {"offset": 1, "accepted": 1, "rejected": 0, "errors": []}
            ((event,), _) = stored(journal)
            assert (event.project_id, event.event_id, event.ts_us, event.source) == ("shop", "e1", NOW_US, "server")


def test_lines_are_recognised_without_a_content_type() -> None:
    """Several objects one a line are NDJSON, blank lines and Windows line ends included; a broken line costs itself."""
    body = _json(VIEW) + b"\r\n\r\n" + b'{"name": "cut' + b"\n" + _json({**VIEW, "event_id": "e2"})
    with open_door() as (door, journal):
        answer = ask(door, body).json()
        assert (answer["accepted"], [fault["index"] for fault in answer["errors"]]) == (2, [1])
        assert [event.event_id for event in stored(journal)[0]] == ["e1", "e2"]


@pytest.mark.parametrize("first", [["e0", {}], [], [[1]]])
def test_a_first_line_that_is_an_array_costs_only_itself(first: object) -> None:
    """In a body that is said to be lines; one array alone, in one line or several, is still taken as one."""
    lines = {"content-type": "application/x-ndjson"}
    with open_door() as (door, journal):
        answer = ask(door, _json(first) + b"\n" + _json(VIEW), headers=SERVER | lines).json()
        assert (answer["accepted"], [fault["index"] for fault in answer["errors"]]) == (1, [0])
        for array in (_json([VIEW]) + b"\n", json.dumps([VIEW], indent=1).encode()):
            assert ask(door, array, headers=SERVER | lines).json()["accepted"] == 1
        assert {event.event_id for event in stored(journal)[0]} == {"e1"}


def test_the_answer_comes_only_after_the_append() -> None:
    """Nothing is acknowledged while the journal hangs, and all of it when it goes on."""

    async def scene() -> None:
        with open_door() as (door, journal):
            journal.stall()
            asking = asyncio.create_task(send(door, _json(VIEW)))
            await asyncio.wait([asking], timeout=0.2)
            assert not asking.done()
            assert journal.end() == {0: 0}
            journal.resume()
            answer = await asking
            assert answer is not None
            assert (answer.status, journal.end()) == (202, {0: 1})

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("error", "status"),
    [(errors.Unavailable("the disk is full", retry_after=5), 503), (errors.Overloaded("later", retry_after=0.2), 429)],
)
def test_a_journal_that_refuses_is_answered_with_a_time_to_retry(error: errors.FootfallError, status: int) -> None:
    """A failed append is never acknowledged, and the next one is."""
    with open_door() as (door, journal):
        journal.fail_next(error)
        answer = ask(door, _json(VIEW))
        assert (answer.status, answer.json()["detail"]) == (status, error.detail)
        assert int(answer.headers["retry-after"]) >= 1
        assert stored(journal) == ([], [])
        assert ask(door, _json(VIEW)).status == 202


def test_pressure_is_asked_before_the_body_is_read() -> None:
    """While the node can't keep up no body is taken in."""
    with open_door(pressure=lambda: errors.Overloaded("behind", retry_after=2)) as (door, journal):
        answer = ask(door, [], headers=SERVER)
        assert (answer.status, answer.headers["retry-after"], answer.headers["connection"]) == (429, "2", "close")
        assert journal.end() == {0: 0}


def test_bad_events_are_listed_and_kept_with_their_place() -> None:
    """The answer names index, reason and detail; the journal keeps what was sent, with its place from 1."""
    with open_door() as (door, journal):
        answer = ask(door, _json([VIEW, {"name": "view"}, 5])).json()
        assert (answer["accepted"], answer["rejected"]) == (1, 2)
        assert [(fault["index"], fault["reason"]) for fault in answer["errors"]] == [
            (1, "no-owner"),
            (2, "not-an-object"),
        ]
        _, rejected = stored(journal)
        assert [(one.line, one.body, one.source) for one in rejected] == [
            (2, '{"name": "view"}', "http"),
            (3, "5", "http"),
        ]


def test_a_request_of_bad_events_only_is_still_accepted() -> None:
    """What is refused has been kept; an empty batch has nothing to keep and gets no offset."""
    with open_door() as (door, journal):
        answer = ask(door, _json([5]))
        assert (answer.status, answer.json()["accepted"], answer.json()["offset"]) == (202, 0, 1)
        answer = ask(door, b"[]")
        assert (answer.status, answer.json()["offset"], journal.end()) == (202, None, {0: 1})


def test_a_clock_that_is_wrong_is_corrected() -> None:
    """`sent_at` says what the sender's clock showed: the difference moves every time of the envelope."""
    sent_at_us = NOW_US - 5 * HOUR_US
    body = {"batch": [{**VIEW, "ts_us": sent_at_us - HOUR_US}, VIEW], "sent_at": sent_at_us / 1e6}
    with open_door() as (door, journal):
        assert ask(door, _json(body)).status == 202
        first, second = stored(journal)[0]
        assert (first.ts_us, second.ts_us) == (NOW_US - HOUR_US, NOW_US)
        answer = ask(door, _json({"batch": [VIEW], "sent_at": "soon"}))
        assert (answer.status, "sent_at is 'soon'" in answer.json()["detail"]) == (400, True)


@pytest.mark.parametrize(
    ("headers", "query", "body"),
    [
        ({"authorization": "Bearer server-key"}, b"", _json(VIEW)),
        ({"authorization": "bearer  server-key"}, b"", _json(VIEW)),
        ({"authorization": "Basic " + base64.b64encode(b"server-key:").decode()}, b"", _json(VIEW)),
        ({"x-write-key": "server-key"}, b"", _json(VIEW)),
        ({}, b"a=1&key=server-key", _json(VIEW)),
        ({}, b"write_key=server-key", _json(VIEW)),
        ({}, b"", _json({"batch": [VIEW], "write_key": "server-key"})),
        ({}, b"", _json({"writeKey": "server-key", "batch": [VIEW]})),
    ],
)
def test_a_key_is_found_wherever_a_client_can_put_it(headers: dict[str, str], query: bytes, body: bytes) -> None:
    """Headers, address or envelope: whatever the sender is able to set."""
    with open_door() as (door, _):
        assert ask(door, body, headers=headers, query=query).status == 202


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer wrong"}, {"authorization": "Basic ???"}, {"x-write-key": ""}]
)
def test_without_a_valid_key_nothing_is_kept(headers: dict[str, str]) -> None:
    """A missing, unknown or garbled key is 401 with a hint."""
    with open_door() as (door, journal):
        answer = ask(door, _json([VIEW]), headers=headers)
        assert (answer.status, answer.headers["content-type"]) == (401, "application/problem+json")
        assert journal.end() == {0: 0}


def test_the_project_comes_from_the_key_alone() -> None:
    """A body that names a project is stored in the key's project; what it said is kept as a property."""
    with open_door() as (door, journal):
        ask(door, _json({**VIEW, "project_id": "other", "received_us": 1}), headers={"x-write-key": "open-key"})
        ((event,), _) = stored(journal)
        assert (event.project_id, event.received_us) == ("blog", NOW_US)
        assert json.loads(event.properties or "") == {"project_id": "other", "received_us": 1}


@pytest.mark.parametrize(
    ("headers", "origin", "status"),
    [
        (PUBLIC, PAGE, 202),
        (PUBLIC, None, 202),
        (PUBLIC, "https://evil.example", 403),
        (PUBLIC, "null", 403),
        ({"x-write-key": "open-key"}, "https://anywhere.example", 202),
        (SERVER, PAGE, 403),
        ({}, PAGE, 401),
    ],
)
def test_pages_may_send_from_allowed_origins_and_may_read_every_answer(
    headers: dict[str, str], origin: str | None, status: int
) -> None:
    """A public key works from its origins and outside browsers, a server key from no page; errors can be read."""
    with open_door() as (door, journal):
        answer = ask(door, _json([VIEW]), headers=headers | ({"origin": origin} if origin else {}))
        assert answer.status == status
        assert answer.headers.get("access-control-allow-origin") == origin
        assert journal.end() == {0: int(status == 202)}


def test_a_preflight_is_answered_without_a_key() -> None:
    """A browser asks before it sends: any origin is told what it may send, its key decides later."""
    with open_door() as (door, _):
        answer = ask(door, method="OPTIONS", headers={"origin": PAGE, "access-control-request-method": "POST"})
        assert (answer.status, answer.body) == (204, b"")
        assert answer.headers["access-control-allow-origin"] == PAGE
        assert {"x-write-key", "content-encoding"} <= set(answer.headers["access-control-allow-headers"].split(", "))
        assert ask(door, method="DELETE").status == 405


def test_a_public_key_may_not_state_where_it_is() -> None:
    """Place, address and bot flag of a page are claims: kept, the address excepted, and not believed."""
    claims = {"country": "DE", "city": "Bonn", "is_bot": True, "ip": "198.51.100.7", "user_agent": "x"}
    with open_door() as (door, journal):
        ask(door, _json({**VIEW, **claims}), headers=PUBLIC)
        ((event,), _) = stored(journal)
        assert (event.country, event.city, event.is_bot, event.source) == (None, None, False, "web")
        claimed = {"country": "DE", "city": "Bonn", "is_bot": True, "user_agent": "x"}
        assert json.loads(event.context or "") == {"claimed": claimed}


def test_addresses_are_hashed_and_never_stored() -> None:
    """A page's address is the connection's, a server states its visitor's; both hash alike, within one project."""
    with open_door() as (door, journal):
        ask(door, _json(VIEW), headers=PUBLIC, client="203.0.113.9")
        ask(door, _json({**VIEW, "ip": "::ffff:203.0.113.9"}))
        ask(door, _json(VIEW), headers={"x-write-key": "open-key"}, client="203.0.113.9")
        ask(door, _json(VIEW))
        ask(door, _json({**VIEW, "ip": "nowhere"}))
        ask(door, _json({"name": "x", "ip": "203.0.113.9"}))
        page, server, other_project, unstated = stored(journal)[0]
        assert page.ip_hash == server.ip_hash != other_project.ip_hash
        assert unstated.ip_hash is None
        assert [one.reason for one in stored(journal)[1]] == ["bad-field", "no-owner"]
        assert all(b"203.0.113.9" not in entry.payload for entry in journal.read(0, max_bytes=1 << 30))


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"", {}, 400),
        (b"   ", {}, 400),
        (b"hello", {}, 400),
        (b'"text"', {}, 400),
        (b'{"name": "a"', {}, 400),
        (b'{"name": "\xff", "visitor_id": "v"}', {}, 400),
        (b"[1, 2", {}, 400),
        (b"not gzip", {"content-encoding": "gzip"}, 400),
        (gzip.compress(b"[]", mtime=0)[:-5], {"content-encoding": "gzip"}, 400),
        (gzip.compress(b"[]", mtime=0) + b"more", {"content-encoding": "gzip"}, 400),
        (b"[]", {"content-encoding": "compress"}, 415),
        (b"[]", {"content-type": "multipart/form-data"}, 415),
        (b"[]", {"content-type": "application/json; charset=utf-16"}, 415),
        (b"[]", {"content-length": "many"}, 400),
    ],
)
def test_what_can_not_be_read_is_refused_whole(body: bytes, headers: dict[str, str], status: int) -> None:
    """A body fault is a clear 4xx in problem details, and nothing is kept."""
    with open_door() as (door, journal):
        answer = ask(door, body, headers=SERVER | headers)
        problem = answer.json()
        assert (answer.status, problem["status"], problem["instance"]) == (status, status, "/v1/events")
        assert problem["detail"]
        assert journal.end() == {0: 0}


def test_a_client_that_hangs_up_leaves_nothing() -> None:
    """Half a body is no request: it is refused, nothing is stored, nothing held."""
    with open_door() as (door, journal):
        assert ask(door, _json([VIEW])[:-1], hang_up=True).status == 400
        assert (journal.end(), door.account.bytes, door.account.requests) == ({0: 0}, 0, 0)


@given(
    st.one_of(st.binary(max_size=200), st.text(max_size=100).map(str.encode)), st.sampled_from(["", "gzip", "deflate"])
)
def test_any_bytes_are_answered(body: bytes, encoding: str) -> None:
    """Whatever is sent, the answer is 202 or a 4xx, and the account is clear afterwards."""
    with open_door() as (door, _):
        answer = ask(door, body, headers=SERVER | ({"content-encoding": encoding} if encoding else {}))
        assert answer.status == 202 or 400 <= answer.status < 500
        assert (door.account.bytes, door.account.requests) == (0, 0)


_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(
    st.lists(
        st.one_of(_values, st.dictionaries(st.sampled_from(["name", "user_id", "time", "price", "x"]), _values)),
        max_size=5,
    )
)
def test_any_json_is_answered_and_every_element_accounted_for(sent: list[Any]) -> None:
    """Of an array of anything each element is either stored or listed with its reason."""
    body = json.dumps(sent).replace("Infinity", "1e999").encode()
    with open_door(MemoryJournal()) as (door, journal):
        answer = ask(door, body)
        assert answer.status == 202
        events, rejected = stored(journal)
        assert (answer.json()["accepted"], answer.json()["rejected"]) == (len(events), len(rejected))
        assert len(events) + len(rejected) == len(sent)


def test_the_door_counts_what_it_does() -> None:
    """Requests by status, events accepted, events refused by reason, bytes of bodies."""
    with open_door() as (door, _):
        body = _json([VIEW, 5, {"name": "x"}])
        ask(door, body)
        ask(door, b"hello")
        assert door.counters.requests == {202: 1, 400: 1}
        assert (door.counters.accepted, door.counters.body_bytes) == (1, len(body))
        assert door.counters.rejected == {"not-an-object": 1, "no-owner": 1}
