"""Which refused events are tried again, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct

from footfall.replay.mending import Mending


class Chosen(Struct, frozen=True, kw_only=True):
    """Which ones, and how they are mended."""

    reason: str | None = None
    source: str | None = None
    """Door or file."""
    from_us: int | None = None
    """Received then or later, and `before_us` before then: µs since the epoch."""
    before_us: int | None = None
    ids: tuple[str, ...] = ()
    """Only these rejections, when any are given."""
    mending: Mending = Mending()
    trusted: bool = False
    """Whether they are believed as a server's: place, program, address and old times. Files' always are."""
    dry_run: bool = False
    """Whether nothing is stored."""


class Remaining(NamedTuple):
    """A rejection that stays one."""

    rejected_id: str
    reason: str
    detail: str


class Outcome(NamedTuple):
    """What became of some rejections; `tried` is taken + already + the remaining ones."""

    tried: int
    taken: int
    """Whose events are stored now, or would be."""
    already: int
    """Whose events were stored before."""
    events: int
    """New events; a message of another protocol may be several."""
    remaining: Mapping[str, int]
    """{reason: how many are still refused for it}."""
    samples: Sequence[Remaining]
    """Some of these."""
    last: tuple[int, str] | None
    """(arrival, id) behind which it goes on; None when all have been tried."""
