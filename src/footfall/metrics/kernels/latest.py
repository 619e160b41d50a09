"""Which value an event had at one instant of each person, when several events may have happened at that instant."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from footfall.lake.index.people import Numbers
from footfall.metrics.kernels.picked import Chosen, Declined, Texts


class _Seen(NamedTuple):
    person: Numbers
    value: Numbers
    place: NDArray[np.uint32]
    """By event id among those of one part."""
    part: Numbers
    """Its number: places in different ones can't be compared."""


class Latest:
    """Of each person the value of the last event by event id at the instant `at_us`, of the events that are seen."""

    def __init__(self, at_us: NDArray[np.int64], texts: Texts, *, first: bool = False) -> None:
        """`at_us` has an instant for each person; one without events for those who are not asked for.

        `first` asks for the first event instead.
        """
        self._first = first
        self._at_us = at_us
        self._texts = texts
        self._seen: list[_Seen] = []

    def see(self, found: Chosen) -> None:
        """Look at more events."""
        people = found.people
        there = found.where(found.ts_us == self._at_us[people])
        self._seen.append(
            _Seen(
                there.people,
                self._texts.of(there),
                there.part.places[there.rows],
                np.full(len(there), there.number, dtype=np.int32),
            )
        )

    def values(self) -> Numbers:
        """The value's number of each person, −1 for null and for who is not asked for.

        Raises `Declined` when the index does not know which of two events is the last.
        """
        values = np.full(len(self._at_us), -1, dtype=np.int32)
        if not self._seen:
            return values
        person, value, place, part = (np.concatenate(found) for found in zip(*self._seen, strict=True))
        values[person] = value
        torn = np.unique(person[values[person] != value])
        if len(torn):
            mine = np.flatnonzero(np.isin(person, torn))
            whose = np.unique(np.stack((person[mine], part[mine])), axis=1)
            if whose.shape[1] != len(torn):
                raise Declined("events of one instant came in different parts")
            mine = mine[np.argsort(place[mine], kind="stable")]
            mine = mine[::-1] if self._first else mine
            values[person[mine]] = value[mine]  # the last one stays
        return values
