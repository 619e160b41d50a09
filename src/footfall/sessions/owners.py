"""Whose session an event belongs to: the owners of a batch, told apart by hashes; their keys are text only when asked.

An owner's key is `s:PROJECT/ID`, `v:PROJECT/ID` or `u:PROJECT/ID`: what is kept by owner has this key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from footfall.events.hashing import Hashes, HashKey, combine, hash_text

Ints = NDArray[np.int64]

_MARKS = ("s:", "v:", "u:")
_CLIENT = 0
_KEY = HashKey.random()
"""These hashes never leave the process, so it needs no other key than its own; no answer depends on it."""


@dataclass(frozen=True, slots=True)
class Owners:
    """The owners of n events: `codes[i]` is the number of event i's; numbers go from 0 to before `len(client)`."""

    codes: Ints
    client: NDArray[np.bool_]
    """For each owner: whether it is a client's session id, which no gap cuts."""
    hashes: Hashes
    """For each owner; within this process alone."""
    _ids: pa.Array
    _prefixes: list[str]
    _prefix_codes: Ints
    _rows: Ints
    """For each owner one of its rows in `_ids`, and in `_prefix_codes`, which says what stands before the id."""

    def __len__(self) -> int:
        return len(self.client)

    def where(self, chosen: NDArray[np.bool_]) -> Owners:
        """The owners of those events where `chosen` holds; their numbers stay as they are."""
        return replace(self, codes=self.codes[chosen])

    def keys(self, numbers: Ints) -> list[str]:
        """The keys of some owners."""
        rows = self._rows[numbers]
        prefixes = [self._prefixes[code] for code in self._prefix_codes[rows].tolist()]
        return [
            prefix + name for prefix, name in zip(prefixes, self._ids.take(pa.array(rows)).to_pylist(), strict=True)
        ]

    def hashed(self, numbers: Ints) -> Hashes:
        """The hashes of some owners."""
        first, second = self.hashes
        return first[numbers], second[numbers]


def read_owners(projects: pa.Array, sessions: pa.Array, visitors: pa.Array, users: pa.Array) -> Owners:
    """The owners of events with these ids: a client's session, else a visitor, else a user."""
    ids, marks = _ids_and_marks(sessions, visitors, users)
    named = projects.dictionary_encode()
    prefixes = [f"{mark}{project}/" for project in named.dictionary.to_pylist() for mark in _MARKS]
    prefix_codes = named.indices.to_numpy() * np.int64(len(_MARKS)) + marks
    first, second = hash_text(pa.array(prefixes, pa.string()), _KEY)
    hashes = combine((first[prefix_codes], second[prefix_codes]), hash_text(ids, _KEY))
    rows, codes = _distinct(hashes)
    return Owners(
        codes=codes,
        client=marks[rows] == _CLIENT,
        hashes=(hashes[0][rows], hashes[1][rows]),
        _ids=ids,
        _prefixes=prefixes,
        _prefix_codes=prefix_codes,
        _rows=rows,
    )


def hash_keys(keys: Sequence[str]) -> Hashes:
    """The hashes of owners of whom the keys are known."""
    parts = [key.partition("/") for key in keys]
    prefixes = pa.array([project + slash for project, slash, _ in parts], pa.string())
    return hash_text(pa.array([name for *_, name in parts], pa.string()), _KEY, salt=hash_text(prefixes, _KEY))


def hash_names(names: pa.Array) -> NDArray[np.uint64]:
    """What tells the few users of one session apart; within this process alone."""
    first, _ = hash_text(names, _KEY)
    return first


def _ids_and_marks(ids: pa.Array, *others: pa.Array) -> tuple[pa.Array, NDArray[np.int8]]:
    """For each event the first id that it has, and the place of its mark."""
    marks = np.zeros(len(ids), np.int8)
    for other in others:
        if not ids.null_count:
            break
        marks += ids.is_null().to_numpy(zero_copy_only=False)
        ids = pc.coalesce(ids, other)
    return ids, marks


def _distinct(hashes: Hashes) -> tuple[Ints, Ints]:
    """A row of each different hash, and for each row the number of its hash."""
    first, second = hashes
    order = np.argsort(first)
    differs = _differs(first[order])
    if (~differs & _differs(second[order])).any():  # two hashes share their first half
        order = np.lexsort((second, first))
        differs = _differs(first[order]) | _differs(second[order])
    codes = np.empty(len(order), np.int64)
    codes[order] = np.cumsum(differs) - 1
    return order[differs], codes


def _differs(sorted_: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Whether each entry is another than the one before it."""
    differs = np.ones(len(sorted_), np.bool_)
    np.not_equal(sorted_[1:], sorted_[:-1], out=differs[1:])
    return differs
