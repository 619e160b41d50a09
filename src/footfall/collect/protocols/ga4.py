"""Google Analytics 4: its Measurement Protocol, by which servers and apps send events.

Source: the Measurement Protocol for GA4 and the recommended events (docs, 2026). More than it: an `event_id` among the
parameters, which makes it harmless to send an event again; answers say what is wrong, where GA4 takes all in silence.
Not supported: the browser's own `/g/collect`, which is not documented, and `user_data` for advertising: it is dropped
unread, since its hashes of addresses and names are personal.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import ClassVar, Final

import msgspec
from msgspec import Raw

from footfall.collect.commerce import take_commerce
from footfall.collect.limits import Limits
from footfall.collect.protocol import POST, Answer, Protocol
from footfall.collect.receipt import Receipt
from footfall.collect.request import Request
from footfall.collect.translation import Message, Messages, Native, members, move, sound
from footfall.errors import BadRequest, FootfallError
from footfall.events.wire import Source

_COLLECT: Final = "/mp/collect"
_DEBUG: Final = "/debug/mp/collect"
_JSON: Final = (b"content-type", b"application/json")

_NAMES: Final = {
    "view_item": "product_view",
    "view_item_list": "product_list_view",
    "select_item": "click",
    "view_cart": "cart_view",
    "begin_checkout": "checkout_start",
    "add_payment_info": "payment_info",
    "view_promotion": "promotion_view",
    "select_promotion": "promotion_click",
    "in_app_purchase": "purchase",
    "search": "search_query",
    "view_search_results": "search_query",
    "share": "social_share",
    "file_download": "download",
    "click": "click_outbound",
    "scroll": "scroll_depth",
    "video_start": "video_play",
    "user_engagement": "time_on_page",
    "first_open": "first_visit",
    "app_exception": "page_error",
}
"""{recommended or measured name: name here}; what is not listed is called the same, or is one's own."""
_PAGE: Final = (("page_url", "page_location"), ("page_title", "page_title"), ("referrer", "page_referrer"))
_CAMPAIGN: Final = (
    *(("utm_source", "source"), ("utm_medium", "medium"), ("utm_campaign", "campaign")),
    *(("utm_term", "term"), ("utm_content", "content")),
)
_ITEM: Final = (
    *(("product_id", "item_id"), ("name", "item_name")),
    *(("category", "item_category"), ("brand", "item_brand")),
)
_PLACE: Final = (("city", "city"), ("region", "region_id"), ("country", "country_id"))
_CLIENT: Final = ("client_id", "app_instance_id", "user_id")
_DEVICE: Final = (
    *(("device", "category"), ("browser", "browser"), ("os", "operating_system")),
    ("user_agent", "user_agent"),
)
_open: Final = msgspec.json.Decoder(dict[str, Raw]).decode
_read: Final = msgspec.json.Decoder(float_hook=Decimal).decode
_MILLISECONDS: Final = re.compile(r"[0-9]{1,12}", re.ASCII)


class GA4(Protocol):
    """Events of one client in an envelope that says what is common to them."""

    name = "ga4"
    routes: ClassVar = {_COLLECT: POST, _DEBUG: POST}

    def stated_key(self, request: Request, /) -> str | None:
        return request.parameter("api_secret") or super().stated_key(request)

    def stores(self, request: Request, /) -> bool:
        return request.path != _DEBUG

    def open(self, body: bytes, request: Request, _limits: Limits, /) -> Messages:
        envelope = _opened(body)
        events = bytes(envelope.pop("events", b""))
        if not events.startswith(b"["):
            raise BadRequest("the body has no array `events`")
        stream = request.parameter("measurement_id", "firebase_app_id")
        client: Message = {name: _read(envelope[name]) for name in _CLIENT if name in envelope}
        return Messages(
            array=events,
            translate=partial(translate, envelope=envelope, stream=stream),
            whole=lambda message: {**client, **message},
        )

    def again(self, message: bytes, _limits: Limits, /) -> Messages:
        """Of the envelope only who the client is was kept, with the event."""
        said = _opened(message)
        envelope: dict[str, Raw] = {name: said.pop(name) for name in _CLIENT if name in said}
        return Messages(b"[%b]" % msgspec.json.encode(said), partial(translate, envelope=envelope, stream=None))

    def taken(self, receipt: Receipt, request: Request, /) -> Answer:
        if request.path != _DEBUG:
            return Answer(204, (), b"")
        told = [_message(f"events[{one.index}]", one.detail, one.reason) for one in receipt.errors]
        return Answer(200, (_JSON,), msgspec.json.encode({"validationMessages": told}))

    def refused(self, error: FootfallError, _request: Request, /) -> Answer:
        told = [_message("", error.detail, error.code)]
        return Answer(error.status, (_JSON,), msgspec.json.encode({"validationMessages": told}))


