"""How money is read and written: decimal text or a number becomes whole micro-units, exactly.

19.99 is 19,990,000 millionths; a sum of them is the same to the bit in any order. What is finer than a millionth is
rounded half up (away from zero). Nothing here knows currencies.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

MICROS: Final = 1_000_000
"""Micro-units in one unit of a currency."""
MAX_UNITS: Final = 10**9
MAX_MICROS: Final = MAX_UNITS * MICROS

_DECIMAL: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?", re.ASCII)
_LONGEST: Final = 1_000
_MICRO: Final = Decimal("0.000001")
_EXACT: Final = Context(prec=40, rounding=ROUND_HALF_UP)


def read_money(value: str | float | Decimal) -> int:
    """Micro-units of an amount given as decimal text or as a number.

    A float counts as the shortest decimal that it prints as, which is what a person or a JSON text wrote.
    Raises ValueError when it is not a finite number, or beyond ±10⁹ units.

    >>> read_money("19.99"), read_money(19.99), read_money("0.0000005"), read_money("-1e3")
    (19990000, 19990000, 1, -1000000000)
    """
    if isinstance(value, float):
        micros = whole_micros(value)
        return _micros(Decimal(repr(value))) if micros is None else micros
    if isinstance(value, str):
        return _micros(read_decimal(value))
    if isinstance(value, bool):
        raise ValueError("true and false are no amounts")
    return _micros(value)


def whole_micros(value: float) -> int | None:
    """The micro-units that `value` is the nearest double to; None when it is of none, or beyond ±10⁹ units.

    Whatever decimal text a parser made this double of lay within 10⁻⁷ of those micro-units, so rounding the text
    itself gives the same.
    """
    if not -MAX_UNITS <= value <= MAX_UNITS:
        return None
    micros = round(value * MICROS)
    return micros if micros / MICROS == value else None


def read_decimal(text: str) -> Decimal:
    """The number that `text` writes in digits, exactly. Raises ValueError when it writes none."""
    text = text.strip()
    if len(text) > _LONGEST or not _DECIMAL.fullmatch(text):
        raise ValueError("this is not a decimal number")
    return Decimal(text)


def write_money(micros: int) -> str:
    """Decimal text of micro-units, with at least two decimals and no needless zeros behind them.

    >>> write_money(19_990_000), write_money(-1_234_567), write_money(5_000_000)
    ('19.99', '-1.234567', '5.00')
    """
    units, rest = divmod(abs(micros), MICROS)
    decimals = f"{rest:06d}".rstrip("0").ljust(2, "0")
    return f"{'-' if micros < 0 else ''}{units}.{decimals}"


def _micros(amount: int | Decimal) -> int:
    if isinstance(amount, Decimal):
        if not amount.is_finite():
            raise ValueError("an amount is a finite number")
        if amount.adjusted() > 10:
            raise ValueError(f"an amount is at most {MAX_UNITS:,} units")
        micros = int(amount.quantize(_MICRO, context=_EXACT).scaleb(6, _EXACT))
    else:
        micros = amount * MICROS
    if not -MAX_MICROS <= micros <= MAX_MICROS:
        raise ValueError(f"an amount is at most {MAX_UNITS:,} units")
    return micros
