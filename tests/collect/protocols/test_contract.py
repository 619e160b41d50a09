"""What every protocol promises, whoever wrote it: each test runs over all that are registered."""

from __future__ import annotations

import gzip
import json
import sys
import zlib
from collections.abc import Callable, Mapping

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall import errors
from footfall.collect.limits import Limits
from footfall.collect.protocol import Protocol
from footfall.collect.protocols import PROTOCOLS, by_path
from footfall.collect.protocols.footfall import Footfall
from tests.collect.door_client import PAGE, SERVER, ask, open_door, stored
from tests.collect.protocols.conformance import promises
from tests.collect.protocols.samples import ADDRESS, SAMPLES, Sample

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ROUTES = [(protocol.name, path, methods[0]) for protocol in PROTOCOLS for path, methods in protocol.routes.items()]
PACKED: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": lambda body: gzip.compress(body, mtime=0),
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
}


def sending(sample: Sample, *, key: str = "server-key", **more: str) -> dict[str, str]:
    """The headers of a request."""
    return {"content-type": sample.media, **sample.key(key), **more}


def test_the_page_of_protocols_is_fresh() -> None:
    """Its last section says what this suite and the clients' tests hold, and it names every path."""
    from tests.collect.protocols.document import HEADING, PAGE, markdown

    head, heading, held = PAGE.read_text().partition(HEADING)
    assert heading + held == markdown(), "run: python -m tests.collect.protocols.document"
    assert [path for _, path, _ in ROUTES if f"`{path.rstrip('/')}`" not in head] == []


def test_no_two_protocols_want_one_path() -> None:
    """Which protocol a request is of is told by its path; two of the same are a mistake that is named."""
    assert by_path(PROTOCOLS)
    with pytest.raises(ValueError, match="/v1/events is wanted by http and http"):
        by_path([Footfall(), Footfall()])


@promises("a bad message costs only itself, and is kept with its reason")
def test_a_bad_message_costs_only_itself(sample: Sample) -> None:
    """Its good neighbours are stored; it is kept with its reason, its place and what was sent, but for addresses."""
    body = sample.body([sample.message(1), sample.bad, 5, sample.message(2)])
    with open_door() as (door, journal):
        assert ask(door, body, path=sample.path, headers=sending(sample)).status == sample.success
        events, rejected = stored(journal)
        assert [event.event_id for event in events] == ["e1", "e2"]
        assert [one.line for one in rejected] == [2, 3]
        assert isinstance(sample.bad, dict)
        kept = json.loads(rejected[0].body)
        assert kept.keys() <= {*sample.bad, "client_id"}  # GA4 says around its messages whose they are
        assert {one.source for one in rejected} == {door_name(sample)}
        assert all(one.reason and one.detail for one in rejected)
        assert door.counters.accepted == 2
        assert sum(door.counters.rejected.values()) == 2


def door_name(sample: Sample) -> str:
    """The protocol that a sample is of."""
    return next(name for name, other in SAMPLES.items() if other is sample)


@promises("a body of bad messages alone is a success")
def test_bad_messages_alone_are_a_success(sample: Sample) -> None:
    """They have been kept; a client that was told otherwise would send them for ever."""
    with open_door() as (door, journal):
        assert ask(door, sample.body([sample.bad]), path=sample.path, headers=sending(sample)).status == sample.success
        assert len(stored(journal)[1]) == 1


@promises("no raw address is kept")
@pytest.mark.parametrize("key", ["server-key", "open-key"])
def test_no_address_is_kept(sample: Sample, key: str) -> None:
    """Neither with an event nor with a rejected one does a raw address reach the journal."""
    body = sample.body([sample.message(1), sample.bad])
    with open_door() as (door, journal):
        ask(door, body, path=sample.path, headers=sending(sample, key=key))
        events, rejected = stored(journal)
        assert (len(events), len(rejected)) == (1, 1)
        assert ADDRESS not in f"{events}{rejected}"
        assert all(ADDRESS.encode() not in entry.payload for entry in journal.read(0, max_bytes=1 << 30))


@promises("a message that is sent again has the ids that it had")
def test_a_message_that_is_sent_again_is_the_same(sample: Sample) -> None:
    """Its events have ids that follow from what the client sent."""
    with open_door() as (door, journal):
        for _ in range(2):
            ask(door, sample.body([sample.message(7)]), path=sample.path, headers=sending(sample))
        first, second = stored(journal)[0]
        assert first.event_id == second.event_id


