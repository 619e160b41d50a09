"""Money of other currencies in a project's own, by rates from a table that the operator supplies.

The table is CSV with the header `currency,rate` or `date,currency,rate`: so many units of the currency that the setting
`currency` names for one unit of the other one, from that day (UTC) on. What has no rate stays as it is, outside sums.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from footfall.errors import BadRequest
from footfall.events.money import MAX_MICROS
from footfall.events.time import DAY_US

_ALWAYS: Final = -(10**9)
_EPOCH: Final = date(1970, 1, 1)
_EXACT: Final = Context(prec=100, rounding=ROUND_HALF_EVEN)
"""More digits than an amount and two rates of the longest form have together."""
_RATE_CHARACTERS: Final = 30


class Rates:
    """Rates by currency and day, in units of one currency that all of them lead to."""

    def __init__(self, base: str, rates: Mapping[str, Sequence[tuple[int, Decimal]]]) -> None:
        """`base` is the currency that the rates are in; {currency: (day since the epoch, rate) in order of days}."""
        self._base = base
        self._days = {currency: [day for day, _ in known] for currency, known in rates.items()}
        self._rates = {currency: [rate for _, rate in known] for currency, known in rates.items()}

    def __call__(self, micros: int, currency: str, into: str, ts_us: int) -> int | None:
        """An amount in another currency: whole millionths, a half to the even one; None without a rate.

        >>> rates = Rates("EUR", {"USD": [(0, Decimal("0.9"))], "GBP": [(0, Decimal("1.2"))]})
        >>> rates(19_990_000, "USD", "EUR", 0), rates(1_000_000, "USD", "GBP", 0), rates(1, "CHF", "EUR", 0)
        (17991000, 750000, None)
        """
        given, wanted = self._rate(currency, ts_us), self._rate(into, ts_us)
        if given is None or wanted is None:
            return None
        exact = _EXACT.divide(_EXACT.multiply(Decimal(micros), given), wanted)
        converted = exact.to_integral_value(context=_EXACT)
        return int(converted) if abs(converted) <= MAX_MICROS else None

    def _rate(self, currency: str, ts_us: int) -> Decimal | None:
        if currency == self._base:
            return Decimal(1)
        place = bisect_right(self._days.get(currency, ()), ts_us // DAY_US)
        return self._rates[currency][place - 1] if place else None


def read_rates(path: Path, base: str) -> Rates:
    """The table in the file, of rates in units of the currency `base`.

    Raises `errors.BadRequest`, with the line, for one that is no table of rates.
    """
    found: dict[str, dict[int, Decimal]] = {}
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file)
            if rows.fieldnames is None or not {"currency", "rate"} <= set(rows.fieldnames):
                raise BadRequest(f"{path} has no header `currency,rate` or `date,currency,rate`")
            for row in rows:
                day, currency, rate = _row(row, f"{path} line {rows.line_num}")
                found.setdefault(currency, {})[day] = rate
    except (OSError, UnicodeDecodeError) as error:
        raise BadRequest(f"rates can't be read from {path} ({error})") from error
    return Rates(base, {currency: sorted(days.items()) for currency, days in found.items()})


def _row(row: Mapping[str, str], where: str) -> tuple[int, str, Decimal]:
    currency = (row["currency"] or "").strip().upper()
    if len(currency) != 3 or not currency.isascii() or not currency.isalpha():
        raise BadRequest(f"{where}: {row['currency']!r} is no currency; give its three letters, such as USD")
    try:
        rate = Decimal((row["rate"] or "").strip())
        if not rate.is_finite() or rate <= 0 or len(row["rate"]) > _RATE_CHARACTERS:
            raise InvalidOperation
    except InvalidOperation:
        raise BadRequest(f"{where}: {row['rate']!r} is no rate; give a number over 0, such as 0.92") from None
    try:
        day = (date.fromisoformat(row["date"]) - _EPOCH).days if row.get("date") else _ALWAYS
    except ValueError:
        raise BadRequest(f"{where}: {row['date']!r} is no day; give it as 2026-01-31") from None
    return day, currency, rate
