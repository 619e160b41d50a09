"""A journal record: the accepted and the rejected events of one commit, as bytes and back.

The first byte says its form. Schemas grow by nullable columns at the end only, so an older record has fewer columns.

* `COLUMNS`: two blocks (events, rejected), each a little-endian u16 with the number of columns, a u32 with the
  uncompressed length and a u32 with the stored one, followed by an Arrow record batch without its schema, compressed
  with raw LZ4. The form of many events.
* `ROWS`: a little-endian u32 with the uncompressed length, then MessagePack, compressed with raw LZ4: of each event an
  array of its values in the order of the schema, of each rejected one a map. The form of few, for whom forty columns
  cost more than all that is in them.
* `CONTACTS`: contact details that came with events, sealed, as `ROWS` are written: an array of arrays. They stand
  beside the record of the events.
* `SEVERAL`: records behind each other, each behind a little-endian u32 with its length: what shared a sync.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, groupby
from typing import Final, NamedTuple

import msgspec
import pyarrow as pa
from msgspec import Struct

from footfall.events.block import Values, batch_of, batch_of_rows, rows_of
from footfall.events.contact import Contact
from footfall.events.event import Event, Rejected
from footfall.events.schema import EVENTS, REJECTED, to_batch

COLUMNS: Final = 1
ROWS: Final = 2
SEVERAL: Final = 3
CONTACTS: Final = 4
_FORMS: Final = (COLUMNS, ROWS, SEVERAL, CONTACTS)
_SHORTEST: Final = 6
"""Bytes that a record of any form has at least."""

_FEW: Final = 256
"""Events that are not worth columns."""
_LZ4_MOST_TIMES: Final = 256
"""How much longer LZ4 lets a text be than what it was packed to: a byte says at most 255 more."""
_BLOCK = struct.Struct("<HII")
_LENGTH = struct.Struct("<I")
_NO_EVENTS: Final = to_batch([], EVENTS)
_NO_REJECTED: Final = to_batch([], REJECTED)


class _Rows(Struct, array_like=True, gc=False):
    """What a record of the form `ROWS` holds."""

    events: list[Values]
    rejected: list[Rejected]


_write_plain: Final = msgspec.msgpack.Encoder().encode
_read_rows: Final = msgspec.msgpack.Decoder(_Rows).decode
_read_contacts: Final = msgspec.msgpack.Decoder(list[Contact]).decode


class Record(NamedTuple):
    """What one commit holds; either part may be empty."""

    events: pa.RecordBatch
    rejected: pa.RecordBatch


class Records(NamedTuple):
    """What several commits hold, in their order."""

    events: pa.Table
    rejected: pa.Table


def encode_record(parts: Sequence[Sequence[Event]], rejected: Sequence[Rejected]) -> bytes:
    """The bytes of a commit of all events of `parts`, in the form that is cheaper for as many."""
    if sum(map(len, parts)) >= _FEW:
        return encode_batches(Record(batch_of(parts), to_batch(rejected, REJECTED)))
    return _packed_plain(ROWS, _Rows(list(chain.from_iterable(map(rows_of, parts))), list(rejected)))


def encode_contacts(contacts: Sequence[Contact]) -> bytes:
    """A record of contact details alone, to stand beside that of their events (`encode_together`)."""
    return _packed_plain(CONTACTS, contacts)


def encode_batches(record: Record) -> bytes:
    """The bytes of a commit whose events are columns already."""
    return bytes([COLUMNS]) + _block(record.events) + _block(record.rejected)


def encode_together(payloads: Sequence[bytes]) -> bytes:
    """One record of what all of these hold, in their order."""
    if len(payloads) == 1:
        return payloads[0]
    parts = (
        payload[1:] if payload[0] == SEVERAL else _LENGTH.pack(len(payload)) + payload  # none holds others within
        for payload in payloads
    )
    return bytes([SEVERAL]) + b"".join(parts)


def decode_record(payload: bytes) -> Record:
    """What a commit holds; raises ValueError when the bytes are no record of a known form."""
    events, rejected = decode_records([payload])
    return Record(_one(events, _NO_EVENTS), _one(rejected, _NO_REJECTED))


def decode_records(payloads: Iterable[bytes]) -> Records:
    """The same of several commits at once, which costs much less where each holds few."""
    records: list[Record] = []
    events = (one for one in chain.from_iterable(map(_apart, payloads)) if one[0] != CONTACTS)
    for are_rows, group in groupby(events, key=lambda one: one[0] == ROWS):
        run = list(group)
        records += [_of_rows(run)] if are_rows else map(_of_columns, run)
    return Records(
        pa.Table.from_batches([batch for batch, _ in records if batch.num_rows], EVENTS),
        pa.Table.from_batches([batch for _, batch in records if batch.num_rows], REJECTED),
    )


def decode_contacts(payloads: Iterable[bytes]) -> list[Contact]:
    """The contact details in commits; raises ValueError as `decode_record` does."""
    with_some = (payload for payload in payloads if payload[:1] and payload[0] in (SEVERAL, CONTACTS))
    records = [one for one in chain.from_iterable(map(_apart, with_some)) if one[0] == CONTACTS]
    try:
        return [contact for view in records for contact in _read_contacts(_plain(view))]
    except msgspec.MsgspecError as error:
        raise ValueError(f"a damaged journal record: {error}") from None


def _apart(payload: bytes) -> Iterator[memoryview]:
    """The records in a payload that have no others in them."""
    view = memoryview(payload)
    if _form(view) != SEVERAL:
        yield view
        return
    begin = 1
    while begin < len(view):
        (length,) = _LENGTH.unpack_from(view, begin)
        one = view[begin + _LENGTH.size :][:length]
        if _form(one) == SEVERAL:
            raise ValueError("a damaged journal record: it holds others within others")
        yield one
        begin += _LENGTH.size + length


def _form(view: memoryview) -> int:
    if len(view) < _SHORTEST:
        raise ValueError("a damaged journal record: it is cut off")
    if view[0] not in _FORMS:
        raise ValueError(f"a journal record of form {view[0]} was written by a newer Footfall; update this one")
    return view[0]


def _of_rows(records: Sequence[memoryview]) -> Record:
    try:
        held = [_read_rows(_plain(view)) for view in records]
        events = batch_of_rows([row for rows in held for row in rows.events])
    except (msgspec.MsgspecError, TypeError, OverflowError) as error:
        raise ValueError(f"a damaged journal record: {error}") from None
    rejected = [one for rows in held for one in rows.rejected]
    return Record(events, to_batch(rejected, REJECTED) if rejected else _NO_REJECTED)


def _packed_plain(form: int, content: object) -> bytes:
    plain = _write_plain(content)
    return bytes([form]) + _LENGTH.pack(len(plain)) + _packed(plain)


def _plain(view: memoryview) -> pa.Buffer:
    """The MessagePack of a record that is no columns."""
    return _unpacked(view[1 + _LENGTH.size :], *_LENGTH.unpack_from(view, 1))


def _of_columns(view: memoryview) -> Record:
    events, rest = _unblock(view[1:], EVENTS, _NO_EVENTS)
    rejected, _ = _unblock(rest, REJECTED, _NO_REJECTED)
    return Record(events, rejected)


def _block(batch: pa.RecordBatch) -> bytes:
    if not batch.num_rows:
        return _BLOCK.pack(batch.num_columns, 0, 0)
    plain = batch.serialize()
    packed = _packed(plain)
    return _BLOCK.pack(batch.num_columns, plain.size, len(packed)) + packed


def _unblock(view: memoryview, schema: pa.Schema, nothing: pa.RecordBatch) -> tuple[pa.RecordBatch, memoryview]:
    columns, size, stored = _BLOCK.unpack_from(view)
    body, rest = view[_BLOCK.size : _BLOCK.size + stored], view[_BLOCK.size + stored :]
    if not size:
        return nothing, rest
    batch = pa.ipc.read_record_batch(_unpacked(body, size), _first_of(schema, columns))
    if columns == len(schema):
        return batch, rest
    missing = [pa.nulls(batch.num_rows, field.type) for field in list(schema)[columns:]]
    return pa.RecordBatch.from_arrays([*batch.columns, *missing], schema=schema), rest


@lru_cache
def _first_of(schema: pa.Schema, columns: int) -> pa.Schema:
    return pa.schema(list(schema)[:columns])


def _packed(plain: bytes | pa.Buffer) -> bytes:
    packed: bytes = pa.compress(plain, codec="lz4_raw", asbytes=True)
    return packed


def _unpacked(body: memoryview, size: int) -> pa.Buffer:
    if size > _LZ4_MOST_TIMES * len(body):
        raise ValueError("a damaged journal record: nothing so short unpacks to so much")
    return pa.decompress(pa.py_buffer(body), decompressed_size=size, codec="lz4_raw")


def _one(table: pa.Table, nothing: pa.RecordBatch) -> pa.RecordBatch:
    """The rows of a table as one batch."""
    return table.combine_chunks().to_batches()[0] if table.num_rows else nothing