@promises("gzip, deflate, br and zstd")
@pytest.mark.parametrize("encoding", PACKED)
def test_compressed_bodies_are_unpacked(sample: Sample, encoding: str) -> None:
    """With every compression, whole or byte by byte."""
    body = PACKED[encoding](sample.body([sample.message(1)]))
    for pieces in (body, [bytes([byte]) for byte in body]):
        with open_door() as (door, journal):
            headers = sending(sample, **{"content-encoding": encoding})
            assert ask(door, pieces, path=sample.path, headers=headers).status == sample.success
            assert len(stored(journal)[0]) == 1


@promises("bombs, cut and damaged bodies are refused")
@pytest.mark.parametrize("encoding", PACKED)
def test_bombs_and_cut_bodies_are_refused(sample: Sample, encoding: str) -> None:
    """What unpacks to more than is allowed, breaks off, or is damaged costs no memory and keeps nothing."""
    whole = PACKED[encoding](sample.body([sample.message(1)]) + b" " * 1_000_000)
    with open_door(limits=Limits(inflated_bytes=100_000)) as (door, journal):
        headers = sending(sample, **{"content-encoding": encoding})
        for body, status in ((whole, 413), (whole[:20], 400), (whole[:5] + b"\xff" * 40, 400)):
            assert ask(door, body, path=sample.path, headers=headers).status == status
        assert journal.end() == {0: 0}


@promises("gzip and zstd are known by their bytes, whatever the headers say")
def test_bytes_are_believed_more_than_headers(sample: Sample) -> None:
    """Clients forget to say that a body is compressed, call it something else, or say so of one that is not."""
    plain = sample.body([sample.message(1)])
    gzipped = gzip.compress(plain, mtime=0)
    said = [(gzipped, ""), (gzipped, "identity"), (plain, "gzip"), (zstd.compress(plain), ""), (gzipped, "zstd")]
    for body, encoding in said:
        with open_door() as (door, journal):
            headers = sending(sample, **({"content-encoding": encoding} if encoding else {}))
            answer = ask(door, body, path=sample.path, headers={**headers, "content-type": "text/plain"})
            assert answer.status == sample.success, (encoding, answer.body)
            assert len(stored(journal)[0]) == 1


@promises("a wrong key is told, and not tried again")
@pytest.mark.parametrize("key", ["wrong", ""])
def test_without_a_valid_key_nothing_is_kept(sample: Sample, key: str) -> None:
    """It is refused with a status that no client tries again."""
    with open_door() as (door, journal):
        headers = sending(sample, key=key) if key else {"content-type": sample.media}
        answer = ask(door, sample.body([sample.message(1)]), path=sample.path, headers=headers)
        assert answer.status == 401
        assert answer.status not in sample.retried
        assert journal.end() == {0: 0}


@promises("only origins that the key allows may send")
def test_only_an_origin_that_the_key_allows_may_send(sample: Sample) -> None:
    """The browser may read every answer; what is stored is the key's to say, and a server key is for no page."""
    body = sample.body([sample.message(1)])
    for key, origin, status in (
        ("public-key", PAGE, sample.success),
        ("public-key", "https://evil.example", 403),
        ("server-key", PAGE, 403),
    ):
        with open_door() as (door, journal):
            answer = ask(door, body, path=sample.path, headers=sending(sample, key=key, origin=origin))
            assert (answer.status, answer.headers["access-control-allow-origin"]) == (status, origin)
            assert journal.end() == {0: int(status == sample.success)}


@pytest.mark.parametrize(("name", "path", "method"), ROUTES)
def test_every_path_answers_a_preflight(name: str, path: str, method: str) -> None:
    """A browser is told that it may send, with the headers that the protocol's own client sends."""
    asked = {"origin": PAGE, "access-control-request-method": method, "access-control-request-headers": "content-type"}
    with open_door() as (door, _):
        answer = ask(door, method="OPTIONS", path=path, headers=asked)
        assert (answer.status, answer.body, answer.headers["access-control-allow-origin"]) == (204, b"", PAGE)
        assert "content-type" in answer.headers["access-control-allow-headers"]
        assert method in answer.headers["access-control-allow-methods"]
        other = ask(door, method="DELETE", path=path)
        assert (other.status, "OPTIONS" in other.headers["allow"]) == (405, True)


