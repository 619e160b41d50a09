"""A plain event: the struct into which the fast lane decodes, and what it takes without a second look.

Whatever is not plain is refused by the decoder or by `complete`, never read in another way than
`footfall.events.wire` reads it: `tests/events/test_lanes.py` proves that both give the same events.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated, Final, TypeAlias, cast

import msgspec
from msgspec import Meta, Raw
from msgspec.structs import force_setattr

from footfall.events.event import Event
from footfall.events.ids import new_id
from footfall.events.linking import ALIAS
from footfall.events.money import MAX_MICROS, MAX_UNITS, read_money, whole_micros
from footfall.events.names import BY_SPELLING, in_camel_case
from footfall.events.nesting import nested_deeper
from footfall.events.surroundings import NO_AGENT, NOWHERE, Agent, Place, Visit
from footfall.events.time import read_time
from footfall.events.values import ID_BYTES, TEXT_BYTES
from footfall.events.wire import AHEAD_US, MONEY_KINDS, OLD_US, Source

BYTES_A_CHARACTER: Final = 4
"""Most bytes of UTF-8 that a character takes: what has few enough characters need not be measured in bytes."""

_Text: TypeAlias = Annotated[str, Meta(min_length=1, max_length=TEXT_BYTES // BYTES_A_CHARACTER)]
_Id: TypeAlias = Annotated[str, Meta(min_length=1, max_length=ID_BYTES // BYTES_A_CHARACTER)]
_DoorText: TypeAlias = Annotated[str, Meta(min_length=1, max_length=0)]
_DoorInt: TypeAlias = Annotated[int, Meta(gt=0, lt=0)]
"""The door's own fields: no value satisfies these, so an event that states one is not plain."""
_Time: TypeAlias = int | _Text | None
_Money: TypeAlias = int | float | _Text | None
_Micros: TypeAlias = Annotated[int, Meta(ge=-MAX_MICROS, le=MAX_MICROS)]
_Degrees: TypeAlias = Annotated[float, Meta(ge=-180, le=180)]

_NO_TIME: Final = -1
_JAVASCRIPT_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII).fullmatch
_RENAMED: Final = {
    "properties": "properties_json",
    "context": "context_json",
    "metadata": "metadata_json",
    "sent_properties": "properties",
    "sent_context": "context",
    "sent_metadata": "metadata",
}


class PlainEvent(Event, frozen=True, kw_only=True, gc=False, forbid_unknown_fields=True, rename=_RENAMED):
    """An event in JSON under its own names; `complete` makes it an Event."""

    project_id: _DoorText = ""
    received_us: _DoorInt = 0
    ip_hash: _DoorText = ""
    event_id: _Id = ""
    name: _Text = ""
    ts_us: Annotated[int, Meta(ge=0)] = _NO_TIME
    visitor_id: _Id | None = None
    user_id: _Id | None = None
    session_id: _Id | None = None
    order_id: _Id | None = None
    source: _Text | None = None
    category: _Text | None = None
    page_url: _Text | None = None
    page_path: _Text | None = None
    page_title: _Text | None = None
    referrer: _Text | None = None
    product_id: _Id | None = None
    product_category: _Text | None = None
    brand: _Text | None = None
    price_micros: _Micros | None = None
    quantity: Annotated[int, Meta(ge=-MAX_UNITS, le=MAX_UNITS)] | None = None
    amount_micros: _Micros | None = None
    currency: _Text | None = None
    device: _Text | None = None
    browser: _Text | None = None
    os: _Text | None = None
    country: _Text | None = None
    region: _Text | None = None
    city: _Text | None = None
    latitude: Annotated[float, Meta(ge=-90, le=90)] | None = None
    longitude: _Degrees | None = None
    channel: _Text | None = None
    utm_source: _Text | None = None
    utm_medium: _Text | None = None
    utm_campaign: _Text | None = None
    utm_term: _Text | None = None
    utm_content: _Text | None = None
    properties: _Text | None = None
    context: _Text | None = None
    metadata: _Text | None = None
    timestamp: _Time = None
    price: _Money = None
    amount: _Money = None
    sent_properties: Raw = Raw()
    sent_context: Raw = Raw()
    sent_metadata: Raw = Raw()


def _in_camel_case() -> type[PlainEvent]:
    """The same struct under the names that JavaScript prefers: `visitorId`, `pageUrl`."""
    fields = msgspec.structs.fields(PlainEvent)
    camel = {field.name: in_camel_case(field.encode_name) for field in fields}
    renamed = {
        field.name: camel[field.name] if camel[field.name] in BY_SPELLING else field.encode_name for field in fields
    }
    made = msgspec.defstruct(
        "CamelEvent",
        [(field.name, field.type, field.default) for field in fields],
        bases=(PlainEvent,),
        rename=renamed,
        frozen=True,
        kw_only=True,
        gc=False,
        forbid_unknown_fields=True,
    )
    return cast("type[PlainEvent]", made)


CamelEvent: Final = _in_camel_case()


def complete(event: PlainEvent, source: Source) -> bool:
    """Give a decoded event what its door knows and what follows from its fields; False when it is not plain after all.

    It changes `event` in place, which nobody else has seen yet.
    """
    visitor, user, session = event.visitor_id, event.user_id, event.session_id
    if visitor is None and user is None and session is None:
        return False
    for text in (event.name, event.event_id, visitor, user, session, event.order_id, event.product_id):
        if text and text.strip() != text:
            return False
    return (
        _set_name_and_time(event, source)
        and _set_money(event, source)
        and _set_objects(event, source)
        and _set_origin(event, source)
    )


