"""How a setting's value is written, checked and told: what one row of the table says beside its type and default."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Meta


class Unit(StrEnum):
    """How a value is written and checked."""

    TEXT = "text"
    CURRENCY = "ISO 4217 code"
    YES_NO = "true or false"
    CHOICE = "choice"
    COUNT = "count"
    BYTES = "bytes"
    SECONDS = "seconds"
    MINUTES = "minutes"
    HOURS = "hours"


def counted(meaning: str, low: int, high: int) -> Meta:
    """A whole number from `low` to `high`."""
    return Meta(description=meaning, ge=low, le=high, extra={"unit": Unit.COUNT})


def sized(meaning: str, low: int, high: int) -> Meta:
    """A size in bytes."""
    return Meta(description=meaning, ge=low, le=high, extra={"unit": Unit.BYTES})


def lasting(unit: Unit, meaning: str, low: float, high: float) -> Meta:
    """A length of time in `unit`."""
    return Meta(description=meaning, ge=low, le=high, extra={"unit": unit})


def says(meaning: str, unit: Unit = Unit.TEXT, *, secret: bool = False) -> Meta:
    """Text, or a choice; a secret is shown to nobody."""
    return Meta(description=meaning, extra={"unit": unit, "secret": secret})
