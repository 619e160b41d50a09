"""The two spellings of `figures.Ops`: numpy arrays (NaN or a mask is null) and Ibis columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import ibis.expr.types as ir


class NumpyOps:
    """Arrays of int64 or float64; null is NaN in floats and a masked entry in whole numbers."""

    def nullif(self, column: NDArray[np.int64], value: int) -> NDArray[np.float64]:
        return np.where(column == value, np.nan, column)

    def null_unless(self, condition: NDArray[np.bool_], column: NDArray[np.int64]) -> Any:
        return np.ma.MaskedArray(column, mask=~condition)

    def holds(self, condition: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return condition

    def where(self, condition: NDArray[np.bool_], then: Any, otherwise: Any) -> Any:
        return np.where(condition, then, otherwise)


class IbisOps:
    """Ibis columns of any backend."""

    def nullif(self, column: ir.NumericColumn, value: int) -> ir.NumericColumn:
        return column.nullif(value)

    def null_unless(self, condition: ir.BooleanColumn, column: ir.NumericColumn) -> ir.NumericColumn:
        return condition.ifelse(column, None)

    def holds(self, condition: ir.BooleanColumn) -> ir.BooleanColumn:
        return condition.fill_null(False)

    def where(self, condition: ir.BooleanColumn, then: Any, otherwise: Any) -> Any:
        return condition.ifelse(then, otherwise)


_MOST = 2**63 - 1
HALF = 2**62
"""The difference of two sums up to here fits, too."""


def within_int64(total: ir.IntegerValue, most: int = _MOST) -> ir.IntegerValue:
    """A sum of whole numbers as int64; what lies beyond `most` is that border, so that no sender can break a report.

    DuckDB adds up in 128 bits; `!` makes Ibis write the cast, which it takes for idle.
    """
    return total.clip(-most, most).cast("!int64")


NUMPY = NumpyOps()
IBIS = IbisOps()
