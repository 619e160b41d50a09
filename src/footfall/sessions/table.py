"""The state of many sessions as parallel columns; a session is a slot, and slots are used again.

| an entry | bytes |
|---|---|
| 10 aggregates, 2 distinct counts, arrival, clauses, revision, time and hash of the last user | 8 each |
| class, flags | 2, 4 |
| owner key, user id | 8 and a Python string each |
| event id of the last user | 12 to 20 and its bytes once or twice (`texts`) |
| a free slot | 8 |
| a distinct value | 24 to 32 (`pairs`) |
| a second user, an order | a Python object, rare |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from footfall.sessions.changed import ChangedSessions, DistinctValues
from footfall.sessions.classes import Classes
from footfall.sessions.figures import AGGREGATES, How, durations
from footfall.sessions.fold import MERGE, START, Fragments
from footfall.sessions.ops import NUMPY
from footfall.sessions.owners import hash_names
from footfall.sessions.pairs import PairSet
from footfall.sessions.saved import Sale, SavedSession
from footfall.sessions.texts import TextColumn

T = TypeVar("T", bound=np.generic)
Ints = NDArray[np.int64]
Texts = NDArray[np.object_]
"""Of Python strings or None."""

DISTINCT = {name: spec.column for name, spec in AGGREGATES.items() if spec.how is How.DISTINCT and spec.column}
"""{figure: column} of the distinct counts."""

_NUMBERS = (*AGGREGATES, "received", "user_ts", "revision", "clauses")
"""What stands in one row of numbers, so that a session is fetched from memory, and put back, at once."""
_PLACE = {name: place for place, name in enumerate(_NUMBERS)}
_ROW = np.dtype((np.void, 8 * len(_NUMBERS)))
_FRESH = np.array([START[AGGREGATES[name].how] for name in AGGREGATES] + [START[How.MAX], START[How.MAX], 0, 0])
"""The row of a session without an event."""
NO_CLASS = -1
"""Class number of a slot in which nothing counts yet: readers see no such session."""
_FIRST_CAPACITY = 1024
_SLOT_BYTES, _PAIR_BYTES, _RARE_BYTES = 390, 50, 600
"""A session without its texts but with its place in the index, a distinct value, and what few have: as measured."""
_ASKED = 256


class Naming(NamedTuple):
    """Events of which some name a user, as parallel columns."""

    ts: Ints
    event_ids: pa.Array
    users: pa.Array
    hashes: NDArray[np.uint64]


class Merged(NamedTuple):
    """What sessions were before something was merged into them."""

    session_start: Ints
    class_number: NDArray[np.int16]


class SessionTable:
    """Columns of sessions by slot. `owner[slot]` is None where the slot is free."""

    def __init__(self, classes: Classes) -> None:
        self.classes = classes
        self.owner: Texts = np.empty(0, object)
        self.user_id: Texts = np.empty(0, object)
        self.user_event_id = TextColumn()
        """Of those slots that have a user."""
        self.more_users: dict[int, set[str]] = {}
        self.sales: dict[int, dict[str, Sale]] = {}
        self.pairs = {figure: PairSet() for figure in DISTINCT}
        self._number(np.empty((0, len(_NUMBERS)), np.int64))
        self.user_hash = np.empty(0, np.uint64)
        self.class_number = np.empty(0, np.int16)
        """Place of the class among the rules, or NO_CLASS."""
        self.dirty = np.empty(0, np.bool_)
        self.row_due = np.empty(0, np.bool_)
        self.used = np.empty(0, np.bool_)
        self.has_past = np.empty(0, np.bool_)
        """Of the only session of its owner: whether that has older ones, too old to change."""
        self._free = np.empty(0, np.int64)
        self._emptied: list[Ints] = []
        """Free slots whose distinct values are still to be dropped, which is done for many at once."""

    def _number(self, numbers: Ints) -> None:
        """Hold these rows of `_NUMBERS`; the columns are views of them."""
        self._numbers = numbers
        self.aggregates = {name: numbers[:, _PLACE[name]] for name in AGGREGATES}
        self.received, self.user_ts = numbers[:, _PLACE["received"]], numbers[:, _PLACE["user_ts"]]
        self.revision, self.clauses = numbers[:, _PLACE["revision"]], numbers[:, _PLACE["clauses"]]

    def __len__(self) -> int:
        return len(self.owner) - len(self._free) - sum(map(len, self._emptied))

    @property
    def bytes(self) -> int:
        """Bytes that the sessions take, more or less; some of them say how long the texts are."""
        every = len(self.owner) // _ASKED + 1
        owners = [owner for owner in self.owner[::every].tolist() if owner is not None]
        users = [user for user in self.user_id[::every].tolist() if user is not None]
        texts = sum(map(len, owners + users)) / max(1, len(owners))
        rare = len(self.sales) + len(self.more_users)
        pairs = sum(map(len, self.pairs.values()))
        return int(len(self) * (_SLOT_BYTES + texts)) + _RARE_BYTES * rare + _PAIR_BYTES * pairs

    def allocate(self, owners: Sequence[str]) -> Ints:
        """A fresh, empty slot for each of `owners`."""
        self._make_room(len(owners))
        self._free, chosen = np.split(self._free, [len(self._free) - len(owners)])
        self.owner[chosen], self.user_id[chosen] = owners, None
        self._numbers[chosen] = _FRESH
        self.class_number[chosen] = NO_CLASS
        self.dirty[chosen] = self.row_due[chosen] = self.used[chosen] = True
        self.has_past[chosen] = False
        return chosen

    def free(self, slots: Ints) -> None:
        """Give slots back and forget all that they held."""
        for slot in slots.tolist() if self.more_users or self.sales else ():
            self.more_users.pop(slot, None)
            self.sales.pop(slot, None)
        self.owner[slots] = self.user_id[slots] = None
        self.user_event_id.drop(slots)
        self.used[slots] = self.dirty[slots] = self.row_due[slots] = False
        self._emptied.append(slots)

    def merge(self, into: int, other: int) -> None:
        """Make `into` the union of two sessions of one owner; `other` is still to be freed."""
        for name, spec in AGGREGATES.items():
            if spec.how is not How.DISTINCT:
                column = self.aggregates[name]
                column[into] = MERGE[spec.how](column[into], column[other])
        self.received[into] = max(self.received[into], self.received[other])
        for figure in DISTINCT:
            values = self._distinct(figure, np.array([other])).values
            self.add_distinct(figure, np.full(len(values), into), values)
        for order, sale in self.sales.get(other, {}).items():
            self._withdraw(into, sale)
            self.sell(np.array([into]), [order], [sale])
        self.more_users.setdefault(into, set()).update(self.users(other))
        user = self.user_id[other]
        if user is not None:
            event_id = self.user_event_id.text(other)
            self._name_user(into, int(self.user_ts[other]), event_id, user, self.user_hash[other])

    def _withdraw(self, into: int, sale: Sale) -> None:
        """A merged-in sale is counted anew by `sell`, so take it out of the sums that were just added."""
        self.aggregates["purchase_count"][into] -= 1
        self.aggregates["purchase_micros"][into] -= sale.money

    def add_distinct(self, figure: str, slots: Ints, values: NDArray[np.uint64]) -> None:
        """Count those of the values that their session has not had yet."""
        new = self.pairs[figure].add(slots, values)
        np.add.at(self.aggregates[figure], new, 1)

    def sell(self, slots: Ints, orders: Sequence[str], sales: Sequence[Sale]) -> None:
        """Take purchases of `orders` into account: only the first of an order counts."""
        counts, money = np.zeros(len(slots), np.int64), np.zeros(len(slots), np.int64)
        for place, (slot, order, sale) in enumerate(zip(slots.tolist(), orders, sales, strict=True)):
            sold = self.sales.setdefault(slot, {})
            known = sold.get(order)
            if known is None:
                counts[place], money[place] = 1, sale.money
            elif (sale.ts_us, sale.event_id) < (known.ts_us, known.event_id):
                money[place] = sale.money - known.money
            else:
                continue
            sold[order] = sale
        np.add.at(self.aggregates["purchase_count"], slots, counts)
        np.add.at(self.aggregates["purchase_micros"], slots, money)

    def name_users(self, slots: Ints, naming: Naming, rows: Ints) -> None:
        """Row `rows[i]` names a user of `slots[i]`; in order of (ts, event_id) where a slot stands here twice."""
        known_ts, nobody, ts, hashes = self.user_ts[slots], START[How.MAX], naming.ts[rows], naming.hashes[rows]
        same = (known_ts == nobody) | (self.user_hash[slots] == hashes)
        plain = _alone(slots) & same & (ts != known_ts)
        newer = np.flatnonzero(plain & (ts > known_ts))
        first = newer[known_ts[newer] == nobody]
        if len(first):
            self.user_id[slots[first]] = naming.users.take(pa.array(rows[first])).to_numpy(zero_copy_only=False)
        chosen = slots[newer]
        self.user_ts[chosen], self.user_hash[chosen] = ts[newer], hashes[newer]
        self.user_event_id.put(chosen, naming.event_ids.take(pa.array(rows[newer])))
        for place in np.flatnonzero(~plain).tolist():
            event_id, user = (column[int(rows[place])].as_py() for column in (naming.event_ids, naming.users))
            self._name_user(int(slots[place]), int(ts[place]), event_id, user, hashes[place])

    def _name_user(self, slot: int, ts_us: int, event_id: str, user: str, user_hash: np.uint64) -> None:
        """The same for one: the last one by (ts_us, event_id) is the session's."""
        known, at, known_ts = self.user_id[slot], np.array([slot]), int(self.user_ts[slot])
        if known is not None and known != user:
            self.more_users.setdefault(slot, set()).update((known, user))
        if known is None or ts_us > known_ts or (ts_us == known_ts and event_id > self.user_event_id.text(slot)):
            self.user_id[slot], self.user_ts[slot], self.user_hash[slot] = user, ts_us, user_hash
            self.user_event_id.put(at, [event_id])

    def users(self, slot: int) -> list[str]:
        """Every user of a session, sorted."""
        last = self.user_id[slot]
        return sorted(self.more_users.get(slot, set()) | ({last} if last is not None else set()))

    def merge_in(self, slots: Ints, place: Ints | None, fragments: Fragments, revision: int) -> Merged:
        """Merge fragment i into `slots[place[i]]` (`slots[i]` without a `place`); each slot is named once."""
        numbers = self._numbers.take(slots, axis=0)
        columns = dict(zip(_NUMBERS, numbers.T, strict=True))
        before = Merged(columns["session_start"].copy(), self.class_number[slots])
        for name, values in (*fragments.aggregates.items(), ("received", fragments.received)):
            merge = MERGE[AGGREGATES[name].how] if name in AGGREGATES else np.maximum
            if place is None:
                merge(columns[name], values, out=columns[name])
            else:
                merge.at(columns[name], place, values)
        columns["revision"][:] = revision
        verdict = self.classes.classify({**columns, **durations(columns)}, NUMPY)
        columns["clauses"][:] = verdict.clauses
        self._numbers.view(_ROW)[slots] = numbers.view(_ROW)
        self.class_number[slots] = np.where(columns["total_events"] > 0, verdict.number, NO_CLASS)
        self.dirty[slots] = self.row_due[slots] = True
        return before

    def owners(self, slots: Ints) -> list[str]:
        """Owner keys of slots that are used."""
        owners: list[str] = self.owner[slots].tolist()
        return owners

    def copy(self, slots: Ints) -> ChangedSessions:
        """`slots` as they are now."""
        chosen = slots.tolist()
        numbers = [*self.aggregates.values(), self.received, self.user_ts, self.revision, self.row_due]
        more_users, sales = self.more_users, self.sales
        return ChangedSessions(
            owners=self.owners(slots),
            numbers=np.stack([column[slots] for column in numbers]).astype(np.int64, copy=False),
            user_ids=self.user_id[slots].tolist(),
            user_event_ids=self.user_event_id.take(slots).fill_null(""),
            users={place: self.users(slot) for place, slot in enumerate(chosen) if slot in more_users},
            sales={place: dict(sales[slot]) for place, slot in enumerate(chosen) if slot in sales},
            distinct=[self._distinct(figure, slots) for figure in DISTINCT],
        )

    def _distinct(self, figure: str, slots: Ints) -> DistinctValues:
        places, values = self.pairs[figure].of(slots)
        return DistinctValues(np.bincount(places, minlength=len(slots)), values[np.argsort(places, kind="stable")])

    def restore(self, owners: Sequence[str], sessions: Sequence[SavedSession]) -> Ints:
        """Slots of saved sessions, one for each of `sessions`, whose owners are `owners`."""
        slots = self.allocate(owners)
        if not len(slots):
            return slots
        aggregates = np.array([saved.aggregates for saved in sessions], dtype=np.int64)
        self._numbers[slots, : len(AGGREGATES)] = aggregates
        self.received[slots] = [saved.received_us for saved in sessions]
        self.revision[slots] = [saved.revision for saved in sessions]
        self.user_ts[slots] = [saved.user_ts_us for saved in sessions]
        self.row_due[slots] = [saved.row_due for saved in sessions]
        self.dirty[slots] = False
        users = [saved.user_id for saved in sessions]
        self.user_id[slots], self.user_hash[slots] = users, hash_names(pa.array(users, pa.string()))
        self.user_event_id.put(slots, [saved.user_event_id for saved in sessions])
        for slot, saved in zip(slots.tolist(), sessions, strict=True):
            if len(saved.users) > 1:
                self.more_users[slot] = set(saved.users)
            if saved.sales:
                self.sales[slot] = dict(saved.sales)
        for place, figure in enumerate(DISTINCT):
            hashes = [saved.distinct[place] for saved in sessions]
            of_slot = np.repeat(slots, [len(each) // 8 for each in hashes])
            self.pairs[figure].add(of_slot, np.frombuffer(b"".join(hashes), "<u8").astype(np.uint64))
        self._classify(slots, dict(zip(AGGREGATES, aggregates.T, strict=True)))
        return slots

    def reclassify(self, classes: Classes) -> None:
        """Judge all sessions here by these rules from now on; whose row is not due keeps the class that readers see."""
        self.classes = classes
        slots = np.flatnonzero(self.used)
        self._classify(slots, {name: column[slots] for name, column in self.aggregates.items()})

    def _classify(self, slots: Ints, aggregates: Mapping[str, Ints]) -> None:
        verdict = self.classes.classify({**aggregates, **durations(aggregates)}, NUMPY)
        self.class_number[slots] = np.where(aggregates["total_events"] > 0, verdict.number, NO_CLASS)
        self.clauses[slots] = verdict.clauses

    def sweep(self) -> None:
        """Drop the distinct values of slots that were given back, so that these can be used again."""
        if not self._emptied:
            return
        emptied = np.concatenate(self._emptied)
        for pairs in self.pairs.values():
            pairs.drop(emptied)
        self._free = np.concatenate((self._free, emptied))
        self._emptied = []

    def _make_room(self, wanted: int) -> None:
        if len(self._free) < wanted:
            self.sweep()
        if len(self._free) >= wanted:
            return
        old = len(self.owner)
        new = max(_FIRST_CAPACITY, 2 * old, old + wanted)
        self._number(_longer(self._numbers, new))
        for name in ("owner", "user_id", "user_hash", "class_number", "dirty", "row_due", "used", "has_past"):
            setattr(self, name, _longer(getattr(self, name), new))
        self._free = np.concatenate((self._free, np.arange(new - 1, old - 1, -1)))


def _alone(slots: Ints) -> NDArray[np.bool_]:
    """Which of these stand here once."""
    rising = np.sort(slots)
    again = rising[1:][rising[1:] == rising[:-1]]
    return np.isin(slots, again, invert=True) if len(again) else np.ones(len(slots), np.bool_)


def _longer(column: NDArray[T], length: int) -> NDArray[T]:
    """`column` and then zeros, or None where it holds objects; what is behind takes no memory until it is used."""
    shape = (length, *column.shape[1:])
    longer = np.zeros(shape, column.dtype) if column.dtype != object else np.empty(shape, object)
    longer[: len(column)] = column
    return longer
