"""The trails of the subjects that are resident, by slot, and what of them the next checkpoint has to save.

What comes is noted down in order of arrival; it joins the trails when these are looked at or saved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import pyarrow as pa

from footfall.events.hashing import Hashes, HashKey, hash_text
from footfall.fraud.glance import NEVER_US, Glances, Mask, blank, glances
from footfall.fraud.models import Thresholds
from footfall.fraud.trail import Trail, decode_trail, encode_trail
from footfall.fraud.trailing import ENTRY, Entries, Ints, rows_of
from footfall.live.feature import Kept
from footfall.sessions.owner_index import NONE, OwnerIndex

NOWHERE: Final = NONE
_FEWEST = 1_024
_UNKNOWN = Trail()


class Residents:
    """Subjects by slot. A slot is a subject's until `evict` lets go of it."""

    def __init__(self, thresholds: Thresholds, key: HashKey) -> None:
        """`key` is that of the hashes by which subjects are asked for."""
        self._thresholds = thresholds
        self._key = key
        self._index = OwnerIndex()
        self._free: list[int] = []
        self._bodies: list[bytes] = []
        """Entries in order of time, but for those that are only noted down."""
        self._trails: dict[int, Trail] = {}
        """What else is known, of the few of whom there is more."""
        self._changed: set[int] = set()
        """Slots of which more has changed than entries that were added."""
        self._notes = _Notes()
        self.keys: list[str] = []
        self._glances = blank(_FEWEST, thresholds)

    def __len__(self) -> int:
        return len(self.keys) - len(self._free)

    def slots(self, hashes: Hashes) -> Ints:
        """The slot of each subject, or `NOWHERE`."""
        return self._index.find(hashes)

    def admit(self, keys: Sequence[str], hashes: Hashes) -> Ints:
        """New slots for subjects of whom nothing is known."""
        while len(self._free) < len(keys):
            self._free.append(len(self.keys))
            self.keys.append("")
            self._bodies.append(b"")
        if len(self.keys) > len(self._glances):
            more = max(len(self.keys) - len(self._glances), len(self._glances))
            self._glances = np.concatenate([self._glances, blank(more, self._thresholds)])
        found = [self._free.pop() for _ in keys]
        for key, slot in zip(keys, found, strict=True):
            self.keys[slot] = key
        slots = np.array(found, np.int64)
        self._index.put(hashes, slots)
        return slots

    def load(self, past: Mapping[str, bytes]) -> None:
        """Make subjects resident as they were saved."""
        if not past:
            return
        slots, entries = self.admit(list(past), hash_text(pa.array(list(past)), self._key)), []
        for slot, body in zip(slots.tolist(), past.values(), strict=True):
            mine, trail = decode_trail(body)
            self._bodies[slot] = mine.tobytes()
            self._remember(slot, trail)
            entries.append(mine)
        self.look_at(slots, np.repeat(np.arange(len(slots)), list(map(len, entries))), np.concatenate(entries))

    def glances(self, slots: Ints) -> Glances:
        """What is known at a glance."""
        return self._glances.take(slots)

    def glanced(self, slots: Ints, seen: Glances) -> None:
        """What is known at a glance from here on."""
        rows_of(self._glances)[slots] = rows_of(seen)

    def settled_us(self, slots: Ints) -> Ints:
        """Up to when these trails are settled; some slots may be `NOWHERE`."""
        settled: Ints = np.where(slots == NOWHERE, NEVER_US, self._glances["settled"][slots])
        return settled

    def trail(self, slot: int) -> Trail:
        """What is known beside the entries."""
        return self._trails.get(slot, _UNKNOWN)

    def note(self, slots: Ints, entries: Entries) -> None:
        """New entries of the subjects at `slots`."""
        self._notes.add(slots, entries)

    def whole(self, slots: Ints) -> tuple[Ints, Entries]:
        """All entries of these subjects in order of (place among `slots`, ts), with that place."""
        rows, subject = self._notes.of(slots, len(self.keys))
        bodies = [self._bodies[slot] for slot in slots.tolist()]
        sizes = np.fromiter(map(len, bodies), np.int64, len(bodies)) // ENTRY.itemsize
        entries = np.concatenate([np.frombuffer(b"".join(bodies), ENTRY), self._notes.entries.take(rows)])
        subject = np.concatenate([np.repeat(np.arange(len(slots)), sizes), subject])
        order = np.lexsort((entries["ts"], subject))
        subject, entries = subject[order], entries.take(order)
        self._put(slots, subject, entries)
        self._notes.joined[rows] = True
        return subject, entries

    def replace(self, slot: int, trail: Trail, entries: Entries | None = None) -> None:
        """Put another trail, or other entries, too, in the place of what is known."""
        self._remember(slot, trail)
        self._changed.add(slot)
        if entries is not None:
            self._bodies[slot] = entries.tobytes()

    def look_at(self, slots: Ints, subject: Ints, entries: Entries) -> None:
        """Renew the glances at these subjects by what `whole` says of them."""
        settled = np.array([self.trail(slot).settled_us for slot in slots.tolist()], np.int64)
        self.glanced(slots, glances(subject, entries, settled, self._thresholds))

    def save(self, keep_us: int) -> Kept:
        """What changed since the last `save`, to be kept for so long after the last event."""
        rows = np.argsort(self._notes.slots, kind="stable")
        self._join(rows[~self._notes.joined[rows]])
        slots = self._notes.slots[rows]
        whole = np.array(sorted(self._changed), np.int64)
        added = _marked(slots, len(self.keys)) & ~_marked(whole, len(self.keys))
        chosen = added[slots]
        sizes = np.bincount(slots[chosen], minlength=len(self.keys))
        more = self._notes.entries.take(rows[chosen])
        bodies = [encode_trail(self._bodies[slot], self.trail(slot)) for slot in whole.tolist()]
        grown = np.flatnonzero(added)
        saved = np.concatenate([whole, grown])
        seen = self.glances(saved)
        self._changed, self._notes = set(), _Notes()
        return Kept(
            keys=[self.keys[slot] for slot in saved.tolist()],
            until_us=np.maximum(seen["newest"], seen["newest_arrival"].astype(np.int64) * 1_000_000) + keep_us,
            whole=np.arange(len(saved)) < len(whole),
            sizes=np.concatenate([np.array(list(map(len, bodies)), np.int64), sizes[grown] * ENTRY.itemsize]),
            body=b"".join([*bodies, more.tobytes()]),
            width=ENTRY.itemsize,
        )

    def evict(self, idle_before_us: int) -> None:
        """Let go of those for whom nothing arrived since then and of whom all is saved."""
        slots = len(self.keys)
        idle = self._glances["newest_arrival"][:slots] < idle_before_us // 1_000_000
        away = idle & ~_marked(self._notes.slots, slots) & ~_marked(list(self._changed) + self._free, slots)
        gone = np.flatnonzero(away)
        self._index.remove_slots(away)
        self.glanced(gone, blank(len(gone), self._thresholds))
        for slot in gone.tolist():
            self.keys[slot], self._bodies[slot] = "", b""
            self._trails.pop(slot, None)
        self._free += gone.tolist()

    def _remember(self, slot: int, trail: Trail) -> None:
        if trail.known:
            self._trails[slot] = trail
        else:
            self._trails.pop(slot, None)

    def _join(self, rows: Ints) -> None:
        """Add rows of the notes, in order of (slot, arrival), to the trails; each comes after all that is there."""
        slots, entries = self._notes.slots[rows], self._notes.entries.take(rows)
        begins = np.flatnonzero(np.diff(slots, prepend=NOWHERE))
        body, cuts = entries.tobytes(), (np.append(begins, len(slots)) * ENTRY.itemsize).tolist()
        bodies = self._bodies
        for slot, (begin, end) in zip(slots[begins].tolist(), pairwise(cuts), strict=True):
            bodies[slot] += body[begin:end]

    def _put(self, slots: Ints, subject: Ints, entries: Entries) -> None:
        cuts = (np.searchsorted(subject, np.arange(len(slots) + 1)) * ENTRY.itemsize).tolist()
        body = entries.tobytes()
        for slot, (begin, end) in zip(slots.tolist(), pairwise(cuts), strict=True):
            self._bodies[slot] = body[begin:end]


