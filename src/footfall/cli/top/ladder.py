"""Visitor classes as steps of a ladder: their order, icons and strides. No session is known here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from footfall.sessions.classes import DEFAULT_RULES

_STEPS: Final = "▂▄▆█"
STRIDE_CELLS: Final = len(_STEPS)


class Step(NamedTuple):
    """One class: its score orders the steps."""

    name: str
    score: int
    icon: str


class Ladder:
    """The classes that are known: the default ones, and those that sessions have shown besides."""

    def __init__(self) -> None:
        self._steps = {rule.name: Step(rule.name, rule.score, rule.icon) for rule in DEFAULT_RULES}

    def __iter__(self) -> Iterator[Step]:
        return iter(self._steps.values())

    def learn(self, step: Step) -> None:
        """Remember a class as a session shows it."""
        self._steps[step.name] = step

    def icon(self, name: str) -> str:
        """The icon of a class; nothing for one that is not known."""
        return self._steps[name].icon if name in self._steps else ""

    def downwards(self, names: Iterable[str]) -> list[str]:
        """`names`, the highest step first; those that are not known come last, by name.

        >>> Ladder().downwards(["bouncer", "vip", "power_user"])
        ['power_user', 'bouncer', 'vip']
        """
        return sorted(names, key=lambda name: (-self._score(name), name))

    def stride(self, name: str) -> str:
        """Rising bars up to the step of the class, `STRIDE_CELLS` wide; no bar when the class is not known.

        >>> [Ladder().stride(name) for name in ("bouncer", "engaged_shopper", "vip")]
        ['▂   ', '▂▄▆ ', '    ']
        """
        lower = sum(step.score <= self._score(name) for step in self._steps.values())
        bars = -(-lower * STRIDE_CELLS // len(self._steps))
        return _STEPS[:bars].ljust(STRIDE_CELLS)

    def _score(self, name: str) -> int:
        return self._steps[name].score if name in self._steps else -1
