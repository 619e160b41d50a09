"""What of the rules is other than the settings say, and what somebody wants changed of it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from footfall.events.kinds import Kind


class Change(Struct, frozen=True):
    """Other thresholds, by their ids (`sessions.thresholds`), and other kinds of names; what is absent stays."""

    thresholds: Mapping[str, int | float]
    kinds: Mapping[str, Kind]
    """`Kind.OTHER` takes a name from every kind."""


class Standing(Struct, frozen=True):
    """All that is other than the settings say, and by which change."""

    number: int
    """Of the change; 0 before the first."""
    thresholds: Mapping[str, int | float]
    kinds: Mapping[str, Kind]
    changed_us: int | None = None
    changed_by: str | None = None
    """Id of the token."""


UNCHANGED = Standing(0, {}, {})
