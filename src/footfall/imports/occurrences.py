"""How often a row came before, for logs of many million rows: sorted runs of 64-bit keys, eight bytes a row."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Keys: TypeAlias = NDArray[np.uint64]


class Occurrences:
    """Counts equal keys. Runs are merged when they have grown alike, so there are few: log2 of the rows.

    >>> seen = Occurrences()
    >>> seen.count(np.array([7, 8, 7], np.uint64)), seen.count(np.array([7, 9], np.uint64))
    (array([0, 0, 1]), array([2, 0]))
    """

    def __init__(self) -> None:
        self._runs: list[Keys] = []

    def count(self, keys: Keys) -> NDArray[np.int64]:
        """For each key how many equal ones came before it, in this array and in all arrays before."""
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        counts = np.arange(len(keys)) - np.searchsorted(ordered, ordered)
        for run in self._runs:
            begin = np.searchsorted(run, ordered)
            found = np.flatnonzero(run[np.minimum(begin, len(run) - 1)] == ordered)
            counts[found] += np.searchsorted(run, ordered[found], side="right") - begin[found]
        self._keep(ordered)
        before = np.empty(len(keys), np.int64)
        before[order] = counts
        return before

    def _keep(self, ordered: Keys) -> None:
        if len(ordered):
            self._runs.append(ordered)
        while len(self._runs) > 1 and len(self._runs[-2]) < 2 * len(self._runs[-1]):
            last, before = self._runs.pop(), self._runs.pop()
            merged = np.concatenate([before, last])
            merged.sort(kind="stable")  # which merges two sorted halves in one walk
            self._runs.append(merged)
