"""Snowplow's tracker protocol: parameters of an image or an array of them, self-describing events and entities within.

Source: the tracker protocol (docs, 2026), snowplow-tracker for Python 1.1, the JavaScript tracker 4. The write key is
the app's id (`aid`). A self-describing event is named by its schema, and not held to it: no registry is asked.
Not supported: cookies for a network user id, and the collector's own failed events.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import ClassVar, Final, TypeAlias

import msgspec
from msgspec import Raw

from footfall.collect.commerce import take_commerce
from footfall.collect.limits import Limits
from footfall.collect.protocol import POST, Answer, Protocol
from footfall.collect.protocols.pixel import GET, SHOWN
from footfall.collect.receipt import Receipt
from footfall.collect.request import Request
from footfall.collect.translation import Message, Messages, Native, move, sound
from footfall.collect.web import UNKNOWN, Sender, goal, key_among, name_sender
from footfall.errors import BadRequest
from footfall.events.lanes import mend_escapes
from footfall.events.nesting import DEPTH, nested_deeper
from footfall.events.reasons import Reason
from footfall.events.values import Refused, shown, write_json
from footfall.events.wire import Source

_IMAGE: Final = "/i"
_DEEPEST: Final = DEPTH - 8
"""Levels of what stands in a parameter: as many as leave room for what it is put into."""
_SCHEMA: Final = re.compile(r"iglu:(?P<vendor>[^/]{1,200})/(?P<name>[^/]{1,200})/jsonschema/[0-9-]{1,40}")
_open: Final = msgspec.json.Decoder(dict[str, Raw]).decode
_read: Final = msgspec.json.Decoder(float_hook=Decimal).decode

Entities: TypeAlias = dict[str, list[object]]
"""{name of a schema: what stands under it}."""

_KEYS: Final = ("key", "write_key")
_ALPHABET: Final = str.maketrans("+/", "-_")
_IDS: Final = (("event_id", "eid"), ("user_id", "uid"), ("visitor_id", "duid"), ("session_id", "sid"))
_PAGE: Final = (("page_url", "url"), ("page_title", "page"), ("referrer", "refr"))
_CLAIMS: Final = (("ip", "ip"), ("user_agent", "ua"))
_MEDIA: Final = {"web": "web", "mob": "app", "app": "app", "srv": "server", "iot": "app", "headset": "app"}
"""{platform: `source` of the event}; what is not listed stays the door's guess."""
_CONTEXT: Final = ("aid", "p", "tv", "tna", "res", "vp", "ds", "cd", "lang", "cs", "cookie", "tz", "vid", "tnuid")
_TRANSPORT: Final = ("stm", "dtm", "ttm")
_NAMES: Final = {
    "link_click": "click",
    "button_click": "click",
    "submit_form": "form_submit",
    "focus_form": "form_start",
    "site_search": "search_query",
    "social_interaction": "social_share",
    "file_download": "download",
    "page_ping": "time_on_page",
    "application_error": "page_error",
    "play_event": "video_play",
    "transaction": "purchase",
}
"""{name of a schema, or of an action of Snowplow's e-commerce: name here}."""
_ACTION: Final = "snowplow_ecommerce_action"
_MONEY: Final = (
    *(("order_id", "transaction_id"), ("currency", "currency")),
    *(("revenue", "revenue"), ("revenue", "refund_amount")),
)
_PACKED: Final = (("ue_pr", "ue_px"), ("co", "cx"))
"""Parameters that hold JSON, as it is or in Base64: the event itself, and its entities."""
_TRANSACTION: Final = (("order_id", "tr_id"), ("currency", "tr_cu"), ("revenue", "tr_tt"))
_ITEM: Final = (
    *(("order_id", "ti_id"), ("currency", "ti_cu"), ("product_id", "ti_sk")),
    *(("product_category", "ti_ca"), ("price", "ti_pr"), ("quantity", "ti_qu")),
)


