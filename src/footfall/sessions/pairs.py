"""Exact distinct values of many sessions at once: (slot, value) pairs in a hash table, and chained by slot.

| an entry | bytes |
|---|---|
| value's hash | 8 |
| slot, next entry of the slot | 4 each |
| a spare entry, of which there may be a fifth | 20 |
| places of the hash table, a quarter to half of them taken | 8 to 16 |

A slot takes 4 bytes more.
"""

from __future__ import annotations

from typing import Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T", bound=np.generic)
Ints = NDArray[np.int64]
Words = NDArray[np.uint64]
Slots = NDArray[np.int32] | NDArray[np.int64]

_SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)
_FREE, _GONE = -1, -2
_END = -1
_FIRST = 1024


class Pairs(NamedTuple):
    """Parallel arrays, one entry a pair: the place of the slot among those that were asked for, and the value."""

    places: Ints
    values: Words


class _Found(NamedTuple):
    """The same, with where the pair is."""

    places: Ints
    entries: Ints


class PairSet:
    """A set of pairs that grows in batches."""

    def __init__(self) -> None:
        self._values = np.empty(0, np.uint64)
        self._slots = np.empty(0, np.int32)
        self._next = np.empty(0, np.int32)
        """Entries; the next one of the same slot, or `_END`."""
        self._spare = np.empty(0, np.int32)
        self._heads = np.empty(0, np.int32)
        """For each slot its first entry, or `_END`."""
        self._clear(_FIRST)

    def __len__(self) -> int:
        return len(self._values) - len(self._spare)

    @property
    def bytes(self) -> int:
        """Bytes of memory held."""
        columns = (self._values, self._slots, self._next, self._spare, self._heads, self._table)
        return sum(column.nbytes for column in columns)

    def add(self, slots: Ints, values: Words) -> Ints:
        """Remember the pairs; returns the slots of those that were new, a slot as often as it got a new value."""
        self._make_room(slots)
        at = self._places(slots, values)
        rows = np.flatnonzero(self._table[at] == _FREE)
        at, new = at[rows], np.zeros(len(rows), np.bool_)
        left = len(self._spare) - len(rows)
        entries = self._spare[left:].copy()
        self._values[entries], self._slots[entries] = values[rows], slots[rows]
        open_ = np.arange(len(rows))
        while len(open_):
            self._table[at[open_]] = entries[open_]  # of those that claim one place the last one gets it
            won = self._table[at[open_]] == entries[open_]
            new[open_[won]] = True
            open_ = open_[~won]
            at[open_] = self._places(slots[rows[open_]], values[rows[open_]])
            open_ = open_[self._table[at[open_]] == _FREE]  # the others are pairs that stand here twice
        unused, fresh = entries[~new], slots[rows[new]]
        self._spare[left : left + len(unused)] = unused
        self._spare = self._spare[: left + len(unused)]
        self._taken += len(fresh)
        self._chain(entries[new], fresh)
        return fresh

    def of(self, slots: Ints) -> Pairs:
        """The pairs of these slots."""
        found = self._entries(slots)
        return Pairs(found.places, self._values[found.entries])

    def drop(self, slots: Ints) -> None:
        """Forget the pairs of these slots."""
        entries = self._entries(slots).entries
        self._table[self._places(self._slots[entries], self._values[entries])] = _GONE
        self._spare = np.concatenate((self._spare, entries))
        self._heads[slots[slots < len(self._heads)]] = _END

    def _places(self, slots: Slots, values: Words) -> Ints:
        """Where each pair is, or else the free place where it would be."""
        mixed = values ^ (slots.astype(np.uint64) * _SPREAD)
        at = (mixed >> self._shift).view(np.int64)
        rows, step = np.flatnonzero(self._is_anothers(at, slots, values)), 0
        while len(rows):
            step += 1
            at[rows] = further = (at[rows] + step) & (len(self._table) - 1)
            rows = rows[self._is_anothers(further, slots[rows], values[rows])]
        return at

    def _is_anothers(self, at: Ints, slots: Slots, values: Words) -> NDArray[np.bool_]:
        entries = self._table[at]
        anothers: NDArray[np.bool_] = entries != _FREE
        rows = np.flatnonzero(entries >= 0)
        there = entries[rows]
        anothers[rows] = (self._values[there] != values[rows]) | (self._slots[there] != slots[rows])
        return anothers

    def _chain(self, entries: Slots, slots: Slots) -> None:
        """Hang new entries before those of their slots, one of each slot at a time."""
        while len(entries):
            self._next[entries] = self._heads[slots]
            self._heads[slots] = entries
            waiting = self._heads[slots] != entries
            entries, slots = entries[waiting], slots[waiting]

    def _entries(self, slots: Ints) -> _Found:
        """The entries of these slots: all first ones, all second ones, and so on."""
        places = np.flatnonzero(slots < len(self._heads))
        entries = self._heads[slots[places]].astype(np.int64)
        found = [_Found(places[:0], entries[:0])]
        while len(places):
            there = entries != _END
            places, entries = places[there], entries[there]
            found.append(_Found(places, entries))
            entries = self._next[entries].astype(np.int64)
        return _Found(*(np.concatenate(column) for column in zip(*found, strict=True)))

    def _make_room(self, slots: Ints) -> None:
        """Room for a pair of each of these slots."""
        wanted, known = len(slots), len(self._heads)
        if (most := int(slots.max(initial=-1))) >= known:
            self._heads = _longer(self._heads, max(_FIRST, known + known // 4, most + 1), filled_with=_END)
        if len(self._spare) < wanted:
            old = len(self._values)
            new = max(_FIRST, old + old // 4, old + wanted)
            self._values = _longer(self._values, new)
            self._slots, self._next = _longer(self._slots, new), _longer(self._next, new)
            self._spare = np.concatenate((np.arange(new - 1, old - 1, -1, dtype=np.int32), self._spare))
        if 2 * (self._taken + wanted) > len(self._table):  # fuller, and the last few are searched for long
            self._rebuild(wanted)

    def _rebuild(self, wanted: int) -> None:
        """A new table with room for `wanted` more, without those who are gone."""
        entries = self._table[self._table >= 0]
        self._clear(max(_FIRST, 1 << (2 * (len(entries) + wanted)).bit_length()))
        self._taken = len(entries)
        while len(entries):
            at = self._places(self._slots[entries], self._values[entries])
            self._table[at] = entries
            entries = entries[self._table[at] != entries]

    def _clear(self, places: int) -> None:
        self._table = np.full(places, _FREE, np.int32)
        self._shift = np.uint64(65 - places.bit_length())
        self._taken = 0
        """Places of the table that are not free, those of pairs that are gone too."""


def _longer(column: NDArray[T], length: int, *, filled_with: int = 0) -> NDArray[T]:
    longer = np.full(length, filled_with, column.dtype)
    longer[: len(column)] = column
    return longer
