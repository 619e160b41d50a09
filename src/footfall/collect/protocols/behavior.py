"""`POST /api/behavior/events`: one behavior event or an array of them, as lead generation tells them.

Source: the behavior API of a lead generation platform, by its document: `eventType`, `category`, `sessionId`, `leadId`,
`userId`, `timestamp`, `source`, `page`, `properties`, `context`, `value`, `metadata`. All of it is taken; it answers as
Footfall's own protocol does, whose names may stand beside.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import ClassVar, Final

import msgspec

from footfall.collect.limits import Limits
from footfall.collect.protocol import POST, Answer, Protocol
from footfall.collect.receipt import Receipt
from footfall.collect.request import Request
from footfall.collect.translation import Message, Messages, Native
from footfall.collect.web import Sender, as_array, key_among, name_sender
from footfall.events.names import BY_SPELLING
from footfall.events.wire import Source

_PAGE: Final = (("page_url", "url"), ("page_title", "title"), ("referrer", "referrer"))
_CONTEXT: Final = (("device", "device"), ("browser", "browser"), ("os", "os"))
_CLAIMS: Final = (
    *(("ip", "ip"), ("ip", "ipAddress"), ("user_agent", "userAgent")),
    *(("country", "country"), ("region", "region"), ("city", "city")),
)
_ADDRESSES: Final = ("ip", "ipAddress", "ip_address")
_KEYS: Final = ("write_key", "writeKey")


class Behavior(Protocol):
    """Events under names of which most are Footfall's own."""

    name = "behavior"
    cookieless = True
    routes: ClassVar = {"/api/behavior/events": POST}

    def open(self, body: bytes, request: Request, limits: Limits, /) -> Messages:
        array = as_array(body)
        return Messages(
            array=array,
            translate=partial(translate, sender=Sender.of(request)),
            write_key=key_among(array, _key, most=limits.events) if self.stated_key(request) is None else None,
        )

    def taken(self, receipt: Receipt, _request: Request, /) -> Answer:
        return Answer(202, ((b"content-type", b"application/json"),), msgspec.json.encode(receipt))


def translate(message: Message, source: Source, *, sender: Sender) -> Iterable[Native]:
    """The one event of a message: the message, with what its page, properties and context say in its fields."""
    event: Native = message
    for name in _KEYS:
        event.pop(name, None)
    stated = {BY_SPELLING[name][0].field for name in event if name in BY_SPELLING}
    for name, fields in (("page", _PAGE), ("properties", _PAGE), ("context", _CONTEXT)):
        _fill(event, stated, name, fields)
    if source.may_state:
        _fill(event, stated, "context", _CLAIMS)
    elif isinstance(context := event.get("context"), dict):
        for name in _ADDRESSES:
            context.pop(name, None)
    if "visitor_id" not in stated and "user_id" not in stated and "session_id" not in stated:
        name_sender(event, source, sender)
    return (event,)


def _fill(event: Native, stated: set[str], name: str, fields: Iterable[tuple[str, str]]) -> None:
    """Move what the object `name` says to fields of which the event says nothing itself."""
    told = event.get(name)
    if not isinstance(told, dict):
        return
    for field, key in fields:
        if field not in stated and isinstance(told.get(key), str):
            event[field] = told.pop(key)
            stated.add(field)
    if not told:
        del event[name]


def _key(message: Message) -> object:
    return message.get("write_key") or message.get("writeKey")
