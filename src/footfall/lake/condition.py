"""What is told of how a lake is kept: sizes, what the index has, the room that is left, what was done when."""

from __future__ import annotations

from msgspec import Struct


class TableSize(Struct, frozen=True):
    """One table of the lake, of one project."""

    table: str
    rows: int
    """Rows in files."""
    waiting: int
    """Rows that can be read and are in no file yet."""
    files: int
    bytes: int


class Indexed(Struct, frozen=True):
    """How much of a project's events the index has."""

    rows: int
    of: int


class Disk(Struct, frozen=True):
    """The room that is left where the data folder lies."""

    free_bytes: int
    total_bytes: int
    bytes_a_day: int
    """What the lake grew by, a day, in the last whole days (UTC)."""

    @property
    def days_left(self) -> int | None:
        """Days until it is full at this rate; None while nothing grows."""
        return self.free_bytes // self.bytes_a_day if self.bytes_a_day else None


class Deed(Struct, frozen=True):
    """When upkeep last went over the lake for one purpose."""

    deed: str
    at_us: int
    trouble: str | None
    """Why it did not succeed then."""
