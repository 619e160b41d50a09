"""The sessions that are open: events go in, in any order and any batches; the same sessions come out.

Every owner that is resident has all its sessions here that an event may still change; of those that are
too old to change, their extents. Other owners must be loaded first (`lacks`, `load`). No clock, no I/O.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import chain
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from footfall.events.hashing import Hashes
from footfall.sessions.changed import ChangedSessions
from footfall.sessions.classes import Classes
from footfall.sessions.columns import Columns, is_client
from footfall.sessions.figures import AGGREGATES, GAP_US
from footfall.sessions.fold import Fragments, fold
from footfall.sessions.owner_index import NONE, SEVERAL, OwnerIndex
from footfall.sessions.owners import Owners, hash_keys
from footfall.sessions.past import Past, near_one
from footfall.sessions.rows import SessionColumns
from footfall.sessions.saved import Sale, SavedOwner
from footfall.sessions.table import DISTINCT, NO_CLASS, Naming, SessionTable

Ints = NDArray[np.int64]
MOST_BYTES = 256_000_000
_STAYING = 0.6
"""Share of `most_bytes` that is left when sessions have to leave, so that it is not so again at once."""


class Vanished(NamedTuple):
    """A session id that readers may have seen and that is no more."""

    owner: str
    start_us: int


class Reclassified(NamedTuple):
    """Slots of sessions whose class is new or another than before; they hold until the next batch."""

    slots: Ints
    previous: NDArray[np.int16]
    """The class numbers that they had; NO_CLASS where readers knew no session of this id."""


NOTHING_RECLASSIFIED = Reclassified(np.empty(0, np.int64), np.empty(0, np.int16))


class Absorbed(NamedTuple):
    """What a batch changed that readers must be told."""

    vanished: list[Vanished]
    reclassified: Reclassified


class OpenSessions:
    """All resident owners and their sessions."""

    def __init__(self, classes: Classes, *, gap_us: int = GAP_US, most_bytes: int = MOST_BYTES) -> None:
        """`most_bytes`: what `bytes` may come to before sessions that still are open should leave."""
        self.table = SessionTable(classes)
        self.most_bytes = most_bytes
        self._gap = gap_us
        self._index = OwnerIndex()
        """Whoever is resident; `SEVERAL` for those who have no session or several."""
        self._found: tuple[Hashes | None, int, Ints] = (None, 0, np.empty(0, np.int64))
        self._several: dict[str, list[int]] = {}
        """Owner key → its slots, of those."""
        self._past: dict[str, Past] = {}
        """Owner key → sessions that may not change any more, where there are some."""

    def __len__(self) -> int:
        return len(self.table)

    @property
    def bytes(self) -> int:
        """Bytes of memory that the sessions take, more or less."""
        return self.table.bytes

    def __contains__(self, owner: str) -> bool:
        return int(self._index.find(hash_keys([owner]))[0]) != NONE

    def slots(self, owner: str) -> list[int]:
        """The slots of an owner's sessions; empty when it is not resident."""
        return self._slots([owner], hash_keys([owner]))[0]

    def _slots(self, owners: list[str], hashes: Hashes) -> list[list[int]]:
        held = self._index.find(hashes).tolist()
        return [[slot] if slot >= 0 else self._several.get(owner, []) for owner, slot in zip(owners, held, strict=True)]

    def lacks(self, c: Columns) -> list[str]:
        """Owners of the batch that are not resident."""
        return c.owners.keys(np.flatnonzero(self._held(c.owners) == NONE))

    def _held(self, owners: Owners) -> Ints:
        """What the index says of these owners, who are asked for several times in a batch."""
        asked, version, held = self._found
        if asked is not owners.hashes or version != self._index.version:
            held = self._index.find(owners.hashes)
            self._found = (owners.hashes, self._index.version, held)
        return held

    def load(self, saved: Mapping[str, SavedOwner], *, forget_before_us: int) -> None:
        """Make owners resident; sessions whose last event arrived before `forget_before_us` only by their extent."""
        if not saved:
            return
        current = {owner: known.forgetting(forget_before_us) for owner, known in saved.items()}
        self._past |= {owner: Past.of(known.elsewhere) for owner, known in current.items() if known.elsewhere}
        owners = [owner for owner, known in current.items() for _ in known.sessions]
        slots = self.table.restore(owners, [session for known in current.values() for session in known.sessions])
        held: dict[str, list[int]] = {owner: [] for owner in saved}
        for owner, slot in zip(owners, slots.tolist(), strict=True):
            held[owner].append(slot)
        self._hold(hash_keys(list(held)), held)

    def late(self, c: Columns) -> NDArray[np.bool_]:
        """Events that belong to a session too old to change; they join it at the next rebuild."""
        late = np.zeros(len(c), dtype=bool)
        if not self._past:
            return late
        held = self._held(c.owners)
        owners = np.flatnonzero(held != NONE)
        alone = held[owners] >= 0
        alone[alone] = ~self.table.has_past[held[owners[alone]]]
        owners = owners[~alone]
        pasts = [self._past.get(key) for key in c.owners.keys(owners)]
        known = np.array([past is not None for past in pasts], dtype=bool)
        place = np.full(len(c.owners), NONE)
        place[owners[known]] = np.arange(np.count_nonzero(known))
        rows = np.flatnonzero(place[c.owners.codes] >= 0)
        codes = c.owners.codes[rows]
        if len(rows):
            near = near_one([past for past in pasts if past is not None], place[codes], c.ts[rows], self._gap)
            late[rows] = near | c.owners.client[codes]
        return late

    def _hold(self, hashes: Hashes, held: Mapping[str, list[int]]) -> None:
        """Note which slots owners have from now on."""
        alone = [slots[0] if len(slots) == 1 else SEVERAL for slots in held.values()]
        self._index.put(hashes, np.array(alone, dtype=np.int64))
        for (owner, slots), slot in zip(held.items(), alone, strict=True):
            if slot == SEVERAL:
                self._several[owner] = slots
            else:
                self._several.pop(owner, None)
                self.table.has_past[slot] = owner in self._past

    def absorb(self, c: Columns, revision: int) -> Absorbed:
        """Merge the events of a batch into the sessions; every owner must be resident or new."""
        if not len(c):
            return Absorbed([], NOTHING_RECLASSIFIED)
        fragments = fold(c, self._gap)
        slot_of, vanished = self._resolve(c, fragments)
        touched, place = _each_once(slot_of)
        self._count_and_name(c, fragments, slot_of)
        before = self.table.merge_in(touched, place, fragments, revision)
        previous = before.class_number
        moved = (previous != NO_CLASS) & (self.table.aggregates["session_start"][touched] != before.session_start)
        for moving in np.flatnonzero(moved).tolist():
            if not is_client(owner := self.table.owner[touched[moving]]):
                vanished.append(Vanished(owner, int(before.session_start[moving])))
                previous[moving] = NO_CLASS
        other = self.table.class_number[touched] != previous
        return Absorbed(vanished, Reclassified(touched[other], previous[other]))

    def _resolve(self, c: Columns, fragments: Fragments) -> tuple[Ints, list[Vanished]]:
        """The slot of every fragment; sessions that a fragment joins become one, whose lost ids are returned."""
        slot_of = np.full(len(fragments), NONE, dtype=np.int64)
        alone = np.bincount(fragments.owner, minlength=len(c.owners)) == 1
        mine = self._held(c.owners)[fragments.owner]
        simple = alone[fragments.owner] & (mine >= 0)
        simple[simple] = self._touches(fragments, simple, mine[simple]) | c.owners.client[fragments.owner[simple]]
        slot_of[simple] = mine[simple]
        fresh = alone[fragments.owner] & (mine == NONE)
        if fresh.any():
            slot_of[fresh] = slots = self.table.allocate(c.owners.keys(fragments.owner[fresh]))
            self._index.put(c.owners.hashed(fragments.owner[fresh]), slots)
        rest = np.flatnonzero(~(simple | fresh))
        return slot_of, self._resolve_rest(c, fragments, rest, slot_of) if len(rest) else []

    def _resolve_rest(self, c: Columns, fragments: Fragments, rest: Ints, slot_of: Ints) -> list[Vanished]:
        """The same for those of several fragments or sessions of one owner; `rest` names all of each owner."""
        vanished: list[Vanished] = []
        owners, begins = np.unique(fragments.owner[rest], return_index=True)
        keys, hashes = c.owners.keys(owners), c.owners.hashed(owners)
        held: dict[str, list[int]] = {}
        for key, slots, mine in zip(keys, self._slots(keys, hashes), np.split(rest, begins[1:]), strict=True):
            held[key], lost = self._resolve_owner(key, slots, fragments, mine, slot_of)
            vanished += lost
        self._hold(hashes, held)
        return vanished

    def _touches(self, fragments: Fragments, chosen: NDArray[np.bool_], slots: Ints) -> NDArray[np.bool_]:
        start, end = self.table.aggregates["session_start"][slots], self.table.aggregates["session_end"][slots]
        return (fragments.aggregates["session_start"][chosen] - end <= self._gap) & (
            start - fragments.aggregates["session_end"][chosen] <= self._gap
        )

    def _resolve_owner(
        self, owner: str, held: list[int], fragments: Fragments, mine: Ints, slot_of: Ints
    ) -> tuple[list[int], list[Vanished]]:
        """The slots that an owner has then, and what it lost. Extents that touch are one session."""
        client = is_client(owner)
        starts, ends = self.table.aggregates["session_start"], self.table.aggregates["session_end"]
        extents = [(int(starts[slot]), int(ends[slot]), slot, NONE) for slot in held]
        fragment_starts, fragment_ends = fragments.aggregates["session_start"], fragments.aggregates["session_end"]
        extents += [(int(fragment_starts[f]), int(fragment_ends[f]), NONE, f) for f in mine.tolist()]
        kept: list[int] = []
        vanished: list[Vanished] = []
        for group in _touching(sorted(extents), self._gap, whole=client):
            slots = [slot for _, _, slot, _ in group if slot != NONE]
            if not slots:
                slots = self.table.allocate([owner]).tolist()
            target, *others = slots
            for other in others:
                if self.table.aggregates["total_events"][other] > 0 and not client:
                    vanished.append(Vanished(owner, int(self.table.aggregates["session_start"][other])))
                self.table.merge(target, other)
            self.table.free(np.array(others, dtype=np.int64))
            slot_of[[f for _, _, _, f in group if f != NONE]] = target
            kept.append(target)
        return kept, vanished

    def _count_and_name(self, c: Columns, fragments: Fragments, slot_of: Ints) -> None:
        """What fragments do not add up to: distinct values, sales, and who the user is."""
        table = self.table
        slot_of_row = slot_of[fragments.of_event]
        for figure, column in DISTINCT.items():
            counted = c.of(AGGREGATES[figure].over) & c.distinct[column].valid
            table.add_distinct(figure, slot_of_row[counted], c.distinct[column].hashes[counted])
        self._merge_sales(c, slot_of_row)
        self._merge_users(c, fragments.rows, slot_of_row)

    def _merge_sales(self, c: Columns, slot_of_row: Ints) -> None:
        rows = np.flatnonzero(c.ordered)
        if not len(rows):
            return
        chosen = pa.array(rows)
        sales = map(Sale, c.ts[rows].tolist(), c.event_id.take(chosen).to_pylist(), c.money[rows].tolist())
        self.table.sell(slot_of_row[rows], c.order.take(chosen).to_pylist(), list(sales))

    def _merge_users(self, c: Columns, rows: Ints, slot_of_row: Ints) -> None:
        """Of the events of a session that name one user without a break only the last one matters.

        `rows` stand in order of (owner, ts, event_id).
        """
        named = rows[c.users.valid[rows]]
        if not len(named):
            return
        slots, hashes = slot_of_row[named], c.users.hashes[named]
        last = np.append((slots[1:] != slots[:-1]) | (hashes[1:] != hashes[:-1]), True)
        self.table.name_users(slots[last], Naming(c.ts, c.event_id, c.user_id, c.users.hashes), named[last])

    def columns(self, slots: Ints) -> SessionColumns:
        """Those of `slots` that are sessions, that is, have a counting event, ready to be made rows of."""
        return SessionColumns.of(self.table, slots[self.table.aggregates["total_events"][slots] > 0])

    def everything(self) -> pa.Table:
        """The rows of all sessions here."""
        return self.columns(np.flatnonzero(self.table.used)).rows()

    def close(self, idle_before_us: int) -> pa.Table:
        """The rows that are due of sessions whose last event arrived before `idle_before_us`."""
        table = self.table
        slots = np.flatnonzero(table.used & table.row_due & (table.received < idle_before_us))
        table.row_due[slots] = False
        table.dirty[slots] = True
        return self.columns(slots).rows()

    def save(self) -> ChangedSessions:
        """All sessions of owners of whom one changed since the last `save`, for a checkpoint."""
        table = self.table
        slots = np.flatnonzero(table.dirty)
        table.dirty[:] = False
        if not (self._several or self._past):
            return table.copy(slots)
        owners = set(table.owners(slots))
        several = [slot for owner in owners & self._several.keys() for slot in self._several[owner]]
        if several:
            slots = np.union1d(slots, np.array(several, dtype=np.int64))
        elsewhere = {owner: self._past[owner].extents for owner in owners & self._past.keys()}
        return replace(table.copy(slots), elsewhere=elsewhere)

    def leaving(self, idle_before_us: int) -> int:
        """The arrival before which sessions should leave: idle ones, and older ones while all do not fit."""
        table, held = self.table, self.bytes
        if held <= self.most_bytes or not len(table):
            return idle_before_us
        received = table.received[table.used]
        many = len(received) - int(len(received) * _STAYING * self.most_bytes / held)
        return max(idle_before_us, int(np.partition(received, many - 1)[many - 1]) + 1)

    def idle(self, before_us: int) -> int:
        """How many sessions had their last arrival before `before_us`."""
        return int(np.count_nonzero(self.table.used & (self.table.received < before_us)))

    def evict(self, idle_before_us: int) -> None:
        """Let go of owners whose sessions are all idle, saved and handed to the lake."""
        table = self.table
        gone = table.used & ~(table.dirty | table.row_due | (table.received >= idle_before_us))
        owners = self._let_go_together(gone)
        self._index.remove_slots(gone)
        self._forget([*owners, *table.owners(np.flatnonzero(gone & table.has_past))])
        table.free(np.flatnonzero(gone))

    def _let_go_together(self, gone: NDArray[np.bool_]) -> list[str]:
        """Keep in `gone` only those of several sessions of one owner that are all there; returns their owners."""
        sizes = np.fromiter(map(len, self._several.values()), np.int64, len(self._several))
        slots = np.fromiter(chain.from_iterable(self._several.values()), np.int64, sizes.sum())
        staying = np.bincount(np.repeat(np.arange(len(sizes)), sizes)[~gone[slots]], minlength=len(sizes)) > 0
        gone[slots[np.repeat(staying, sizes)]] = False
        return [owner for owner, stays in zip(self._several, staying.tolist(), strict=True) if not stays]

    def discard(self, owners: list[str]) -> None:
        """Forget owners altogether, whatever state they are in; they are about to be loaded anew."""
        slots = [slot for held in self._slots(owners, hash_keys(owners)) for slot in held]
        self._forget(owners)
        self.table.free(np.array(slots, dtype=np.int64))

    def _forget(self, owners: list[str]) -> None:
        self._index.remove(hash_keys(owners))
        for owner in owners:
            self._several.pop(owner, None)
            self._past.pop(owner, None)


def _each_once(slots: Ints) -> tuple[Ints, Ints | None]:
    """Different slots, and for each of `slots` its place among them; None when they all were different already."""
    rising = np.sort(slots)
    if (rising[1:] != rising[:-1]).all():
        return slots, None
    return np.unique(slots, return_inverse=True)


def _touching(
    extents: list[tuple[int, int, int, int]], gap_us: int, *, whole: bool
) -> list[list[tuple[int, int, int, int]]]:
    """Sorted extents in groups with no gap over `gap_us` between neighbours; all in one when `whole`."""
    groups: list[list[tuple[int, int, int, int]]] = []
    reach = 0
    for extent in extents:
        if groups and (whole or extent[0] - reach <= gap_us):
            groups[-1].append(extent)
            reach = max(reach, extent[1])
        else:
            groups.append([extent])
            reach = extent[1]
    return groups
