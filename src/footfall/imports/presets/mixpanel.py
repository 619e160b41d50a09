"""Mixpanel's raw export: NDJSON, `event` and `properties`.

Source: Mixpanel's documentation of the Raw Event Export API, of its default properties, and of the events `$identify`,
`$create_alias` and `$merge` (Import API). Exports tell no sessions, so visitors have those of half an hour. Projects
older than 2023 export times in their own time zone, which no row says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

from footfall.events.reasons import Reason
from footfall.events.values import Refused, write_json
from footfall.imports.countries import country_code
from footfall.imports.presets.members import Members
from footfall.imports.presets.preset import Fields, Preset
from footfall.imports.readers import Form
from footfall.imports.visitors import Visitors

_NAMES: Final = {
    "$mp_web_page_view": "page_view",
    "$mp_click": "click",
    "$mp_scroll": "scroll_depth",
    "$mp_submit": "form_submit",
    "$identify": "identify",
    "$create_alias": "alias",
    "$merge": "alias",
    "$session_start": "session_start",
    "$session_end": "session_end",
}
_JOINING: Final = ("$identify", "$create_alias", "$merge")
_DEVICE: Final = "$device:"
"""Stands before the id of who is not known, with Mixpanel's simplified merging."""


def translate(row: Fields, _: Visitors) -> Iterable[Fields]:
    """The event of a row; of one that joins people where no devices are told, a statement of the user's own id, too."""
    said = Members(row)
    if not isinstance(row.get("properties"), dict):
        raise Refused(Reason.NOT_AN_OBJECT, "the row has no properties, so it is no event of a Mixpanel export")
    own = said.members("properties")
    name, when = said.text("event") or "", own.number("time")
    distinct_id, insert_id = own.text("distinct_id"), own.text("$insert_id")
    device_id = own.text("$device_id")
    visitor_id, user_id = _who(distinct_id, device_id, own.text("$user_id"))
    event_id = insert_id and _event_id(name, when, distinct_id, insert_id)
    joined: Fields = {}
    if name in _JOINING and (pair := _pair(name, own, distinct_id)):
        previous, user_id = pair
        visitor_id, joined = (previous, {}) if name == "$identify" else (device_id, {"previous_id": previous})
        if device_id is None:  # this user's own events are a visitor's then
            yield {
                "event_id": event_id and f"{event_id}:own",
                "name": "alias",
                "timestamp": when,
                "user_id": user_id,
                "properties": {"previous_id": user_id},
            }
    referrer = own.text("$referrer")
    yield {
        "event_id": event_id,
        "name": _NAMES.get(name, name),
        "timestamp": when,
        "visitor_id": visitor_id,
        "user_id": user_id,
        "page_url": own.text("$current_url") or own.text("current_url"),
        "page_title": own.text("current_page_title"),
        "referrer": None if referrer == "$direct" else referrer,
        "browser": own.text("$browser"),
        "os": own.text("$os"),
        "country": country_code(own.text("mp_country_code") or ""),
        "region": own.text("$region"),
        "city": own.text("$city"),
        **{f"utm_{part}": own.text(f"utm_{part}") for part in ("source", "medium", "campaign", "term", "content")},
        "properties": {**(own.rest() or {}), **joined} or None,
        "context": said.rest(),
    }


MIXPANEL: Final = Preset(
    name="mixpanel",
    about="Mixpanel's raw event export (NDJSON)",
    form=Form.NDJSON,
    translate=translate,
)


def _who(distinct_id: str | None, device_id: str | None, user_id: str | None) -> tuple[str | None, str | None]:
    """Visitor and user. An id that is nobody's device is the user's where devices are told, else the visitor's."""
    if distinct_id is None or user_id is not None:
        return device_id, user_id
    if distinct_id.startswith(_DEVICE):
        return device_id or distinct_id.removeprefix(_DEVICE), None
    if device_id is None:
        return distinct_id, None
    return device_id, None if distinct_id == device_id else distinct_id


def _pair(name: str, own: Members, distinct_id: str | None) -> tuple[str, str] | None:
    """The earlier id and the user that it is, of an event that joins people; None where it does not name two."""
    pair: Sequence[str | None]
    if name == "$identify":
        pair = [own.text("$anon_id"), own.text("$identified_id")]
    elif name == "$create_alias":
        pair = [distinct_id, own.text("alias")]
    else:
        pair = own.texts("$distinct_ids")
    found = [one.removeprefix(_DEVICE) for one in pair if one]
    return (found[0], found[1]) if len(found) == 2 and found[0] != found[1] else None


def _event_id(*said: object) -> str:
    """By what Mixpanel itself tells duplicates: name, time, distinct id and insert id."""
    return hashlib.blake2b(write_json(said), digest_size=16, person=b"mixpanel 1").hexdigest()
