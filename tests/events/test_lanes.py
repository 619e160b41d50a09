"""Both lanes read alike: what the fast lane accepts is what the checks make of it, for any JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.errors import BadRequest, TooLarge
from footfall.events import lanes
from footfall.events.event import Event, Rejected
from footfall.events.lanes import Reading, mend_escapes, read_array, read_texts
from footfall.events.names import BY_SPELLING, NAMES, in_camel_case
from footfall.events.plain import PlainEvent
from footfall.events.schema import EVENTS
from footfall.events.wire import Source
from tests.events.sources import NOW_US, PUBLIC, SERVER, SURROUNDED

SECOND, DAY_US = 1_000_000, 86_400_000_000


def _exactly(number: Decimal) -> str:
    """Stands for the JSON number with exactly these digits (`_written`)."""
    return f"<<{number:f}>>"


_texts = st.one_of(
    st.text(max_size=8),
    st.sampled_from(["", " ", "a", " a", "ü" * 60, "x" * 2100, "1", "19.99", "eur", "phone", "a@shop.example"]),
)
_numbers = st.one_of(
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(-(10**10), 10**10, allow_nan=False, places=7).map(_exactly),
    st.decimals(-2, 2, allow_nan=False, places=25).map(_exactly),
    st.sampled_from([0, 1, -1, 10**9, 10**9 + 1, 1e9, 0.0000005, 1e300, 19.99]),
)
_pages = st.sampled_from(
    [
        "/tea?utm_source=news&utm_medium=email&utm_content=",
        "https://shop.example?gclid=1#top",
        "https://shop.example/tea?utm_campaign=%C3%BC%ff&utm_medium=%20",
        "shop",
        " ",
    ]
)
_referrers = st.sampled_from(["https://www.google.com/", "https://shop.example/", "https://blog.example.org", "-"])
_times = st.one_of(
    st.integers(NOW_US // SECOND - 10**8, NOW_US // SECOND + 10**5),
    st.integers(NOW_US - 10**13, NOW_US + 10**11),
    st.floats(NOW_US / SECOND - 10**5, NOW_US / SECOND + 10**5),
    st.datetimes().map(str),
    st.integers(NOW_US - 10**12, NOW_US + 10**11).map(lambda us: f"{us}"),
    st.sampled_from(
        ["2026-09-21T12:00:00Z", "2026-09-21 12:00:00 UTC", "20260921", "2026-09-21", "soon", "", " ", 0, -1]
    ),
)
_json = st.recursive(
    st.one_of(st.none(), st.booleans(), _numbers, _texts),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_texts, inner, max_size=2),
    max_leaves=5,
)


def _written(sent: object, ascii_only: bool) -> bytes:
    """JSON, with `"<<19.990>>"` as the number 19.990, digit for digit."""
    text = json.dumps(sent, ensure_ascii=ascii_only)
    return re.sub('"<<([0-9.-]+)>>"', r"\1", text).encode(errors="replace")


def _value(field: str) -> st.SearchStrategy[Any]:
    usual: dict[str, st.SearchStrategy[Any]] = {
        "timestamp": _times,
        "ts_us": _times,
        "sent_at": _times,
        "name": st.one_of(st.sampled_from(["purchase", "view", "refund", "Add To Cart", "alias"]), _texts),
        "price": _numbers,
        "amount": _numbers,
        "price_micros": _numbers,
        "amount_micros": _numbers,
        "quantity": _numbers,
        "value": _numbers,
        "latitude": _numbers,
        "longitude": _numbers,
        "is_bot": st.booleans(),
        "ip": st.just("203.0.113.9"),
        "user_agent": st.sampled_from(["curl", "a bot"]),
        "page_url": _pages,
        "referrer": _referrers,
        "currency": st.sampled_from(["EUR", "eur", "USD", ""]),
    }
    objects = st.dictionaries(_texts, _json, max_size=3)
    if field in ("properties", "context", "metadata"):
        return st.one_of(objects, objects, _json, st.just({"previous_id": "ann"}))
    return st.one_of(usual.get(field, _texts), usual.get(field, _texts), _json)


_own_names = st.sampled_from([name.field for name in NAMES])
_any_names = st.one_of(
    _own_names,
    _own_names,
    st.sampled_from(sorted(BY_SPELLING)),
    st.sampled_from(["project_id", "received_us", "ip_hash", "colour", ""]),
)
_members = _any_names.flatmap(
    lambda name: st.tuples(st.just(name), _value(BY_SPELLING[name][0].field if name in BY_SPELLING else ""))
)
_near_times = st.one_of(
    st.integers(NOW_US - 10**12, NOW_US + 10**10),
    st.datetimes(datetime(2026, 9, 1), datetime(2026, 9, 22)).map(str),  # noqa: DTZ001 - text without a zone is meant
    st.sampled_from(["2026-09-21T12:00:00Z", "2026-09-21T14:00:00.123456+02:00", "<<1789990000.12345699999999>>"]),
    st.sampled_from(["2026-09-21T12:00:00.123Z", "2026-02-30T12:00:00.123Z", "2026-09-21T12:00:60.000Z"]),
    st.sampled_from([NOW_US + DAY_US, NOW_US + DAY_US + 1, NOW_US - 400 * DAY_US, NOW_US - 400 * DAY_US - 1]),
)
_fine = st.sampled_from(["0.00000149999999999999999999", "19.9900000000000000000001", "1569931200.12345699999999"])
_prices = st.one_of(
    _fine.map(Decimal).map(_exactly),
    st.sampled_from([19.99, 5, -1, 10**9, 0.0000005]),
    st.decimals(-(10**9), 10**9, places=6).map(_exactly),
)
_plain = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["purchase", "order_refunded", "view", "Add To Cart"]),
        "visitor_id": st.sampled_from(["v1", "v2", "ö", " v3"]),
    },
    optional={
        "event_id": st.sampled_from(["e1", "e2"]),
        "timestamp": _near_times,
        "ts_us": st.integers(NOW_US - 10**14, NOW_US + 10**11),
        "price": _prices,
        "amount": _prices,
        "price_micros": st.integers(-(10**15), 10**15),
        "amount_micros": st.integers(-(10**15), 10**15),
        "quantity": st.sampled_from([0, 1, 2, -3]),
        "currency": st.sampled_from(["EUR", "eur", "USD"]),
        "value": st.floats(allow_nan=False, allow_infinity=False),
        "is_bot": st.booleans(),
        "country": st.just("DE"),
        "latitude": st.sampled_from([52.5, 90, 90.5]),
        "page_title": st.text(min_size=1, max_size=5),
        "page_url": _pages,
        "page_path": st.just("/stated"),
        "referrer": _referrers,
        "utm_medium": st.sampled_from(["cpc", "Post"]),
        "utm_source": st.sampled_from(["google", "x"]),
        "device": st.just("watch"),
        "channel": st.just("word of mouth"),
        "properties": st.one_of(st.dictionaries(_texts, _json, max_size=3), st.sampled_from([[1], "x", None])),
        "context": st.just({"a": [1]}),
    },
)
_sales = st.fixed_dictionaries(
    {"name": st.sampled_from(["purchase", "refund", "view"]), "user_id": st.just("u"), "price": _prices},
    optional={"quantity": st.sampled_from([0, 1, 2, -3]), "timestamp": _near_times},
)
_events = st.one_of(
    _plain,
    _sales,
    st.tuples(_plain, _members).map(lambda parts: {**parts[0], parts[1][0]: parts[1][1]}),
    st.tuples(_plain, st.lists(_members, max_size=5)).map(lambda parts: {**parts[0], **dict(parts[1])}),
)
_sources = st.sampled_from(
    [
        PUBLIC,
        SERVER,
        msgspec.structs.replace(PUBLIC, shift_us=3_600 * SECOND),
        msgspec.structs.replace(SERVER, needs_time=True),
        *SURROUNDED,
    ]
)


def _stored(event: Event) -> dict[str, object]:
    """The columns that are stored; an id made on arrival differs from reading to reading."""
    columns: dict[str, object] = {name: getattr(event, name) for name in EVENTS.names}
    if len(str(event.event_id)) == 36:
        columns["event_id"] = "made on arrival"
    return columns


def _refused(rejected: Rejected) -> Rejected:
    return msgspec.structs.replace(rejected, rejected_id="")


def _carefully(body: bytes, source: Source) -> Reading:
    return read_array(body, msgspec.structs.replace(source, fast=False), max_events=1_000)


@contextmanager
def _columns_for_few() -> Iterator[None]:
    """Have bodies of any size read column by column."""
    with patch.object(lanes, "_LARGE", 0), patch.object(lanes, "_MANY", 1):
        yield


def _assert_alike(fast: Reading, careful: Reading) -> None:
    assert [_stored(event) for event in fast.events] == [_stored(event) for event in careful.events]
    assert [_refused(one) for one in fast.rejected] == [_refused(one) for one in careful.rejected]


@settings(max_examples=300)
@given(st.lists(_events, min_size=1, max_size=4), _sources, st.booleans(), st.booleans())
def test_the_fast_lanes_read_as_the_checks_do(
    sent: list[dict[str, object]], source: Source, ascii_only: bool, camel: bool
) -> None:
    """For any JSON of any event, bodies read one by one, in columns and with care give the same rows and refusals."""
    sent = [{in_camel_case(name): value for name, value in one.items()} for one in sent] if camel else sent
    body, texts = _written(sent, ascii_only), [_written(one, ascii_only) for one in sent]
    careful = _carefully(body, source)
    _assert_alike(read_array(body, source, max_events=100), careful)
    _assert_alike(read_texts(texts, source), careful)
    with _columns_for_few():
        _assert_alike(read_array(body, source, max_events=100), careful)
        _assert_alike(read_texts(texts, source), careful)
    assert len(careful.events) + len(careful.rejected) == len(sent)


_ordinary = st.fixed_dictionaries(
    {"name": st.sampled_from(["purchase", "view", " view"]), "user_id": st.sampled_from(["u1", "u2 "])},
    optional={
        "event_id": st.sampled_from(["e1", "e2"]),
        "timestamp": st.integers(0, 10**6).map(
            lambda ms: f"2026-09-21T12:{ms // 10**5:02}:{ms % 60:02}.{ms % 1000:03}Z"
        ),
        "price": _prices,
        "amount": st.sampled_from([5, 0.01, "7"]),
        "quantity": st.sampled_from([1, 2, 10**9]),
        "currency": st.sampled_from(["EUR", "USD"]),
        "source": st.just("app"),
        "is_bot": st.booleans(),
        "country": st.just("DE"),
        "page_url": _pages,
        "referrer": _referrers,
        "utm_source": st.just("google"),
        "os": st.just("BeOS"),
        "properties": st.one_of(st.just({"a": {"b": 1}}), st.none()),
        "brand": st.sampled_from(["acme", "öko", 7, ""]),
        "colour": st.just("blue"),
    },
)


@settings(max_examples=50)
@given(st.lists(_ordinary, min_size=40, max_size=80), _sources)
def test_a_body_of_many_events_reads_as_the_checks_do(sent: list[dict[str, object]], source: Source) -> None:
    """Where ordinary events stand among odd and bad ones, all keep their places and none takes another's value."""
    body = _written(sent, ascii_only=True).ljust(lanes._LARGE)
    careful = _carefully(body, source)
    _assert_alike(read_array(body, source, max_events=100), careful)
    _assert_alike(read_texts([_written(one, ascii_only=True) for one in sent], source), careful)


