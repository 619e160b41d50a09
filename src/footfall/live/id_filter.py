"""A filter in front of the runs: it says of nearly every new id that no run holds it, for one memory access.

A Bloom filter whose bits for one id lie in one 64-bit word (Putze, Sanders, Singler: Cache-, Hash- and
Space-Efficient Bloom Filters, 2007). It never overlooks an id that was added.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from footfall.events.hashing import Words

_BITS_AN_ID: Final = 16
_BITS_SET: Final = 5
_SMALLEST, _LARGEST, _GROWTH = 19, 23, 2  # binary logarithms of words: 2.1 million ids in 4 MB, 34 million in 64 MB
_ONE, _SIX, _63 = np.uint64(1), np.uint64(6), np.uint64(63)


@dataclass(slots=True)
class _Generation:
    """Ids of some stretch of time; it is forgotten as a whole."""

    words: Words
    shift: np.uint64
    """A word's number is the first half of the id shifted right by this."""
    room: int
    newest: int = 0


class IdFilter:
    """Generations of growing size, at most 34 million ids each; every one costs a look-up, so they are few."""

    def __init__(self) -> None:
        self._generations: list[_Generation] = []

    @property
    def bytes(self) -> int:
        """Bytes of memory held."""
        return sum(each.words.nbytes for each in self._generations)

    def expect(self, ids: int) -> None:
        """Make room for so many ids at once, as far as one generation can."""
        self._grow(max(_SMALLEST, (ids * _BITS_AN_ID // 64).bit_length()))

    def add(self, first: Words, second: Words, *, newest: int) -> None:
        """Add ids, `first` rising; `newest` is the latest arrival among them, in seconds."""
        begin = 0
        while begin < len(first):
            if not self._generations or not self._generations[-1].room:
                self._grow(64 - int(self._generations[-1].shift) + _GROWTH if self._generations else _SMALLEST)
            generation = self._generations[-1]
            end = min(len(first), begin + generation.room)
            _set(generation, first[begin:end], _pattern(second[begin:end]))
            generation.newest = max(generation.newest, newest)
            generation.room -= end - begin
            begin = end

    def may_hold(self, first: Words, second: Words) -> NDArray[np.bool_]:
        """False where an id was certainly never added (or has been forgotten)."""
        pattern = _pattern(second)
        found = np.zeros(len(first), np.bool_)
        for generation in self._generations:
            words = generation.words[(first >> generation.shift).view(np.int64)]
            words &= pattern
            found |= words == pattern
        return found

    def forget(self, before: int) -> None:
        """Drop the generations in which nothing arrived at second `before` or later."""
        if self._generations and self._generations[0].newest < before:
            self._generations = [each for each in self._generations if each.newest >= before]

    def _grow(self, size: int) -> None:
        size = min(size, _LARGEST)
        words = np.zeros(1 << size, np.uint64)
        self._generations.append(_Generation(words, np.uint64(64 - size), words.size * 64 // _BITS_AN_ID))


def _pattern(second: Words) -> Words:
    """For every id a word with up to five bits set, each named by six bits of its second half."""
    pattern = _ONE << (second & _63)
    rest = second
    for _ in range(_BITS_SET - 1):
        rest = rest >> _SIX
        pattern |= _ONE << (rest & _63)
    return pattern


def _set(generation: _Generation, first: Words, pattern: Words) -> None:
    """Set patterns; ids of one word are neighbours, because `first` rises."""
    at = (first >> generation.shift).view(np.int64)
    begins = np.flatnonzero(np.concatenate([[True], at[1:] != at[:-1]]))
    generation.words[at[begins]] |= np.bitwise_or.reduceat(pattern, begins)
