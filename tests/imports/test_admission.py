"""What a chunk may hold: the server believes no sender."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.errors import BadRequest
from footfall.events.event import Event, Rejected
from footfall.events.record import decode_record, encode_record
from footfall.imports.admission import admit, read_chunk

NOW = 1_700_000_000_000_000
EVENT = Event(project_id="another", event_id="e", name="view", ts_us=NOW, received_us=1, user_id="u")
REFUSED = Rejected(project_id="another", rejected_id="r", received_us=1, reason="no-name", detail="", source="a.csv")


def admitted(event: Event, *refused: Rejected) -> list[dict[str, object]]:
    record = decode_record(encode_record([[event]], refused))
    tables = admit(record, project_id="shop", received_us=NOW, max_name_bytes=20, max_property_bytes=100)
    return [row for table in tables for row in table.to_pylist()]


def test_project_and_arrival_are_the_servers() -> None:
    """Whatever the sender states, rows are those of its project and of this run of the import."""
    rows = admitted(EVENT, REFUSED)
    assert {(row["project_id"], row["received_us"]) for row in rows} == {("shop", NOW)}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"event_id": ""}, "event_id is empty"),
        ({"name": ""}, "name is empty"),
        ({"name": "é" * 11}, "name is over 20 bytes"),
        ({"user_id": None}, "session_id, visitor_id and user_id are all missing"),
        ({"ts_us": NOW + 25 * 3_600_000_000}, "ts_us is more than 24 hours ahead"),
        ({"ts_us": -1}, "ts_us is before 1970"),
        ({"amount_micros": 10**15 + 1}, "amount_micros is out of range"),
        ({"price_micros": -(10**15) - 1}, "price_micros is out of range"),
        ({"quantity": -(2**63)}, "quantity is out of range"),
        ({"properties": "{" + "x" * 100 + "}"}, "properties is over 100 bytes"),
        ({"value": float("nan")}, "value is not finite"),
        ({"latitude": float("inf")}, "latitude is not finite"),
    ],
)
def test_what_no_door_would_let_in_is_refused(change: Mapping[str, object], fault: str) -> None:
    """The whole chunk is refused, and the answer says which column is at fault."""
    with pytest.raises(BadRequest, match=fault):
        admitted(msgspec.structs.replace(EVENT, **change))


def test_a_reason_must_be_known() -> None:
    """Rejected rows are told apart by the contract's reasons only."""
    with pytest.raises(BadRequest, match="reason is unknown"):
        admitted(EVENT, msgspec.structs.replace(REFUSED, reason="because"))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_record_or_a_clear_refusal(body: bytes) -> None:
    """Nothing that is sent as a chunk is the server's fault; what happens to be a record has no event in it."""
    with suppress(BadRequest):
        assert not read_chunk(body).events.num_rows


@given(st.data())
def test_a_damaged_record_is_refused_or_whole(data: st.DataObject) -> None:
    """A record with changed bytes does not bring the process down: it is refused, or has the columns that it must."""
    body = bytearray(encode_record([[EVENT] * 20], [REFUSED]))
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        record = read_chunk(bytes(body))
    except BadRequest:
        return
    assert record.events.num_columns == len(Event.__struct_fields__)
