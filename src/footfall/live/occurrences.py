"""How many equal keys came before: what tells equal rows of one log apart. In memory, for one pass over the log."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from footfall.events.hashing import Words

_ROWS_AT_ONCE: Final = 1 << 16


class _Counted(NamedTuple):
    """Different keys, rising, and how often each came."""

    keys: Words
    counts: NDArray[np.int64]


class Occurrences:
    """Counts equal keys exactly, 16 bytes a different key.

    Keys stand in sorted runs. A run is merged with the newer ones once those are as large, so there are at most
    as many runs as the number of keys can be halved.
    """

    def __init__(self) -> None:
        self._runs: list[_Counted] = []

    @property
    def bytes(self) -> int:
        """Bytes of memory held."""
        return sum(run.keys.nbytes + run.counts.nbytes for run in self._runs)

    def count(self, keys: Words) -> NDArray[np.int64]:
        """For each key how many equal ones came before it, in this array and in all arrays before."""
        before = np.empty(len(keys), np.int64)
        for begin in range(0, len(keys), _ROWS_AT_ONCE):
            rows = slice(begin, begin + _ROWS_AT_ONCE)
            before[rows] = self._count(keys[rows])
        return before

    def _count(self, keys: Words) -> NDArray[np.int64]:
        order = np.argsort(keys, kind="stable")  # equal keys stay in the order in which they came
        keys = keys[order]
        begins = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
        counts = np.diff(np.append(begins, len(keys)))
        earlier = self._earlier(keys[begins])
        before = np.empty(len(keys), np.int64)
        before[order] = np.arange(len(keys)) + np.repeat(earlier - begins, counts)
        self._add(_Counted(keys[begins], counts))
        return before

    def _earlier(self, keys: Words) -> NDArray[np.int64]:
        """How often each key came in the runs."""
        earlier = np.zeros(len(keys), np.int64)
        for run in self._runs:
            at = np.minimum(np.searchsorted(run.keys, keys), len(run.keys) - 1)
            earlier += np.where(run.keys[at] == keys, run.counts[at], 0)
        return earlier

    def _add(self, run: _Counted) -> None:
        while self._runs and len(self._runs[-1].keys) <= len(run.keys):
            run = _united(self._runs.pop(), run)
        self._runs.append(run)


def _united(one: _Counted, other: _Counted) -> _Counted:
    keys, counts = np.concatenate([one.keys, other.keys]), np.concatenate([one.counts, other.counts])
    order = np.argsort(keys, kind="stable")
    keys, counts = keys[order], counts[order]
    begins = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    return _Counted(keys[begins], np.add.reduceat(counts, begins))
