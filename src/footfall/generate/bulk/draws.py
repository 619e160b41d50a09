"""Random numbers for columns, the same on every machine and with every release of numpy.

Draw k of a stream is a hash of the seed, the stream's name and k (SplitMix64; Steele, Lea, Flood, Fast Splittable
Pseudorandom Number Generators, 2014). All is whole numbers: no rounding, no generator whose state says what follows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Whole: TypeAlias = NDArray[np.int64]
Mask: TypeAlias = NDArray[np.bool_]

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)
_HALF_WORD: Final = 16


class Draws:
    """The streams of one place in the world, named by what leads there: `Draws(seed, "block", 3)`."""

    def __init__(self, *path: object) -> None:
        self._path = path

    def bits(self, stream: str, count: int) -> NDArray[np.uint64]:
        """`count` times 63 random bits."""
        name = "/".join(map(str, (*self._path, stream))).encode()
        base = int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), "little")
        z = (np.arange(1, count + 1, dtype=np.uint64) * _GOLDEN) + np.uint64(base)
        z = (z ^ (z >> np.uint64(30))) * _FIRST
        z = (z ^ (z >> np.uint64(27))) * _SECOND
        return (z ^ (z >> np.uint64(31))) >> np.uint64(1)

    def below(self, stream: str, bound: int | Whole, count: int) -> Whole:
        """Whole numbers from 0 to `bound` - 1, which must be positive."""
        return self.bits(stream, count).view(np.int64) % bound

    def between(self, stream: str, low: int | Whole, high: int | Whole, count: int) -> Whole:
        """Whole numbers from `low` to `high`, both included."""
        return low + self.below(stream, high - low + 1, count)

    def chosen(self, stream: str, table: Whole, count: int) -> Whole:
        """Entries of `table`, each as likely as the others."""
        return table[self.below(stream, len(table), count)]

    def low_ranks(self, stream: str, sizes: Whole) -> Whole:
        """A rank below each of `sizes` (at least 1), low ones much more often: the product of two uniform numbers."""
        bits = self.bits(stream, len(sizes)).view(np.int64)
        one, other = bits & 0xFFFF, (bits >> _HALF_WORD) & 0xFFFF
        return (sizes * one >> _HALF_WORD) * other >> _HALF_WORD


def lottery(weights: Sequence[int], tickets: int | None = None) -> Whole:
    """A table for `Draws.chosen` in which entry i stands `weights[i]` times; or of `tickets` entries in all.

    >>> lottery([1, 0, 2]).tolist(), lottery([10, 30], tickets=4).tolist()
    ([0, 2, 2], [0, 1, 1, 1])
    """
    if tickets is None:
        return np.repeat(np.arange(len(weights)), weights)
    ends = np.cumsum(np.array(weights, np.int64)) * tickets // sum(weights)
    return np.repeat(np.arange(len(weights)), np.diff(ends, prepend=0))
