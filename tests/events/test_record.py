"""A journal record gives back what was put into it, in whichever form it was kept and whatever it is read with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from footfall.events import record
from footfall.events.block import block_of, rows_of
from footfall.events.event import Event, Rejected
from footfall.events.record import (
    COLUMNS,
    ROWS,
    SEVERAL,
    decode_record,
    decode_records,
    encode_record,
    encode_together,
)
from footfall.events.schema import EVENTS, REJECTED, to_batch

EVENT = Event(project_id="shop", event_id="e", name="view", ts_us=1, received_us=2)
REFUSED = Rejected(project_id="shop", rejected_id="r", received_us=2, reason="no-name", detail="no name", source="http")

_events = st.builds(
    Event,
    project_id=st.just("shop"),
    event_id=st.text(min_size=1, max_size=3),
    name=st.sampled_from(["view", "purchase"]),
    ts_us=st.integers(0, 2**62),
    received_us=st.integers(0, 2**62),
    visitor_id=st.none() | st.text(max_size=3),
    amount_micros=st.none() | st.integers(-(10**15), 10**15),
    value=st.none() | st.floats(allow_nan=False),
    latitude=st.none() | st.just(1.0),
    is_bot=st.booleans(),
    properties=st.none() | st.just('{"a":1}'),
)
_rejected = st.builds(replace, st.just(REFUSED), line=st.none() | st.integers(1, 9), body=st.text(max_size=3))
_commits = st.lists(st.tuples(st.lists(_events, max_size=5), st.lists(_rejected, max_size=2)), max_size=5)


@pytest.fixture(autouse=True)
def _three_are_many() -> Iterator[None]:
    """Both forms come up."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record, "_FEW", 3)
        yield


@given(_commits, st.integers(1, 3))
def test_commits_are_read_back_together(commits: list[tuple[list[Event], list[Rejected]]], shared: int) -> None:
    """Commits of few events and of many, alone or sharing a record, give all their rows in their order."""
    payloads = [encode_record([_as_block(events), events], rejected) for events, rejected in commits]
    groups = [encode_together(payloads[at : at + shared]) for at in range(0, len(payloads), shared)]
    events, rejected = decode_records(groups)
    every = [event for mine, _ in commits for event in [*mine, *mine]]
    assert events.equals(pa.Table.from_batches([to_batch(every, EVENTS)] if every else [], EVENTS))
    refused = [one for _, mine in commits for one in mine]
    assert rejected.equals(pa.Table.from_batches([to_batch(refused, REJECTED)] if refused else [], REJECTED))


def _as_block(events: Sequence[Event]) -> Sequence[Event]:
    return block_of(list(rows_of(events))) if events else events


def test_few_are_kept_as_rows_and_many_as_columns() -> None:
    """The form is the one that costs less; one record alone is not wrapped."""
    few, many = encode_record([[EVENT]], []), encode_record([[EVENT] * 3], [])
    forms = [payload[0] for payload in (few, many, encode_together([few]), encode_together([few, many]))]
    assert forms == [ROWS, COLUMNS, ROWS, SEVERAL]


@pytest.mark.parametrize("count", [1, 3])
def test_a_record_from_before_a_column_was_added_is_read_without_it(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Columns that an older Footfall did not know are empty in what it wrote."""
    payload = encode_record([[EVENT] * count], [REFUSED])
    grown = pa.schema([*EVENTS, pa.field("new", pa.string())])
    monkeypatch.setattr(record, "EVENTS", grown)
    monkeypatch.setattr("footfall.events.block.EVENTS", grown)
    monkeypatch.setattr("footfall.events.block._TYPES", tuple(grown.types))
    monkeypatch.setattr("footfall.events.block._WIDTH", len(grown))
    events = decode_record(payload).events
    assert events.schema == grown
    assert events.drop_columns(["new"]).equals(to_batch([EVENT] * count, EVENTS))
    assert events["new"].to_pylist() == [None] * count


def test_a_form_of_a_newer_footfall_is_refused_with_what_to_do() -> None:
    """It is not read as something else."""
    with pytest.raises(ValueError, match="newer Footfall; update this one"):
        decode_record(b"\x09" + encode_record([[EVENT]], []))


def test_what_is_no_row_is_refused_as_damaged() -> None:
    """Bytes in the form of rows that hold something else are no record."""
    plain = msgspec.msgpack.encode({"events": 1})
    with pytest.raises(ValueError, match="damaged"):
        decode_record(bytes([ROWS]) + len(plain).to_bytes(4, "little") + pa.compress(plain, "lz4_raw", asbytes=True))


@pytest.mark.parametrize("count", [1, 3])
def test_a_record_that_would_fill_the_memory_is_refused(count: int) -> None:
    """A length that nothing so short can unpack to is a damage, and costs nothing."""
    payload = bytearray(encode_record([[EVENT] * count], []))
    place = 1 if count < 3 else 3
    payload[place : place + 4] = b"\xff\xff\xff\xff"
    with pytest.raises(ValueError, match="nothing so short unpacks to so much"):
        decode_record(bytes(payload))
