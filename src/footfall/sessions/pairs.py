"""Exact distinct values of many sessions at once: (slot, value) pairs in sorted runs.

| an entry | bytes |
|---|---|
| sort key | 8 |
| value's hash | 8 |
| slot | 4 |
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_RECENT = 4096


class Pairs(NamedTuple):
    """Parallel arrays, one entry a pair."""

    slots: NDArray[np.int32]
    values: NDArray[np.uint64]


class _Run(NamedTuple):
    keys: NDArray[np.uint64]
    slots: NDArray[np.int32]
    values: NDArray[np.uint64]

    @classmethod
    def of(cls, slots: NDArray[np.int32], values: NDArray[np.uint64]) -> _Run:
        keys = values ^ (slots.astype(np.uint64) * _SPREAD)
        order = np.argsort(keys, kind="stable")
        return cls(keys[order], slots[order], values[order])

    def take(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> _Run:
        """Some of the entries, or all in another order."""
        return _Run(self.keys[chosen], self.slots[chosen], self.values[chosen])

    def distinct(self) -> _Run:
        """The run with every pair once. Equal pairs are neighbours unless two different ones share a key."""
        run, key, pair = self, *self._repeats()
        if (key & ~pair).any():
            run = self.take(np.lexsort((self.values, self.slots, self.keys)))
            _, pair = run._repeats()
        return run.take(np.append(True, ~pair)[: len(run.keys)])

    def _repeats(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """For each entry but the first: whether it repeats its neighbour's key, and its neighbour's pair."""
        key = self.keys[1:] == self.keys[:-1]
        return key, key & (self.slots[1:] == self.slots[:-1]) & (self.values[1:] == self.values[:-1])

    def holds(
        self, keys: NDArray[np.uint64], slots: NDArray[np.int32], values: NDArray[np.uint64]
    ) -> NDArray[np.bool_]:
        """Whether each pair is here; entries of equal key stand side by side and are all looked at."""
        found = np.zeros(len(keys), dtype=bool)
        if not len(self.keys):
            return found
        place = np.searchsorted(self.keys, keys)
        open_ = np.flatnonzero(place < len(self.keys))
        while len(open_):
            at = place[open_]
            open_ = open_[self.keys[at] == keys[open_]]
            at = place[open_]
            match = (self.slots[at] == slots[open_]) & (self.values[at] == values[open_])
            found[open_[match]] = True
            open_ = open_[~match]
            place[open_] += 1
            open_ = open_[place[open_] < len(self.keys)]
        return found


_NONE = _Run(np.empty(0, np.uint64), np.empty(0, np.int32), np.empty(0, np.uint64))


class PairSet:
    """A set of pairs that grows in batches; a small run takes new pairs, a large one holds the rest."""

    def __init__(self) -> None:
        self._main = _NONE
        self._recent = _NONE

    def __len__(self) -> int:
        return len(self._main.keys) + len(self._recent.keys)

    def add(self, slots: NDArray[np.int32], values: NDArray[np.uint64]) -> NDArray[np.int32]:
        """Remember the pairs; returns the slots of those that were new, a slot as often as it got a new value."""
        batch = _Run.of(slots, values).distinct()
        new = ~(self._main.holds(*batch) | self._recent.holds(*batch))
        fresh = batch.take(new)
        self._recent = _merged(self._recent, fresh)
        if len(self._recent.keys) > max(_RECENT, len(self._main.keys) // 8):
            self._main, self._recent = _merged(self._main, self._recent), _NONE
        return fresh.slots

    def of(self, chosen: NDArray[np.bool_]) -> Pairs:
        """The pairs of every slot i where `chosen[i]` holds, in no particular order."""
        main, recent = (run.take(chosen[run.slots]) for run in (self._main, self._recent))
        return Pairs(np.concatenate((main.slots, recent.slots)), np.concatenate((main.values, recent.values)))

    def drop(self, chosen: NDArray[np.bool_]) -> None:
        """Forget the pairs of every slot i where `chosen[i]` holds."""
        self._main = self._main.take(~chosen[self._main.slots])
        self._recent = self._recent.take(~chosen[self._recent.slots])


def _merged(a: _Run, b: _Run) -> _Run:
    if not len(b.keys):
        return a
    keys = np.concatenate((a.keys, b.keys))
    order = np.argsort(keys, kind="stable")
    return _Run(keys[order], np.concatenate((a.slots, b.slots))[order], np.concatenate((a.values, b.values))[order])
