"""The newest alert of each rule of every subject that ever had one: what firings in order of time go on with.

They are columns, so that many alerts grow at once. Alerts that are over are not known here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from footfall.fraud.models import Chain, Rule
from footfall.fraud.trailing import Ints

RULES: Final = tuple(Rule)
_NOBODYS = -1
_NO_ALERT = (0, 0, 0, 0)


class Grown(NamedTuple):
    """Alerts of one rule that went on, as parallel columns, in order of (subject, first_us)."""

    rule: Rule
    slots: Ints
    alerts: Ints
    """Rows of (first_us, last_us, firings, peak)."""
    changed: NDArray[np.bool_]
    """Whether it is another than it was."""
    newest: NDArray[np.bool_]
    """Whether it is its subject's newest one."""


class Alarms:
    """An alert is a row of (first_us, last_us, firings, peak); without firings it is none."""

    def __init__(self) -> None:
        self._places = np.full(0, _NOBODYS, np.int32)
        """Of each slot, where its alerts stand."""
        self._newest = np.zeros((0, len(RULES), 4), np.int64)
        self._free: list[int] = []

    @property
    def bytes(self) -> int:
        """Bytes of the alerts that are somebody's."""
        return (len(self._newest) - len(self._free)) * self._newest[:1].nbytes

    def newest(self, slots: Ints, rule: Rule) -> Ints:
        """The newest alert of a rule at each slot, shape (slots, 4)."""
        found = np.zeros((len(slots), 4), np.int64)
        known = np.flatnonzero(slots < len(self._places))
        places = self._places[slots[known]]
        there = places != _NOBODYS
        found[known[there]] = self._newest[places[there], RULES.index(rule)]
        return found

    def of(self, slot: int) -> Iterable[Chain]:
        """The newest alert of each rule at a slot, in the order of rules."""
        if slot < len(self._places) and (place := int(self._places[slot])) != _NOBODYS:
            rows = self._newest[place].tolist()
            return (Chain(rule, *row) for rule, row in zip(RULES, rows, strict=True) if row[2])
        return ()

    def put(self, slots: Ints, rule: Rule, alerts: Ints) -> None:
        """Note the newest alert of a rule at each slot."""
        places = self._made(slots)
        self._newest[places, RULES.index(rule)] = alerts

    def set(self, slot: int, alerts: Iterable[Chain]) -> None:
        """Note the newest ones of all alerts of a slot, which stand in order of time."""
        newest = {chain.rule: chain[1:] for chain in alerts}
        if newest or any(self.of(slot)):
            place = self._made(np.array([slot]))[0]
            self._newest[place] = [newest.get(rule, _NO_ALERT) for rule in RULES]

    def drop(self, slots: Ints) -> None:
        """Forget the alerts at these slots."""
        known = slots[slots < len(self._places)]
        known = known[self._places[known] != _NOBODYS]
        places = self._places[known]
        self._newest[places], self._places[known] = 0, _NOBODYS
        self._free += places.tolist()

    def _made(self, slots: Ints) -> NDArray[np.int32]:
        """Where the alerts of these slots stand; those who had none have a place from here on."""
        if (most := int(slots.max(initial=-1)) + 1) > len(self._places):
            places = np.full(max(most, 2 * len(self._places)), _NOBODYS, np.int32)
            places[: len(self._places)] = self._places
            self._places = places
        without = slots[self._places[slots] == _NOBODYS]
        if (lacking := len(without) - len(self._free)) > 0:
            old = len(self._newest)
            new = old + max(lacking, old)
            newest = np.zeros((new, *self._newest.shape[1:]), np.int64)
            newest[:old] = self._newest
            self._newest = newest
            self._free += range(old, new)
        if len(without):
            self._free, given = self._free[: -len(without)], self._free[-len(without) :]
            self._places[without] = given
        places_of: NDArray[np.int32] = self._places[slots]
        return places_of
