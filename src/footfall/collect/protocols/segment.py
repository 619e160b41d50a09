"""Segment's HTTP Tracking API and RudderStack's, which is the same with a few names more.

Source: Segment's HTTP API and spec (docs, 2026), analytics-next 1.84, segment-analytics-python 2.4; rudder-sdk-python
2.1, rudder-sdk-js 3. Not supported: OAuth (the write key in the body counts instead), a client's settings and remote
metrics (`/v1/projects/…`, `/v1/m`: 404, which clients bear). `integrations` and `_metadata` steer Segment's own
destinations and are not kept. A refund keeps its products as a property.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import ClassVar, Final

import msgspec
from msgspec import Raw, Struct

from footfall.collect.access import basic_user
from footfall.collect.commerce import take_commerce
from footfall.collect.limits import Limits
from footfall.collect.protocol import POST, Answer, Protocol
from footfall.collect.receipt import Receipt
from footfall.collect.request import Request
from footfall.collect.translation import Message, Messages, Native, members, move, sound
from footfall.errors import BadRequest, FootfallError
from footfall.events.kinds import Taxonomy
from footfall.events.reasons import Reason
from footfall.events.values import Refused, shown
from footfall.events.wire import Source

TYPES: Final = ("track", "identify", "page", "screen", "group", "alias")
_BEACON: Final = "/beacon/v1/batch"
_BATCHES: Final = ("/v1/batch", "/v1/b", _BEACON)
_TYPE_OF: Final = {f"/v1/{name}": kind for kind in TYPES for name in (kind, kind[0])}
"""{path: type of its messages}; browsers send to the first letter."""
_JSON: Final = (b"content-type", b"application/json")

_IDS: Final = (("event_id", "messageId"), ("user_id", "userId"), ("visitor_id", "anonymousId"))
_PAGE: Final = (("page_url", "url"), ("page_path", "path"), ("page_title", "title"), ("referrer", "referrer"))
_CAMPAIGN: Final = (
    *(("utm_source", "source"), ("utm_medium", "medium"), ("utm_campaign", "name")),
    *(("utm_term", "term"), ("utm_content", "content")),
)
_PLACE: Final = (("city", "city"), ("region", "region"), ("latitude", "latitude"), ("longitude", "longitude"))
_MEDIA: Final = {"web": "web", "browser": "web", "mobile": "app", "server": "server"}
"""{`channel` of a message: `source` of the event}."""
_TRANSPORT: Final = ("writeKey", "receivedAt", "integrations", "_metadata", "request_ip", "version")


class _Envelope(Struct, gc=False):
    """What is said of a whole body; a single message says it of itself."""

    batch: Raw = Raw()
    sentAt: object = None  # noqa: N815 - as it is sent
    writeKey: object = None  # noqa: N815 - as it is sent


class Segment(Protocol):
    """Messages of six types, one by one or in batches."""

    name = "segment"
    routes: ClassVar = dict.fromkeys((*_BATCHES, *_TYPE_OF), POST)

    def stated_key(self, request: Request, /) -> str | None:
        """The user of Basic; a Bearer is a token of Segment's own. Beacons, which send no headers, have a parameter."""
        scheme, _, credentials = request.headers.get(b"authorization", b"").partition(b" ")
        return basic_user(credentials) if scheme.lower() == b"basic" else request.parameter("writeKey")

    def open(self, body: bytes, request: Request, _limits: Limits, /) -> Messages:
        body = sound(body)
        envelope = _opened(body)
        kind = _TYPE_OF.get(request.path)
        batch = bytes(envelope.batch)
        if kind is None and not batch.startswith(b"["):
            raise BadRequest("the body has no array `batch`: send one, or a single message to /v1/track and its like")
        return Messages(
            array=batch if kind is None else b"[%b]" % body,
            translate=partial(translate, kind=kind, sent_at=envelope.sentAt, agent=request.header(b"user-agent")),
            write_key=envelope.writeKey if isinstance(envelope.writeKey, str) else None,
            sent_at=envelope.sentAt,
        )

    def again(self, message: bytes, _limits: Limits, /) -> Messages:
        """A message that was sent where all are of one type does not say which: most were sent to be tracked."""
        return Messages(b"[%b]" % message, partial(translate, kind="track", sent_at=None, agent=""))

    def taken(self, _receipt: Receipt, request: Request, /) -> Answer:
        if request.path == _BEACON:
            return Answer(200, ((b"content-type", b"text/plain; charset=utf-8"),), b"OK")
        return Answer(200, (_JSON,), b'{"success":true}')

    def refused(self, error: FootfallError, _request: Request, /) -> Answer:
        """With `code` and `message`, which clients read; RudderStack's sends again, and again, what lacks them."""
        said = {"success": False, "code": error.code, "message": error.detail}
        return Answer(error.status, (_JSON,), msgspec.json.encode(said))


