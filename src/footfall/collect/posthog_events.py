"""What PostHog's events become: names that begin with `$` have meanings of their own, all others are one's own.

Source: posthog-js 1.418, posthog-python 7.91 and PostHog's documents on its default events and properties.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from footfall.collect.commerce import take_commerce
from footfall.collect.translation import Message, Native, members, move
from footfall.events.reasons import Reason
from footfall.events.values import Refused
from footfall.events.wire import Source

NAMES: Final[Mapping[str, str]] = {
    "$pageview": "page_view",
    "$pageleave": "time_on_page",
    "$screen": "screen_view",
    "$identify": "identify",
    "$set": "identify",
    "$set_once": "identify",
    "$create_alias": "alias",
    "$merge_dangerously": "alias",
    "$groupidentify": "group",
    "$web_vitals": "web_vitals",
    "$exception": "page_error",
    "$feature_flag_called": "experiment_exposure",
}
"""{PostHog's own event: the name here}; others that begin with `$` keep their names."""
_CAPTURED: Final = {"click": "click", "submit": "form_submit", "change": "form_change"}
"""{`$event_type` of what was captured by itself: name}."""
_UNSUPPORTED: Final = {
    "$snapshot": "session recordings are not supported",
    "$snapshot_items": "session recordings are not supported",
    "$performance_event": "session recordings are not supported",
    "$$heatmap": "heatmaps are not supported",
}
_COLUMNS: Final = (
    *(("page_url", "$current_url"), ("page_path", "$pathname"), ("page_title", "title"), ("session_id", "$session_id")),
    *(("utm_source", "utm_source"), ("utm_medium", "utm_medium"), ("utm_campaign", "utm_campaign")),
    *(("utm_term", "utm_term"), ("utm_content", "utm_content"), ("browser", "$browser"), ("os", "$os")),
)
_CLAIMS: Final = (
    *(("ip", "$ip"), ("user_agent", "$raw_user_agent"), ("country", "$geoip_country_code")),
    *(("region", "$geoip_subdivision_1_name"), ("city", "$geoip_city_name")),
    *(("latitude", "$geoip_latitude"), ("longitude", "$geoip_longitude")),
)
_SURROUNDINGS: Final = (
    *("$lib", "$browser", "$os", "$device", "$screen_height", "$screen_width", "$viewport", "$timezone", "$window_id"),
    *("$host", "$initial_", "$session_entry_", "$insert_id", "$time", "$configured_", "$is_identified", "$process_"),
    *(
        "$geoip",
        "$raw_user_agent",
        "$recording",
        "$sdk_",
        "$replay",
        "$pageview_id",
        "$autocapture_",
        "$had_",
        "$user_id",
    ),
    *("$app_", "$network", "$locale", "$user_agent", "$is_server", "$python_", "$referring_domain", "$search_engine"),
)
"""How properties begin that tell of the client and not of what happened: they are the event's context."""
_KEYS: Final = ("token", "api_key")
_TRANSPORT: Final = ("type", "library", "library_version", "send_to")
_SECOND: Final = 1_000


def translate(message: Message, source: Source, *, agent: str) -> Iterable[Native]:
    """The events of one message; `agent` is the request's own."""
    properties = members(message, "properties")
    name = message.pop("event", None)
    if name is None and ("$set" in message or "$set_once" in message):
        name = "$set"
    if isinstance(name, str) and name in _UNSUPPORTED:
        raise Refused(Reason.UNSUPPORTED, _UNSUPPORTED[name])
    event: Native = {}
    move(message, event, (("event_id", "uuid"),))
    _take_person(name, message, properties, event)
    _take_time(message, properties, event, source)
    _take_columns(properties, event, source, agent)
    items: Sequence[Native] = ()
    if isinstance(name, str):
        if name.startswith("$"):
            properties = _take_own(name, message, properties, event)
        else:
            items = take_commerce(event, name, properties, source.taxonomy)
    elif name is not None:
        event["name"] = name
    _keep(message, properties, event)
    return (event, *items)


def refuse_recording(_message: Message, _source: Source, /) -> Iterable[Native]:
    """For what arrives where recordings do."""
    raise Refused(Reason.UNSUPPORTED, _UNSUPPORTED["$snapshot"])


def _take_person(name: object, message: Message, properties: Message, event: Native) -> None:
    """One id names a visitor before and a user after they are identified; the client says which, in one of its ways."""
    own = message.pop("distinct_id", None) or message.pop("$distinct_id", None) or properties.get("distinct_id")
    device = properties.pop("$device_id", None)
    anonymous = properties.get("$is_identified") is False or properties.get("$process_person_profile") is False
    if name in ("$create_alias", "$merge_dangerously"):
        event["user_id"] = properties.pop("alias", None)
        properties["previous_id"] = own
    elif name == "$identify" or not (anonymous or own == device):
        event["user_id"] = own
        event["visitor_id"] = properties.pop("$anon_distinct_id", None) or device
    else:
        event["visitor_id"] = own


def _take_time(message: Message, properties: Message, event: Native, source: Source) -> None:
    """Its own time, or how many milliseconds before it was sent it happened, by no clock at all."""
    timestamp, offset = message.pop("timestamp", None), message.pop("offset", None)
    if timestamp:
        event["timestamp"] = timestamp
        if properties.get("$ignore_sent_at") is True and isinstance(timestamp, str):
            event["sent_at"] = source.received_us
    elif isinstance(offset, int):
        event["timestamp"] = source.received_us - offset * _SECOND - source.shift_us


def _take_columns(properties: Message, event: Native, source: Source, agent: str) -> None:
    move(properties, event, _COLUMNS)
    referrer = properties.pop("$referrer", None)
    if referrer and referrer != "$direct":
        event["referrer"] = referrer
    device = properties.pop("$device_type", None)
    if isinstance(device, str):
        event["device"] = device.lower()
    if source.may_state:
        move(properties, event, _CLAIMS)
    else:
        properties.pop("$ip", None)
        if properties.get("$raw_user_agent") == agent:
            del properties["$raw_user_agent"]


def _take_own(name: str, message: Message, properties: Message, event: Native) -> Message:
    """Name an event of PostHog's own, and give its properties as they are kept."""
    event["name"] = NAMES.get(name, name)
    match name:
        case "$pageleave":
            move(properties, event, (("value", "$prev_pageview_duration"),))
        case "$screen":
            event.setdefault("source", "app")
            move(properties, event, (("page_title", "$screen_name"),))
        case "$autocapture":
            event["name"] = _CAPTURED.get(str(properties.get("$event_type")), name)
        case "$identify" | "$set" | "$set_once":
            for place in (message, properties):
                for key in ("$set_once", "$set"):
                    properties = properties | members(place, key)
            properties.pop("$set", None)
            properties.pop("$set_once", None)
        case "$groupidentify":
            move(properties, properties, (("group_type", "$group_type"), ("group_id", "$group_key")))
            properties |= members(properties, "$group_set")
    return properties


def _keep(message: Message, properties: Message, event: Native) -> None:
    """All that is left: surroundings as context, the rest as properties, what stood beside them as metadata."""
    context: Message = {}
    for name in [name for name in properties if name.startswith(_SURROUNDINGS)]:
        context[name] = properties.pop(name)
    for name in ("distinct_id", *_KEYS):
        properties.pop(name, None)
    for name in (*_TRANSPORT, *_KEYS):
        message.pop(name, None)
    for field, kept in (("properties", properties), ("context", context), ("metadata", message)):
        if kept:
            event[field] = kept
