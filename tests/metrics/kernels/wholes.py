"""A whole of the index out of random events, cut into parts as a lake may cut them."""

from __future__ import annotations

from collections.abc import Sequence

from footfall.events.event import Event
from footfall.lake.index.people import People
from footfall.lake.index.whole import Whole
from tests.lake.index.streams import KEY, parts_of


def whole_of(events: Sequence[Event], *, cut: int = 1) -> Whole:
    """Events as they lie in days, each in `cut` parts of which the last ones pass."""
    lasting = parts_of(events[::cut])
    passing = [part for place in range(1, cut) for part in parts_of(events[place::cut])]
    return Whole.of(People(KEY), lasting, passing)
