"""Alerts computed slowly and obviously from a list of events, to compare everything else with."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

from footfall.events.event import Event
from footfall.fraud.models import Thresholds
from footfall.settings import Settings

PASSIVE = {
    *("time_on_page", "scroll_depth", "web_vitals", "order_item", "identify", "group", "alias"),
    *("experiment_exposure", "recommendation_shown"),
}
Firing = tuple[str, str, str, int, str, int]
"""Project, subject, rule, ts_us, event_id, peak."""


def subject(event: Event) -> str:
    """User, else visitor, else session."""
    if event.user_id is not None:
        return f"u:{event.user_id}"
    return f"v:{event.visitor_id}" if event.visitor_id is not None else f"s:{event.session_id}"


def looked_at(event: Event) -> bool:
    """Counting, of a person, and not told of the past."""
    return not event.is_bot and event.name not in PASSIVE and event.source != "import"


def kilometres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle distance in another form than the product's: by the dot product of two unit vectors."""

    def vector(place: tuple[float, float]) -> tuple[float, float, float]:
        north, east = math.radians(place[0]), math.radians(place[1])
        return math.cos(north) * math.cos(east), math.cos(north) * math.sin(east), math.sin(north)

    u, v = vector(a), vector(b)
    cross = (u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0])
    return 6371 * math.atan2(math.hypot(*cross), sum(x * y for x, y in zip(u, v, strict=True)))


def firings(events: Iterable[Event], thresholds: Thresholds) -> list[Firing]:
    """Every event at which a rule fires."""
    groups: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in events:
        if looked_at(event):
            groups[event.project_id, subject(event)].append(event)
    found: list[Firing] = []
    for (project, who), mine in groups.items():
        for event in mine:
            for rule, peak in _fired(event, mine, thresholds):
                found.append((project, who, rule, event.ts_us, event.event_id, peak))
    return found


def alerts(events: Iterable[Event], thresholds: Thresholds) -> set[tuple[object, ...]]:
    """(project, alert id, rule, severity, subject, first, last, count, peak)."""
    chains: dict[tuple[str, str, str], list[list[tuple[int, int]]]] = defaultdict(list)
    for project, who, rule, ts_us, _, peak in sorted(firings(events, thresholds), key=lambda firing: firing[3]):
        mine = chains[project, who, rule]
        if mine and ts_us - mine[-1][-1][0] <= thresholds.cooldown_us:
            mine[-1].append((ts_us, peak))
        else:
            mine.append([(ts_us, peak)])
    severity = {"MULTIPLE_IP": "medium", "HIGH_VALUE_PURCHASE": "medium"}
    return {
        (
            *(project, f"{rule}:{who}@{chain[0][0]}", rule, severity.get(rule, "high"), who),
            *(chain[0][0], chain[-1][0], len(chain), max(peak for _, peak in chain)),
        )
        for (project, who, rule), several in chains.items()
        for chain in several
    }


def _fired(event: Event, mine: Sequence[Event], limits: Thresholds) -> Iterable[tuple[str, int]]:
    now = event.ts_us
    near = [other for other in mine if now - limits.velocity_us <= other.ts_us <= now]
    if len(near) >= limits.velocity_events:
        yield "HIGH_VELOCITY", min(len(near), 1000)
    if event.ip_hash is not None:
        hour = {other.ip_hash for other in mine if now - limits.addresses_us <= other.ts_us <= now} - {None}
        if len(hour) > limits.addresses:
            yield "MULTIPLE_IP", min(len(hour), 1000)
    journey, border = _journey(event, mine, limits), _border(event, mine, limits)
    if journey or border:
        yield "RAPID_LOCATION_CHANGE", journey or 0
    sold = event.name in ("purchase", "order_completed") and event.currency is None
    if sold and event.amount_micros is not None and event.amount_micros >= limits.purchase_micros:
        yield "HIGH_VALUE_PURCHASE", event.amount_micros


def place(event: Event) -> tuple[float, float] | None:
    """Where it was, when that is known."""
    if event.latitude is None or event.longitude is None:
        return None
    return event.latitude, event.longitude


def _journey(event: Event, mine: Sequence[Event], limits: Thresholds) -> int | None:
    """The kilometres of a journey that is too fast. Of events that are alike in all that matters the first has it."""
    here = place(event)
    if here is None:
        return None
    order = sorted((e for e in mine if place(e)), key=lambda e: (e.ts_us, place(e), e.event_id))
    at = order.index(event)
    there = place(order[at - 1]) if at else None
    if there is None:
        return None
    km, hours = kilometres(here, there), (event.ts_us - order[at - 1].ts_us) / 3.6e9
    return math.floor(km) if km >= limits.distance_km and km > limits.speed_kmh * hours else None


def country(event: Event) -> str | None:
    """In which country it was, when that is known."""
    text = (event.country or "").upper()
    return text if len(text) == 2 and text.isascii() and text.isalpha() else None


def _border(event: Event, mine: Sequence[Event], limits: Thresholds) -> bool:
    if country(event) is None:
        return False
    known = (e for e in mine if country(e))
    order = sorted(known, key=lambda e: (e.ts_us, country(e), place(e) is not None, e.event_id))
    at = order.index(event)
    if not at:
        return False
    before = order[at - 1]
    if place(event) and place(before):
        return False
    return country(before) != country(event) and event.ts_us - before.ts_us <= limits.country_us


def of_settings() -> Thresholds:
    """The defaults as an operator has them."""
    return Thresholds.of(Settings())
