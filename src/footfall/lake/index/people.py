"""Who the people of several parts are: one number a person, with visitors and users joined.

The hashes of a part are looked up once. A hash is compared in all its 128 bits; numbers are found by the first half.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from typing import Final, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from footfall.errors import FootfallError
from footfall.events.hashing import Hashes
from footfall.lake.index.part import Part

Numbers: TypeAlias = NDArray[np.int32]
_NOBODY: Final = -1
_SEVERAL: Final = -2


class Indistinct(FootfallError):
    status = 500
    code = "indistinct-index"
    title = "The index can't tell two people apart"


class People:
    """Numbers those of one project, in the order in which they are met. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._first = np.empty(0, dtype=np.uint64)
        """Rising, with the second half and the number of each beside it."""
        self._second = np.empty(0, dtype=np.uint64)
        self._number = np.empty(0, dtype=np.int32)
        self._of: WeakKeyDictionary[Part, Numbers] = WeakKeyDictionary()
        self._joined: frozenset[Part] = frozenset()
        self._users = np.empty(0, dtype=np.int32)
        """Of everybody met in `_joined`: the one user that the visitor is, `_NOBODY`, or `_SEVERAL`."""

    def of(self, lasting: Collection[Part], passing: Collection[Part] = ()) -> tuple[list[Numbers], int]:
        """The person of each who of each part, `lasting` ones first, and a bound of the numbers.

        A visitor that was seen with exactly one user, in all of these parts, is that user. What is found of the
        `lasting` parts is remembered. Raises `Indistinct` when two people's hashes agree in half.
        """
        with self._lock:
            self._meet((*lasting, *passing))
            numbers = [self._of[part] for part in (*lasting, *passing)]
            users = _joined(self._lasting(lasting), passing, numbers[len(lasting) :], len(self._number))
        person = np.where(users >= 0, users, np.arange(len(users), dtype=np.int32))
        return [person[number] for number in numbers], len(users)

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

    def _lasting(self, parts: Collection[Part]) -> Numbers:
        """The users of the lasting parts; only what came on top of the last time is worked on."""
        wanted = frozenset(parts)
        if not wanted >= self._joined:
            self._joined, self._users = frozenset(), np.empty(0, dtype=np.int32)
        more = [part for part in parts if part not in self._joined]
        if more:
            self._users = _joined(self._users, more, [self._of[part] for part in more], len(self._number))
            self._joined = wanted
        return self._users


def _distinct(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> Hashes:
    """Each hash once, rising by its first half."""
    order = np.argsort(first)
    first, second = first[order], second[order]
    again = first[1:] == first[:-1]
    if (second[1:][again] != second[:-1][again]).any():
        raise Indistinct("two hashes agree in half")
    kept = np.append(np.ones(min(len(first), 1), dtype=bool), ~again)
    return first[kept], second[kept]


def _joined(users: Numbers, parts: Collection[Part], numbers: Sequence[Numbers], count: int) -> Numbers:
    """`users`, for so many people, after what more parts know."""
    grown = np.full(count, _NOBODY, dtype=np.int32)
    grown[: len(users)] = users
    for part, number in zip(parts, numbers, strict=True):
        visitor, user = number[part.known[0]], number[part.known[1]]
        new = grown[visitor] == _NOBODY
        grown[visitor[new]] = user[new]
        grown[visitor[grown[visitor] != user]] = _SEVERAL
    return grown
