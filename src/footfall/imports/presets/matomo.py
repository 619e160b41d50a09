"""Matomo's visits log as CSV: a visit a row, its actions in columns.

Source: Matomo's Reporting API, `Live.getLastVisitsDetails` with `format=CSV` or `TSV`. The columns of an action are
called `url (actionDetails 3)`; with translated names (`translateColumnNames=1`) they can't be told. Every action is an
event; what is known of the visit and has no field is kept with the first one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from footfall.events.reasons import Reason
from footfall.events.values import Refused
from footfall.imports.countries import country_code
from footfall.imports.presets.members import Members
from footfall.imports.presets.preset import Fields, Preset
from footfall.imports.visitors import Visitors

_NAMES: Final = {
    "action": "page_view",
    "outlink": "click_outbound",
    "download": "download",
    "search": "search_query",
    "ecommerceOrder": "purchase",
    "ecommerceAbandonedCart": "cart_abandoned",
}
_COLUMN: Final = re.compile(r"(\w+) \(actionDetails ([0-9]{1,6})\)", re.ASCII)
_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_DEVICES: Final = {"smartphone": "mobile", "phablet": "mobile", "feature phone": "mobile", "console": "console"}
_FOR_PEOPLE: Final = re.compile(r"icon|pretty|flag|symbol|plugin", re.IGNORECASE)
"""Pictures, and what is said once more in words."""
_UNKNOWN: Final = frozenset(("", "xx", "unknown", "unk"))


def translate(row: Fields, _: Visitors) -> Iterable[Fields]:
    """The events of a visit."""
    visit, actions = _parted(row)
    if "idVisit" not in row:
        raise Refused(Reason.NOT_AN_OBJECT, "the row has no idVisit, so it is no visit of Matomo's log")
    said = Members(visit)
    site, number = said.text("idSite"), said.text("idVisit")
    who: Fields = {
        "visitor_id": said.text("visitorId"),
        "user_id": said.text("userId"),
        "session_id": f"matomo-{site}-{number}",
        **_where(said),
    }
    first: Fields = {
        "referrer": said.text("referrerUrl"),
        **{f"utm_{part.lower()}": said.text(f"campaign{part}") for part in ("Source", "Medium", "Content")},
        "utm_campaign": said.text("campaignName"),
        "utm_term": said.text("campaignKeyword"),
        "context": {name: value for name, value in (said.rest() or {}).items() if not _FOR_PEOPLE.search(name)},
    }
    for place, action in actions:
        yield who | (first if place == 0 else {}) | _event(Members(action), f"matomo-{site}-{number}-{place}")


MATOMO: Final = Preset(
    name="matomo",
    about="Matomo's visits log (CSV or TSV of Live.getLastVisitsDetails)",
    translate=translate,
)


def _parted(row: Fields) -> tuple[Fields, Iterator[tuple[int, Fields]]]:
    """What is said of the visit, and of each of its actions."""
    visit: Fields = {}
    actions: dict[int, Fields] = defaultdict(dict)
    for column, value in row.items():
        found = _COLUMN.fullmatch(column)
        if value in (None, ""):
            continue
        if found is None:
            visit[column] = value
        elif not _FOR_PEOPLE.search(found[1]):
            actions[int(found[2])][found[1]] = value
    return visit, ((place, actions[place]) for place in sorted(actions) if "type" in actions[place])


def _event(action: Members, event_id: str) -> Fields:
    kind = action.text("type") or ""
    is_event, is_order = kind == "event", kind == "ecommerceOrder"
    name = action.text("eventAction") if is_event else _NAMES.get(kind, _WORD.sub("_", kind).lower())
    return {
        "event_id": event_id,
        "name": name,
        "timestamp": action.text("timestamp"),
        "category": action.text("eventCategory"),
        "value": action.number("eventValue"),
        "page_url": action.text("url"),
        "page_title": action.text("pageTitle"),
        "order_id": action.text("orderId") if is_order else None,
        "amount": action.number("revenue") if is_order else None,
        "properties": action.rest(),
    }


def _where(said: Members) -> Fields:
    device = (said.text("deviceType") or "").lower()
    country = said.text("countryCode") or ""
    return {
        "ip": said.text("visitIp"),
        "device": None if device in _UNKNOWN else _DEVICES.get(device, device),
        "browser": said.text("browserName"),
        "os": said.text("operatingSystemName"),
        "country": None if country.lower() in _UNKNOWN else country_code(country),
        "region": said.text("region"),
        "city": said.text("city"),
        "latitude": said.number("latitude"),
        "longitude": said.number("longitude"),
    }
