"""Whose an event is: the owners of a batch, told apart by hashes; their keys are text only when asked.

An owner's key is `s:PROJECT/ID`, `v:PROJECT/ID` or `u:PROJECT/ID`: what is kept by owner has this key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from footfall.events.hashing import Hashes, HashKey, combine, hash_text

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

_MARKS: Final = ("s:", "v:", "u:")
_CLIENT, _VISITOR, _USER = range(len(_MARKS))
OF_SESSIONS: Final = (_CLIENT, _VISITOR, _USER)
"""Who owns an event's session: the client's session, else the visitor, else the user."""
OF_PEOPLE: Final = (_USER, _VISITOR, _CLIENT)
"""Who did it: the user, else the visitor, else whoever has the session."""
_KEY = HashKey.random()
"""These hashes never leave the process, so it needs no other key than its own; no answer depends on it."""


@dataclass(frozen=True, slots=True)
class Owners:
    """The owners of n events: `codes[i]` is the number of event i's; numbers go from 0 to before `len(client)`."""

    codes: Ints
    rows: Ints
    """The events in order of (owner, arrival)."""
    client: Mask
    """For each owner: whether it is a client's session id, which no gap cuts."""
    hashes: Hashes
    """For each owner; within this process alone."""
    _named: NamedIds
    _marks: NDArray[np.int8]
    _firsts: Ints
    """For each owner its first row in `_named`, and in `_marks`, which says in whose column the id stands."""

    def __len__(self) -> int:
        return len(self.client)

    def where(self, chosen: Mask) -> Owners:
        """The owners of those events where `chosen` holds; their numbers stay as they are."""
        place = np.cumsum(chosen) - 1
        return replace(self, codes=self.codes[chosen], rows=place[self.rows[chosen[self.rows]]])

    def keys(self, numbers: Ints) -> list[str]:
        """The keys of some owners."""
        rows = self._firsts[numbers]
        return self._named.keys(rows, self._marks[rows])

    def hashed(self, numbers: Ints) -> Hashes:
        """The hashes of some owners."""
        first, second = self.hashes
        return first[numbers], second[numbers]


class NamedIds:
    """What n events say of whose they are. A column of ids is hashed once, however many ask."""

    def __init__(self, projects: pa.Array, sessions: pa.Array, visitors: pa.Array, users: pa.Array) -> None:
        self._ids = (sessions, visitors, users)
        self._hashes: dict[int, Hashes] = {}
        self.projects = projects.dictionary_encode()
        """Whose events they are, as a dictionary of few texts."""
        self._prefixes = [f"{mark}{project}/" for project in self.projects.dictionary.to_pylist() for mark in _MARKS]
        self._prefix_hashes = hash_text(pa.array(self._prefixes, pa.string()), _KEY)
        self._projects = self.projects.indices.to_numpy() * np.int64(len(_MARKS))

    @property
    def users(self) -> NDArray[np.uint64]:
        """What tells the few users of one session apart, as `hash_names` has it; only of events that name one."""
        return self._hashed(_USER)[0]

    def owners(self, order: Sequence[int] = OF_SESSIONS) -> Owners:
        """Whose they are: `order` (as `OF_SESSIONS`) says which id counts where an event has several."""
        marks, ids = self._preferred(order)
        prefixes = self._projects + marks
        first, second = self._prefix_hashes
        hashes = combine((first[prefixes], second[prefixes]), ids)
        rows, differs = _by_hash(hashes)
        codes = np.empty(len(rows), np.int64)
        codes[rows] = np.cumsum(differs) - 1
        firsts = rows[differs]
        return Owners(
            codes=codes,
            rows=rows,
            client=marks[firsts] == _CLIENT,
            hashes=(hashes[0][firsts], hashes[1][firsts]),
            _named=self,
            _marks=marks,
            _firsts=firsts,
        )

    def keys(self, rows: Ints, marks: NDArray[np.int8]) -> list[str]:
        """The keys at some rows, by the ids that `marks` name."""
        keys = np.empty(len(rows), object)
        prefixes = np.array(self._prefixes, object)
        for mark, ids in enumerate(self._ids):
            here = np.flatnonzero(marks == mark)
            if len(here):
                names = ids.take(pa.array(rows[here])).to_numpy(zero_copy_only=False)
                keys[here] = prefixes[self._projects[rows[here]] + mark] + names
        found: list[str] = keys.tolist()
        return found

    def _preferred(self, order: Sequence[int]) -> tuple[NDArray[np.int8], Hashes]:
        """For each event the mark and the hash of the first id that it has."""
        marks, (first, second) = np.full(len(self._projects), order[0], np.int8), self._hashed(order[0])
        missing = _missing(self._ids[order[0]])
        for mark in order[1:]:
            if not missing.any():
                break
            other, another = self._hashed(mark)
            marks[missing] = mark
            first, second = np.where(missing, other, first), np.where(missing, another, second)
            missing &= _missing(self._ids[mark])
        return marks, (first, second)

    def _hashed(self, mark: int) -> Hashes:
        """The hashes of a column; where it has no id they say nothing."""
        if mark not in self._hashes:
            self._hashes[mark] = _hash_present(self._ids[mark])
        return self._hashes[mark]


def hash_keys(keys: Sequence[str]) -> Hashes:
    """The hashes of owners of whom the keys are known."""
    parts = [key.partition("/") for key in keys]
    prefixes = pa.array([project + slash for project, slash, _ in parts], pa.string())
    return hash_text(pa.array([name for *_, name in parts], pa.string()), _KEY, salt=hash_text(prefixes, _KEY))


def hash_names(names: pa.Array) -> NDArray[np.uint64]:
    """What tells the few users of one session apart; within this process alone."""
    first, _ = hash_text(names, _KEY)
    return first


def _hash_present(ids: pa.Array) -> Hashes:
    """The hashes of a column's texts; there is no need to hash nulls."""
    if not ids.null_count:
        return hash_text(ids, _KEY)
    present = np.flatnonzero(~_missing(ids))
    first, second = np.zeros(len(ids), np.uint64), np.zeros(len(ids), np.uint64)
    first[present], second[present] = hash_text(ids.drop_null(), _KEY)
    return first, second


def _missing(ids: pa.Array) -> Mask:
    missing: Mask = ids.is_null().to_numpy(zero_copy_only=False)
    return missing


def _by_hash(hashes: Hashes) -> tuple[Ints, Mask]:
    """Rows in order of (hash, row), and of each whether its hash is another than the one before.

    As long as no two hashes share their upper bits, it is enough to sort these with the row in place of the others:
    numbers are sorted several times faster than places of numbers.
    """
    first, second = hashes
    below = np.uint64((1 << max(len(first) - 1, 0).bit_length()) - 1)
    keys = (first & ~below) | np.arange(len(first), dtype=np.uint64)
    keys.sort()
    rows = (keys & below).view(np.int64)
    differs, by_first = np.ones(len(rows), np.bool_), first[rows]
    np.not_equal(by_first[1:], by_first[:-1], out=differs[1:])
    by_second = second[rows]
    if (by_first[1:] < by_first[:-1]).any() or (~differs[1:] & (by_second[1:] != by_second[:-1])).any():
        rows = np.lexsort((second, first))
        differs[1:] = (np.diff(first[rows]) != 0) | (np.diff(second[rows]) != 0)
    return rows, differs
