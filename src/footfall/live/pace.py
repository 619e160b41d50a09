"""How often the live pass makes things durable, and how much may wait for it."""

from __future__ import annotations

from typing import NamedTuple


class Pace(NamedTuple):
    """When a sealing is due, and how far the tail may grow while the lake refuses."""

    rows: int
    bytes: int
    seconds: float
    most_rows: int
    most_bytes: int
    idle_us: int
    """A session without an arrival for this long is handed to the lake and leaves the memory."""
