"""Umami's: what its script and @umami/node send of pages, events, people and web vitals.

Source: Umami 3.1 (its route, script and docs) and @umami/node 0.4. More than it: an `event_id` in the payload, which
makes it harmless to send an event again. The website's id is the write key. Not supported: links and pixels of Umami's
own. The `cache` of an answer saves Umami a look-up; here it is given, since clients send it back, and says nothing.
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
from footfall.collect.translation import Message, Messages, Native, members, move
from footfall.collect.web import UNKNOWN, Sender, as_array, goal, key_among, name_sender
from footfall.errors import FootfallError
from footfall.events.reasons import Reason
from footfall.events.values import Refused, shown
from footfall.events.wire import Source

_BATCH: Final = "/api/batch"
_JSON: Final = (b"content-type", b"application/json")
_TYPES: Final = ("event", "identify", "performance")
_FIELDS: Final = (
    *(("event_id", "event_id"), ("user_id", "id"), ("timestamp", "timestamp"), ("page_title", "title")),
    *(("referrer", "referrer"), ("browser", "browser"), ("os", "os"), ("device", "device")),
)
_CLAIMS: Final = (("ip", "ip"), ("user_agent", "userAgent"))
_CONTEXT: Final = ("hostname", "screen", "language", "tag")
_VITALS: Final = ("lcp", "inp", "cls", "fcp", "ttfb")


class Umami(Protocol):
    """One message, or an array of them as a batch."""

    name = "umami"
    cookieless = True
    routes: ClassVar = {"/api/send": POST, _BATCH: POST}

    def open(self, body: bytes, request: Request, limits: Limits, /) -> Messages:
        array = as_array(body)
        stated = self.stated_key(request)
        key = key_among(array, _website, most=limits.events) if stated is None else None
        return Messages(array=array, translate=partial(translate, sender=Sender.of(request), key=key), write_key=key)

    def again(self, message: bytes, _limits: Limits, /) -> Messages:
        return Messages(b"[%b]" % message, partial(translate, sender=None, key=None))

    def taken(self, receipt: Receipt, request: Request, /) -> Answer:
        cache = {"cache": request.id}
        if request.path == _BATCH:
            faults = [
                {"index": one.index, "response": {"error": _error(one.reason, one.detail)}} for one in receipt.errors
            ]
            size = receipt.accepted + receipt.rejected
            counts = {"size": size, "processed": receipt.accepted, "errors": receipt.rejected}
            return Answer(200, (_JSON,), msgspec.json.encode({**counts, "details": faults, **cache}))
        return Answer(200, (_JSON,), msgspec.json.encode({**cache, "sessionId": request.id, "visitId": request.id}))

    def refused(self, error: FootfallError, _request: Request, /) -> Answer:
        said = {"error": {**_error(error.code, error.detail), "status": error.status}}
        return Answer(error.status, (_JSON,), msgspec.json.encode(said))


def translate(message: Message, source: Source, *, sender: Sender | None, key: str | None) -> Iterable[Native]:
    """The one event of a message; `key` is the website whose events these are, where the body said so.

    `sender` is who sends it; None where that is not known any more, and was looked at before.
    """
    kind = message.pop("type", "event")
    if kind not in _TYPES:
        raise Refused(Reason.UNSUPPORTED, f"its type is {shown(kind)}: {', '.join(_TYPES)} are taken")
    payload = members(message, "payload")
    website = payload.pop("website", None)
    if key is not None and website not in (None, key):
        raise Refused(Reason.UNSUPPORTED, "it is of another website than the first of its batch: send them apart")
    event: Native = {}
    move(payload, event, _FIELDS)
    context = {name: payload.pop(name) for name in _CONTEXT if payload.get(name)}
    _take_page(payload, event, context)
    if source.may_state:
        move(payload, event, _CLAIMS)
    else:
        payload.pop("ip", None)
    if sender is not None and not (sender.agent or event.get("user_agent")):
        raise Refused(Reason.BAD_FIELD, "no User-Agent: Umami's protocol wants one, as who has none is a program")
    if kind == "performance":
        event["name"] = "web_vitals"
        event["properties"] = {name: payload.pop(name) for name in _VITALS if name in payload}
    else:
        _take_event(payload, event, source, identifies=kind == "identify")
    if context:
        event["context"] = context
    if payload or message:
        event["metadata"] = payload | message
    name_sender(event, source, sender or UNKNOWN)
    return (event,)


def _take_event(payload: Message, event: Native, source: Source, *, identifies: bool) -> None:
    properties = members(payload, "data")
    name = payload.pop("name", None)
    event["name"] = "identify" if identifies else "page_view" if name in (None, "") else goal(name, source.taxonomy)
    if not identifies:
        revenue = properties.get("revenue")
        if isinstance(revenue, int | Decimal) and not isinstance(revenue, bool):
            move(properties, event, (("amount", "revenue"), ("currency", "currency")))
        take_what_fits(event, properties)
    if properties:
        event["properties"] = properties


def _take_page(payload: Message, event: Native, context: Message) -> None:
    """A path stands for the page of that host, as in Umami itself."""
    url, host = payload.pop("url", None), context.get("hostname")
    if isinstance(url, str) and url.startswith("/"):
        event["page_path"] = url.partition("?")[0].partition("#")[0]
        if isinstance(host, str):
            event["page_url"] = f"https://{host}{url}"
    elif url is not None:
        event["page_url"] = url


def _website(message: Message) -> object:
    payload = message.get("payload")
    return payload.get("website") if isinstance(payload, dict) else None


def _error(code: str, message: str) -> dict[str, str]:
    return {"code": code, "message": message}
