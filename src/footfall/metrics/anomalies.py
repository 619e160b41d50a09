"""What is unusual in a line of values: far from the median of its like, measured by how far its like are from it.

Source: B. Iglewicz, D. C. Hoaglin, *How to Detect and Handle Outliers* (ASQC, 1993), chapter 3: the modified z-score.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Sequence
from statistics import fmean, median
from typing import Final, NamedTuple

THRESHOLD: Final = 3.5
"""A value whose score lies further from 0 is unusual; Iglewicz and Hoaglin's."""
LEAST: Final = 5
"""Of fewer values of one season nothing can be said."""

_MAD_TO_SIGMA: Final = 1.4826
"""Of normal values the standard deviation is 1 / Φ⁻¹(3/4) times the median absolute deviation (MAD)."""
_MEAN_TO_SIGMA: Final = 1.2533
"""And √(π/2) times the mean absolute deviation."""


class Judged(NamedTuple):
    """What is usual for a value, and how far it is from that."""

    expected: float
    """Median of its season."""
    low: float
    high: float
    """Borders of what is usual."""
    score: float
    """(value − expected) / scale."""

    @property
    def is_unusual(self) -> bool:
        """Whether the value lies outside the borders."""
        return abs(self.score) > THRESHOLD


def judged(
    values: Sequence[float | None], seasons: Sequence[Hashable], *, are_counts: bool = False
) -> list[Judged | None]:
    """Each value judged among those of its season; None for a value that is None, and where nothing can be said.

    Values of one season are alike: of the same hour of the week, or the same weekday. With med their median and
    MAD = median |x − med|, the scale is 1.4826 · MAD; of counts at least √med, for so much do counts of independent
    events vary by chance (Poisson), and three visits after one are no news. Where MAD is 0, as more than half of the
    values are equal, the scale is 1.2533 · the mean of |x − med| instead. A value is unusual when
    |x − med| > 3.5 scales. Nothing is said of a season of fewer than 5 values, nor of one whose values are all equal
    (of counts that are, each is judged as usual).

    >>> mondays = [100, 104, 96, 101, 180, 99]
    >>> [one.is_unusual for one in judged(mondays, ["monday"] * 6)]
    [False, False, False, False, True, False]
    >>> judged([1, 2, 90], ["monday"] * 3)
    [None, None, None]
    """
    found: list[Judged | None] = [None] * len(values)
    places: dict[Hashable, list[int]] = defaultdict(list)
    for place, (value, season) in enumerate(zip(values, seasons, strict=True)):
        if value is not None:
            places[season].append(place)
    for theirs in places.values():
        alike = [value for place in theirs if (value := values[place]) is not None]
        scale = _scale(alike, are_counts=are_counts) if len(alike) >= LEAST else 0.0
        if scale > 0:
            middle = float(median(alike))
            reach = THRESHOLD * scale
            for place, value in zip(theirs, alike, strict=True):
                found[place] = Judged(middle, middle - reach, middle + reach, (value - middle) / scale)
    return found


def _scale(alike: Sequence[float], *, are_counts: bool) -> float:
    middle = median(alike)
    distances = [abs(value - middle) for value in alike]
    spread = _MAD_TO_SIGMA * median(distances) or _MEAN_TO_SIGMA * fmean(distances)
    return max(spread, math.sqrt(middle)) if are_counts else spread
