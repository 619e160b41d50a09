"""The fast lane for rows gives what the checks of the doors give, for any row."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from footfall.events.event import Event, Rejected
from footfall.events.kinds import Taxonomy
from footfall.events.names import NAMES
from footfall.events.schema import EVENTS
from footfall.events.wire import Source, check
from footfall.imports.checking import NO_ID, RowCheck
from footfall.imports.mapping import column_map
from footfall.imports.rows import Row

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
FIELDS = [name.field for name in NAMES if name.field != "sent_at"]
ROWS = st.fixed_dictionaries(
    {"name": TEXTS, "timestamp": TIMES, "user_id": TEXTS, "event_id": st.just("e")},
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


def event_of(outcome: Event | Rejected) -> dict[str, object]:
    """What is stored of it, in a form that can be compared."""
    if isinstance(outcome, Rejected):
        return msgspec.structs.asdict(outcome) | {"rejected_id": None}
    return {name: getattr(outcome, name) for name in EVENTS.names}


def checked(values: dict[str, object]) -> Event | Rejected:
    return RowCheck(column_map(None, [], []))(row_of(values), SOURCE)


def row_of(values: dict[str, object]) -> Row:
    return Row(7, tuple(values), tuple(values.values()))


def assert_both_lanes_agree(values: dict[str, object]) -> None:
    known, spare = column_map(None, [], []).fields(row_of(values))
    slow = check({"event_id": NO_ID} | known | spare, SOURCE, line=7)
    assert event_of(checked(values)) == event_of(slow)


@given(ROWS)
def test_the_fast_lane_agrees_on_rows_of_text(row: dict[str, object]) -> None:
    """As a CSV gives them: everything is text, much of it plain."""
    assert_both_lanes_agree(row)


@given(st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), ANY, max_size=12), st.booleans())
def test_the_fast_lane_agrees_on_rows_of_any_values(row: dict[str, object], plain: bool) -> None:
    """As NDJSON and Parquet may give them: numbers, truth values and objects in any field."""
    base: dict[str, object] = {"name": "view", "timestamp": "2019-10-01", "user_id": "u"} if plain else {}
    assert_both_lanes_agree(base | row | {"event_id": "e"})


def test_plain_rows_take_the_fast_lane() -> None:
    """A row of a shop's log is read without the careful checks, or importing would take thrice the time."""
    outcome = checked(
        {"event_time": "2019-10-01 00:00:00 UTC", "event_type": "view", "user_id": "1", "price": "3.50", "shelf": "9"}
    )
    assert type(outcome) is not Event
    assert isinstance(outcome, Event)
    assert (outcome.ts_us, outcome.price_micros, outcome.properties) == (1569888000000000, 3_500_000, '{"shelf":"9"}')


def test_equal_values_of_other_types_are_not_mixed_up() -> None:
    """What was read of 1 is not remembered for true."""
    row: dict[str, object] = {"name": "view", "timestamp": "2019-10-01", "user_id": "u"}
    assert isinstance(checked(row | {"price": 1}), Event)
    assert isinstance(checked(row | {"price": True}), Rejected)


def test_a_row_without_a_time_is_refused() -> None:
    """In a file a missing time does not mean now."""
    outcome = checked({"name": "view", "user_id": "u"})
    assert isinstance(outcome, Rejected)
    assert (outcome.reason, outcome.line, outcome.source) == ("bad-time", 7, "a.csv")


def test_numbers_are_exact() -> None:
    """Decimals of NDJSON and text of a CSV are the same money; a float is what it prints as."""
    for price in ("19.99", 19.99, Decimal("19.99")):
        outcome = checked({"name": "purchase", "user_id": "u", "timestamp": 1569888000, "price": price})
        assert isinstance(outcome, Event)
        assert outcome.amount_micros == 19_990_000
