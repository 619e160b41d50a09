"""The deepest chain of steps of each person over the compact index: the twin of `metrics.chains`, in loose order.

Rule and source stand there. Here every step is one sorted array of keys, person · span + time, where the span is wider
than the range and the window together, so that no window reaches into another person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from footfall.events.time import DAY_US
from footfall.lake.index.whole import Whole
from footfall.metrics.kernels.latest import Latest
from footfall.metrics.kernels.picked import Mask, Pick, Texts

Int64s = NDArray[np.int64]
_KEYS_AT_ONCE: Final = 4_000_000
"""Events of one step that one block of people has, about: 8 bytes each, and four times that while they are matched."""
_MOST_KEY: Final = (1 << 63) - 1
_NEVER: Final = -(1 << 62)


@dataclass(frozen=True, slots=True, eq=False)
class Chains:
    """The deepest chain of each person of a whole; all arrays have an entry a person."""

    depth: NDArray[np.int8]
    """Steps taken; 0 for who did not take the first."""
    reached: tuple[Int64s, ...]
    """For each step when it was taken, µs since the epoch; of no meaning behind `depth`. Empty unless asked for."""
    split: NDArray[np.int32] | None = None
    """Number of the value at the chain's beginning, −1 for null."""
    texts: tuple[str, ...] = ()
    """The values by their numbers."""


def chains(
    whole: Whole, steps: Sequence[Pick], *, within_us: int, split: str | None = None, timed: bool = True
) -> Chains:
    """The chains of `whole`'s people through the picked events.

    `timed` asks for `reached`; `split` names an indexed column. Raises `Declined`.
    """
    found = _Search(whole, steps, within_us, timed=timed)
    if timed or split is not None:
        found.begin()
    for block in found.blocks() if len(steps) > 1 else ():
        found.deepen(block)
    reached = (found.begun, *found.reached) if timed else ()
    if split is None:
        return Chains(found.depth, reached)
    texts = Texts(split)
    latest = Latest(found.begun, texts)
    for chosen in steps[0].chosen(whole):
        latest.see(chosen)
    return Chains(found.depth, reached, latest.values(), texts.texts)


class _Ends(NamedTuple):
    """Keys at which chains of some steps end first, rising, with the key of each one's latest beginning, rising too."""

    ends: Int64s
    starts: Int64s


class _Search:
    """What is known of the chains while they are followed, block by block of people."""

    def __init__(self, whole: Whole, steps: Sequence[Pick], within_us: int, *, timed: bool) -> None:
        self._whole = whole
        self._steps = steps
        self._within_us = within_us
        days = [part.day for part in whole.parts] or [0]
        self._zero = min(days) * DAY_US
        self._span = (max(days) - min(days) + 1) * DAY_US + within_us + 1
        self._takers = list(self._taking())
        self.depth = self._takers[0].astype(np.int8)
        self.begun = np.full(whole.people, _NEVER, dtype=np.int64)
        self.reached = [np.full(whole.people, _NEVER, dtype=np.int64) for _ in steps[1:]] if timed else []

    def _taking(self) -> Iterator[Mask]:
        """For each step who took it and all before it, in whatever order: nobody else can have such a chain."""
        before = np.ones(self._whole.people, dtype=bool)
        for step in self._steps:
            took = np.zeros(self._whole.people, dtype=bool)
            for chosen in step.chosen(self._whole):
                theirs = np.zeros(len(chosen.person), dtype=bool)
                theirs[chosen.who] = True
                took[chosen.person[theirs]] = True
            before = before & took
            yield before

    def begin(self) -> None:
        """Note each person's latest first step: where a chain of one step begins."""
        for chosen in self._steps[0].chosen(self._whole):
            who = chosen.who
            last = np.flatnonzero(_ending(who))
            np.maximum.at(self.begun, chosen.person[who[last]], chosen.ts_us[last])

    def blocks(self) -> Iterator[slice]:
        """People to be worked on together: their keys must fit into 63 bits, and into memory."""
        events = max(sum(map(len, step.chosen(self._whole))) for step in self._steps)
        blocks = max(-(-events // _KEYS_AT_ONCE), -(-self._whole.people * self._span // _MOST_KEY))
        size = max(-(-self._whole.people // max(blocks, 1)), 1)
        for low in range(0, self._whole.people, size):
            yield slice(low, min(low + size, self._whole.people))

    def deepen(self, block: slice) -> None:
        """Follow the chains of a block of people, step by step."""
        keys = self._keys(0, block, self._takers[1])
        ends = _Ends(keys, keys)
        followed: list[_Ends] = []
        for number in range(1, len(self._steps)):
            ends = self._next(ends, self._keys(number, block, self._takers[number] & (self.depth == number)))
            people = ends.ends // self._span
            last = np.flatnonzero(_ending(people))
            people = people[last]
            self.depth[people + block.start] = number + 1
            self.begun[people + block.start] = ends.starts[last] - people * self._span + self._zero
            followed.append(ends)
        for number, before in enumerate(followed if self.reached else (), start=1):
            self._note(number, before, block)

    def _keys(self, number: int, block: slice, whose: Mask) -> Int64s:
        """Sorted keys of a step's events of those people of the block."""
        wanted = np.zeros(self._whole.people, dtype=bool)
        wanted[block] = whose[block]
        found = [np.empty(0, dtype=np.int64)]
        for chosen in self._steps[number].chosen(self._whole):
            mine = chosen.where(wanted[chosen.person][chosen.who])
            keys = mine.people.astype(np.int64)
            keys -= block.start
            keys *= self._span
            keys += mine.ts_us
            keys -= self._zero
            found.append(keys)
        keys = np.concatenate(found)
        keys.sort()
        return keys

    def _next(self, before: _Ends, keys: Int64s) -> _Ends:
        """The chains that go on to one of `keys`, strictly later: the last one before it began the latest.

        Of those that go on from one chain only the first is of use: a later one can do nothing that it can't.
        """
        if len(keys) < len(before.ends):
            at = np.searchsorted(before.ends, keys, "left")
            first = np.flatnonzero((at > 0) & _beginning(at))
            ends, starts = keys[first], before.starts[at[first] - 1]
        else:
            at = np.searchsorted(keys, before.ends, "right")
            last = np.flatnonzero((at < len(keys)) & _ending(at))
            ends, starts = keys[at[last]], before.starts[last]
        reached = ends - starts <= self._within_us
        return _Ends(ends[reached], starts[reached])

    def _note(self, number: int, step: _Ends, block: slice) -> None:
        """When those who came so far took the step: the end that carries their beginning."""
        whose = np.flatnonzero(self.depth[block] > number)
        shift = whose * self._span - self._zero
        ends = step.ends[np.searchsorted(step.starts, self.begun[block][whose] + shift, "left")]
        self.reached[number - 1][whose + block.start] = ends - shift


def _beginning(groups: Int64s | NDArray[np.intp]) -> Mask:
    """Which entries are the first of their group; equal ones stand side by side."""
    return np.append(np.ones(min(len(groups), 1), dtype=bool), groups[1:] != groups[:-1])


def _ending(groups: Int64s | NDArray[np.intp]) -> Mask:
    """Which entries are the last of their group; equal ones stand side by side."""
    return np.append(groups[1:] != groups[:-1], np.ones(min(len(groups), 1), dtype=bool))
