"""Ways computed a second time, slowly and obviously: each person's events in order, one label after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Visit(NamedTuple):
    """One event of one person: when it was, what it is called, and whether ways begin at it."""

    ts_us: int
    event_id: str
    label: str | None
    is_anchor: bool


def way(visits: Sequence[Visit], *, backwards: bool = False) -> list[str | None]:
    """The labels of one person's way, all of it, from the anchor on; none without an anchor."""
    in_order = sorted(visits, key=lambda visit: (visit.ts_us, visit.event_id), reverse=backwards)
    while in_order and not in_order[0].is_anchor:
        in_order = in_order[1:]
    labels: list[str | None] = []
    for visit in in_order:
        if not labels or labels[-1] != visit.label:
            labels.append(visit.label)
    return labels
