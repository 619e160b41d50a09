"""Medians and other percentiles that are the same to the bit on every engine, because none of them is interpolated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir

MEDIAN, P90 = 50, 90
"""Percentages of the values that lie at or below."""


def percentiles(rows: ir.Table, keys: Sequence[str], values: Sequence[str], wanted: Mapping[str, int]) -> ir.Table:
    """For each combination of `keys`: `rows`, how many there are, and of each of `values` the percentiles `wanted`.

    Their columns are named `value_name`.

    The p-th percentile is the least of the values that at least p % of them do not exceed: the nearest rank, always
    a value that there is. So the median of an even number is the lower of the middle two. Values are not null.

    >>> import pyarrow
    >>> rows = ibis.memtable(pyarrow.table({"step": [2] * 4, "wait": [30, 10, 20, 40]}))
    >>> percentiles(rows, ["step"], ["wait"], {"median": MEDIAN, "p90": P90}).to_pyarrow().to_pylist()
    [{'step': 2, 'rows': 4, 'wait_median': 20, 'wait_p90': 40}]
    """
    ranked = rows.mutate(
        of_rows=rows.count().over(group_by=keys),
        **{f"rank_{value}": ibis.row_number().over(group_by=keys, order_by=value) + 1 for value in values},
    )
    return ranked.group_by(keys).aggregate(
        rows=ranked.count(),
        **{
            f"{value}_{name}": ranked[value].min(where=ranked[f"rank_{value}"] * 100 >= ranked.of_rows * percent)
            for value in values
            for name, percent in wanted.items()
        },
    )
