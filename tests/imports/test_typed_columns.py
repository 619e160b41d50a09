"""Columns of Arrow's types, as Parquet has them, mean what the checks of the doors say of each row alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from footfall.errors import BadRequest
from footfall.imports import checking
from footfall.imports.checking import RowCheck
from footfall.imports.mapping import column_map
from footfall.imports.parquet import parquet_rows
from footfall.imports.plain import plain_events, plan_of
from footfall.imports.rows import Block, Row
from tests.imports.pieces import one_by_one
from tests.imports.test_checking import BY_NAME, NOW, SOURCE, assert_block_says_the_same, by_the_doors, outcomes


class Kind(NamedTuple):
    """A type, and values that columns of it hold."""

    type: pa.DataType
    values: st.SearchStrategy[Any]


def decimals(places: int, digits: int) -> Kind:
    most = Decimal(10) ** (digits - places) - 1
    return Kind(pa.decimal128(digits, places), st.decimals(-most, most, places=places, allow_nan=False))


UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
SECONDS = NOW // 10**6


def times(unit: str) -> st.SearchStrategy[int]:
    """Before 1970, until now, and in three thousand years where the unit reaches so far."""
    return st.integers(-UNITS[unit], SECONDS * UNITS[unit]) | st.just(min(SECONDS * 60 * UNITS[unit], 2**63 - 1))


TIMES = [Kind(pa.timestamp(unit, zone), times(unit)) for unit in UNITS for zone in (None, "UTC", "Asia/Tokyo")]
DIGITS = st.sampled_from(["2.50", "-0.0000005", "7", "x", " 1 ", "1e3", ""])
NUMBERS = [
    decimals(2, 12),
    decimals(0, 10),
    decimals(9, 20),
    Kind(pa.float64(), st.floats() | st.sampled_from([19.99, 0.1, 1e-7, 35.79, 1e15])),
    Kind(pa.float32(), st.floats(width=32) | st.just(35.75)),
    Kind(pa.float16(), st.sampled_from([1.5, 0.25])),
    Kind(pa.int64(), st.integers(-(2**63), 2**63 - 1) | st.integers(-9, 9)),
    Kind(pa.uint64(), st.integers(0, 2**64 - 1) | st.integers(0, 9)),
    Kind(pa.int8(), st.integers(-128, 127)),
    Kind(pa.string(), DIGITS),
    Kind(pa.bool_(), st.booleans()),
]
TEXTS = [
    Kind(pa.string(), st.text(max_size=4) | st.sampled_from(["view", "purchase", " x ", "-", "x" * 600])),
    Kind(pa.large_string(), st.text(max_size=4)),
    Kind(pa.dictionary(pa.int32(), pa.string()), st.sampled_from(["view", "add_to_cart", "", "33.20"])),
    Kind(pa.binary(), st.sampled_from([b"view", b""])),
    Kind(pa.int64(), st.integers(0, 99)),
]
OTHERS = [
    Kind(pa.date32(), st.dates(date(1970, 1, 2), date(2023, 1, 1))),
    Kind(pa.time64("us"), st.times()),
    Kind(pa.list_(pa.int64()), st.lists(st.integers(0, 9), max_size=2)),
    Kind(
        pa.struct([("a", pa.string()), ("b", pa.float64())]),
        st.just({"a": "x", "b": 0.5}),
    ),
    Kind(pa.null(), st.none()),
    *TIMES[:3],
]
COLUMNS = {
    "name": TEXTS,
    "timestamp": [*TIMES, Kind(pa.string(), st.sampled_from(["2019-10-01 00:00:00 UTC", "2019-10-01", "x"])), *NUMBERS],
    "user_id": TEXTS,
    "session_id": [*TEXTS, *NUMBERS],
    "brand": [*TEXTS, *OTHERS, *NUMBERS],
    "price": NUMBERS,
    "quantity": NUMBERS,
    "amount_micros": NUMBERS,
    "value": NUMBERS,
    "latitude": NUMBERS,
    "is_bot": [Kind(pa.bool_(), st.booleans()), *TEXTS],
    "ip": TEXTS,
    "note": [*OTHERS, *NUMBERS, *TEXTS],
    "shelf": [*OTHERS, *NUMBERS, *TEXTS],
}


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    """A few rows of some columns, each of one of the types that it might have."""
    rows = draw(st.integers(1, 6))
    names = draw(st.lists(st.sampled_from(sorted(COLUMNS)), unique=True))
    columns = {"event_id": pa.array([str(line) for line in range(1, rows + 1)])}
    for name in dict.fromkeys(("name", "timestamp", "user_id", *names)):
        kind = draw(st.sampled_from(COLUMNS[name]))
        values = draw(st.lists(kind.values | st.none(), min_size=rows, max_size=rows))
        columns[name] = pa.array(values, kind.type)
    return pa.table(columns)


def blocks_of(table: pa.Table, folder: Path) -> Sequence[Block]:
    """The table as a Parquet file gives it."""
    path = folder / "a.parquet"
    pq.write_table(table, path)
    return list(parquet_rows(path, name=path.name))


@pytest.fixture(autouse=True)
def _few_rows_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fast lane is taken by a single row."""
    monkeypatch.setattr(checking, "_FEW", 1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(tables())
def test_the_fast_lane_agrees_on_columns_of_any_type(tmp_path: Path, table: pa.Table) -> None:
    """Events, refusals and what rows say: as if each row had been read alone."""
    [block] = blocks_of(table, tmp_path)
    rows = [row for row in one_by_one([block]) if isinstance(row, Row)]
    assert outcomes(RowCheck(BY_NAME)([block], SOURCE)) == by_the_doors(rows, BY_NAME)
    assert_block_says_the_same(block, BY_NAME)


def test_typed_rows_take_the_fast_lane(tmp_path: Path) -> None:
    """Nothing of a well-typed table is read row by row; money is exact, and times lose no microsecond."""
    moment = datetime(2019, 10, 1, 0, 0, 0, 123456, UTC)
    table = pa.table(
        {
            "name": pa.array(["purchase"] * 2).dictionary_encode(),
            "timestamp": pa.array([moment] * 2, pa.timestamp("us", "Europe/Paris")),
            "user_id": pa.array([7, 8]),
            "price": pa.array([Decimal("19.99"), Decimal("98765432.10")], pa.decimal128(12, 2)),
            "value": pa.array([0.5, None]),
            "is_bot": pa.array([False, True]),
            "shelf": pa.array([None, Decimal("1.50")]),
            "opens": pa.array([time(9), None]),
        }
    )
    [block] = blocks_of(table, tmp_path)
    plan = plan_of(block.columns, BY_NAME)
    assert plan is not None
    events, plain = plain_events(plan, block, SOURCE, {})
    assert plain.all()
    first, second = events.to_pylist()
    assert (first["ts_us"], first["user_id"], first["amount_micros"]) == (1569888000123456, "7", 19_990_000)
    assert (second["price_micros"], second["value"], second["is_bot"]) == (98_765_432_100_000, None, True)
    assert (first["properties"], second["properties"]) == ('{"opens":"09:00:00.000000"}', '{"shelf":1.50}')


WRITTEN = [
    *("2019-10-01 00:00:00", "2019-10-01T00:00:00.1", "2019-10-01T00:00:00.1234567", "2019-10-01 00:00:00,5"),
    *("2019-10-01 00:00:00 UTC", "2019-10-01T00:00:00Z", "2019-10-01T00:00:00Z UTC", "2019-10-01 00:00:00 Z"),
    *("2019-10-01T00:00:00+02:00", "2019-10-01 00:00:00-0530", "2019-10-01 00:00:00+99:00", "2019-10-01 00:00:00+02"),
    *("2019-10-01", "2019-10-01 UTC", "20191001", "2019-10-01 00:00", "2019-10-01T24:00:00", "2019-10-01 00:00:60"),
    *("2019-02-29 00:00:00", "0000-01-01 00:00:00", "1969-12-31 23:59:59", "2019-10-01\t00:00:00", "1569888000"),
]


@pytest.mark.parametrize("written", WRITTEN)
def test_times_that_are_all_written_alike_are_read_as_by_the_doors(written: str, tmp_path: Path) -> None:
    """What Arrow makes of them is what the doors read, and what only one of both knows is left to the doors."""
    rows = {"event_id": ["1", "2"], "name": ["view"] * 2, "user_id": ["u"] * 2, "timestamp": [written] * 2}
    [block] = blocks_of(pa.table(rows), tmp_path)
    alone = [row for row in one_by_one([block]) if isinstance(row, Row)]
    assert outcomes(RowCheck(BY_NAME)([block], SOURCE)) == by_the_doors(alone, BY_NAME)


def test_a_row_says_the_same_in_any_type(tmp_path: Path) -> None:
    """33.20 in a decimal, a double, a narrow float or a text is one row, with one id."""
    prices = [
        pa.array([Decimal("33.20")]),
        pa.array([33.2]),
        pa.array([33.2], pa.float32()),
        pa.array(["33.20"]),
        pa.array(["33.2"]).dictionary_encode(),
    ]
    times = [pa.array([1569888000_000_000], pa.timestamp("us", zone)) for zone in (None, "UTC", "Asia/Tokyo")]
    said = set()
    for price in prices:
        for when in times:
            table = pa.table({"name": ["view"], "time": when, "user_id": ["u"], "price": price, "shelf": price})
            said.update(RowCheck(BY_NAME)(blocks_of(table, tmp_path), SOURCE).texts)
    assert said == {b"1569888000000000\x1fname=view\x1fprice=33.2\x1fshelf=33.2\x1fuser_id=u"}


def test_a_constant_that_is_refused_refuses_every_row_without_a_value(tmp_path: Path) -> None:
    """As at the doors; rows that say it themselves are stored."""
    table = pa.table({"name": ["view"] * 3, "time": [1569888000] * 3, "user_id": ["u"] * 3, "price": [None, "2", None]})
    checked = RowCheck(column_map(None, [], ["price=cheap"]))(blocks_of(table, tmp_path), SOURCE)
    assert [refused.line for refused in checked.rejected] == [1, 3]
    assert checked.events["price_micros"].to_pylist() == [2_000_000]


def test_text_that_is_no_text_is_said(tmp_path: Path) -> None:
    """A Parquet file whose text is not UTF-8 is damaged; the error names it."""
    damaged = pa.Array.from_buffers(pa.string(), 1, pa.array([b"\xff"], pa.binary()).buffers())
    with pytest.raises(BadRequest, match=r"a\.parquet can't be read as Parquet"):
        blocks_of(pa.table({"name": damaged}), tmp_path)
