"""Which slot an owner has: a hash table in numpy columns, asked and changed for many owners at once.

Open addressing; a place takes 20 bytes. Up to five eighths of them are taken, half as many after the table grew, so an
owner takes 32 to 64.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from footfall.events.hashing import Hashes

Ints = NDArray[np.int64]

NONE, SEVERAL = -1, -2
"""Instead of a slot: the owner is not resident; it has no session, or several."""
_FREE, _GONE = -3, -1
_FIRST_PLACES = 1024


class OwnerIndex:
    """Owners by their hashes (`sessions.owners`), both halves of which are compared."""

    def __init__(self) -> None:
        self.version = 0
        """Grows with every change of what `find` says."""
        self._clear(_FIRST_PLACES)

    @property
    def bytes(self) -> int:
        """Bytes of memory held."""
        return self._first.nbytes + self._second.nbytes + self._slots.nbytes

    def find(self, hashes: Hashes) -> Ints:
        """The slot of each owner, or `SEVERAL`, or `NONE`."""
        slots = self._slots[self._places(hashes)].astype(np.int64)
        slots[slots == _FREE] = NONE
        return slots

    def put(self, hashes: Hashes, slots: Ints) -> None:
        """Note the slot, or `SEVERAL`, of each owner; none stands here twice."""
        self.version += 1
        if 8 * (self._taken + len(slots)) > 5 * len(self._slots):
            self._make_room(len(slots))
        at = self._places(hashes)
        new = self._slots[at] == _FREE
        at[new] = self._take_places((hashes[0][new], hashes[1][new]))
        self._slots[at] = slots

    def remove(self, hashes: Hashes) -> None:
        """Forget owners; those that are not here, too."""
        self.version += 1
        at = self._places(hashes)
        self._slots[at[self._slots[at] != _FREE]] = _GONE

    def remove_slots(self, gone: NDArray[np.bool_]) -> None:
        """Forget the owner of every slot i where `gone[i]` holds."""
        self.version += 1
        at = np.flatnonzero(self._slots >= 0)
        self._slots[at[gone[self._slots[at]]]] = _GONE

    def _places(self, hashes: Hashes) -> Ints:
        """Where each owner is, or else the free place where it would be."""
        first, second = hashes
        at = (first >> self._shift).view(np.int64)
        rows, step = np.flatnonzero(self._is_anothers(at, first, second)), 0
        while len(rows):
            step += 1
            at[rows] = further = (at[rows] + step) & (len(self._slots) - 1)
            rows = rows[self._is_anothers(further, first[rows], second[rows])]
        return at

    def _take_places(self, hashes: Hashes) -> Ints:
        """A free place for each of these owners, none of whom is here."""
        at = (hashes[0] >> self._shift).view(np.int64)
        rows, step = np.arange(len(at)), 0
        while len(rows):
            step += 1
            here = at[rows]
            won = self._slots[here] == _FREE
            self._slots[here[won]] = rows[won]  # of those that claim one place the last one gets it
            won &= self._slots[here] == rows
            rows = rows[~won]
            at[rows] = (at[rows] + step) & (len(self._slots) - 1)
        self._first[at], self._second[at] = hashes
        self._taken += len(at)
        return at

    def _is_anothers(self, at: Ints, first: NDArray[np.uint64], second: NDArray[np.uint64]) -> NDArray[np.bool_]:
        anothers: NDArray[np.bool_] = (self._first[at] != first) | (self._second[at] != second)
        anothers &= self._slots[at] != _FREE
        return anothers

    def _make_room(self, wanted: int) -> None:
        """Move those who are here into a new table with room for `wanted` more."""
        kept = (self._slots >= 0) | (self._slots == SEVERAL)
        first, second, slots = self._first[kept], self._second[kept], self._slots[kept]
        self._clear(max(_FIRST_PLACES, 1 << (8 * (len(slots) + wanted) // 5).bit_length()))
        self._slots[self._take_places((first, second))] = slots

    def _clear(self, places: int) -> None:
        self._first = np.zeros(places, np.uint64)
        self._second = np.zeros(places, np.uint64)
        self._slots = np.full(places, _FREE, np.int32)
        self._shift = np.uint64(65 - places.bit_length())
        self._taken = 0
        """Places that are not free, those of owners who are gone too."""