def translate(message: Message, source: Source, *, kind: str | None, sent_at: object, agent: str) -> Iterable[Native]:
    """The events of one message.

    `kind` is its type where it does not say so itself, `sent_at` what the body says, `agent` the request's own.
    """
    stated = message.pop("type", None) or kind
    if stated not in TYPES:
        raise Refused(Reason.UNSUPPORTED, f"its type is {shown(stated)}: {', '.join(TYPES)} are taken")
    event: Native = {}
    move(message, event, _IDS)
    _take_time(message, event, sent_at)
    context = members(message, "context")
    _take_context(context, event, source, agent)
    if "channel" in message and (medium := _MEDIA.get(str(message["channel"]))):
        event["source"] = medium
        del message["channel"]
    items: Sequence[Native] = ()
    match stated:
        case "track":
            items = _take_track(event, message, source.taxonomy)
        case "page" | "screen":
            _take_page(event, message, screen=stated == "screen")
        case _:
            event["name"] = stated
            event["properties"] = _told(message, context)
    if context:
        event["context"] = context
    if message:
        for name in _TRANSPORT:
            message.pop(name, None)
        if message:
            event["metadata"] = message
    return (event, *items)


def _take_time(message: Message, event: Native, sent_at: object) -> None:
    """Segment's rule: `originalTimestamp`, else `timestamp`, by a clock that showed `sentAt` when this was sent."""
    timestamp, original = message.pop("timestamp", None), message.pop("originalTimestamp", None)
    if original or timestamp:
        event["timestamp"] = original or timestamp
    own = message.pop("sentAt", None)
    if own and own != sent_at:
        event["sent_at"] = own


def _take_context(context: Message, event: Native, source: Source, agent: str) -> None:
    """What `context` says and an event has a field for; place, address and agent only from who may state them."""
    page, campaign = context.get("page"), context.get("campaign")
    if isinstance(page, dict):
        move(page, event, _PAGE)
        if not page or (len(page) == 1 and page.get("search") in ("", None)):
            del context["page"]
    if isinstance(campaign, dict):
        move(campaign, event, _CAMPAIGN)
        if not campaign:
            del context["campaign"]
    system = context.get("os")
    if isinstance(system, dict) and isinstance(system.get("name"), str):
        event["os"] = system["name"]
    if isinstance(context.get("sessionId"), (str, int)):  # the moment of its start, so only one visitor's own
        event["session_id"] = f"{event.get('visitor_id') or event.get('user_id')}:{context.pop('sessionId')}"
    if source.may_state:
        _take_claims(context, event)
    else:
        context.pop("ip", None)
        if context.get("userAgent") == agent:
            del context["userAgent"]


def _take_claims(context: Message, event: Native) -> None:
    move(context, event, (("ip", "ip"), ("user_agent", "userAgent")))
    place = context.get("location")
    if isinstance(place, dict):
        country = place.get("country")
        if isinstance(country, str) and len(country) == 2:
            event["country"] = country.upper()
        move(place, event, _PLACE)


def _take_track(event: Native, message: Message, taxonomy: Taxonomy) -> Sequence[Native]:
    properties = members(message, "properties")
    sent = message.pop("event", None)
    items: Sequence[Native] = ()
    if isinstance(sent, str):
        items = take_commerce(event, sent, properties, taxonomy)
    elif sent is not None:
        event["name"] = sent
    if properties:
        event["properties"] = properties
    return items


def _take_page(event: Native, message: Message, *, screen: bool) -> None:
    """A page's name stands for a title where it has none; name and category are kept as properties, as they become."""
    event["name"] = "screen_view" if screen else "page_view"
    properties = members(message, "properties")
    if screen:
        event.setdefault("source", "app")
    else:
        move(properties, event, _PAGE)
    for name in ("name", "category"):
        if value := message.pop(name, None):
            properties.setdefault(name, value)
    if "page_title" not in event and isinstance(properties.get("name"), str):
        event["page_title"] = properties["name"]
    if properties:
        event["properties"] = properties


def _told(message: Message, context: Message) -> Message:
    """What identify and group say of somebody, and group and alias of whom; one client puts traits into the context."""
    told = members(message, "traits") or members(context, "traits")
    for name, sent in (("group_id", "groupId"), ("previous_id", "previousId")):
        if (value := message.pop(sent, None)) is not None:
            told[name] = value
    return told


def _opened(body: bytes) -> _Envelope:
    try:
        return msgspec.json.decode(body, type=_Envelope)
    except RecursionError:
        raise BadRequest("the body is nested too deep") from None
    except msgspec.DecodeError as error:
        raise BadRequest(f"the body is not a JSON object: {error}") from None