class Snowplow(Protocol):
    """`POST` takes an array of events, `GET` one in the address of an image."""

    name = "snowplow"
    cookieless = True
    routes: ClassVar = {"/com.snowplowanalytics.snowplow/tp2": POST, _IMAGE: GET}

    def open(self, body: bytes, request: Request, limits: Limits, /) -> Messages:
        array = _image(request) if request.path == _IMAGE else _array(body)
        key = key_among(array, _app, most=limits.events) if self.stated_key(request) is None else None
        translated = partial(translate, sender=Sender.of(request), key=key)
        return Messages(array=array, translate=translated, write_key=key, whole=_unwrapped)

    def again(self, message: bytes, _limits: Limits, /) -> Messages:
        return Messages(b"[%b]" % message, partial(translate, sender=UNKNOWN, key=None))

    def taken(self, _receipt: Receipt, request: Request, /) -> Answer:
        if request.path == _IMAGE:
            return SHOWN
        return Answer(200, ((b"content-type", b"text/plain; charset=utf-8"),), b"ok")


def translate(message: Message, source: Source, *, sender: Sender, key: str | None) -> Iterable[Native]:
    """The events of one message; `key` is the app whose events these are, where the body said so."""
    if key is not None and message.get("aid") not in (None, key):
        raise Refused(Reason.UNSUPPORTED, "it is of another app than the first of its batch: send them apart")
    event: Native = {}
    kind = message.pop("e", None)
    move(message, event, _IDS)
    _take_time(message, event)
    move(message, event, _PAGE)
    if medium := _MEDIA.get(str(message.get("p"))):
        event["source"] = medium
    if source.may_state:
        move(message, event, _CLAIMS)
    message.pop("ip", None)
    entities = _entities(message)
    context: Message = {name: message.pop(name) for name in _CONTEXT if name in message}
    if key is not None:
        context.pop("aid", None)
    _take_apps_ids(event, entities)
    move(context, event, (("visitor_id", "tnuid"),) if "visitor_id" not in event else ())
    name_sender(event, source, sender)
    items = _take_kind(kind, message, event, entities, source)
    for name, told in entities.items():
        context[name] = told if len(told) > 1 else told[0]
    if context:
        event["context"] = context
    if message:
        event["metadata"] = message
    return (event, *items)


def _take_time(message: Message, event: Native) -> None:
    """Snowplow's rule: the true time as it is, else the device's, by a clock that showed `stm` when this was sent."""
    sent, device, true = (message.pop(name, None) for name in _TRANSPORT)
    if true or device:
        event["timestamp"] = true or device
    if sent and device and not true:
        event["sent_at"] = sent


def _take_apps_ids(event: Native, entities: Entities) -> None:
    """An app says its session and its user in an entity."""
    for told in entities.get("client_session", ()):
        if isinstance(told, dict):
            for field, name in (("session_id", "sessionId"), ("visitor_id", "userId")):
                if isinstance(told.get(name), str):
                    event.setdefault(field, told[name])


def _take_kind(kind: object, message: Message, event: Native, entities: Entities, source: Source) -> Sequence[Native]:
    """Name the event, by what `e` says that it is, and take what goes with that; the items of its order."""
    properties: Message = {}
    match kind:
        case "pv":
            event["name"] = "page_view"
        case "pp":
            event["name"] = "time_on_page"
            _move_all(message, properties, "pp_")
        case "se":
            event["name"] = goal(message.pop("se_ac", None), source.taxonomy)
            move(message, event, (("category", "se_ca"), ("value", "se_va")))
            move(message, properties, (("label", "se_la"), ("property", "se_pr")))
        case "tr":
            move(message, properties, _TRANSACTION)
            _move_all(message, properties, "tr_")
            take_commerce(event, "purchase", properties, source.taxonomy)
        case "ti":
            event["name"] = "order_item"
            move(message, event, _ITEM)
            _move_all(message, properties, "ti_")
        case "ue":
            return _take_described(message, event, entities, source)
        case _:
            raise Refused(Reason.UNSUPPORTED, f"e is {shown(kind)}: pv, pp, se, tr, ti and ue are taken")
    if properties:
        event["properties"] = properties
    return ()


