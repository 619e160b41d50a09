"""Amplitude's export: a `.zip` of compressed NDJSON files.

Source: Amplitude's documentation of the Export API and of its default events. Its session ids are unique for one
device only, so the device's id stands before them; -1 is none. Times are those that Amplitude has corrected.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from footfall.imports.countries import country_code
from footfall.imports.presets.members import Members
from footfall.imports.presets.preset import Fields, Preset
from footfall.imports.readers import Form
from footfall.imports.visitors import Visitors

_NAMES: Final = {
    "[Amplitude] Page Viewed": "page_view",
    "[Amplitude] Screen Viewed": "screen_view",
    "[Amplitude] Element Clicked": "click",
    "[Amplitude] File Downloaded": "download",
    "[Amplitude] Form Started": "form_start",
    "[Amplitude] Form Submitted": "form_submit",
    "$identify": "identify",
    "$groupidentify": "group",
    "revenue_amount": "purchase",
}
_NO_SESSION: Final = "-1"
_WEB: Final = "Web"


def translate(row: Fields, _: Visitors) -> Iterable[Fields]:
    """The one event of a row."""
    said = Members(row)
    own = said.members("event_properties")
    name = said.text("event_type") or ""
    device_id, session_id = said.text("device_id"), said.text("session_id")
    is_web, program = said.text("platform") == _WEB, said.text("os_name")
    yield {
        "event_id": said.text("uuid"),
        "name": _NAMES.get(name, name),
        "timestamp": said.text("event_time"),
        "visitor_id": device_id,
        "user_id": said.text("user_id"),
        "session_id": f"{device_id}:{session_id}" if device_id and session_id not in (None, _NO_SESSION) else None,
        "page_url": own.text("[Amplitude] Page URL") or own.text("[Amplitude] Page Location"),
        "page_path": own.text("[Amplitude] Page Path"),
        "page_title": own.text("[Amplitude] Page Title"),
        "referrer": own.text("referrer"),
        "product_id": own.text("$productId"),
        "price": own.number("$price"),
        "quantity": own.number("$quantity"),
        "amount": own.number("$revenue"),
        "currency": own.text("$currency"),
        # What Amplitude calls the system of a web page's visitor is the browser.
        "browser": program if is_web else None,
        "os": None if is_web else program,
        "country": country_code(said.text("country") or ""),
        "region": said.text("region"),
        "city": said.text("city"),
        "latitude": said.number("location_lat"),
        "longitude": said.number("location_lng"),
        "ip": said.text("ip_address"),
        **{f"utm_{part}": own.text(f"utm_{part}") for part in ("source", "medium", "campaign", "term", "content")},
        "properties": own.rest(),
        "context": said.rest(),
    }


AMPLITUDE: Final = Preset(
    name="amplitude",
    about="Amplitude's export (a .zip of compressed NDJSON)",
    form=Form.NDJSON,
    translate=translate,
)
