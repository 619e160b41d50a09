"""All parts of one project at one moment, with everybody's number: what kernels work on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from footfall.lake.index.part import Part
from footfall.lake.index.people import Numbers, People


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
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
