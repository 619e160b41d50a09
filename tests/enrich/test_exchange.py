"""Rates of exchange: exact, by day, and nothing without one."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.enrich.exchange import Rates, read_rates
from footfall.errors import BadRequest
from footfall.events.money import MAX_MICROS
from footfall.events.time import DAY_US

TABLE = "date,currency,rate\n2026-01-02,USD,0.95\n2026-01-01,USD,0.90\n2026-01-01,jpy,0.0061\n"


def written(folder: Path, text: str) -> Path:
    """A file with this table."""
    path = folder / "rates.csv"
    path.write_text(text)
    return path


def test_the_rate_of_the_day_counts(tmp_path: Path) -> None:
    """From its day on until the next one; before the first there is none, nor for other currencies."""
    rates, day = read_rates(written(tmp_path, TABLE), "EUR"), 20_454 * DAY_US
    assert rates(10_000_000, "USD", "EUR", day - 1) is None
    assert rates(10_000_000, "USD", "EUR", day) == rates(10_000_000, "USD", "EUR", day + DAY_US - 1) == 9_000_000
    assert rates(10_000_000, "USD", "EUR", day + 9 * DAY_US) == 9_500_000
    assert rates(10_000_000, "GBP", "EUR", day) is None


@given(st.integers(-MAX_MICROS, MAX_MICROS), st.decimals("0.000001", "100000", places=6))
def test_money_is_converted_exactly(micros: int, rate: Decimal) -> None:
    """To the nearest millionth, a half to the even one; what is more than an amount can be is not converted."""
    exact = Fraction(micros) * Fraction(rate)
    converted = Rates("EUR", {"USD": [(0, rate)]})(micros, "USD", "EUR", 0)
    assert converted == (round(exact) if abs(round(exact)) <= MAX_MICROS else None)


@given(st.integers(-MAX_MICROS, MAX_MICROS), st.decimals("0.01", "100", places=6), st.decimals("0.01", "100", places=6))
def test_a_project_with_another_currency_is_served_by_the_same_table(micros: int, given: Decimal, own: Decimal) -> None:
    """By both currencies' rates, rounded once."""
    exact = round(Fraction(micros) * Fraction(given) / Fraction(own))
    rates = Rates("EUR", {"USD": [(0, given)], "GBP": [(0, own)]})
    assert rates(micros, "USD", "GBP", 0) == (exact if abs(exact) <= MAX_MICROS else None)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("from,to\nUSD,EUR\n", "header"),
        ("currency,rate\nUS,0.9\n", "line 2.*three letters"),
        ("currency,rate\nUSD,0.9\nGBP,much\n", "line 3.*no rate"),
        ("currency,rate\nUSD,-1\n", "line 2.*over 0"),
        ("currency,rate\nUSD,NaN\n", "line 2.*over 0"),
        ("date,currency,rate\nyesterday,USD,1\n", "line 2.*no day"),
        ("", "header"),
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path: Path, table: str, said: str) -> None:
    """With the line, and what should stand there."""
    with pytest.raises(BadRequest, match=said):
        read_rates(written(tmp_path, table), "EUR")
