"""Plausible's events as CSV: `SELECT * FROM events_v2 FORMAT CSVWithNames` of one's own ClickHouse.

Source: `events_v2` in the schema that Plausible Community Edition ships. What Plausible's settings export are counts
by day, of which no events can be made: such a file is refused as a whole, with this advice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from footfall.errors import BadRequest
from footfall.imports.countries import country_code
from footfall.imports.presets.members import Members
from footfall.imports.presets.preset import Fields, Preset
from footfall.imports.visitors import Visitors

_NAMES: Final = {
    "pageview": "page_view",
    "engagement": "time_on_page",
    "Outbound Link: Click": "click_outbound",
    "File Download": "download",
    "Form: Submission": "form_submit",
}
_QUOTED: Final = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_DEVICES: Final = {"Mobile": "mobile", "Tablet": "tablet", "Laptop": "desktop", "Desktop": "desktop"}
_NOTHING: Final = ("0", r"\N", "\\0\\0", "\0\0")
_MS: Final = 1_000


def translate(row: Fields, _: Visitors) -> Iterable[Fields]:
    """The one event of a row."""
    if "timestamp" not in row or "name" not in row:
        raise BadRequest(
            "the file holds Plausible's counts by day, of which no events can be made; export the events themselves "
            "with SELECT * FROM events_v2 FORMAT CSVWithNames"
        )
    said = Members({name: value for name, value in row.items() if value not in _NOTHING})
    name = said.text("name") or ""
    host, path, screen = said.text("hostname"), said.text("pathname"), said.text("screen_size")
    properties = dict(zip(_listed(said.text("meta.key")), _listed(said.text("meta.value")), strict=False))
    yield {
        "name": _NAMES.get(name, name),
        "timestamp": said.text("timestamp"),
        "visitor_id": said.text("user_id"),
        "session_id": said.text("session_id"),
        "page_url": properties.get("url") or (f"https://{host}{path or '/'}" if host else path),
        "page_path": path,
        "referrer": said.text("referrer"),
        "device": _DEVICES.get(screen or "", screen),
        "browser": said.text("browser"),
        "os": said.text("operating_system"),
        "country": country_code(said.text("country_code") or ""),
        "region": said.text("subdivision1_code"),
        "value": _seconds(said.text("engagement_time")),
        "amount": said.number("revenue_source_amount"),
        "currency": said.text("revenue_source_currency"),
        **{f"utm_{part}": said.text(f"utm_{part}") for part in ("source", "medium", "campaign", "term", "content")},
        "properties": properties or None,
        "context": said.rest(),
    }


PLAUSIBLE: Final = Preset(
    name="plausible",
    about="Plausible's events (CSV of the table events_v2)",
    translate=translate,
)


def _listed(text: str | None) -> list[str]:
    """The texts of an array as ClickHouse writes it: `['plan','logged_in']`."""
    return [_ESCAPE.sub(r"\1", one) for one in _QUOTED.findall(text or "")]


def _seconds(milliseconds: str | None) -> float | None:
    digits = milliseconds or ""
    return int(digits) / _MS if digits.isascii() and digits.isdigit() and len(digits) < 16 else None