class _Notes:
    """Entries in order of arrival since the last checkpoint, with room for more."""

    def __init__(self) -> None:
        self._size = 0
        self._slots = np.empty(0, np.int64)
        self._entries = np.empty(0, ENTRY)
        self._joined = np.empty(0, np.bool_)
        """Whether it stands in its subject's trail."""

    @property
    def slots(self) -> Ints:
        return self._slots[: self._size]

    @property
    def entries(self) -> Entries:
        return self._entries[: self._size]

    @property
    def joined(self) -> Mask:
        return self._joined[: self._size]

    def add(self, slots: Ints, entries: Entries) -> None:
        size = self._size + len(slots)
        if size > len(self._slots):
            room = max(2 * len(self._slots), size)
            self._slots.resize(room, refcheck=False)
            self._entries.resize(room, refcheck=False)
            self._joined.resize(room, refcheck=False)
        self._slots[self._size : size] = slots
        rows_of(self._entries)[self._size : size] = rows_of(entries)
        self._joined[self._size : size] = False
        self._size = size

    def of(self, slots: Ints, most: int) -> tuple[Ints, Ints]:
        """The rows of those at `slots` that have not joined, and whose they are: the place among `slots`."""
        place = np.full(most, NOWHERE)
        place[slots] = np.arange(len(slots))
        whose = place[self.slots]
        rows = np.flatnonzero((whose != NOWHERE) & ~self.joined)
        return rows, whose[rows]


def _marked(slots: Ints | list[int], most: int) -> Mask:
    marked = np.zeros(most, np.bool_)
    marked[slots] = True
    return marked