@settings(max_examples=300)
@given(
    st.from_regex(
        r"\A(0000|19[67]\d|20[012]\d)-?[01]\d-?[0-3]\d([Tt ][0-2]\d(:?[0-6]\d(:?[0-6]\d([.,]\d{1,9})?)?)?)?"
        r"( ?[Zz]|[+-][0-2]\d(:?[0-9]\d)?)?\Z"
    )
)
def test_columns_of_times_are_read_as_single_times_are(text: str) -> None:
    """Arrow reads fewer forms of ISO 8601, and each of them alike."""
    body = json.dumps([{"name": "view", "user_id": "u", "timestamp": text}]).encode()
    with _columns_for_few():
        _assert_alike(read_array(body, SERVER, max_events=1), _carefully(body, SERVER))


@pytest.mark.parametrize("lane", [nullcontext, _columns_for_few], ids=["one by one", "in columns"])
def test_plain_events_do_take_the_fast_lanes(lane: Callable[[], AbstractContextManager[None]]) -> None:
    """An event under the Event's own names, as they are or in camelCase, never needs the careful lane."""
    body = (
        b'[{"event_id": "e1", "name": "purchase", "timestamp": "2026-09-21T12:00:00Z", "visitor_id": "v1",'
        b' "price": 19.99, "quantity": 2, "currency": "EUR", "properties": {"colour": "blue"}}]'
    )
    camel = b'[{"eventId": "e1", "name": "view", "visitorId": "v1", "pageUrl": "/", "productId": "p", "price": 5}]'
    with patch.object(lanes, "_read_carefully", side_effect=AssertionError("not plain")), lane():
        (event,) = read_array(body, PUBLIC, max_events=10).events
        (other,) = read_array(camel, PUBLIC, max_events=10).events
    assert (event.price_micros, event.amount_micros, event.currency) == (19_990_000, 39_980_000, None)
    assert event.properties == '{"colour": "blue"}'
    assert (other.event_id, other.visitor_id, other.page_url, other.price_micros) == ("e1", "v1", "/", 5_000_000)