def translate(message: Message, source: Source, *, envelope: dict[str, Raw], stream: str | None) -> Sequence[Native]:
    """The events of one message: one, and what its order is made of."""
    common = _common(envelope)
    params = members(message, "params")
    sent = message.pop("name", None)
    event: Native = {}
    move(params, event, (("event_id", "event_id"),))
    _take_client(common, params, event)
    moment = message.pop("timestamp_micros", None) or common.pop("timestamp_micros", None)
    common.pop("timestamp_micros", None)
    if moment:
        event["ts_us"] = moment
    move(params, event, _PAGE)
    if sent == "campaign_details":
        move(params, event, _CAMPAIGN)
    _take_surroundings(common, event, source)
    if stream:
        common.setdefault("stream", stream)
    items = _take_named(event, sent, params, source)
    for field, rest in (("properties", params), ("context", common), ("metadata", message)):
        if rest:
            event[field] = rest
    return [event, *items]


def _take_client(common: Message, params: Message, event: Native) -> None:
    """A session's id is only its client's own: with the client's it is the project's."""
    app = common.pop("app_instance_id", None)
    client = common.pop("client_id", None) or app
    user = common.pop("user_id", None)
    session = params.pop("session_id", None) or params.pop("ga_session_id", None)
    for field, value in (("visitor_id", client), ("user_id", user)):
        if value:
            event[field] = value
    if app:
        event["source"] = "app"
    owner = client or user
    if session and owner:
        event["session_id"] = f"{owner}:{session}" if isinstance(session, str | int) else session
    elif session:
        params["session_id"] = session


def _take_surroundings(common: Message, event: Native, source: Source) -> None:
    """Place, address and device, where the key may state them; else they are kept unread, but for the address."""
    address = common.pop("ip_override", None)
    if not source.may_state:
        return
    if address:
        event["ip"] = address
    for name, fields in (("user_location", _PLACE), ("device", _DEVICE)):
        told = common.get(name)
        if isinstance(told, dict):
            move(told, event, fields)
            if not told:
                del common[name]
    move(common, event, (("user_agent", "user_agent"),))


def _take_named(event: Native, sent: object, params: Message, source: Source) -> Sequence[Native]:
    """What a name means for the parameters; GA4's for products and money become those of the e-commerce spec first."""
    if not isinstance(sent, str):
        event["name"] = sent
        return ()
    name = _NAMES.get(sent, sent)
    if name == "time_on_page":
        _take_spent(params, event)
    elif name == "scroll_depth":
        move(params, event, (("value", "percent_scrolled"),))
    items = params.get("items")
    if isinstance(items, list) and items and all(isinstance(item, dict) for item in items):
        products = [_product(item) for item in items]
        if name == "purchase":
            params["products"] = products
        else:
            params.update(products[0] | params)
        if name == "purchase" or len(products) == 1:
            del params["items"]
    move(params, params, (("order_id", "transaction_id"),))
    return take_commerce(event, name, params, source.taxonomy)


def _take_spent(params: Message, event: Native) -> None:
    """Milliseconds, which the documents write as text, become seconds."""
    spent = str(params.get("engagement_time_msec"))
    if _MILLISECONDS.fullmatch(spent):
        event["value"] = Decimal(spent) / 1_000
        del params["engagement_time_msec"]


def _product(item: Message) -> Message:
    product: Message = {}
    rest = dict(item)
    move(rest, product, _ITEM)
    return product | rest


def _opened(body: bytes) -> dict[str, Raw]:
    """The members of the envelope, each of which can be read."""
    try:
        envelope = _open(sound(body))
        envelope.pop("user_data", None)
        _common(envelope)
    except RecursionError:
        raise BadRequest("the body is nested too deep") from None
    except (msgspec.DecodeError, InvalidOperation) as error:
        raise BadRequest(f"the body is not a JSON object: {error}") from None
    return envelope


def _common(envelope: dict[str, Raw]) -> Message:
    return {name: _read(value) for name, value in envelope.items() if name != "events"}


def _message(path: str, description: str, code: str) -> dict[str, str]:
    return {"fieldPath": path, "description": description, "validationCode": code.upper().replace("-", "_")}
