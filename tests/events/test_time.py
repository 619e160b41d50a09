"""How times are read and written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.events.time import read_time, write_time

NOON_US = 1_569_931_200_000_000
"""2019-10-01T12:00:00Z."""


@pytest.mark.parametrize(
    "text",
    [
        "2019-10-01T12:00:00Z",
        "2019-10-01t12:00:00z",
        "2019-10-01T12:00:00.000000Z",
        "2019-10-01T12:00:00,000Z",
        "2019-10-01T12:00Z",
        "2019-10-01T12Z",
        "2019-10-01 12:00:00",
        "2019-10-01T12:00:00",
        "2019-10-01 12:00:00 UTC",
        "2019-10-01 12:00:00 GMT",
        "2019-10-01 12:00:00 utc",
        "2019-10-01 12:00:00+00",
        "2019-10-01T14:00:00+02:00",
        "2019-10-01T14:00:00+0200",
        "2019-10-01 14:00:00.000 +0200",
        "2019-10-01T17:30:00+05:30",
        "2019-09-30T23:45:00-12:15",
        "  2019-10-01T12:00:00Z ",
        "1569931200",
        "1569931200.0",
        "1569931200000",
        "1569931200000.000",
        "1569931200000000",
        "+1569931200",
    ],
)
def test_one_moment_in_every_accepted_text(text: str) -> None:
    """Any offset, none (which is UTC), a space for the T, a zone's name, and the digits of a count."""
    assert read_time(text) == NOON_US


@pytest.mark.parametrize(
    "count",
    [
        1569931200,
        1569931200.0,
        1569931200000,
        1569931200000.0,
        1569931200000000,
        1.5699312e15,
        Decimal("1569931200.000"),
    ],
)
def test_one_moment_in_every_unit(count: float | Decimal) -> None:
    """Seconds, milliseconds and microseconds are told apart by their size."""
    assert read_time(count) == NOON_US


@pytest.mark.parametrize(
    ("sent", "us"),
    [
        (0, 0),
        (-1, -1_000_000),
        ("-0.000001", -1),
        ("-0.0000001", -1),
        (10**11 - 1, (10**11 - 1) * 10**6),
        (10**11, 10**14),
        (10**14 - 1, (10**14 - 1) * 10**3),
        (10**14, 10**14),
        (10**17 - 1, 10**17 - 1),
        ("2019-10-01", NOON_US - 43_200_000_000),
        ("20191001", NOON_US - 43_200_000_000),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("2019-10-01T12:00:00.1Z", NOON_US + 100_000),
        ("2019-10-01T12:00:00.1234567Z", NOON_US + 123_456),
        ("1569931200.1234569", NOON_US + 123_456),
        (1569931200.123456, NOON_US + 123_456),
        (1569931200123.456, NOON_US + 123_456),
        ("1512112201112", 1_512_112_201_112_000),
    ],
)
def test_edges(sent: str | float, us: int) -> None:
    """Borders between units, before the epoch, dates alone, and fractions: finer than a microsecond is cut off."""
    assert read_time(sent) == us


@pytest.mark.parametrize(
    "sent",
    [
        "",
        " ",
        "soon",
        "2019-13-01T00:00:00Z",
        "2019-02-29T00:00:00Z",
        "2019-10-01T25:00:00Z",
        "2019-10-01x12:00:00",
        "01/10/2019",
        "1e9",
        "1_000",
        "１５６９９３１２００",
        "0x5d93",
        "NaN",
        "Infinity",
        "9" * 30,
        pytest.param("2019-10-01T00:00:00" + " " * 1_000_000 + "x", id="a million blanks"),
        10**17,
        -(10**17),
        1e300,
        float("nan"),
        float("inf"),
        Decimal("NaN"),
        Decimal("1e400"),
        True,
        [],
        {"seconds": 1},
    ],
)
def test_what_is_no_time(sent: object) -> None:
    """A text, number or anything else that means no moment, or an absurd one, is refused and never guessed at."""
    with pytest.raises(ValueError, match=r".+"):
        read_time(sent)


@given(
    st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1)),  # noqa: DTZ001 - the zone is added below
    st.integers(-23 * 60, 23 * 60),
)
def test_any_offset_means_the_same_moment(moment: datetime, minutes: int) -> None:
    """Text of a moment in any zone gives its microseconds, and these give the text back."""
    moment = moment.replace(tzinfo=UTC)
    elsewhere = moment.astimezone(timezone(timedelta(minutes=minutes)))
    us = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert read_time(elsewhere.isoformat()) == read_time(elsewhere.isoformat(" ")) == us
    assert read_time(write_time(us)) == us


@given(st.integers(1, 10**11 * 10**6 - 1))
def test_seconds_with_a_fraction_are_exact_to_the_microsecond(us: int) -> None:
    """Six decimals of a second lose nothing on the way, neither as text nor as an exact number."""
    text = f"{us // 10**6}.{us % 10**6:06d}"
    assert read_time(text) == read_time(Decimal(text)) == us


@given(st.integers(946_684_800 * 10**6, 4_102_444_800 * 10**6))
def test_floats_of_this_century_are_exact_to_the_microsecond(us: int) -> None:
    """A JSON number of seconds or milliseconds, from 2000 to 2100, gives the microseconds that were written."""
    assert read_time(float(f"{us // 10**6}.{us % 10**6:06d}")) == us
    assert read_time(float(f"{us // 10**3}.{us % 10**3:03d}")) == us
