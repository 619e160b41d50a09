"""What sets apart those who went on from one step of a funnel to the next: which values, by how much, how surely.

The funnels that it is told of, split by a property each, stand in `funnel`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from statistics import NormalDist
from typing import Any, Final, NamedTuple

from msgspec import Struct

from footfall.lake.index.part import CODED
from footfall.metrics.splits import Part

PROPERTIES: Final = CODED
"""Looked at when none are named: those that the index knows, so that they cost little."""
FEWEST: Final = 30
"""With fewer, on either side, nothing is said of a value."""
FEWEST_EXPECTED: Final = 10
"""So many must have gone on, and left, in the smaller group, were both alike."""
DOUBT: Final = 0.05
"""How often all intervals of an answer together may be wrong."""


class Group(NamedTuple):
    """Some people at the step before: how many they are, and how many of them went on."""

    people: int
    went: int

    @property
    def rate(self) -> float:
        """Percentage that went on."""
        return 100 * self.went / self.people


class Trait(Struct, frozen=True, kw_only=True):
    """A value of a property at the first step of the way; those who had it beside all others."""

    name: str
    """Of the property."""
    part: Part
    having: Group
    others: Group
    low: float
    high: float
    """Bounds of the difference of both rates, in percentage points."""

    @property
    def lift(self) -> float:
        """By how many percentage points more of those who had it went on."""
        return self.having.rate - self.others.rate

    @property
    def surely(self) -> float:
        """The least difference that the interval holds; nothing or less: perhaps there is none."""
        return max(self.low, -self.high)


class Apart(NamedTuple):
    """What was found, and among how many."""

    traits: list[Trait]
    """Those that chance does not explain; those whose difference is surely largest first."""
    judged: int
    """Values with people enough on both sides."""
    few: int
    """Values with too few: nothing is said of them."""


def apart(told: Mapping[str, Iterable[Mapping[str, Any]]], at: int, *, most: int) -> Apart:
    """The values that set apart who took step `at` from who took only the one before; at most `most` of them.

    `told` has for each property the rows of `funnel.Answer.steps`, split by it. The value that is *other* is none.

    Source: Agresti and Caffo, *Simple and Effective Confidence Intervals for Proportions and Differences of
    Proportions* (The American Statistician 54, 2000), widened for all values that were judged (Bonferroni): however
    many are looked at, an answer with any wrong interval is as rare as `DOUBT` says.

    Of 100 who came on a telephone 20 went on, of 100 others 60; three with neither are too few:

    >>> rows = [
    ...     {"split": split, "is_other": False, "step": step, "people": people}
    ...     for split, counts in (("phone", (100, 20)), ("desk", (100, 60)), (None, (3, 3)))
    ...     for step, people in enumerate(counts, start=1)
    ... ]
    >>> found = apart({"device": rows}, 2, most=9)
    >>> [(trait.part.value, round(trait.lift, 1), round(trait.low), round(trait.high)) for trait in found.traits]
    [('phone', -41.2, -54, -26), ('desk', 37.7, 23, 51)]
    >>> found.judged, found.few
    (2, 1)
    """
    groups = [pair for name, rows in told.items() for pair in _groups(name, rows, at)]
    judged = [one for one in groups if _is_enough(one[2], one[3])]
    deviations = NormalDist().inv_cdf(1 - DOUBT / (2 * max(len(judged), 1)))
    traits = [_trait(*one, deviations) for one in judged]
    sure = sorted((one for one in traits if one.surely > 0), key=lambda one: one.surely, reverse=True)
    return Apart(sure[:most], len(judged), len(groups) - len(judged))


def _groups(name: str, rows: Iterable[Mapping[str, Any]], at: int) -> list[tuple[str, Part, Group, Group]]:
    """Each value that somebody at the step before had: who had it, and all others."""
    counted: dict[Part, dict[int, int]] = {}
    for row in rows:
        part = Part(value=row["split"], is_other=row["is_other"])
        counted.setdefault(part, {})[row["step"]] = row["people"]
    parts = {part: Group(steps[at - 1], steps[at]) for part, steps in counted.items()}
    whole = _sum(parts.values())
    return [
        (name, part, group, Group(whole.people - group.people, whole.went - group.went))
        for part, group in parts.items()
        if group.people and not part.is_other
    ]


def _sum(groups: Iterable[Group]) -> Group:
    listed: Sequence[Group] = list(groups)
    return Group(sum(one.people for one in listed), sum(one.went for one in listed))


def _is_enough(having: Group, others: Group) -> bool:
    whole, fewer = _sum([having, others]), min(having.people, others.people)
    rarer = min(whole.went, whole.people - whole.went)
    return fewer >= FEWEST and fewer * rarer >= FEWEST_EXPECTED * whole.people


def _trait(name: str, part: Part, having: Group, others: Group, deviations: float) -> Trait:
    """With one that went on and one that left added to each group, as the interval wants it."""
    (one, of_one), (two, of_two) = ((group.went + 1, group.people + 2) for group in (having, others))
    p, q = one / of_one, two / of_two
    half = deviations * sqrt(p * (1 - p) / of_one + q * (1 - q) / of_two)
    return Trait(
        name=name, part=part, having=having, others=others, low=100 * (p - q - half), high=100 * (p - q + half)
    )
