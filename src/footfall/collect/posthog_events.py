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
_COLUMNS: Final[Mapping[str, str]] = {
    "$current_url": "page_url",
    "$pathname": "page_path",
    "title": "page_title",
    "$session_id": "session_id",
    **{name: name for name in ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")},
    "$browser": "browser",
    "$os": "os",
}
"""{property: field that it becomes}."""
_CLAIMS: Final[Mapping[str, str]] = {
    "$ip": "ip",
    "$raw_user_agent": "user_agent",
    "$geoip_country_code": "country",
    "$geoip_subdivision_1_name": "region",
    "$geoip_city_name": "city",
    "$geoip_latitude": "latitude",
    "$geoip_longitude": "longitude",
}
"""The same of what only a server may state."""
_UNKEPT: Final = ("$ip", "$device_id", "$device_type", "$referrer", "distinct_id", "token", "api_key")
"""Properties that are read by themselves, or are nobody's business, and are not kept."""
_SURROUNDINGS: Final = (
    *("$lib", "$browser", "$os", "$device", "$screen_height", "$screen_width", "$viewport", "$timezone", "$window_id"),
    *("$host", "$initial_", "$session_entry_", "$insert_id", "$time", "$configured_", "$is_identified", "$process_"),
    *("$geoip", "$raw_user_agent", "$recording", "$sdk_", "$replay", "$pageview_id", "$autocapture_", "$had_"),
    *("$user_id", "$app_", "$network", "$locale", "$user_agent", "$is_server", "$python_", "$referring_domain"),
    "$search_engine",
)
"""How properties begin that tell of the client and not of what happened: they are the event's context."""
_KEPT: Final = "properties"
_CONTEXT: Final = "context"
_NOWHERE: Final = ""
_REMEMBERED: Final = 4_096
_LONGEST: Final = 64
_TRANSPORT: Final = ("type", "library", "library_version", "send_to", "token", "api_key")
_SECOND: Final = 1_000


class _Places(dict[str, str]):
    """{property: the field that it becomes, `_KEPT`, `_CONTEXT` or `_NOWHERE`}; usual names are remembered."""

    def __missing__(self, name: str) -> str:
        place = _CONTEXT if name.startswith(_SURROUNDINGS) else _KEPT
        if len(self) < _REMEMBERED and len(name) <= _LONGEST:
            self[name] = place
        return place


_FROM_BROWSERS: Final = _Places({**dict.fromkeys(_UNKEPT, _NOWHERE), **_COLUMNS})
_FROM_SERVERS: Final = _Places({**_FROM_BROWSERS, **_CLAIMS})


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
    kept, context = _sort(properties, event, source, agent)
    items: Sequence[Native] = ()
    if isinstance(name, str):
        if name.startswith("$"):
            kept = _take_own(name, message, kept, context, event)
        else:
            items = take_commerce(event, name, kept, source.taxonomy)
    elif name is not None:
        event["name"] = name
    if message:
        for unkept in _TRANSPORT:
            message.pop(unkept, None)
    for field, left in ((_KEPT, kept), (_CONTEXT, context), ("metadata", message)):
        if left:
            event[field] = left
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


def _sort(properties: Message, event: Native, source: Source, agent: str) -> tuple[Message, Message]:
    """Make fields of `event` of what has one; of the rest, what happened and its surroundings."""
    referrer, device = properties.get("$referrer"), properties.get("$device_type")
    if referrer and referrer != "$direct":
        event["referrer"] = referrer
    if isinstance(device, str):
        event["device"] = device.lower()
    places = _FROM_SERVERS if source.may_state else _FROM_BROWSERS
    kept: Message = {}
    context: Message = {}
    for name, value in properties.items():
        place = places[name]
        if place == _KEPT:
            kept[name] = value
        elif place == _CONTEXT:
            context[name] = value
        elif place != _NOWHERE and value is not None and value != "":
            event[place] = value
    if context.get("$raw_user_agent") == agent:
        del context["$raw_user_agent"]
    return kept, context


def _take_own(name: str, message: Message, properties: Message, context: Message, event: Native) -> Message:
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
                    properties |= _told(members(place, key), context)
        case "$groupidentify":
            move(properties, properties, (("group_type", "$group_type"), ("group_id", "$group_key")))
            properties |= _told(members(properties, "$group_set"), context)
    return properties


def _told(told: Message, context: Message) -> Message:
    """What is told of a person or a group, without what it tells of the client."""
    for name in [name for name in told if name.startswith(_SURROUNDINGS)]:
        context[name] = told.pop(name)
    return told
