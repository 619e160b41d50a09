"""What a question asks of the index: steps as picks, splits as numbers; what the index can't tell is declined."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from footfall.events.kinds import Kind, Taxonomy
from footfall.lake.index.part import CODED
from footfall.lake.index.people import Numbers
from footfall.metrics.asked import MOST_SPLITS, Scope, Step
from footfall.metrics.filters import conditions
from footfall.metrics.filters.model import All, Filter
from footfall.metrics.kernels.picked import Declined, Pick, can_filter
from footfall.metrics.splits import Part


def check(scope: Scope, split: str | None) -> None:
    """Raise `Declined` for a scope or a split of which the index knows too little."""
    if scope.by != "person":
        raise Declined("the index does not know sessions")
    if split is not None and split not in CODED:
        raise Declined(f"{split} is not in the index")


def pick(step: Step, scope: Scope, taxonomy: Taxonomy) -> Pick:
    """The step's events in the scope; raises `Declined`, and `FilterError` for a filter that nothing can be asked."""
    wanted = [where for where in (scope.where, step.where) if where is not None]
    for where in wanted:
        conditions.check(where)
    if not all(map(can_filter, wanted)):
        raise Declined("the index can't tell all that the filter asks")
    both: Filter | None = All(tuple(wanted)) if len(wanted) == 2 else wanted[0] if wanted else None
    return Pick(named(step, taxonomy), both, scope.from_us, scope.before_us, taxonomy)


def named(step: Step, taxonomy: Taxonomy) -> Callable[[str], bool]:
    """Whether an event of a name can be the step."""
    if step.name is not None:
        return step.name.__eq__
    if step.kind is not None:
        return lambda name: taxonomy.kind(name) is step.kind
    return lambda name: taxonomy.kind(name) is not Kind.PASSIVE


class Parts(NamedTuple):
    """The parts of a split answer, the most frequent first; of an answer that is not split there is one."""

    listed: tuple[Part, ...]
    sizes: tuple[int, ...]
    of: Numbers
    """The place in `listed` of each value, by its number + 1: null stands first."""


WHOLE = Parts((Part(),), (0,), np.zeros(1, dtype=np.int32))
"""Of an answer without a split."""


def parts_of(counts: NDArray[np.int64], texts: tuple[str, ...]) -> Parts:
    """The parts, as `splits.parted` makes them of rows whose values come so often: null first, then `texts`."""
    met = np.flatnonzero(counts).tolist()
    values: dict[int, str | None] = {number: texts[number - 1] if number else None for number in met}
    ranked = sorted(met, key=lambda number: (-counts[number], number == 0, values[number] or ""))
    alone, others = ranked[:MOST_SPLITS], ranked[MOST_SPLITS:]
    of = np.full(len(texts) + 1, len(alone), dtype=np.int32)
    of[alone] = np.arange(len(alone))
    listed = [Part(value=values[number]) for number in alone]
    sizes = [int(counts[number]) for number in alone]
    if others:
        listed.append(Part(is_other=True))
        sizes.append(int(counts[others].sum()))
    return Parts(tuple(listed), tuple(sizes), of)
