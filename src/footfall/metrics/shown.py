"""The one edge where numbers become what people see: two decimals, half up. Everything before it is unrounded."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

_CENT = Decimal("0.01")
_EXACT = Context(prec=400, rounding=ROUND_HALF_UP)
"""Digits enough for every double, so that only the last step rounds."""


def two_decimals(value: float | Decimal) -> Decimal:
    """`value` with two decimals, half up (away from zero).

    A double stands for the shortest decimal that reads back as it: 1.005 is shown as 1.01, though its
    binary form lies a little below. Raises ValueError for infinities and NaN, which no figure is.

    >>> two_decimals(100 * 420 / 2850), two_decimals(1.005), two_decimals(-0.125), two_decimals(7)
    (Decimal('14.74'), Decimal('1.01'), Decimal('-0.13'), Decimal('7.00'))
    """
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    if not exact.is_finite():
        raise ValueError(f"{value} can't be shown as a number")
    return exact.quantize(_CENT, context=_EXACT)


def money(micros: float | Decimal) -> Decimal:
    """Micro-units, whole or an average, as units of the currency with two decimals.

    An average of less than nine billion units in all (2⁵³ millionths) is rounded as the exact quotient would be.

    >>> money(85_432_500_000), money(85_432_500_000 / 180)
    (Decimal('85432.50'), Decimal('474.63'))
    """
    exact = micros if isinstance(micros, Decimal) else Decimal(repr(micros))
    return two_decimals(exact.scaleb(-6, context=_EXACT))