def _take_described(message: Message, event: Native, entities: Entities, source: Source) -> Sequence[Native]:
    """A self-describing event: named by its schema, or by what it says that was done in a shop."""
    outer = _within(message, *_PACKED[0])
    if not isinstance(outer, dict) or not isinstance(inner := outer.get("data"), dict):
        raise Refused(Reason.BAD_FIELD, "ue_pr holds no self-describing event: an object with `schema` and `data`")
    name, data = _described(inner)
    properties: Message = data if isinstance(data, dict) else {} if data is None else {"data": data}
    if name == _ACTION:
        name = str(properties.pop("type", name))
        _take_shop(name, properties, entities)
    name = _NAMES.get(name, name)
    if name == "screen_view":
        move(properties, event, (("page_title", "name"),))
    move(properties, properties, (("price", "unitPrice"),))
    items = take_commerce(event, name, properties, source.taxonomy)
    message["schema"] = inner.get("schema")
    if properties:
        event["properties"] = properties
    return items


def _take_shop(action: str, properties: Message, entities: Entities) -> None:
    """Products and money, which Snowplow's e-commerce says in entities, become properties of the e-commerce spec."""
    for told in entities.get(action, ()):
        if isinstance(told, dict):
            move(dict(told), properties, _MONEY)
    products = [dict(told) for told in entities.get("product", ()) if isinstance(told, dict)]
    if action == "transaction" and products:
        properties["products"] = products
    elif len(products) == 1:
        properties.update(products[0] | properties)


def _entities(message: Message) -> Entities:
    """{name of a schema: what the entities of it say}, taken out of `message`."""
    outer = _within(message, *_PACKED[1])
    if outer is None:
        return {}
    inner = outer.get("data") if isinstance(outer, dict) else None
    if not isinstance(inner, list) or not all(isinstance(one, dict) for one in inner):
        raise Refused(Reason.BAD_FIELD, "co holds no entities: an object with `schema` and an array `data`")
    entities: Entities = {}
    for one in inner:
        name, data = _described(one)
        entities.setdefault(name, []).append(data)
    return entities


def _described(told: Message) -> tuple[str, object]:
    """The name and the data of something self-describing. Raises `Refused` when its schema names nothing."""
    schema = told.get("schema")
    found = _SCHEMA.fullmatch(schema) if isinstance(schema, str) else None
    if found is None:
        raise Refused(Reason.BAD_FIELD, f"schema is {shown(schema)}: it must be as iglu:com.acme/name/jsonschema/1-0-0")
    return found["name"].replace("-", "_"), told.get("data")


def _within(message: Message, plain: str, packed: str) -> object:
    """The JSON in a parameter, as it is or in Base64; both are taken out of `message`. Raises `Refused`."""
    text, code = message.pop(plain, None), message.pop(packed, None)
    try:
        if text is None and code is not None:
            text = _unpacked(code)
        if not isinstance(text, str) or not text:
            return text
        sent = text.encode()
        if nested_deeper(sent, _DEEPEST):
            raise ValueError
        return _read(mend_escapes(sent))
    except (ValueError, InvalidOperation):
        raise Refused(Reason.BAD_FIELD, f"{plain} is no JSON, or nested too deep") from None


def _unwrapped(message: Message) -> Message:
    """The message with nothing in Base64; what is none is left out."""
    for plain, packed in _PACKED:
        if packed in message:
            code = message.pop(packed)
            with suppress(ValueError):
                message.setdefault(plain, _unpacked(code))
    return message


def _unpacked(code: object) -> str:
    """The text that Base64 of either alphabet holds, padded or not; raises ValueError."""
    if not isinstance(code, str):
        raise ValueError
    packed = code.translate(_ALPHABET).rstrip("=")
    return base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True).decode()


def _move_all(message: Message, properties: Message, prefix: str) -> None:
    """Move what is left under a prefix, without it."""
    for name in [name for name in message if name.startswith(prefix)]:
        move(message, properties, ((name.removeprefix(prefix), name),))


def _image(request: Request) -> bytes:
    return write_json([{name: values[0] for name, values in request.parameters.items() if name not in _KEYS}])


def _array(body: bytes) -> bytes:
    try:
        array = bytes(_open(sound(body)).get("data", b""))
    except RecursionError:
        raise BadRequest("the body is nested too deep") from None
    except msgspec.DecodeError as error:
        raise BadRequest(f"the body is not a JSON object: {error}") from None
    if not array.startswith(b"["):
        raise BadRequest("the body has no array `data`")
    return array


def _app(message: Message) -> object:
    return message.get("aid")
