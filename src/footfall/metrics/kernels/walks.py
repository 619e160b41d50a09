"""The way that each person took, over the compact index: the twin of `metrics.walks`.

Rule and source stand there. Here days are walked one after the other, and who has come to the end of the way is left
out of the days that follow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from footfall.lake.index.part import PAGE
from footfall.lake.index.people import Numbers
from footfall.lake.index.whole import Whole
from footfall.metrics.filters.model import Filter
from footfall.metrics.kernels.picked import Chosen, Declined, Mask, Pick, Texts, holds

_MOST_LABELS: Final = 50_000_000
"""4 bytes each."""
UNKNOWN: Final = -1
NOWHERE: Final = -2


class Visits(NamedTuple):
    """Which events ways lead over, and which of them are anchors."""

    events: Pick
    """All that may be visited."""
    visited: Callable[[str], bool]
    """Of which names every event is visited; of other names anchors alone."""
    by_page: Callable[[str], bool]
    """Of which names the label is the page; of others it is the name."""
    anchored: Callable[[str], bool]
    """Names of anchors."""
    where: Filter | None = None
    """What anchors are, beside their name."""


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """The way of each person."""

    labels: tuple[Numbers, ...]
    """For each place from 0 on, and one behind the last: of each person the number of the label there.

    `UNKNOWN` is the label that is null, `NOWHERE` says that the way has ended before.
    """
    texts: tuple[str, ...]


def ways(whole: Whole, visits: Visits, *, depth: int, backwards: bool = False) -> Ways:
    """The ways of `whole`'s people up to `depth` places from the anchor; raises `Declined`."""
    if (depth + 2) * whole.people > _MOST_LABELS:
        raise Declined("the ways of so many people take too much memory")
    walk = _Walk(whole.people, depth + 2)
    texts = Texts(PAGE)
    days = [list(those) for _, those in groupby(visits.events.chosen(whole), lambda found: found.part.day)]
    for those in reversed(days) if backwards else days:
        seen = [_seen(found, visits, texts, walk) for found in those]
        if any(len(one.person) for one in seen):
            walk.on(_in_order(seen, backwards=backwards))
    return Ways(tuple(walk.labels), texts.texts)


class _Seen(NamedTuple):
    """Events of one day."""

    person: Numbers
    ts_us: NDArray[np.int64]
    place: NDArray[np.int64]
    """By time and event id, among those of one part."""
    part: Numbers
    label: Numbers
    is_anchor: Mask

    def take(self, rows: NDArray[np.intp]) -> _Seen:
        return _Seen._make(column[rows] for column in self)


class _Walk:
    """How far everybody has come."""

    def __init__(self, people: int, places: int) -> None:
        self.labels = np.full((places, people), NOWHERE, dtype=np.int32)
        self.count = np.zeros(people, dtype=np.int32)
        """Places so far."""
        self._last = np.full(people, NOWHERE, dtype=np.int32)

    def on(self, seen: _Seen) -> None:
        """Walk over events that stand person by person, in the order of the way."""
        person, label = seen.person, seen.label
        if not seen.is_anchor.all():
            begun = self._begun(person, seen.is_anchor)
            person, label = person[begun], label[begun]
        first = np.flatnonzero(_begins(person))
        before = np.roll(label, 1)
        before[first] = self._last[person[first]]
        moved = np.flatnonzero(label != before)
        person, label = person[moved], label[moved]
        begins = _begins(person)
        first, last = np.flatnonzero(begins), np.flatnonzero(np.roll(begins, -1))
        whose = person[first]
        places = last - first + 1
        from_place = self.count[whose]
        place = np.repeat(from_place - first, places) + np.arange(len(person))
        near = np.flatnonzero(place < len(self.labels))
        self.labels[place[near], person[near]] = label[near]
        self.count[whose] = np.minimum(from_place + places, len(self.labels))
        self._last[whose] = label[last]

    def _begun(self, person: Numbers, is_anchor: Mask) -> Mask:
        """Which events are of a way that has begun, before or with an anchor up to there."""
        at = np.arange(len(person))
        anchor = np.maximum.accumulate(np.where(is_anchor, at, -1))
        own = np.maximum.accumulate(np.where(_begins(person), at, 0))
        return (anchor >= own) | (self.count[person] > 0)


def _begins(person: Numbers) -> Mask:
    """Which entries begin a person's run."""
    return np.append(np.ones(min(len(person), 1), dtype=bool), person[1:] != person[:-1])


def _seen(found: Chosen, visits: Visits, texts: Texts, walk: _Walk) -> _Seen:
    """What of these events is visited, by people whose way goes on."""
    found = found.where(walk.count[found.people] < len(walk.labels))
    anchors = np.full(len(found), visits.anchored(found.name))
    if anchors.any() and visits.where is not None:
        anchors = holds(visits.where, found, visits.events.taxonomy)
    if not visits.visited(found.name):
        found, anchors = found.where(anchors), anchors[anchors]
    by_page = visits.by_page(found.name)
    label = texts.of(found) if by_page else np.full(len(found), texts.number(found.name), dtype=np.int32)
    part = np.full(len(found), found.number, dtype=np.int32)
    return _Seen(found.people, found.ts_us, found.part.places[found.rows].astype(np.int64), part, label, anchors)


def _in_order(seen: list[_Seen], *, backwards: bool) -> _Seen:
    """All of a day, person by person, in the order of the way."""
    whole = _Seen._make(np.concatenate(columns) for columns in zip(*seen, strict=True))
    place = whole.place
    several = whole.part.min() != whole.part.max()
    if several:
        place = np.empty(len(place), dtype=np.int64)
        place[np.lexsort((whole.place, whole.ts_us))] = np.arange(len(place))
    order = np.argsort(whole.person.astype(np.int64) << 32 | place)
    ordered = whole.take(order[::-1] if backwards else order)
    if several:
        _check_ties(ordered)
    return ordered


def _check_ties(seen: _Seen) -> None:
    """Raise `Declined` where one person's events of one instant came in different parts: their ids are not known."""
    tied = (seen.person[1:] == seen.person[:-1]) & (seen.ts_us[1:] == seen.ts_us[:-1])
    if (tied & (seen.part[1:] != seen.part[:-1])).any():
        raise Declined("events of one instant came in different parts")