def test_empty_text_does_not_slow_a_body_down() -> None:
    """Trackers write an empty referrer where there is none: such events stay in the fast lane, and it is none."""
    sent = [{"name": "view", "user_id": f"u{n}", "session_id": "", "referrer": "", "page_url": "/"} for n in range(40)]
    body = json.dumps(sent).encode().ljust(lanes._LARGE)
    with patch.object(lanes, "_read", side_effect=AssertionError("not ordinary")):
        events = read_array(body, PUBLIC, max_events=100).events
    assert {(event.session_id, event.referrer, event.page_url) for event in events} == {(None, None, "/")}


def test_every_text_of_an_event_is_narrowed_in_the_fast_lane() -> None:
    """No field of text, whenever one is added to the Event, reaches the fast lane without its limits."""
    loose = {
        field
        for field in EVENTS.names
        if PlainEvent.__annotations__.get(field) is None and str(EVENTS.field(field).type) == "string"
    }
    assert loose == set()
    assert set(PlainEvent.__struct_fields__[: len(EVENTS)]) == set(EVENTS.names)


def test_a_bad_event_costs_only_itself() -> None:
    """One event in a hundred is bad in some way: the others are stored, and it is listed with its place."""
    good = [{"name": "view", "visitor_id": f"v{n}", "event_id": f"e{n}"} for n in range(300)]
    bad: list[object] = [7, {"name": "view"}, {"name": "view", "visitor_id": "v", "price": "dear"}]
    sent = [*good[:100], bad[0], *good[100:200], bad[1], *good[200:], bad[2]]
    reading = read_array(json.dumps(sent).encode(), PUBLIC, max_events=1_000)
    assert [event.event_id for event in reading.events] == [one["event_id"] for one in good]
    assert [(one.line, one.reason) for one in reading.rejected] == [
        (101, "not-an-object"),
        (202, "no-owner"),
        (303, "bad-number"),
    ]


