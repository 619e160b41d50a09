"""The books of what arrives at the doors: how much, and what became of it, by project and quarter of an hour.

A quarter that is over leaves for the lake's table; the others are in the checkpoint, and before readers.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
from msgspec import Struct
from numpy.typing import NDArray

from footfall.lake.books import BOOKS, DOORS, FATES, SLOT_US, slot_of

_NO_ROWS: Final = BOOKS.empty_table()
_Counts = NDArray[np.int64]
"""One number for each of `FATES`."""


class Entry(Struct, frozen=True, array_like=True):
    """What arrived of one project in one quarter of an hour, so far."""

    project_id: str
    begin_us: int
    counts: tuple[int, ...]
    """As `FATES` has them."""


class Fates(NamedTuple):
    """What became of a batch's events; a mask for each."""

    duplicates: NDArray[np.bool_]
    bots: NDArray[np.bool_]
    late: NDArray[np.bool_]


class Books:
    """Counts of what is not in the lake's table yet; changed by one thread."""

    def __init__(self, entries: Iterable[Entry] = (), *, since_us: int = 0) -> None:
        self.since_us = since_us
        """What arrived before was not counted, or not all of it."""
        self._counts = {(one.project_id, one.begin_us): np.array(one.counts, np.int64) for one in entries}

    def take(self, projects: pa.DictionaryArray, received_us: NDArray[np.int64], fates: Fates) -> None:
        """Count a batch of events that arrived at these times."""
        masks = {1: fates.duplicates, 3: fates.bots, 4: fates.late}
        self._add(projects, received_us, masks)

    def refuse(self, rejected: pa.Table) -> None:
        """Count events that were refused."""
        if not rejected.num_rows:
            return
        received_us = rejected["received_us"].to_numpy()
        projects = rejected["project_id"].combine_chunks().dictionary_encode()
        self._add(projects, received_us, {2: np.ones(len(received_us), np.bool_)})

    def over(self, clock_us: int) -> pa.Table:
        """Quarters that are over at `clock_us`, which are the lake's from here on; what comes later is added there."""
        border = slot_of(clock_us)
        found = sorted(key for key in self._counts if key[1] < border)
        return _rows((key, self._counts.pop(key)) for key in found)

    def rows(self) -> pa.Table:
        """What is not in the lake's table."""
        return _rows(sorted(self._counts.items(), key=_key))

    def saved(self) -> list[Entry]:
        """The same for a checkpoint."""
        return [Entry(*key, tuple(counts.tolist())) for key, counts in sorted(self._counts.items(), key=_key)]

    def _add(
        self, projects: pa.DictionaryArray, received_us: NDArray[np.int64], masks: dict[int, NDArray[np.bool_]]
    ) -> None:
        first = slot_of(int(received_us.min()))
        slots = (int(received_us.max()) - first) // SLOT_US + 1
        names = projects.dictionary
        if len(names) == slots == 1:  # nearly every batch
            counts = np.zeros(len(FATES), np.int64)
            counts[0] = len(received_us)
            for fate, mask in masks.items():
                counts[fate] = np.count_nonzero(mask)
            self._put((names[0].as_py(), first), counts)
            return
        place = projects.indices.to_numpy() * slots + (received_us - first) // SLOT_US
        found = np.zeros((len(FATES), len(names) * slots), np.int64)
        found[0] = np.bincount(place, minlength=found.shape[1])
        for fate, mask in masks.items():
            found[fate] = np.bincount(place[mask], minlength=found.shape[1])
        for number in np.flatnonzero(found[0]).tolist():
            project, slot = divmod(number, slots)
            self._put((names[project].as_py(), first + slot * SLOT_US), found[:, number])

    def _put(self, key: tuple[str, int], counts: _Counts) -> None:
        known = self._counts.get(key)
        self._counts[key] = counts if known is None else known + counts


def _key(item: tuple[tuple[str, int], _Counts]) -> tuple[str, int]:
    return item[0]


def _rows(entries: Iterable[tuple[tuple[str, int], _Counts]]) -> pa.Table:
    rows = list(entries)
    if not rows:
        return _NO_ROWS
    counts = np.stack([numbers for _, numbers in rows], axis=1)
    keys = [key for key, _ in rows]
    columns = [[project for project, _ in keys], [begin for _, begin in keys], [DOORS] * len(rows), *counts]
    return pa.table(columns, schema=BOOKS)
