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
            numbers = [self._numbers(part) for part in (*lasting, *passing)]
            users = _joined(self._lasting(lasting), passing, numbers[len(lasting) :], len(self._number))
        person = np.where(users >= 0, users, np.arange(len(users), dtype=np.int32))
        return [person[number] for number in numbers], len(users)

    def _numbers(self, part: Part) -> Numbers:
        found = self._of.get(part)
        if found is None:
            found = self._of[part] = self._met(*part.who)
        return found

    def _met(self, first: NDArray[np.uint64], second: NDArray[np.uint64]) -> Numbers:
        """The numbers of these hashes, new ones for those that are new."""
        if len(first) and (first[1:] == first[:-1]).any():
            raise Indistinct("two hashes of a part agree in half")
        at = np.searchsorted(self._first, first)
        inside = np.minimum(at, max(len(self._first) - 1, 0))
        met = self._first[inside] == first if len(self._first) else np.zeros(len(first), dtype=bool)
        if (self._second[inside[met]] != second[met]).any():
            raise Indistinct("two hashes agree in half")
        new = np.flatnonzero(~met)
        numbers = np.empty(len(first), dtype=np.int32)
        numbers[met] = self._number[inside[met]]
        numbers[new] = np.arange(len(self._number), len(self._number) + len(new), dtype=np.int32)
        self._second = np.insert(self._second, at[new], second[new])
        self._number = np.insert(self._number, at[new], numbers[new])
        self._first = np.insert(self._first, at[new], first[new])
        return numbers

    def _lasting(self, parts: Collection[Part]) -> Numbers:
        """The users of the lasting parts; only what came on top of the last time is worked on."""
        wanted = frozenset(parts)
        if not wanted >= self._joined:
            self._joined, self._users = frozenset(), np.empty(0, dtype=np.int32)
        more = [part for part in parts if part not in self._joined]
        if more:
            numbers = [self._numbers(part) for part in more]
            self._users = _joined(self._users, more, numbers, len(self._number))
            self._joined = wanted
        return self._users


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
