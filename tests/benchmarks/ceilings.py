"""What is asked of every result, whether it was just measured or is kept in the documents."""

from __future__ import annotations

import re

from benchmarks.results import Result

_COST = re.compile(r"/s$|^(µs|ms|s|MB|bytes)\b")
"""Units of what can be fast or slow, much or little; counts of what was done beside it tell that it was done."""


def without_ceiling(result: Result) -> list[str]:
    """Figures that stand beside nothing, and that nothing stands beside."""
    ceilings = {figure.beside for figure in result.figures}
    return [
        figure.name
        for figure in result.figures
        if _COST.search(figure.unit) and not figure.beside and figure.name not in ceilings
    ]
