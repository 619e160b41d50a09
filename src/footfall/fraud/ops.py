"""The two spellings of `rules.Ops`: numpy arrays, in which NaN is null, and Ibis columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import ibis.expr.types as ir

Floats = NDArray[np.float64]


class NumpyOps:
    """Arrays of int64 or float64; comparisons with NaN are false."""

    def sin(self, x: Floats) -> Floats:
        return np.sin(x)

    def cos(self, x: Floats) -> Floats:
        return np.cos(x)

    def asin(self, x: Floats) -> Floats:
        return np.arcsin(x)

    def sqrt(self, x: Floats) -> Floats:
        return np.sqrt(x)

    def radians(self, x: Floats) -> Floats:
        return np.radians(x)

    def least(self, x: NDArray[Any], most: float) -> NDArray[Any]:
        less: NDArray[Any] = np.minimum(x, most)
        return less

    def holds(self, condition: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return condition

    def whole(self, x: NDArray[Any]) -> NDArray[np.int64]:
        whole: NDArray[np.int64] = np.floor(np.nan_to_num(x)).astype(np.int64)
        return whole

    def where(self, condition: NDArray[np.bool_], then: Any, otherwise: Any) -> Any:
        return np.where(condition, then, otherwise)


class IbisOps:
    """Ibis columns of any backend."""

    def sin(self, x: ir.FloatingValue) -> ir.FloatingValue:
        return x.sin()

    def cos(self, x: ir.FloatingValue) -> ir.FloatingValue:
        return x.cos()

    def asin(self, x: ir.FloatingValue) -> ir.FloatingValue:
        return x.asin()

    def sqrt(self, x: ir.FloatingValue) -> ir.FloatingValue:
        return x.sqrt()

    def radians(self, x: ir.FloatingValue) -> ir.FloatingValue:
        return x.radians()

    def least(self, x: ir.NumericValue, most: float) -> ir.NumericValue:
        return x.clip(upper=most)

    def holds(self, condition: ir.BooleanValue) -> ir.BooleanValue:
        return condition.fill_null(False)

    def whole(self, x: ir.NumericValue) -> ir.IntegerValue:
        return x.floor().fill_null(0).cast("int64")

    def where(self, condition: ir.BooleanValue, then: Any, otherwise: Any) -> Any:
        return condition.ifelse(then, otherwise)


NUMPY = NumpyOps()
IBIS = IbisOps()
