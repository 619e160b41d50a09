"""What a fraud rule and an alert are: names, severities, thresholds, and alerts as chains of firings.

How a rule fires stands in `rules`; nothing here reads events.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

if TYPE_CHECKING:
    from footfall.settings import Settings

_SECOND_US, _MINUTE_US, _MICROS = 1_000_000, 60_000_000, 1_000_000
_HALF_ROUND_KM = 20_038
"""No two places are further apart."""


class Severity(StrEnum):
    """How bad an alert is."""

    HIGH = "high"
    MEDIUM = "medium"

    @property
    def icon(self) -> str:
        """What it looks like in a list."""
        return "🔴" if self is Severity.HIGH else "🟠"


class Rule(StrEnum):
    """The rules, in the order in which they are shown."""

    HIGH_VELOCITY = "HIGH_VELOCITY"
    MULTIPLE_IP = "MULTIPLE_IP"
    RAPID_LOCATION_CHANGE = "RAPID_LOCATION_CHANGE"
    HIGH_VALUE_PURCHASE = "HIGH_VALUE_PURCHASE"

    @property
    def severity(self) -> Severity:
        """How bad a firing is."""
        return _SEVERITIES[self]


_SEVERITIES = {
    Rule.HIGH_VELOCITY: Severity.HIGH,
    Rule.MULTIPLE_IP: Severity.MEDIUM,
    Rule.RAPID_LOCATION_CHANGE: Severity.HIGH,
    Rule.HIGH_VALUE_PURCHASE: Severity.MEDIUM,
}


class Thresholds(Struct, frozen=True, kw_only=True):
    """What the rules compare with; times in µs, money in millionths."""

    velocity_events: int = 5
    """So many events within `velocity_us` fire."""
    velocity_us: int = 60 * _SECOND_US
    addresses: int = 3
    """More distinct addresses than these within `addresses_us` fire."""
    addresses_us: int = 60 * _MINUTE_US
    speed_kmh: int = 900
    """A journey that needs more fires."""
    distance_km: int = 50
    """Places closer than this are the same: an address is known to lie in a city, not in a street."""
    country_us: int = 60 * _MINUTE_US
    """Two countries within this fire, where no more than the countries is known."""
    purchase_micros: int = 500 * _MICROS
    cooldown_us: int = 5 * _MINUTE_US
    """Firings at most so far apart are one alert."""

    @classmethod
    def of(cls, settings: Settings) -> Thresholds:
        """The operator's."""
        return cls(
            velocity_events=settings.fraud_velocity_events,
            velocity_us=settings.fraud_velocity_seconds * _SECOND_US,
            addresses=settings.fraud_addresses,
            addresses_us=settings.fraud_addresses_minutes * _MINUTE_US,
            speed_kmh=settings.fraud_speed_kmh,
            distance_km=settings.fraud_distance_km,
            country_us=settings.fraud_country_minutes * _MINUTE_US,
            purchase_micros=settings.fraud_purchase_amount * _MICROS,
            cooldown_us=settings.fraud_cooldown_minutes * _MINUTE_US,
        )

    @property
    def reach_us(self) -> int:
        """How far back an event is looked at: beyond it no journey is too fast, and every window has ended."""
        journey = _HALF_ROUND_KM * 3_600 * _SECOND_US // self.speed_kmh
        return max(journey, self.velocity_us, self.addresses_us, self.country_us)

    def window_us(self, rule: Rule) -> int:
        """How far before a firing the events behind it may lie."""
        match rule:
            case Rule.HIGH_VELOCITY:
                return self.velocity_us
            case Rule.MULTIPLE_IP:
                return self.addresses_us
            case Rule.RAPID_LOCATION_CHANGE:
                return self.reach_us
            case Rule.HIGH_VALUE_PURCHASE:
                return 0


class Chain(NamedTuple):
    """Firings of one rule for one subject, each at most a cooldown after the one before: an alert."""

    rule: Rule
    first_us: int
    last_us: int
    firings: int
    """Events at which the rule fired."""
    peak: int
    """The greatest figure of a firing: events, addresses, kilometres (0 when only countries are known), millionths."""

    def alert_id(self, subject: str) -> str:
        """Unique within the project."""
        return f"{self.rule.value}:{subject}@{self.first_us}"
