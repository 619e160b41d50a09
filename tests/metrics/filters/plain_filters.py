"""Filters judged a second time, event by event, in plain Python; and what they are tried on."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from hypothesis import strategies as st
from msgspec.structs import replace

from footfall.events.event import Event
from footfall.metrics.filters import model
from footfall.metrics.filters.model import All, Compare, Filter, Not, Op
from tests.sessions.oracle import KINDS
from tests.sessions.streams import BEGIN_US, HOUR_US

Known: TypeAlias = Mapping[str, Any]
"""{property: value} of what no event says itself."""

TEXTS = ("", "a", "A", "ä", "😀", "\uffee", "it's", 'a"b', "a\\b", "%", "_", "a.b", "ab\nc", "10", "page", "DE")
NUMBERS = (0, 1, -1, 3, 10, 4.5, 0.1, 2**53, -(2**63), 2**63 - 1, 1e300)
MONEY = (0, 1, -1, 2.5, 19.99, 0.000001, 10**9)
TIMES = {
    "2025-10-01": BEGIN_US,
    "2025-10-01T01:00:00Z": BEGIN_US + HOUR_US,
    "2025-10-01T03:00:00+02:00": BEGIN_US + HOUR_US,
    "1759276800000000": BEGIN_US,
}
"""{a time as it is written: µs}."""
PATTERNS = ("a", "^a", "b$", "[0-9]+", "^$", "a.b", r"a\\b", "(?i)DE", "ä|😀", r"^\w$")
DOCUMENTS = (
    None,
    "{}",
    '{"plan":"pro"}',
    '{"plan":"a","n":3}',
    '{"plan":null,"n":4.5}',
    '{"n":"10","o":{"k":"a"}}',
    '{"n":-1,"plan":true,"$a b":"ä"}',
    '{"n":"many","o":{"k":10}}',
    '{"plan":{"x":1},"n":false}',
    "[1]",
    "no json",
)
JSON_NAMES = ("properties.plan", "properties.n", "properties.o.k", 'properties."$a b"', "properties.none")


def is_so(wanted: Filter, event: Event, known: Known) -> bool:
    """Whether the filter holds."""
    match wanted:
        case Not(part):
            return not is_so(part, event, known)
        case All(parts):
            return all(is_so(part, event, known) for part in parts)
        case model.Any(parts):
            return any(is_so(part, event, known) for part in parts)
        case Compare(name, op, value):
            return _is_compared(_value(name, event, known), op, _instants(value) if name == "ts" else value)


def _instants(value: Any) -> Any:
    return tuple(map(_instants, value)) if isinstance(value, tuple) else TIMES.get(value)


def _value(name: str, event: Event, known: Known) -> Any:
    if name in known:
        return known[name]
    if name == "kind":
        return KINDS.get(event.name, "click" if event.name in {"click", "click_outbound"} else "other")
    if name in {"ts", "received"}:
        return event.ts_us if name == "ts" else event.received_us
    if name in {"price", "amount"}:
        micros = event.price_micros if name == "price" else event.amount_micros
        return None if micros is None else Decimal(micros) / 1_000_000
    if name.startswith("properties."):
        return _in_json(event.properties, [key.strip('"') for key in re.findall(r'"[^"]*"|[^.]+', name)[1:]])
    return getattr(event, name)


def _in_json(text: str | None, keys: list[str]) -> str | None:
    try:
        found = json.loads(text or "null")
    except ValueError:
        return None
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    if found is None or isinstance(found, str):
        return found
    return json.dumps(found, separators=(",", ":"), ensure_ascii=False)


def _is_compared(value: Any, op: Op, wanted: Any) -> bool:
    if op in {Op.EXISTS, Op.MISSING}:
        return (value is None) == (op is Op.MISSING)
    first = wanted[0] if isinstance(wanted, tuple) else wanted
    if isinstance(value, str) and isinstance(first, bool):
        wanted = json.dumps(wanted)
    elif isinstance(value, str) and isinstance(first, int | float):
        value = float(value) if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?", value) else None
    if value is None:
        return False
    return _OPS[op](value, wanted)


def _order(value: Any) -> Any:
    """Texts in the order of their code points; amounts to the last digit; other numbers as doubles where one is."""
    if isinstance(value, str):
        return value.encode()
    return Decimal(repr(value)) if isinstance(value, float) else value


def _numbers(value: Any, wanted: Any) -> tuple[Any, Any]:
    if isinstance(value, Decimal):
        return value, _order(wanted)
    if isinstance(wanted, float) and not isinstance(value, str):
        return float(value), wanted
    return (_order(value), _order(wanted)) if isinstance(value, str) else (value, wanted)


def _sided(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda value, wanted: compare(*_numbers(value, wanted))


def _among(value: Any, wanted: tuple[Any, ...]) -> bool:
    return any(left == right for left, right in (_numbers(value, one) for one in wanted))


_OPS: Mapping[Op, Callable[[Any, Any], bool]] = {
    Op.IS: _sided(lambda value, wanted: value == wanted),
    Op.IS_NOT: _sided(lambda value, wanted: value != wanted),
    Op.BELOW: _sided(lambda value, wanted: value < wanted),
    Op.AT_MOST: _sided(lambda value, wanted: value <= wanted),
    Op.ABOVE: _sided(lambda value, wanted: value > wanted),
    Op.AT_LEAST: _sided(lambda value, wanted: value >= wanted),
    Op.IN: _among,
    Op.NOT_IN: lambda value, wanted: not _among(value, wanted),
    Op.CONTAINS: lambda value, wanted: wanted in value,
    Op.STARTS: lambda value, wanted: value.startswith(wanted),
    Op.ENDS: lambda value, wanted: value.endswith(wanted),
    Op.MATCHES: lambda value, wanted: re.search(wanted, value, re.ASCII) is not None,
}

_ORDER = (Op.IS, Op.IS_NOT, Op.BELOW, Op.AT_MOST, Op.ABOVE, Op.AT_LEAST)
_BARE = (Op.EXISTS, Op.MISSING)


def _compares(names: tuple[str, ...], values: st.SearchStrategy[Any], *, texts: bool) -> st.SearchStrategy[Compare]:
    name = st.sampled_from(names)
    kinds = [
        st.builds(Compare, name, st.sampled_from(_ORDER), values),
        st.builds(Compare, name, st.sampled_from([Op.IN, Op.NOT_IN]), st.lists(values, min_size=1).map(tuple)),
        st.builds(Compare, name, st.sampled_from(_BARE)),
    ]
    if texts:
        textual = st.sampled_from([Op.CONTAINS, Op.STARTS, Op.ENDS])
        kinds += [
            st.builds(Compare, name, textual, st.sampled_from(TEXTS)),
            st.builds(Compare, name, st.just(Op.MATCHES), st.sampled_from(PATTERNS)),
        ]
    return st.one_of(kinds)


def compares() -> st.SearchStrategy[Compare]:
    """A comparison of any type of property, with values that some events have."""
    return st.one_of(
        _compares(("country", "product_id", "brand"), st.sampled_from(TEXTS), texts=True),
        _compares(("kind",), st.sampled_from(sorted({*KINDS.values(), "other"})), texts=True),
        _compares(("quantity", "latitude"), st.sampled_from(NUMBERS), texts=False),
        _compares(("price", "amount"), st.sampled_from(MONEY), texts=False),
        _compares(("ts",), st.sampled_from(sorted(TIMES)), texts=False),
        _compares(JSON_NAMES, st.sampled_from(TEXTS), texts=True),
        _compares(JSON_NAMES, st.sampled_from(NUMBERS), texts=False),
        st.builds(Compare, st.sampled_from(JSON_NAMES), st.sampled_from([Op.IS, Op.IS_NOT]), st.booleans()),
    )


def filters() -> st.SearchStrategy[Filter]:
    """Any filter, a few levels deep."""

    def joined(inner: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
        several = st.lists(inner, min_size=2, max_size=3).map(tuple)
        return st.one_of(st.builds(Not, inner), st.builds(All, several), st.builds(model.Any, several))

    return st.recursive(compares(), joined, max_leaves=6)


def happenings(*, least: int, most: int) -> st.SearchStrategy[list[Event]]:
    """Events with any of these values, or without; each with an id of its own."""
    some = st.lists(_happening(), min_size=least, max_size=most)
    return some.map(lambda events: [replace(event, event_id=str(place)) for place, event in enumerate(events)])


def _happening() -> st.SearchStrategy[Event]:
    text = st.sampled_from([None, *TEXTS])
    return st.builds(
        Event,
        project_id=st.just("default"),
        event_id=st.just(""),
        name=st.sampled_from([*KINDS, "click", "waved"]),
        ts_us=st.sampled_from([BEGIN_US, BEGIN_US - 1, BEGIN_US + HOUR_US, BEGIN_US + 2 * HOUR_US]),
        received_us=st.just(BEGIN_US),
        user_id=st.just("ann"),
        country=text,
        product_id=text,
        brand=text,
        quantity=st.sampled_from([None, 0, 1, -1, 10, 2**53, -(2**63), 2**63 - 1]),
        latitude=st.sampled_from([None, 0.0, 0.1, 4.5, -1.0, 1e300]),
        price_micros=st.sampled_from([None, 0, 1, -1_000_000, 2_500_000, 19_990_000, 10**15]),
        amount_micros=st.sampled_from([None, 0, 1, 19_990_000, 19_990_001]),
        properties=st.sampled_from(DOCUMENTS),
    )
