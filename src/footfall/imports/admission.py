"""What a chunk may hold: the server's own look at columns that the sender says it has checked.

A sender has the permission to import, yet what it sends is input: nothing here trusts its memory layout, its project,
its arrival times or its numbers.
"""

from __future__ import annotations

import struct
from typing import Final, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from footfall.errors import BadRequest
from footfall.events.money import MAX_MICROS, MAX_UNITS
from footfall.events.reasons import Reason
from footfall.events.record import Record, decode_record
from footfall.events.schema import EVENTS, REJECTED
from footfall.events.time import DAY_US
from footfall.events.wire import OBJECTS

_RANGES: Final = {"price_micros": MAX_MICROS, "amount_micros": MAX_MICROS, "quantity": MAX_UNITS}
_NUMBERS: Final = ("value", "latitude", "longitude")


def read_chunk(body: bytes) -> Record:
    """The record that `body` holds. Raises `BadRequest` when it holds none."""
    try:
        record = decode_record(body)
        for batch in record:
            batch.validate(full=True)
    except (ValueError, struct.error, IndexError, OSError, pa.ArrowException) as error:
        raise BadRequest(f"the chunk is no record of this version of Footfall: {error}") from None
    return record


def admit(
    record: Record, *, project_id: str, received_us: int, max_name_bytes: int, max_property_bytes: int
) -> tuple[pa.Table, pa.Table]:
    """Events and rejected rows as this project's, arrived at `received_us`. Raises `BadRequest` for what can't be."""
    events = _owned(record.events, EVENTS, project_id, received_us)
    rejected = _owned(record.rejected, REJECTED, project_id, received_us)
    if len(events):
        _check_events(events, received_us, max_name_bytes, max_property_bytes)
    if len(rejected):
        _demand(pc.is_in(rejected["reason"], pa.array([reason.value for reason in Reason])), "reason", "is unknown")
    return events, rejected


class Limit(Protocol):
    """From when on a project's data are kept (`footfall.keeping.models.Limit`)."""

    @property
    def days(self) -> int: ...
    @property
    def date(self) -> str: ...
    @property
    def from_us(self) -> int: ...


def refuse_past(events: pa.Table, rejected: pa.Table, limit: Limit | None, source: str) -> tuple[pa.Table, pa.Table]:
    """The same without events from before `limit`, which are refused: nothing but their name and day stays of them."""
    is_past = pc.less(events["ts_us"], limit.from_us) if limit is not None else None
    if limit is None or not pc.any(is_past).as_py():
        return events, rejected
    past = events.filter(is_past)
    days = pc.strftime(past["ts_us"].cast(pa.timestamp("us", "UTC")), "%Y-%m-%d")
    told = {
        "project_id": past["project_id"],
        "rejected_id": past["event_id"],
        "received_us": past["received_us"],
        "reason": pa.repeat(Reason.NOT_KEPT.value, len(past)),
        "detail": pc.binary_join_element_wise(
            "it happened on", days, f"and {limit.days} days are kept: those from {limit.date} on (keep_days)", " "
        ),
        "source": pa.repeat(source, len(past)),
        "line": pa.nulls(len(past), pa.int64()),
        "name": past["name"],
        "body": pa.repeat("", len(past)),
    }
    refused = pa.table([told[field.name] for field in REJECTED], schema=REJECTED)
    return events.filter(pc.invert(is_past)), pa.concat_tables([rejected, refused])


def _owned(batch: pa.RecordBatch, schema: pa.Schema, project_id: str, received_us: int) -> pa.Table:
    table = pa.Table.from_batches([batch])
    same = {"project_id": pa.scalar(project_id), "received_us": pa.scalar(received_us)}
    for name, value in same.items():
        place = schema.get_field_index(name)
        table = table.set_column(place, schema.field(name), pa.repeat(value, len(table)))
    for field in schema:
        if not field.nullable and table[field.name].null_count:
            raise BadRequest(f"the chunk has rows without {field.name}")
    return table


def _check_events(events: pa.Table, received_us: int, max_name_bytes: int, max_property_bytes: int) -> None:
    for name in ("event_id", "name"):
        _demand(pc.greater(pc.binary_length(events[name]), 0), name, "is empty")
    _demand(pc.less_equal(pc.binary_length(events["name"]), max_name_bytes), "name", f"is over {max_name_bytes} bytes")
    owner = pc.coalesce(events["session_id"], events["visitor_id"], events["user_id"])
    _demand(pc.is_valid(owner), "session_id, visitor_id and user_id", "are all missing")
    _demand(pc.less_equal(events["ts_us"], received_us + DAY_US), "ts_us", "is more than 24 hours ahead")
    _demand(pc.greater_equal(events["ts_us"], 0), "ts_us", "is before 1970")
    for name, most in _RANGES.items():
        within = pc.and_(pc.less_equal(events[name], most), pc.greater_equal(events[name], -most))
        _demand(within, name, "is out of range")
    for name in _NUMBERS:
        _demand(pc.is_finite(events[name]), name, "is not finite")
    for name in OBJECTS:
        short = pc.less_equal(pc.binary_length(events[name]), max_property_bytes)
        _demand(short, name, f"is over {max_property_bytes:,} bytes")


def _demand(holds: pa.ChunkedArray, what: str, fault: str) -> None:
    """Nulls hold: whether a column may have any is its schema's to say."""
    if not pc.all(holds, skip_nulls=True, min_count=0).as_py():
        raise BadRequest(
            f"the chunk has a row whose {what} {fault}; check it with `footfall import`, which does so first"
        )
