"""Plausible's events API: what its script and its clients send of pages, goals and money.

Source: Plausible's events API (docs, 2026), its script of 2026 and plausible-tracker 0.3. More than it: an array of
events, and an `event_id`, which makes it harmless to send an event again. Not supported: several domains in one event
(they are kept, as one text). An event that Plausible would refuse for its content is kept with its reason instead.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import partial
from typing import ClassVar, Final

import msgspec

from footfall.collect.commerce import take_what_fits
from footfall.collect.limits import Limits
from footfall.collect.protocol import POST, Answer, Protocol
from footfall.collect.receipt import Receipt
from footfall.collect.request import Request
from footfall.collect.translation import Message, Messages, Native, move
from footfall.collect.web import Sender, as_array, goal, key_among, name_sender, unpacked
from footfall.errors import FootfallError
from footfall.events.wire import Source

_LONG: Final = {
    "n": "name",
    "u": "url",
    "d": "domain",
    "r": "referrer",
    "w": "screen_width",
    "h": "hashMode",
    "m": "meta",
    "p": "props",
    "$": "revenue",
    "i": "interactive",
    "e": "engagement_time",
    "sd": "scroll_depth",
}
"""{short key: long key}; scripts send the short ones."""
_NAMES: Final = {
    "pageview": "page_view",
    "engagement": "time_on_page",
    "Outbound Link: Click": "click_outbound",
    "Cloaked Link: Click": "click",
    "File Download": "download",
    "Form: Submission": "form_submit",
    "WP Search Queries": "search_query",
}
"""{name that its script gives: name here}."""
_FIELDS: Final = (("event_id", "event_id"), ("page_url", "url"), ("referrer", "referrer"))
_MONEY: Final = (("amount", "amount"), ("currency", "currency"))
_NO_DEPTH: Final = 255
"""`scroll_depth` of a page that can't be scrolled."""


class Plausible(Protocol):
    """One event a request."""

    name = "plausible"
    cookieless = True
    routes: ClassVar = {"/api/event": POST}

    def open(self, body: bytes, request: Request, limits: Limits, /) -> Messages:
        array = as_array(body)
        key = key_among(array, _key, most=limits.events) if self.stated_key(request) is None else None
        return Messages(array=array, translate=partial(translate, sender=Sender.of(request), key=key), write_key=key)

    def taken(self, receipt: Receipt, _request: Request, /) -> Answer:
        dropped = ((b"x-plausible-dropped", b"%d" % receipt.rejected),) if receipt.rejected else ()
        return Answer(202, ((b"content-type", b"text/plain; charset=utf-8"), *dropped), b"ok")

    def refused(self, error: FootfallError, _request: Request, /) -> Answer:
        said = {"errors": {error.code: [error.detail]}}
        return Answer(error.status, ((b"content-type", b"application/json"),), msgspec.json.encode(said))


def translate(message: Message, source: Source, *, sender: Sender, key: str | None) -> Iterable[Native]:
    """The events of one message: one, but for what is told of a page that is left."""
    for short, long in _LONG.items():
        if short in message and message.get(long) is None:
            message[long] = message.pop(short)
    event: Native = {}
    sent = message.pop("name", None)
    event["name"] = _NAMES.get(sent, goal(sent, source.taxonomy)) if isinstance(sent, str) else sent
    move(message, event, _FIELDS)
    properties = unpacked(message, "props") or unpacked(message, "meta")
    move(unpacked(message, "revenue"), event, _MONEY)
    take_what_fits(event, properties)
    if properties:
        event["properties"] = properties
    domain = message.pop("domain", None)
    context = {name: message.pop(name) for name in ("screen_width",) if name in message}
    if domain and domain != key:
        context["domain"] = domain
    if context:
        event["context"] = context
    name_sender(event, source, sender)
    left = _left(event, message) if sent == "engagement" else []
    if message:
        event["metadata"] = message
    return [event, *left]


def _left(event: Native, message: Message) -> list[Native]:
    """What is told of a page that is left: ms in view become seconds, and how far it was scrolled another event."""
    spent, depth = message.get("engagement_time"), message.get("scroll_depth")
    if type(spent) is int:
        event["value"] = Decimal(spent) / 1_000
        del message["engagement_time"]
    if type(depth) is not int or not 0 <= depth < _NO_DEPTH:
        return []
    del message["scroll_depth"]
    scrolled = event | {"name": "scroll_depth", "value": depth}
    if isinstance(event.get("event_id"), str | int):
        scrolled["event_id"] = f"{event['event_id']}:scroll"
    return [scrolled]


def _key(message: Message) -> object:
    """The domain, unless it is one: a key has no dot."""
    domain = message.get("d") or message.get("domain")
    return None if isinstance(domain, str) and "." in domain else domain
