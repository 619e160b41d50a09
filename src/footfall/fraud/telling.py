"""An alert in words and as JSON, as routes, the live feed and commands tell it; nothing is judged here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from footfall.events.money import write_money
from footfall.events.time import write_time
from footfall.fraud.models import Rule, Severity, Thresholds

_WHO = {"u": "User", "v": "Visitor", "s": "Session"}
_FIELDS = ("alert_id", "rule", "severity", "subject", "peak", "revision")


def alert_fields(row: Mapping[str, Any], thresholds: Thresholds) -> dict[str, Any]:
    """What is told of one row of the table `alerts`."""
    kind, _, name = str(row["subject"]).partition(":")
    return {
        **{field: row[field] for field in _FIELDS},
        "count": row["firings"],
        "icon": Severity(row["severity"]).icon,
        "user_id": name if kind == "u" else None,
        "visitor_id": name if kind == "v" else None,
        "first": write_time(row["first_us"]),
        "last": write_time(row["last_us"]),
        "message": f"{_WHO[kind]} {_did(Rule(row['rule']), row['peak'], thresholds)}",
    }


def condition(rule: Rule, thresholds: Thresholds) -> str:
    """When a rule fires, in words.

    >>> condition(Rule.MULTIPLE_IP, Thresholds())
    'more than 3 addresses in the last hour'
    """
    match rule:
        case Rule.HIGH_VELOCITY:
            return f"{thresholds.velocity_events:,} events or more {_lately(thresholds.velocity_us)}"
        case Rule.MULTIPLE_IP:
            return f"more than {thresholds.addresses:,} addresses {_lately(thresholds.addresses_us)}"
        case Rule.RAPID_LOCATION_CHANGE:
            abroad = f"another country within {_duration(thresholds.country_us)} where only countries are known"
            far = f"{thresholds.distance_km:,} km or more, faster than {thresholds.speed_kmh:,} km/h"
            return f"a journey of {far}; or {abroad}"
        case Rule.HIGH_VALUE_PURCHASE:
            return f"a purchase of {write_money(thresholds.purchase_micros)} or more"


def _did(rule: Rule, peak: int, thresholds: Thresholds) -> str:
    """What the subject did, after its name.

    >>> _did(Rule.HIGH_VELOCITY, 8, Thresholds())
    'has 8 events in the last minute'
    """
    match rule:
        case Rule.HIGH_VELOCITY:
            return f"has {peak:,} events {_lately(thresholds.velocity_us)}"
        case Rule.MULTIPLE_IP:
            return f"came from {peak:,} addresses {_lately(thresholds.addresses_us)}"
        case Rule.RAPID_LOCATION_CHANGE if peak:
            return f"moved {peak:,} km faster than {thresholds.speed_kmh:,} km/h"
        case Rule.RAPID_LOCATION_CHANGE:
            return f"appeared in another country within {_duration(thresholds.country_us)}"
        case Rule.HIGH_VALUE_PURCHASE:
            return f"made a purchase of {write_money(peak)}"


def _lately(span_us: int) -> str:
    """A window that ends now: `in the last minute`."""
    return "in the last " + _duration(span_us).removeprefix("1 ")


def _duration(span_us: int) -> str:
    """A span of whole seconds in its largest unit.

    >>> _duration(90_000_000), _duration(3_600_000_000), _duration(60_000_000)
    ('90 seconds', '1 hour', '1 minute')
    """
    seconds = span_us // 1_000_000
    for unit, size in (("hour", 3600), ("minute", 60), ("second", 1)):
        if seconds % size == 0:
            number = seconds // size
            return f"{number} {unit}" + ("s" if number != 1 else "")
    raise AssertionError("every whole number of seconds is one of seconds")
