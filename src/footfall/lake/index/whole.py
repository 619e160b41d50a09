"""All parts of one project at one moment, with everybody's number: what kernels work on."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from footfall.events.time import DAY_US
from footfall.lake.index.part import DAY_BITS, WITHIN_DAY, Part
from footfall.lake.index.people import Numbers, People


class Stretch(NamedTuple):
    """Events of one part that stand side by side: of one name, sorted by who, then by time."""

    part: Part
    person: Numbers
    """Of each who of the part."""
    rows: slice

    @property
    def who(self) -> NDArray[np.int64]:
        """Of each event, as the part numbers them."""
        return (self.part.keys[self.rows] >> np.uint64(DAY_BITS)).view(np.int64)

    @property
    def people(self) -> Numbers:
        """The person of each event."""
        return self.person[self.who]

    @property
    def ts_us(self) -> NDArray[np.int64]:
        """µs since the epoch of each event."""
        return (self.part.keys[self.rows] & WITHIN_DAY).view(np.int64) + self.part.day * DAY_US


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """Every event of a project once; parts in the order of their days."""

    parts: tuple[Part, ...]
    persons: tuple[Numbers, ...]
    """Of each part: the person of each who."""
    people: int
    """Persons' numbers are below this."""

    @classmethod
    def of(cls, people: People, lasting: Collection[Part], passing: Collection[Part] = ()) -> Whole:
        """The whole of these parts; raises `people.Indistinct`."""
        numbers, count = people.of(lasting, passing)
        parts = (*lasting, *passing)
        order = sorted(range(len(parts)), key=lambda place: parts[place].day)
        return cls(tuple(parts[place] for place in order), tuple(numbers[place] for place in order), count)

    def named(self, names: Collection[str]) -> Iterator[Stretch]:
        """The events of these names, part by part."""
        wanted = frozenset(names)
        for part, person in zip(self.parts, self.persons, strict=True):
            for name, (begin, end) in zip(part.names, pairwise(part.bounds.tolist()), strict=True):
                if name in wanted:
                    yield Stretch(part, person, slice(begin, end))

    @property
    def names(self) -> frozenset[str]:
        """Every name that an event has."""
        return frozenset(name for part in self.parts for name in part.names)