def _set_name_and_time(event: PlainEvent, source: Source) -> bool:
    name, sent, ts_us, received = event.name, event.timestamp, event.ts_us, source.received_us
    if name == ALIAS and not source.may_state:
        return False
    if not name or (len(name) if name.isascii() else len(name.encode())) > source.name_bytes:
        return False
    if sent is None and ts_us == _NO_TIME:
        force_setattr(event, "ts_us", received)
        return not source.needs_time
    if sent is not None:
        if ts_us != _NO_TIME:
            return False
        try:
            ts_us = quick_time(sent)
        except ValueError:
            return False
    ts_us += source.shift_us
    force_setattr(event, "ts_us", ts_us)
    return (0 if source.allow_old else received - OLD_US) <= ts_us <= received + AHEAD_US and ts_us >= 0


def quick_time(sent: float | str) -> int:
    """What `read_time` gives; for what JavaScript writes (2019-10-01T12:00:00.000Z) each second is parsed once."""
    if isinstance(sent, str) and _JAVASCRIPT_TIME(sent):
        return _second(sent[:19]) + 1_000 * int(sent[20:23])
    return read_time(sent)


@lru_cache(4_096)
def _second(text: str) -> int:
    """µs since the epoch of a date and time in UTC, to the second."""
    return read_time(text + "Z")


def quick_micros(sent: float | str) -> int:
    """What `read_money` gives; a double that stands for no whole micro-units is a ValueError: its text says more."""
    if not isinstance(sent, float):
        return read_money(sent)
    micros = whole_micros(sent)
    if micros is None:
        raise ValueError("this is not the nearest double to whole micro-units")
    return micros


def _set_money(event: PlainEvent, source: Source) -> bool:
    price, amount = event.price, event.amount
    try:
        if price is not None:
            if event.price_micros is not None:
                return False
            force_setattr(event, "price_micros", quick_micros(price))
        if amount is not None:
            if event.amount_micros is not None:
                return False
            force_setattr(event, "amount_micros", quick_micros(amount))
    except ValueError:
        return False
    if event.currency is not None:
        if event.currency != source.currency:
            return False
        force_setattr(event, "currency", None)
    return event.price_micros is None or event.amount_micros is not None or _set_sale(event, source)


def _set_sale(event: PlainEvent, source: Source) -> bool:
    if source.taxonomy.kind(event.name) not in MONEY_KINDS:
        return True
    price, quantity = event.price_micros, event.quantity
    assert price is not None
    force_setattr(event, "amount_micros", sale := price * (1 if quantity is None else quantity))
    return -MAX_MICROS <= sale <= MAX_MICROS


def _set_objects(event: PlainEvent, source: Source) -> bool:
    if event.properties is not None or event.context is not None or event.metadata is not None:
        return False
    properties, context, metadata = event.sent_properties, event.sent_context, event.sent_metadata
    return (
        (not properties or _set_object(event, "properties", bytes(properties), source))
        and (not context or _set_object(event, "context", bytes(context), source))
        and (not metadata or _set_object(event, "metadata", bytes(metadata), source))
    )


def _set_object(event: PlainEvent, field: str, text: bytes, source: Source) -> bool:
    if text == b"null":
        return True
    if source.hiding is not None and source.hiding.names(text):
        return False
    force_setattr(event, field, text.decode())
    if len(text) > 2 * source.depth and nested_deeper(text, source.depth - 1):
        return False
    return text.startswith(b"{") and len(text) <= source.property_bytes


def _set_origin(event: PlainEvent, source: Source) -> bool:
    force_setattr(event, "project_id", source.project_id)
    force_setattr(event, "received_us", source.received_us)
    if not event.event_id:
        force_setattr(event, "event_id", new_id(source.received_us))
    if event.source is None:
        force_setattr(event, "source", source.medium)
    if event.is_bot and not source.may_state:
        return False
    _set_agent(event, source.agent)
    _set_visit(event, source)
    if source.may_state:
        force_setattr(event, "ip_hash", None)
        return True
    force_setattr(event, "ip_hash", source.ip_hash)
    if event.country is event.region is event.city is None and event.latitude is event.longitude is None:
        for name, value in zip(Place._fields, source.place, strict=True) if source.place is not NOWHERE else ():
            force_setattr(event, name, value)
        return True
    return False


def _set_agent(event: PlainEvent, agent: Agent) -> None:
    if agent is NO_AGENT:
        return
    if event.device is None:
        force_setattr(event, "device", agent.device)
    if event.browser is None:
        force_setattr(event, "browser", agent.browser)
    if event.os is None:
        force_setattr(event, "os", agent.os)
    if agent.is_bot:
        force_setattr(event, "is_bot", True)


def _set_visit(event: PlainEvent, source: Source) -> None:
    if source.lookups.visit is not None:
        visit = source.lookups.visit(event.page_url, event.referrer, event.utm_medium, event.utm_source)
        for name, value in zip(Visit._fields, visit, strict=True):
            if value is not None and getattr(event, name) is None:
                force_setattr(event, name, value)