@pytest.mark.parametrize(
    "properties",
    [
        ["{}"],
        ['{"a":"}{["}'],
        ['{"a":{}}', "null"],
        ['{"a":\n{"b":1}}', "{}"],
        ["[1]"],
        ["1", '{"a":{}}'],
        ['{"a":"\\u0000{"}'],
    ],
    ids=str,
)
def test_objects_are_told_apart_from_what_only_looks_like_them(properties: list[str]) -> None:
    """Columns of flat objects are looked at as one text; what stands in strings or beside them must not mislead."""
    one = '{"name":"view","visitor_id":"v","properties":%s}'
    body = f"[{','.join(one % properties[n % len(properties)] for n in range(400))}]".encode()
    _assert_alike(read_array(body, SERVER, max_events=1_000), _carefully(body, SERVER))


def test_half_an_emoji_does_not_refuse_what_came_with_it() -> None:
    """An escaped half of a UTF-16 pair becomes the replacement character; whole pairs and escaped backslashes stay."""
    cut = rb'{"name":"a","visitor_id":"v","page_title":"cut \ud83d","properties":{"t":"\ud83d\ude00 \\ud83d"}}'
    body = b"[" + cut + b',{"name":"b","visitor_id":"v"}]'
    first, second = read_array(body, PUBLIC, max_events=10).events
    assert (first.page_title, second.name) == ("cut �", "b")
    assert first.properties == r'{"t":"\ud83d\ude00 \\ud83d"}'
    (alone,) = read_texts([rb'{"name":"a\udc00","visitor_id":"v"}'], PUBLIC).events
    assert alone.name == "a�"


