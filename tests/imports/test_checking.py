"""The fast lane for rows gives what the checks of the doors give, for any row."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.events.event import Rejected
from footfall.events.kinds import Taxonomy
from footfall.events.names import BY_SPELLING, NAMES
from footfall.events.schema import EVENTS
from footfall.events.wire import Source, check
from footfall.imports import checking
from footfall.imports.checking import Checked, RowCheck
from footfall.imports.identity import RowText
from footfall.imports.mapping import ColumnMap, column_map
from footfall.imports.plain import NO_ID, plain_events, plan_of
from footfall.imports.rows import Block, Row, in_blocks
from tests.imports.pieces import one_by_one

NOW = 1_700_000_000_000_000
SOURCE = Source(
    project_id="shop",
    received_us=NOW,
    door="a.csv",
    taxonomy=Taxonomy(),
    medium="import",
    may_state=True,
    allow_old=True,
    needs_time=True,
    currency="EUR",
)

NUMBERS = st.sampled_from(["1", "2.50", "-3", "0", "1e3", "x", "", " 7 ", "99999999999", "NaN", "0.0000005"])
TIMES = st.sampled_from(
    [
        "2019-10-01 00:00:00 UTC",
        "2019-10-01T00:00:00+02:00",
        "1569888000",
        "1569888000000",
        "1969-01-01",
        "2999-01-01",
        "x",
    ]
)
TEXTS = st.text(max_size=6) | st.sampled_from(["view", "purchase", " purchase ", "null", "u1", "x" * 9000, "é" * 150])
ANY = (
    TEXTS
    | NUMBERS
    | TIMES
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.decimals(allow_nan=False, allow_infinity=False, places=3)
    | st.booleans()
    | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2)
    | st.just('{"a": 1}')
)
FIELDS = [name.field for name in NAMES if name.field not in ("sent_at", "event_id")]
ID_NAMES = BY_SPELLING["event_id"][0].spellings
BY_NAME = column_map(None, [], [])
ROWS = st.fixed_dictionaries(
    {"name": TEXTS, "timestamp": TIMES, "user_id": TEXTS},
    optional={
        "price": NUMBERS,
        "quantity": NUMBERS,
        "amount": NUMBERS,
        "currency": st.sampled_from(["EUR", "eur", "USD", ""]),
        "is_bot": st.sampled_from(["true", "0", "maybe"]),
        "latitude": NUMBERS,
        "note": TEXTS,
        "properties": st.just('{"a": 1}') | TEXTS,
    },
)


@pytest.fixture(autouse=True)
def _few_rows_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fast lane is taken by a single row."""
    monkeypatch.setattr(checking, "_FEW", 1)


def rows_of(values: Sequence[Mapping[str, object]]) -> list[Row]:
    """Rows from line 2 on, each with its line as its id."""
    return [Row(line, (*row, "event_id"), (*row.values(), str(line))) for line, row in enumerate(values, start=2)]


def outcomes(checked: Checked) -> dict[int, object]:
    """{line: what became of the row}."""
    assert checked.texts == [], "rows that state their ids need not say anything"
    found: dict[int, object] = {int(event["event_id"]): event for event in checked.events.to_pylist()}
    for rejected, text in zip(checked.rejected, checked.rejected_texts, strict=True):
        assert rejected.line is not None
        found[rejected.line] = (msgspec.structs.asdict(rejected) | {"rejected_id": None}, text)
    return found


def by_the_doors(rows: Sequence[Row], columns: ColumnMap) -> dict[int, object]:
    """The same, by the checks of the doors alone, row by row."""
    say = RowText(columns.is_time)
    found: dict[int, object] = {}
    for row in rows:
        known, spare = columns.fields(row)
        outcome = check(known | spare, SOURCE, line=row.line)
        if isinstance(outcome, Rejected):
            found[row.line] = (msgspec.structs.asdict(outcome) | {"rejected_id": None}, say(row, None))
        else:
            found[row.line] = {name: getattr(outcome, name) for name in EVENTS.names}
    return found


def assert_alike_says_the_same(rows: Sequence[Row], columns: ColumnMap) -> None:
    """Rows of the same columns say together what each says alone."""
    for block in in_blocks(rows):
        assert_block_says_the_same(block, columns)


