"""A filter in front of the runs: it says of nearly every new id that no run holds it, and of others which may.

A Bloom filter whose bits for one id lie in one 64-bit word (Putze, Sanders, Singler: Cache-, Hash- and
Space-Efficient Bloom Filters, 2007). It never overlooks an id that was added.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from footfall.events.hashing import Words

_BITS_AN_ID: Final = 20
_BITS_SET: Final = 6
_WORD_BYTES: Final = 8
_SMALLEST, _LARGEST, _GROWTH = 19, 23, 2  # binary logarithms of words: 1.7 million ids in 4 MB, 27 million in 64 MB
_EARLIER, _LATER = -(1 << 62), 1 << 62  # than any second of arrival
MOST_BYTES: Final = 512_000_000
_MOST_GENERATIONS: Final = 12
_ONE, _SIX, _63 = np.uint64(1), np.uint64(6), np.uint64(63)


@dataclass(slots=True)
class _Generation:
    """Ids of some stretch of time; it is forgotten as a whole."""

    words: Words
    shift: np.uint64
    """A word's number is the first half of the id shifted right by this."""
    room: int
    oldest: int = _LATER
    newest: int = _EARLIER

    def halve(self) -> None:
        """Take half the memory: what one of two neighbouring words says, one word says for both."""
        self.words = self.words[0::2] | self.words[1::2]
        self.shift += _ONE

    def join(self, other: _Generation) -> None:
        """Hold the ids of another generation, which may be halved for it, too."""
        while len(self.words) > len(other.words):
            self.halve()
        while len(other.words) > len(self.words):
            other.halve()
        self.words |= other.words
        self.oldest, self.newest = min(self.oldest, other.oldest), max(self.newest, other.newest)


class IdFilter:
    """Generations of growing size, at most 27 million ids each; every one costs a look-up, so they are few.

    When they do not fit into `most_bytes` they get thinner, and let more ids pass that nobody added: 0.2 % with 20 bits
    an id, 3 % with 10, 15 % with 5.
    """

    def __init__(self, *, most_bytes: int = MOST_BYTES) -> None:
        self.most_bytes = most_bytes
        self._generations: list[_Generation] = []

    @property
    def bytes(self) -> int:
        """Bytes of memory held."""
        return sum(each.words.nbytes for each in self._generations)

    def expect(self, ids: int) -> None:
        """Make room for so many ids, which come sorted, so that all of them have to be in one generation."""
        size = max(_SMALLEST, (ids * _BITS_AN_ID // 64).bit_length())
        self._make(min(size, (self.most_bytes * 3 // 4 // _WORD_BYTES).bit_length() - 1), least_room=ids)

    def add(self, first: Words, second: Words, *, oldest: int, newest: int) -> None:
        """Add ids, `first` rising, which arrived between these seconds."""
        begin = 0
        while begin < len(first):
            if not self._generations or not self._generations[-1].room:
                self._grow(64 - int(self._generations[-1].shift) + _GROWTH if self._generations else _SMALLEST)
            generation = self._generations[-1]
            end = min(len(first), begin + generation.room)
            _set(generation, first[begin:end], _pattern(second[begin:end]))
            generation.oldest = min(generation.oldest, oldest)
            generation.newest = max(generation.newest, newest)
            generation.room -= end - begin
            begin = end

    def arrived(self, first: Words, second: Words) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Between which seconds each id arrived, if it was added; the oldest is above the newest if it was not."""
        pattern = _pattern(second)
        oldest, newest = np.full(len(first), _LATER), np.full(len(first), _EARLIER)
        for generation in self._generations:
            words = generation.words[(first >> generation.shift).view(np.int64)]
            words &= pattern
            rows = np.flatnonzero(words == pattern)
            oldest[rows] = np.minimum(oldest[rows], generation.oldest)
            newest[rows] = np.maximum(newest[rows], generation.newest)
        return oldest, newest

    def forget(self, before: int) -> None:
        """Drop the generations in which nothing arrived at second `before` or later."""
        if self._generations and self._generations[0].newest < before:
            self._generations = [each for each in self._generations if each.newest >= before]

    def _grow(self, size: int) -> None:
        self._make(min(size, _LARGEST, (self.most_bytes // 4 // _WORD_BYTES).bit_length() - 1))

    def _make(self, size: int, *, least_room: int = 0) -> None:
        size = max(0, size)
        while self.bytes + (_WORD_BYTES << size) > self.most_bytes and self._thin():
            pass
        words = np.zeros(1 << size, np.uint64)
        room = max(least_room, words.size * 64 // _BITS_AN_ID)
        self._generations.append(_Generation(words, np.uint64(64 - size), room))

    def _thin(self) -> bool:
        """Take less memory; False when there is nothing left to take."""
        if len(self._generations) > _MOST_GENERATIONS:
            oldest, older, *others = self._generations
            older.join(oldest)
            self._generations = [older, *others]
            return True
        largest = max(self._generations, key=lambda each: len(each.words), default=None)
        if largest is None or len(largest.words) == 1:
            return False
        largest.halve()
        return True


def _pattern(second: Words) -> Words:
    """For every id a word with up to six bits set, each named by six bits of its second half."""
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
