"""The four fraud rules of the contract, slowly and obviously: lists, loops and trigonometry; nothing of Footfall."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from math import acos, cos, radians, sin
from typing import Any

MINUTE_US = 60_000_000
PASSIVE = {"time_on_page", "scroll_depth", "order_item"}

Row = Mapping[str, Any]
"""An event with `ts_us`, ids, `ip`, place, and `amount` in cents."""


def firings(rows: Iterable[Row]) -> dict[str, dict[str, set[str]]]:
    """{rule: {subject: ids of the events that stand behind its firings}}."""
    subjects: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if not row["is_bot"] and row["name"] not in PASSIVE:
            subjects[f"u:{row['user_id']}" if row["user_id"] else f"v:{row['visitor_id']}"].append(row)
    found: dict[str, dict[str, set[str]]] = defaultdict(dict)
    for subject, theirs in subjects.items():
        theirs.sort(key=lambda row: (row["ts_us"], row["event_id"]))
        for rule, behind in _of_one(theirs):
            found[rule].setdefault(subject, set()).update(row["event_id"] for row in behind)
    return dict(found)


def _of_one(rows: list[Row]) -> Iterator[tuple[str, list[Row]]]:
    for place, row in enumerate(rows):
        minute = [other for other in rows[: place + 1] if row["ts_us"] - other["ts_us"] <= MINUTE_US]
        if len(minute) >= 5:
            yield "HIGH_VELOCITY", minute
        hour = [other for other in rows[: place + 1] if row["ts_us"] - other["ts_us"] <= 60 * MINUTE_US]
        if len({other["ip"] for other in hour}) > 3:
            yield "MULTIPLE_IP", hour
        if place and _too_fast(rows[place - 1], row):
            yield "RAPID_LOCATION_CHANGE", [rows[place - 1], row]
        if row["name"] == "purchase" and row["amount"] >= 50_000:
            yield "HIGH_VALUE_PURCHASE", [row]


def _too_fast(before: Row, after: Row) -> bool:
    here, there = (before["latitude"], before["longitude"]), (after["latitude"], after["longitude"])
    if here == there:
        return False
    north, east, other_north, other_east = (radians(degrees) for degrees in (*here, *there))
    km = 6_371 * acos(sin(north) * sin(other_north) + cos(north) * cos(other_north) * cos(east - other_east))
    return bool(km >= 50 and km * 60 * MINUTE_US > 900 * (after["ts_us"] - before["ts_us"]))