def assert_block_says_the_same(block: Block, columns: ColumnMap) -> None:
    """As above."""
    say = RowText(columns.is_time)
    alone = [say(row, place) for place, row in enumerate(one_by_one([block])) if isinstance(row, Row)]
    assert say.many(block, pa.array(range(len(block)))) == alone


def checked(*values: Mapping[str, object], columns: ColumnMap = BY_NAME) -> Checked:
    return RowCheck(columns)(rows_of(values), SOURCE)


COLUMNS = st.sampled_from(
    [BY_NAME, column_map(None, ["note=brand"], []), column_map(None, [], ["quantity=2", "source=x"])]
)


@given(st.lists(ROWS, min_size=1, max_size=8), COLUMNS)
def test_the_fast_lane_agrees_on_rows_of_text(values: list[dict[str, object]], columns: ColumnMap) -> None:
    """As a CSV gives them: everything is text, much of it plain; whatever the mapping."""
    assert outcomes(checked(*values, columns=columns)) == by_the_doors(rows_of(values), columns)
    assert_alike_says_the_same(rows_of(values), columns)


@given(
    st.lists(st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), ANY, max_size=8), max_size=6), st.booleans()
)
def test_the_fast_lane_agrees_on_rows_of_any_values(values: list[dict[str, object]], plain: bool) -> None:
    """As NDJSON and Parquet may give them: numbers, truth values and objects in any field."""
    base = {"name": "view", "timestamp": "2019-10-01", "user_id": "u"} if plain else {}
    rows = [base | {name: value for name, value in row.items() if name not in ID_NAMES} for row in values]
    assert outcomes(checked(*rows)) == by_the_doors(rows_of(rows), BY_NAME)
    assert_alike_says_the_same(rows_of(rows), BY_NAME)


def test_plain_rows_take_the_fast_lane() -> None:
    """Rows of a shop's log are read without the careful checks, or importing would take several times as long."""
    row = {"event_time": "2019-10-01 00:00:00 UTC", "event_type": "view", "user_id": "1", "price": "3.50", "shelf": "9"}
    rows = rows_of([row] * 3)
    plan = plan_of(rows[0].columns, BY_NAME)
    assert plan is not None
    events, plain = plain_events(plan, Block.of(rows), SOURCE, {})
    assert plain.all()
    event = events.to_pylist()[0]
    assert (event["ts_us"], event["price_micros"], event["properties"]) == (
        1569888000000000,
        3_500_000,
        '{"shelf":"9"}',
    )


def test_blanks_are_those_of_python() -> None:
    """The fast lane trims with Arrow, the checks with Python: they know the same blanks."""
    signs = [chr(code) + "x" for code in range(sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF]
    trimmed = pc.utf8_trim_whitespace(pa.array(signs)).to_pylist()
    assert trimmed == [sign.strip() for sign in signs]


def test_equal_values_of_other_types_are_not_mixed_up() -> None:
    """What was read of 1 is not remembered for true."""
    row: dict[str, object] = {"name": "view", "timestamp": "2019-10-01", "user_id": "u"}
    assert [refused.line for refused in checked(row | {"price": 1}, row | {"price": True}).rejected] == [3]


@pytest.mark.parametrize("nothing", ["", " ", None, "-"])
def test_a_blank_id_is_none(nothing: str | None) -> None:
    """Such a row is given an id by what it says, in either lane, or importing it again would store it again."""
    for odd in ("view", " view "):
        values = {"name": odd, "timestamp": "2019-10-01", "user_id": "u", "event_id": nothing}
        row = Row(2, tuple(values), tuple(values.values()))
        assert RowCheck(BY_NAME)([row], SOURCE).events["event_id"].to_pylist() == [NO_ID]


def test_a_row_without_a_time_is_refused() -> None:
    """In a file a missing time does not mean now."""
    [refused] = checked({"name": "view", "user_id": "u"}).rejected
    assert (refused.reason, refused.line, refused.source) == ("bad-time", 2, "a.csv")


def test_numbers_are_exact() -> None:
    """Decimals of NDJSON and text of a CSV are the same money; a float is what it prints as."""
    row: dict[str, object] = {"name": "purchase", "user_id": "u", "timestamp": 1569888000}
    prices = ("19.99", 19.99, Decimal("19.99"))
    events = checked(*({**row, "price": price} for price in prices)).events
    assert events["amount_micros"].to_pylist() == [19_990_000] * 3