@promises("a body over a limit is refused whole")
def test_a_body_over_a_limit_is_refused_whole(sample: Sample) -> None:
    """Too many bytes, or too many messages: nothing is kept, and no client sends it again as it is."""
    body = sample.body([sample.message(number) for number in range(20)])
    for limits in (Limits(body_bytes=len(body) - 1), Limits(events=19, inflated_bytes=19 * 200)):
        with open_door(limits=limits) as (door, journal):
            answer = ask(door, body, path=sample.path, headers=sending(sample))
            assert answer.status == 413
            assert answer.status not in sample.retried
            assert journal.end() == {0: 0}


@promises("overload and a failed journal are told so that the client sends again")
@pytest.mark.parametrize(
    "error", [errors.Overloaded("behind", retry_after=2), errors.Unavailable("the disk is full", retry_after=2)]
)
def test_what_can_be_sent_again_is_told_so(sample: Sample, error: errors.FootfallError) -> None:
    """Under pressure, and when the journal fails: a status on which its clients wait and send again."""
    body = sample.body([sample.message(1)])
    with open_door(pressure=lambda: error) as (door, journal):
        answer = ask(door, body, path=sample.path, headers=sending(sample))
        assert answer.status in sample.retried
        assert answer.headers["retry-after"] == "2"
        assert journal.end() == {0: 0}
    with open_door() as (door, journal):
        journal.fail_next(error)
        answer = ask(door, body, path=sample.path, headers=sending(sample))
        assert answer.status in sample.retried
        assert ask(door, body, path=sample.path, headers=sending(sample)).status == sample.success
        assert len(stored(journal)[0]) == 1


@promises("half an emoji costs nothing")
def test_a_cut_emoji_costs_nothing(sample: Sample) -> None:
    """Clients cut text in the middle of a pair of escapes; the message is taken, the half replaced."""
    body = sample.body([sample.message(1)]).replace(b"v1", b"v\\ud83d")
    with open_door() as (door, journal):
        assert ask(door, body, path=sample.path, headers=sending(sample)).status == sample.success
        assert len(stored(journal)[0]) == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.name)
@given(data=st.data())
def test_any_bytes_are_answered(protocol: Protocol, data: st.DataObject) -> None:
    """Whatever is sent wherever, the answer is a success or a 4xx, and nothing is held afterwards."""
    path = data.draw(st.sampled_from(sorted(protocol.routes)))
    method = data.draw(st.sampled_from(sorted(protocol.routes[path])))
    body = data.draw(st.binary(max_size=200) | JSON.map(json.dumps).map(str.encode))
    encoding = data.draw(st.sampled_from(["", *PACKED]))
    query = data.draw(st.just(b"") | st.binary(max_size=60).map(lambda text: b"data=" + text))
    sample = SAMPLES.get(protocol.name)
    headers = (SERVER if sample is None else sending(sample)) | ({"content-encoding": encoding} if encoding else {})
    with open_door() as (door, _):
        for packed in {body, PACKED[encoding](body) if encoding else body}:
            answer = ask(door, packed, method=method, path=path, query=query, headers=headers)
            assert 200 <= answer.status < 300 or 400 <= answer.status < 500, answer
            assert (door.account.bytes, door.account.requests) == (0, 0)


@promises("messages of any shape are taken, or kept with their reason")
@given(st.data())
def test_messages_of_any_shape_are_taken_or_kept(sample: Sample, data: st.DataObject) -> None:
    """Good messages with anything in the place of anything: each ends as events or with its reason; none is lost."""
    odd = data.draw(st.lists(altered(sample), min_size=1, max_size=3))
    with open_door() as (door, journal):
        body = sample.body([sample.message(0), *odd])
        answer = ask(door, body, path=sample.path, headers=sending(sample))
        assert answer.status == sample.success, answer.body
        events, rejected = stored(journal)
        assert events[0].event_id == "e0"
        assert len(events) + len({one.line for one in rejected}) >= 1 + len(odd)


def altered(sample: Sample) -> st.SearchStrategy[object]:
    """A good message with another value somewhere, also within its objects."""
    message = sample.message(1)
    assert isinstance(message, dict)
    inner = [(name, key) for name, value in message.items() if isinstance(value, dict) for key in value]
    places: list[tuple[str, ...]] = [*((name,) for name in message), *inner]

    def put(place: tuple[str, ...], value: object) -> object:
        copy = json.loads(json.dumps(message))
        spot = copy
        for name in place[:-1]:
            spot = spot[name]
        spot[place[-1]] = value
        return copy

    return st.builds(put, st.sampled_from(places), JSON)
