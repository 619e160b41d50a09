"""How money is read and written."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.events.money import MAX_MICROS, read_money, whole_micros, write_money


@pytest.mark.parametrize(
    ("sent", "micros"),
    [
        ("19.99", 19_990_000),
        (19.99, 19_990_000),
        (Decimal("19.99"), 19_990_000),
        (" +19.99 ", 19_990_000),
        ("1.999e1", 19_990_000),
        (".5", 500_000),
        ("5.", 5_000_000),
        (0, 0),
        ("-0", 0),
        (-3, -3_000_000),
        ("0.0000005", 1),
        ("-0.0000005", -1),
        (0.0000005, 1),
        ("0.00000049999999999999999999999999999999999999999999", 0),
        (Decimal("0." + "0" * 6 + "4" + "9" * 3_000), 0),
        ("1000000000", MAX_MICROS),
        ("1000000000.0000004", MAX_MICROS),
        (1e9, MAX_MICROS),
        ("-1000000000", -MAX_MICROS),
        ("1e-300", 0),
        (5e-324, 0),
        (0.1 + 0.2, 300_000),
    ],
)
def test_amounts_are_read_exactly(sent: str | float | Decimal, micros: int) -> None:
    """Text and numbers of every spelling become whole micro-units; what is finer is rounded half up, once."""
    assert read_money(sent) == micros


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "free",
        "1,99",
        "1.2.3",
        "19.99 EUR",
        "--1",
        "1_000",
        "１",
        "0x10",
        "nan",
        "inf",
        "1000000000.0000005",
        "1e10",
        "1e999",
        "9" * 2_000,
        float("nan"),
        float("inf"),
        1.0000001e9,
        10**9 + 1,
        10**400,
        Decimal("sNaN"),
        Decimal("Infinity"),
        Decimal("1e999999"),
        True,
    ],
)
def test_what_is_no_amount(sent: str | float | Decimal) -> None:
    """What is not a finite decimal number within ±10⁹ units is refused."""
    with pytest.raises(ValueError, match=r".+"):
        read_money(sent)


@given(
    st.decimals(-(10**9), 10**9, allow_nan=False, allow_infinity=False)
    | st.decimals(-2, 2, allow_nan=False, places=30)
    | st.decimals(-(10**9), 10**9, allow_nan=False, places=7),
    st.sampled_from(["{:f}", "{:e}", "{}"]),
)
def test_a_double_of_whole_micros_stands_for_every_text_it_was_read_from(amount: Decimal, form: str) -> None:
    """For any JSON number the short way through a double, where it is taken, gives what exact decimals give."""
    text = form.format(amount)
    with localcontext(prec=1_100):
        exact = int((Decimal(text) * 10**6).to_integral_value(ROUND_HALF_UP))
    assert read_money(text) == exact
    assert whole_micros(json.loads(text, parse_int=float)) in (exact, None)


@given(st.integers(-MAX_MICROS, MAX_MICROS))
def test_the_short_way_is_taken_for_ordinary_amounts(micros: int) -> None:
    """Every amount of at most six decimals goes through a double unharmed."""
    assert whole_micros(float(write_money(micros))) == micros


@given(st.integers(-MAX_MICROS, MAX_MICROS))
def test_writing_and_reading_are_inverse(micros: int) -> None:
    """Every amount survives text, JSON and a double unchanged."""
    text = write_money(micros)
    assert read_money(text) == read_money(float(text)) == read_money(Decimal(text)) == micros
    assert len(text.partition(".")[2]) >= 2
