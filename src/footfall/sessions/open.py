"""The sessions that are open: events go in, in any order and any batches; the same sessions come out.

Every owner that is resident has all its sessions here that an event may still change; of those that are
too old to change, their extents. Other owners must be loaded first (`lacks`, `load`). No clock, no I/O.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import repeat
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from footfall.sessions.changed import ChangedSessions
from footfall.sessions.classes import Classes
from footfall.sessions.columns import Columns, is_client
from footfall.sessions.figures import AGGREGATES, GAP_US, How
from footfall.sessions.fold import MERGE, Fragments, fold, ordered_sales
from footfall.sessions.rows import SessionColumns
from footfall.sessions.saved import Interval, Sale, SavedOwner, SavedSession
from footfall.sessions.table import DISTINCT, NO_CLASS, SessionTable

Ints = NDArray[np.int64]
_NONE, _SEVERAL = -1, -2


class Vanished(NamedTuple):
    """A session id that readers may have seen and that is no more."""

    owner: str
    start_us: int


class Reclassified(NamedTuple):
    """Slots of sessions whose class is new or another than before, in their order; they hold until the next batch."""

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

    def __init__(self, classes: Classes, *, gap_us: int = GAP_US) -> None:
        self.table = SessionTable(classes)
        self._gap = gap_us
        self._slots: dict[str, int] = {}
        """Owner key → its slot, or _SEVERAL when it has none or several sessions."""
        self._several: dict[str, list[int]] = {}
        """Owner key → its slots, where `_slots` says so."""
        self._past: dict[str, tuple[Interval, ...]] = {}
        """Owner key → extents of sessions that may not change any more."""

    def __len__(self) -> int:
        return len(self.table)

    def __contains__(self, owner: str) -> bool:
        return owner in self._slots

    def slots(self, owner: str) -> list[int]:
        """The slots of an owner's sessions; empty when it is not resident."""
        held = self._slots.get(owner, _NONE)
        return [held] if held >= 0 else self._several.get(owner, [])

    def lacks(self, c: Columns) -> list[str]:
        """Owners of the batch that are not resident."""
        held = self._held(c)
        return [c.owners.texts[code] for code in np.flatnonzero(held == _NONE).tolist()]

    def _held(self, c: Columns) -> Ints:
        """What `_slots` says of each of the batch's owners, else _NONE."""
        texts = c.owners.texts
        return np.fromiter(map(self._slots.get, texts, repeat(_NONE)), np.int64, len(texts))

    def load(self, saved: Mapping[str, SavedOwner], *, forget_before_us: int) -> None:
        """Make owners resident; sessions whose last event arrived before `forget_before_us` only by their extent."""
        owners: list[str] = []
        sessions: list[SavedSession] = []
        for owner, known in saved.items():
            current = known.forgetting(forget_before_us)
            owners += [owner] * len(current.sessions)
            sessions += current.sessions
            self._hold(owner, [])
            if current.elsewhere:
                self._past[owner] = current.elsewhere
        for owner, slot in zip(owners, self.table.restore(owners, sessions).tolist(), strict=True):
            self._hold(owner, [*self.slots(owner), slot])

    def late(self, c: Columns) -> NDArray[np.bool_]:
        """Events that belong to a session too old to change; they join it at the next rebuild."""
        late = np.zeros(len(c), dtype=bool)
        for code, owner in enumerate(c.owners.texts) if self._past else ():
            for past in self._past.get(owner, ()):
                near = (c.ts >= past.start_us - self._gap) & (c.ts <= past.end_us + self._gap)
                late |= (c.owners.codes == code) & (near | c.client[code])
        return late

    def _hold(self, owner: str, slots: list[int]) -> None:
        if len(slots) == 1:
            self._slots[owner] = slots[0]
            self._several.pop(owner, None)
        else:
            self._slots[owner] = _SEVERAL
            self._several[owner] = slots

    def absorb(self, c: Columns, revision: int) -> Absorbed:
        """Merge the events of a batch into the sessions; every owner must be resident or new."""
        if not len(c):
            return Absorbed([], NOTHING_RECLASSIFIED)
        fragments = fold(c, self._gap)
        slot_of, vanished = self._resolve(c, fragments)
        touched = np.unique(slot_of)
        old_start = self.table.aggregates["session_start"][touched]
        previous = self.table.class_number[touched]
        self._merge(c, fragments, slot_of)
        self.table.classify(touched)
        self.table.revision[touched] = revision
        self.table.dirty[touched] = self.table.row_due[touched] = True
        moved = (previous != NO_CLASS) & (self.table.aggregates["session_start"][touched] != old_start)
        for place in np.flatnonzero(moved).tolist():
            if not is_client(owner := self.table.owner[touched[place]]):
                vanished.append(Vanished(owner, int(old_start[place])))
                previous[place] = NO_CLASS
        other = self.table.class_number[touched] != previous
        return Absorbed(vanished, Reclassified(touched[other], previous[other]))

    def _resolve(self, c: Columns, fragments: Fragments) -> tuple[Ints, list[Vanished]]:
        """The slot of every fragment; sessions that a fragment joins become one, whose lost ids are returned."""
        slot_of = np.full(len(fragments), _NONE, dtype=np.int64)
        alone = np.bincount(fragments.owner, minlength=len(c.owners.texts)) == 1
        mine = self._held(c)[fragments.owner]
        simple = alone[fragments.owner] & (mine >= 0)
        simple[simple] = self._touches(fragments, simple, mine[simple]) | c.client[fragments.owner[simple]]
        slot_of[simple] = mine[simple]
        fresh = alone[fragments.owner] & (mine == _NONE)
        owners = [c.owners.texts[code] for code in fragments.owner[fresh].tolist()]
        slot_of[fresh] = self.table.allocate(owners)
        self._slots.update(zip(owners, slot_of[fresh].tolist(), strict=True))
        vanished: list[Vanished] = []
        rest = np.flatnonzero(~(simple | fresh))
        for code in np.unique(fragments.owner[rest]).tolist():
            self._resolve_owner(c, fragments, rest[fragments.owner[rest] == code], slot_of, vanished)
        return slot_of, vanished

    def _touches(self, fragments: Fragments, chosen: NDArray[np.bool_], slots: Ints) -> NDArray[np.bool_]:
        start, end = self.table.aggregates["session_start"][slots], self.table.aggregates["session_end"][slots]
        return (fragments.aggregates["session_start"][chosen] - end <= self._gap) & (
            start - fragments.aggregates["session_end"][chosen] <= self._gap
        )

    def _resolve_owner(
        self, c: Columns, fragments: Fragments, mine: Ints, slot_of: Ints, vanished: list[Vanished]
    ) -> None:
        """The general case: several fragments or sessions of one owner. Extents that touch are one session."""
        code = int(fragments.owner[mine[0]])
        owner = c.owners.texts[code]
        starts, ends = self.table.aggregates["session_start"], self.table.aggregates["session_end"]
        extents = [(int(starts[slot]), int(ends[slot]), slot, _NONE) for slot in self.slots(owner)]
        fragment_starts, fragment_ends = fragments.aggregates["session_start"], fragments.aggregates["session_end"]
        extents += [(int(fragment_starts[f]), int(fragment_ends[f]), _NONE, f) for f in mine.tolist()]
        kept: list[int] = []
        for group in _touching(sorted(extents), self._gap, whole=bool(c.client[code])):
            slots = [slot for _, _, slot, _ in group if slot != _NONE]
            if not slots:
                slots = self.table.allocate([owner]).tolist()
            target, *others = slots
            for other in others:
                if self.table.aggregates["total_events"][other] > 0 and not c.client[code]:
                    vanished.append(Vanished(owner, int(self.table.aggregates["session_start"][other])))
                self.table.merge(target, other)
            self.table.free(others)
            slot_of[[f for _, _, _, f in group if f != _NONE]] = target
            kept.append(target)
        self._hold(owner, kept)

    def _merge(self, c: Columns, fragments: Fragments, slot_of: Ints) -> None:
        table = self.table
        for name, spec in AGGREGATES.items():
            if spec.how is not How.DISTINCT:
                MERGE[spec.how].at(table.aggregates[name], slot_of, fragments.aggregates[name])
        np.maximum.at(table.received, slot_of, fragments.received)
        slot_of_row = np.empty(len(c), dtype=np.int64)
        slot_of_row[fragments.rows] = slot_of[fragments.of_row]
        for figure, column in DISTINCT.items():
            counted = c.of(AGGREGATES[figure].over) & c.distinct[column].valid
            table.add_distinct(figure, slot_of_row[counted], c.distinct[column].hashes[counted])
        self._merge_sales(c, slot_of_row)
        self._merge_users(c, fragments.rows, slot_of_row)

    def _merge_sales(self, c: Columns, slot_of_row: Ints) -> None:
        rows = np.flatnonzero(ordered_sales(c))
        if not len(rows):
            return
        chosen = pa.array(rows)
        orders, ids = c.order.take(chosen).to_pylist(), c.event_id.take(chosen).to_pylist()
        for row, order, event_id in zip(rows.tolist(), orders, ids, strict=True):
            sale = Sale(int(c.ts[row]), event_id, int(c.money[row]))
            self.table.sell(int(slot_of_row[row]), order, sale)

    def _merge_users(self, c: Columns, rows: Ints, slot_of_row: Ints) -> None:
        """Only the last event of each (session, user) matters: `rows` stand in order of (owner, ts, event_id)."""
        named = rows[c.users.codes[rows] >= 0]
        if not len(named):
            return
        key = slot_of_row[named] * len(c.users.texts) + c.users.codes[named]
        _, place = np.unique(key[::-1], return_index=True)
        last = named[len(named) - 1 - place]
        ids = c.event_id.take(pa.array(last)).to_numpy(zero_copy_only=False)
        users = np.array(c.users.texts, dtype=object)[c.users.codes[last]]
        self.table.name_users(slot_of_row[last], c.ts[last], ids, users)

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
        owners = set(table.owners(slots))
        several = [slot for owner in owners & self._several.keys() for slot in self._several[owner]]
        if several:
            slots = np.union1d(slots, np.array(several, dtype=np.int64))
        elsewhere = {owner: self._past[owner] for owner in owners & self._past.keys()} if self._past else {}
        return replace(table.copy(slots), elsewhere=elsewhere)

    def idle(self, before_us: int) -> int:
        """How many sessions had their last arrival before `before_us`."""
        return int(np.count_nonzero(self.table.used & (self.table.received < before_us)))

    def evict(self, idle_before_us: int) -> None:
        """Let go of owners whose sessions are all idle, saved and handed to the lake."""
        table = self.table
        busy = table.used & (table.dirty | table.row_due | (table.received >= idle_before_us))
        keep = set(table.owners(np.flatnonzero(busy)))
        gone = [owner for owner in self._slots if owner not in keep]
        table.free([slot for owner in gone for slot in self.slots(owner)])
        self._forget(gone)

    def discard(self, owners: list[str]) -> None:
        """Forget owners altogether, whatever state they are in; they are about to be loaded anew."""
        self.table.free([slot for owner in owners for slot in self.slots(owner)])
        self._forget(owners)

    def _forget(self, owners: list[str]) -> None:
        for owner in owners:
            self._slots.pop(owner, None)
            self._several.pop(owner, None)
            self._past.pop(owner, None)


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
