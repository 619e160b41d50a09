"""Who the people of several parts are: one number a person, with visitors and users joined.

The rule is that of `metrics.people`. The hashes of a part are looked up once. A hash is compared in all its 128 bits;
numbers are found by the first half.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Sequence
from typing import Final, NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from footfall.errors import FootfallError
from footfall.events.hashing import Hashes, HashKey
from footfall.events.linking import NO_RULING, Ruling, united
from footfall.lake.index.build import hash_ids
from footfall.lake.index.part import Part

Numbers: TypeAlias = NDArray[np.int32]
_NOBODY: Final = -1


class Indistinct(FootfallError):
    status = 500
    code = "indistinct-index"
    title = "The index can't tell two people apart"


class _Seen(NamedTuple):
    """Which users visitors were seen with."""

    one: Numbers
    """Of everybody met: one user that the visitor was seen with, or `_NOBODY`."""
    others: Numbers
    """Shape (2, m): visitors that were seen with more, beside the others."""


class _Told(NamedTuple):
    """What statements and decisions say."""

    said: Numbers
    """Shape (2, k): visitors beside a user that each is said to be."""
    settled: Numbers
    """Shape (2, j): visitors of whom was decided, beside the user that each is, or `_NOBODY`."""
    same: Numbers
    """Of everybody met, and of those who are named in decisions alone: the number of the whole person."""


class People:
    """Numbers those of one project, in the order in which they are met. Safe to use from any thread."""

    def __init__(self, key: HashKey) -> None:
        """`key` is that of the parts' hashes."""
        self._key = key
        self._lock = threading.Lock()
        self._first = np.empty(0, dtype=np.uint64)
        """Rising, with the second half and the number of each beside it."""
        self._second = np.empty(0, dtype=np.uint64)
        self._number = np.empty(0, dtype=np.int32)
        self._of: WeakKeyDictionary[Part, Numbers] = WeakKeyDictionary()
        self._joined: frozenset[Part] = frozenset()
        self._seen = _unseen()
        """What the parts in `_joined` know."""

    def of(
        self, lasting: Collection[Part], passing: Collection[Part] = (), ruling: Ruling = NO_RULING
    ) -> tuple[list[Numbers], int]:
        """The person of each who of each part, `lasting` ones first, and a bound of the numbers.

        What was seen and said in all of these parts counts, and what was decided. What is found of the `lasting` parts
        is remembered. Raises `Indistinct` when two people's hashes agree in half.
        """
        parts = (*lasting, *passing)
        with self._lock:
            self._meet(parts)
            numbers = [self._of[part] for part in parts]
            seen = _grown(self._lasting(lasting), passing, numbers[len(lasting) :], len(self._number))
            is_told = ruling != NO_RULING or any(part.said.size for part in parts)
            told = self._told(parts, numbers, ruling) if is_told else None
        person = _persons(seen, told)
        return [person[number] for number in numbers], len(person)

    def _meet(self, parts: Collection[Part]) -> None:
        """Number whoever is new in these parts, all at once."""
        new = [part for part in parts if part not in self._of]
        if not new:
            return
        first, second = _distinct(*(np.concatenate([part.who[half] for part in new]) for half in (0, 1)))
        at = np.searchsorted(self._first, first)
        inside = np.minimum(at, max(len(self._first) - 1, 0))
        met = self._first[inside] == first if len(self._first) else np.zeros(len(first), dtype=bool)
        if (self._second[inside[met]] != second[met]).any():
            raise Indistinct("two hashes agree in half")
        at, first, second = at[~met], first[~met], second[~met]
        numbers = np.arange(len(self._number), len(self._number) + len(first), dtype=np.int32)
        self._first = np.insert(self._first, at, first)
        self._second = np.insert(self._second, at, second)
        self._number = np.insert(self._number, at, numbers)
        for part in new:
            self._of[part] = self._number[np.searchsorted(self._first, part.who[0])]

    def _lasting(self, parts: Collection[Part]) -> _Seen:
        """What the lasting parts know; only what came on top of the last time is worked on."""
        wanted = frozenset(parts)
        if not wanted >= self._joined:
            self._joined, self._seen = frozenset(), _unseen()
        more = [part for part in parts if part not in self._joined]
        if more:
            self._seen = _grown(self._seen, more, [self._of[part] for part in more], len(self._number))
            self._joined = wanted
        return self._seen

    def _told(self, parts: Sequence[Part], numbers: Sequence[Numbers], ruling: Ruling) -> _Told:
        """What is said in these parts, of whom they know, and what was decided."""
        there = np.zeros(len(self._number) + 1, dtype=bool)  # the last one is nobody
        for number in numbers:
            there[number] = True
        said = np.concatenate([np.empty((6, 0), dtype=np.uint64), *(part.said for part in parts)], axis=1)
        user, visitor, previous = (self._find((said[half], said[half + 1])) for half in (0, 2, 4))
        is_visitor, is_user = there[visitor], there[previous] & ~there[visitor]
        users, count = self._numbered(ruling.users)
        apart = {users[each] for each in ruling.apart}
        pairs = set(zip(previous[is_user].tolist(), user[is_user].tolist(), strict=True))
        pairs = {pair for pair in pairs if apart.isdisjoint(pair)}
        pairs |= {(users[before], users[after]) for before, after in ruling.merged}
        same = np.arange(count, dtype=np.int32)
        for group in united(pairs):
            same[list(group)] = min(group)
        visitors = self._find(hash_ids("visitor_id", pa.array(ruling.visitors, pa.string()), self._key))
        whose = [_NOBODY if each is None else users[each] for each in ruling.visitors.values()]
        settled = np.stack((visitors, np.array(whose, dtype=np.int32)))[:, visitors != _NOBODY]
        return _Told(np.stack((visitor[is_visitor], user[is_visitor])), settled, same)

    def _find(self, hashes: Hashes) -> Numbers:
        """The number of each, `_NOBODY` of who was never met."""
        if not len(self._first):
            return np.full(len(hashes[0]), _NOBODY, dtype=np.int32)
        at = np.minimum(np.searchsorted(self._first, hashes[0]), len(self._first) - 1)
        found = (self._first[at] == hashes[0]) & (self._second[at] == hashes[1])
        return np.where(found, self._number[at], np.int32(_NOBODY))

    def _numbered(self, users: Iterable[str]) -> tuple[dict[str, int], int]:
        """{user: number}, with numbers behind all others for those who were never met; and a bound of them."""
        names = sorted(users)
        found = self._find(hash_ids("user_id", pa.array(names, pa.string()), self._key))
        new = found == _NOBODY
        found[new] = np.arange(len(self._number), len(self._number) + new.sum())
        return dict(zip(names, found.tolist(), strict=True)), len(self._number) + int(new.sum())


