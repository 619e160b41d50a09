"""The trails of the subjects that are resident, by slot, and what of them the next checkpoint has to save.

What comes is noted down in order of arrival, too, until it is saved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from footfall.events.hashing import Hashes
from footfall.fraud.alarms import RULES, Alarms, Grown
from footfall.fraud.arena import Arena
from footfall.fraud.glance import NEVER_US, Glances, Mask, blank, glances
from footfall.fraud.models import Chain, Thresholds
from footfall.fraud.trail import Trail, decode_trail, encode_grown, encode_trail, newest_grown, with_alerts
from footfall.fraud.trailing import ENTRY, Entries, Ints, rows_of
from footfall.live.feature import Kept
from footfall.sessions.owner_index import NONE, OwnerIndex
from footfall.sessions.owners import Owners, hash_keys

NOWHERE: Final = NONE
_FEWEST = 1_024
_UNKNOWN = Trail()
_SUBJECT_BYTES, _TRAIL_BYTES = 430, 1_500
"""What a subject takes beside its key and its entries, and what those take of whom more is known: as measured."""
_ASKED = 256
_STAYING = 0.6
"""Share of what may be held that is left when subjects have to leave, so that it is not so again at once."""


class New(NamedTuple):
    """New entries of the subjects at some slots."""

    slots: Ints
    subject: Ints
    """For each entry the place of its subject among the slots; entries stand in order of (subject, ts)."""
    entries: Entries


class Residents:
    """Subjects by slot. A slot is a subject's until `evict` lets go of it."""

    def __init__(self, thresholds: Thresholds) -> None:
        self._thresholds = thresholds
        self._index = OwnerIndex()
        self._found: tuple[Owners | None, int, Ints] = (None, 0, np.empty(0, np.int64))
        self._free: list[int] = []
        self._arena = Arena()
        self._trails: dict[int, Trail] = {}
        """What else is known, of the few of whom there is more; the newest alerts may be newer in `alarms`."""
        self.alarms = Alarms()
        self._changed: set[int] = set()
        """Slots of which more has changed than entries that were added and alerts that grew."""
        self._notes: list[_Noted] = []
        self._grown: list[_Noted] = []
        """Alerts that grew; whose they are have entries in the notes, too."""
        self.keys: list[str] = []
        self._glances = blank(_FEWEST, thresholds)

    @property
    def held_bytes(self) -> int:
        """Bytes that all of it takes, more or less; some subjects say how long their keys are."""
        some = self.keys[:: len(self.keys) // _ASKED + 1]
        keys = sum(map(len, some)) / max(1, len(some))
        known = _TRAIL_BYTES * len(self._trails) + self._arena.bytes + self.alarms.bytes
        return int(len(self) * (_SUBJECT_BYTES + keys)) + known

    def leaving(self, idle_before_us: int, most_bytes: int) -> int:
        """The arrival before which subjects should leave: idle ones, and older ones while all do not fit."""
        if (held := self.held_bytes) <= most_bytes or not len(self):
            return idle_before_us
        arrivals = np.sort(np.delete(self._glances["newest_arrival"][: len(self.keys)], self._free))
        many = len(arrivals) - int(len(arrivals) * _STAYING * most_bytes / held)
        return max(idle_before_us, (int(arrivals[many - 1]) + 1) * 1_000_000)

    def __len__(self) -> int:
        return len(self.keys) - len(self._free)

    def slots(self, subjects: Owners) -> Ints:
        """The slot of each subject, or `NOWHERE`; they are asked for more than once in a batch."""
        asked, version, slots = self._found
        if asked is not subjects or version != self._index.version:
            slots = self._index.find(subjects.hashes)
            self._found = (subjects, self._index.version, slots)
        return slots

    def admit(self, keys: Sequence[str], hashes: Hashes) -> Ints:
        """New slots for subjects of whom nothing is known."""
        first = max(len(self._free) - len(keys), 0)
        again, self._free = self._free[first:], self._free[:first]
        for slot, key in zip(again, keys, strict=False):
            self.keys[slot] = key
        slots = np.append(np.array(again, np.int64), len(self.keys) + np.arange(len(keys) - len(again)))
        self.keys += keys[len(again) :]
        self._make_room()
        self.glanced(slots, blank(len(slots), self._thresholds))
        self._index.put(hashes, slots)
        return slots

    def _make_room(self) -> None:
        self._arena.make_slots(len(self.keys))
        if len(self.keys) > len(self._glances):
            glances = np.empty(max(len(self.keys), len(self._glances) * 5 // 4), self._glances.dtype)
            rows_of(glances)[: len(self._glances)] = rows_of(self._glances)
            self._glances = glances

    def load(self, past: Mapping[str, bytes]) -> None:
        """Make subjects resident as they were saved."""
        if not past:
            return
        slots = self.admit(list(past), hash_keys(list(past)))
        known = [decode_trail(body) for body in past.values()]
        for slot, (_, trail) in zip(slots.tolist(), known, strict=True):
            self._remember(slot, trail)
        sizes = np.array([len(entries) for entries, _ in known], np.int64)
        entries = np.concatenate([entries for entries, _ in known])
        self._arena.append(slots, sizes, entries)
        settled = np.array([trail.settled_us for _, trail in known], np.int64)
        self.look_at(slots, np.repeat(np.arange(len(slots)), sizes), entries, settled)

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
        trail = self._trails.get(slot, _UNKNOWN)
        if all(chain in trail.alerts for chain in self.alarms.of(slot)):
            return trail
        return Trail(trail.settled_us, trail.carried, with_alerts(trail.alerts, self.alarms.of(slot)))

    def grow(self, grown: Grown) -> None:
        """Alerts of one rule have gone on; of several of one subject all but the newest one are over."""
        self.alarms.put(grown.slots[grown.newest], grown.rule, grown.alerts[grown.newest])
        changed = np.flatnonzero(grown.changed)
        rules = np.full(len(changed), RULES.index(grown.rule))
        self._grown.append(_Noted(grown.slots[changed], encode_grown(rules, grown.alerts[changed])))
        over = np.flatnonzero(~grown.newest)
        for slot, alert in zip(grown.slots[over].tolist(), grown.alerts[over].tolist(), strict=True):
            trail = self._trails.get(slot, _UNKNOWN)
            alerts = with_alerts(trail.alerts, (Chain(grown.rule, *alert),))
            self._trails[slot] = Trail(trail.settled_us, trail.carried, alerts)

    def note(self, new: New, mixed: Mask) -> None:
        """Where `mixed` holds, a subject may have later entries already."""
        slots, subject, entries = new
        self._notes.append(_Noted(slots[subject], entries))
        counts = np.bincount(subject, minlength=len(slots))
        if mixed.any():
            late = mixed[subject]
            self._mix(slots[mixed], (np.cumsum(mixed) - 1)[subject[late]], entries[late])
            slots, counts, entries = slots[~mixed], counts[~mixed], entries[~late]
        self._arena.append(slots, counts, entries)

    def _mix(self, slots: Ints, subject: Ints, entries: Entries) -> None:
        whose, known = self._arena.read(slots)
        whose, known = np.concatenate([whose, subject]), np.concatenate([known, entries])
        order = np.lexsort((known["ts"], whose))
        self._arena.replace(slots, np.bincount(whose, minlength=len(slots)), known.take(order))

    def whole(self, slots: Ints) -> tuple[Ints, Entries]:
        """All entries of these subjects in order of (place among `slots`, ts), with that place."""
        return self._arena.read(slots)

    def since(self, slots: Ints, ts: Ints) -> Ints:
        """How many entries of each of these subjects come before a time."""
        return self._arena.since(slots, ts)

    def recent(self, slots: Ints, skipped: Ints) -> tuple[Ints, Entries]:
        """As `whole`, without the first `skipped` of each."""
        return self._arena.read(slots, skipped)

    def replace(self, slot: int, trail: Trail) -> None:
        """Put another trail in the place of what is known beside the entries."""
        self._remember(slot, trail)
        self._changed.add(slot)

    def shorten(self, slots: Ints, sizes: Ints, entries: Entries) -> None:
        """Put so many entries in the place of those of each subject, who is known by another trail by now."""
        self._arena.replace(slots, sizes, entries)

    def look_at(self, slots: Ints, subject: Ints, entries: Entries, settled: Ints) -> None:
        """Renew the glances at these subjects by what `whole` says of them."""
        self.glanced(slots, glances(subject, entries, settled, self._thresholds))

    def save(self, keep_us: int) -> Kept:
        """What changed since the last `save`, to be kept for so long after the last event."""
        grown = _united(self._grown)
        last = newest_grown(*grown)
        noted, more = _united([*self._notes, _Noted(grown.slots[last], grown.entries.take(last))])
        whole = np.array(sorted(self._changed), np.int64)
        added = _marked(noted, len(self.keys)) & ~_marked(whole, len(self.keys))
        rows = np.flatnonzero(added[noted])
        rows = rows[np.argsort(noted[rows], kind="stable")]
        sizes = np.bincount(noted[rows], minlength=len(self.keys))
        bodies = self._encoded(whole)
        longer = np.flatnonzero(added)
        saved = np.concatenate([whole, longer])
        seen = self.glances(saved)
        self._changed, self._notes, self._grown = set(), [], []
        return Kept(
            keys=[self.keys[slot] for slot in saved.tolist()],
            until_us=np.maximum(seen["newest"], seen["newest_arrival"].astype(np.int64) * 1_000_000) + keep_us,
            whole=np.arange(len(saved)) < len(whole),
            sizes=np.concatenate([np.array(list(map(len, bodies)), np.int64), sizes[longer] * ENTRY.itemsize]),
            body=b"".join([*bodies, more.take(rows).tobytes()]),
            width=ENTRY.itemsize,
        )

    def evict(self, before_us: int) -> None:
        """Let go of those for whom nothing arrived since then and of whom all is saved."""
        slots = len(self.keys)
        idle = self._glances["newest_arrival"][:slots] < before_us // 1_000_000
        away = idle & ~_marked(list(self._changed) + self._free, slots)
        for note in self._notes:
            away[note.slots] = False
        self._let_go(away)

    def forget(self, keys: Sequence[str]) -> None:
        """Let go of subjects, whatever of them is saved; of those that are not resident, nothing is to be done."""
        held = self._index.find(hash_keys(keys))
        away = _marked(held[held != NOWHERE], len(self.keys))
        self._changed -= set(np.flatnonzero(away).tolist())
        self._notes, self._grown = ([note.without(away) for note in notes] for notes in (self._notes, self._grown))
        self._let_go(away)

    def _let_go(self, away: Mask) -> None:
        gone = np.flatnonzero(away)
        self._index.remove_slots(away)
        self._arena.clear(gone)
        self.alarms.drop(gone)
        for slot in gone.tolist():
            self.keys[slot] = ""
            self._trails.pop(slot, None)
        self._free += gone.tolist()

    def _remember(self, slot: int, trail: Trail) -> None:
        self.alarms.set(slot, trail.alerts)
        if trail.known:
            self._trails[slot] = trail
        else:
            self._trails.pop(slot, None)

    def _encoded(self, slots: Ints) -> list[bytes]:
        """What is saved of each of these subjects."""
        subject, entries = self.whole(slots)
        body = entries.tobytes()
        cuts = (np.searchsorted(subject, np.arange(len(slots) + 1)) * ENTRY.itemsize).tolist()
        return [
            encode_trail(body[begin:end], self.trail(slot))
            for slot, (begin, end) in zip(slots.tolist(), pairwise(cuts), strict=True)
        ]


class _Noted(NamedTuple):
    """Rows that came with one batch, and whose they are."""

    slots: Ints
    entries: Entries

    def without(self, away: Mask) -> _Noted:
        """The rows of slots where `away` does not hold."""
        stays = ~away[self.slots]
        return _Noted(self.slots[stays], self.entries[stays])


def _united(notes: Sequence[_Noted]) -> _Noted:
    slots = [np.empty(0, np.int64), *(note.slots for note in notes)]
    return _Noted(np.concatenate(slots), np.concatenate([np.empty(0, ENTRY), *(note.entries for note in notes)]))


def _marked(slots: Ints | list[int], most: int) -> Mask:
    marked = np.zeros(most, np.bool_)
    marked[slots] = True
    return marked
