"""When a project's days and weeks begin; what calendar that makes stands in `metrics.calendar`."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from msgspec import Struct

Weekday: TypeAlias = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class Days(Struct, frozen=True):
    """A project's time zone, and the day on which its weeks begin."""

    zone: str = "UTC"
    """A name of the IANA database."""
    week_starts: Weekday = "monday"


USUAL: Final = Days()
"""Those of a project of which nothing was said."""