def _unseen() -> _Seen:
    return _Seen(np.empty(0, dtype=np.int32), np.empty((2, 0), dtype=np.int32))


def _distinct(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> Hashes:
    """Each hash once, rising by its first half."""
    order = np.argsort(first)
    first, second = first[order], second[order]
    again = first[1:] == first[:-1]
    if (second[1:][again] != second[:-1][again]).any():
        raise Indistinct("two hashes agree in half")
    kept = np.append(np.ones(min(len(first), 1), dtype=bool), ~again)
    return first[kept], second[kept]


def _grown(seen: _Seen, parts: Collection[Part], numbers: Sequence[Numbers], count: int) -> _Seen:
    """`seen`, for so many people, after what more parts know."""
    one = np.full(count, _NOBODY, dtype=np.int32)
    one[: len(seen.one)] = seen.one
    others = [seen.others]
    for part, number in zip(parts, numbers, strict=True):
        pairs = number[part.known]
        others.append(_added(one, pairs))
    return _Seen(one, np.concatenate(others, axis=1))


def _added(one: Numbers, pairs: Numbers) -> Numbers:
    """Give each visitor of `pairs` who has no user in `one` one of its users; the pairs of another user."""
    visitor, user = pairs
    new = one[visitor] == _NOBODY
    one[visitor[new]] = user[new]
    return pairs[:, one[visitor] != user]


def _persons(seen: _Seen, told: _Told | None) -> Numbers:
    """The person of everybody, after what was seen and told; `seen` is used up."""
    one, others = seen
    if told is None:
        one[others[0]] = _NOBODY
        return np.where(one != _NOBODY, one, np.arange(len(one), dtype=np.int32))
    others = np.concatenate((others, _added(one, told.said)), axis=1)
    another = told.same[others[1]] != told.same[one[others[0]]]
    one[others[0][another]] = _NOBODY
    one[told.settled[0]] = told.settled[1]
    person = told.same.copy()
    joined = np.flatnonzero(one != _NOBODY)
    person[joined] = told.same[one[joined]]
    return person
