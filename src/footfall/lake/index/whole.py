"""All parts of one project at one moment, with everybody's number: what kernels work on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from footfall.events.linking import NO_RULING, Ruling
from footfall.lake.index.part import Part
from footfall.lake.index.people import Numbers, People

MOST_MAPPED: Final = 1 << 29
"""Bytes of files that may stay in memory between two questions; what goes comes back from the system's cache."""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Whole:
    """Every event of a project once; parts in the order of their days."""

    parts: tuple[Part, ...]
    persons: tuple[Numbers, ...]
    """Of each part: the person of each who."""
    people: int
    """Persons' numbers are below this."""
    is_cut: bool = False
    """Whether there were earlier events that were removed: of them the parts tell who is who, and no more."""

    @property
    def is_told(self) -> bool:
        """Whether an `alias` says anything in it."""
        return any(part.said.size for part in self.parts)

    def let_go(self) -> None:
        """Keep nothing of the index's files in memory until it is asked for again, where they are large."""
        if sum(part.nbytes for part in self.parts) > MOST_MAPPED:
            for part in self.parts:
                part.let_go()

    @classmethod
    def of(
        cls,
        people: People,
        lasting: Collection[Part],
        passing: Collection[Part] = (),
        ruling: Ruling = NO_RULING,
    ) -> Whole:
        """The whole of these parts and of what was decided; raises `people.Indistinct`."""
        numbers, count = people.of(lasting, passing, ruling)
        parts = (*lasting, *passing)
        order = sorted(range(len(parts)), key=lambda place: parts[place].day)
        return cls(
            tuple(parts[place] for place in order),
            tuple(numbers[place] for place in order),
            count,
            is_cut=any(part.is_silent for part in parts),
        )