def test_the_last_of_a_repeated_name_counts_in_both_lanes() -> None:
    """A JSON object that names a member twice means the last one."""
    body = b'[{"name":"a","name":"b","visitor_id":"v","price":"x","price":1}]'
    _assert_alike(read_array(body, PUBLIC, max_events=10), _carefully(body, PUBLIC))
    assert read_array(body, PUBLIC, max_events=10).events[0].name == "b"


@pytest.mark.parametrize("depth", [65, 200, 900, 1_000, 100_000])
@pytest.mark.parametrize(
    "form", ['[{"name":"a","visitor_id":"v","properties":%s}]', '[{"colour":%s}]', "[%s]", '[{"name":%s}]']
)
def test_a_deep_body_is_refused_whole(depth: int, form: str) -> None:
    """Whatever holds the nesting, a body over the limit is a body fault."""
    body = (form % ('{"a":' * depth + "1" + "}" * depth)).encode()
    with pytest.raises(BadRequest, match="deeper than 64"):
        read_array(body, PUBLIC, max_events=10)


def test_depth_up_to_the_limit_is_read() -> None:
    """An event may have 64 levels, itself included."""
    inner = '{"a":' * 63 + "1" + "}" * 63
    reading = read_array(f'[{{"name":"a","visitor_id":"v","properties":{inner}}}]'.encode(), PUBLIC, max_events=10)
    assert reading.events[0].properties == inner


@pytest.mark.parametrize("element", ["{}", "1", '"a,b"', "[]"])
def test_too_many_events_are_refused_before_they_are_built(element: str) -> None:
    """The limit holds for elements of every type, and the limit itself is allowed."""
    assert len(read_array(f"[{','.join([element] * 50)}]".encode(), PUBLIC, max_events=50).rejected) == 50
    with pytest.raises(TooLarge, match="more than 50 events"):
        read_array(f"[{','.join([element] * 51)}]".encode(), PUBLIC, max_events=50)


@pytest.mark.parametrize(
    "body",
    [
        b"[",
        b"[{]",
        b'[{"name":"a"}] x',
        b"[nul]",
        b'[{"a":NaN}]',
        b'["\xff"]',
        b'[{"a":{"b":"\xff"}}]',
        b'[{"properties":{"b":"\xff"}}]',
    ],
)
def test_what_is_no_json_is_refused_whole(body: bytes) -> None:
    """A body that is not JSON in UTF-8 can't be divided into events."""
    with pytest.raises(BadRequest, match="not JSON"):
        read_array(body, PUBLIC, max_events=10)


def test_a_line_that_is_no_json_is_refused_alone() -> None:
    """In NDJSON every line stands for itself: broken, cut, or in another encoding."""
    lines = [
        b'{"name":"a","visitor_id":"v"}',
        b'{"name":',
        b'{"name":"\xff","visitor_id":"v"}',
        b'{"name":"a","visitor_id":"v","properties":{"x":"\xff"}}',
    ]
    reading = read_texts(lines, PUBLIC)
    assert [event.name for event in reading.events] == ["a"]
    assert [(one.line, one.reason) for one in reading.rejected] == [(n, "not-an-object") for n in (2, 3, 4)]


def test_mending_changes_only_broken_escapes() -> None:
    """Text without halves of pairs is left as it is, to the byte."""
    text = rb'"\\ud800 \u00e9 \ud83d\ude00 \n \" \\"'
    assert mend_escapes(text) == text
