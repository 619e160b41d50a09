"""The entries of many subjects in one array: those of a slot stand together, in order of time, with room for more.

Rooms are powers of two, so that one that was left fits another slot. What the entries say is not known here.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.fraud.trailing import ENTRY, Entries, Ints, rows_of

_SMALLEST: Final = 4


class Arena:
    """An entry takes its 46 bytes once or twice, a slot 24 more."""

    def __init__(self) -> None:
        self._entries = np.empty(0, ENTRY)
        self._end = 0
        """Where nothing was ever."""
        self._slots = np.zeros((0, 3), np.int64)
        """Of each slot: where its room begins, how many entries there are, and for how many there is room."""
        self._left: dict[int, Ints] = {}
        """{size of rooms: where those begin that are nobody's}."""
        self._taken = 0
        """Entries for which there is room in the rooms that are somebody's."""

    @property
    def bytes(self) -> int:
        """Bytes of the rooms that are somebody's."""
        return self._taken * ENTRY.itemsize

    def make_slots(self, most: int) -> None:
        """Have slots up to before `most`, empty ones where there were none."""
        if most > len(self._slots):
            slots = np.zeros((max(most, 2 * len(self._slots)), 3), np.int64)
            slots[: len(self._slots)] = self._slots
            self._slots = slots

    def since(self, slots: Ints, ts: Ints) -> Ints:
        """For each slot how many entries come before the time `ts`."""
        begins, sizes, _ = self._slots[slots].T
        low: Ints = begins.copy()
        high: Ints = begins + sizes
        times = self._entries["ts"]
        while (open_ := np.flatnonzero(low < high)).size:
            middle = (low[open_] + high[open_]) >> 1
            before = times[middle] < ts[open_]
            low[open_[before]], high[open_[~before]] = middle[before] + 1, middle[~before]
        earlier: Ints = low - begins
        return earlier

    def read(self, slots: Ints, skipped: Ints | int = 0) -> tuple[Ints, Entries]:
        """All entries of these slots but the first `skipped` of each, and for each entry the place of its slot."""
        begins, sizes, _ = self._slots[slots].T
        counts = sizes - skipped
        return np.repeat(np.arange(len(slots)), counts), self._entries.take(spans(begins + skipped, counts))

    def append(self, slots: Ints, counts: Ints, entries: Entries) -> None:
        """Add `counts[i]` entries to `slots[i]`, one after the other; none is before those that are there."""
        begins, sizes, rooms = self._slots[slots].T
        wanted = sizes + counts
        tight = np.flatnonzero(wanted > rooms)
        if len(tight):
            self._move(slots[tight], wanted[tight])
            begins = self._slots[slots, 0]
        rows_of(self._entries)[spans(begins + sizes, counts)] = rows_of(entries)
        self._slots[slots, 1] = wanted

    def replace(self, slots: Ints, counts: Ints, entries: Entries) -> None:
        """Have `counts[i]` entries at `slots[i]` in the place of those that were there."""
        self.clear(slots)
        self.append(slots, counts, entries)

    def clear(self, slots: Ints) -> None:
        """Have none."""
        begins, _, rooms = self._slots[slots].T
        for room in np.unique(rooms[rooms > 0]).tolist():
            self._left[room] = np.concatenate([self._left.get(room, begins[:0]), begins[rooms == room]])
        self._slots[slots] = 0
        self._taken -= int(rooms.sum())

    def _move(self, slots: Ints, wanted: Ints) -> None:
        """Give slots room for `wanted` entries, and have there what they have now."""
        _, counts, _ = self._slots[slots].T
        _, entries = self.read(slots)
        self.clear(slots)
        rooms = _SMALLEST << np.ceil(np.log2(np.maximum(wanted, _SMALLEST) / _SMALLEST)).astype(np.int64)
        begins = self._allot(rooms)
        self._slots[slots] = np.stack([begins, counts, rooms], axis=1)
        rows_of(self._entries)[spans(begins, counts)] = rows_of(entries)

    def _allot(self, rooms: Ints) -> Ints:
        """Where rooms of these sizes begin."""
        begins = np.empty(len(rooms), np.int64)
        self._taken += int(rooms.sum())
        for room in np.unique(rooms).tolist():
            mine, left = np.flatnonzero(rooms == room), self._left.get(room, begins[:0])
            again = min(len(left), len(mine))
            self._left[room], begins[mine[:again]] = np.split(left, [len(left) - again])
            begins[mine[again:]] = self._end + room * np.arange(len(mine) - again)
            self._end += room * (len(mine) - again)
        if self._end > len(self._entries):
            self._entries.resize(self._end + self._end // 16, refcheck=False)
        return begins


def spans(begins: Ints, counts: Ints) -> Ints:
    """`counts[i]` numbers from `begins[i]` on, for each i, in one array."""
    ends = np.cumsum(counts)
    spans: Ints = np.repeat(begins - ends + counts, counts) + np.arange(ends[-1] if len(ends) else 0)
    return spans
