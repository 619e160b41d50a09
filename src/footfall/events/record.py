"""A journal record: the accepted and the rejected events of one commit, as bytes and back.

Form, version 1: one version byte, then two blocks (events, rejected), each a little-endian u32 of its
uncompressed length and a u32 of its stored length, followed by an Arrow record batch without its schema,
compressed with raw LZ4. Schemas grow by nullable columns at the end only, so an old record is read with
its own, shorter schema: the number of columns stands in front of each block as a u16.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa

from footfall.events.event import Event, Rejected
from footfall.events.schema import EVENTS, REJECTED, to_batch

VERSION = 1
_HEAD = struct.Struct("<B")
_BLOCK = struct.Struct("<HII")


class Record(NamedTuple):
    """What one commit holds; either part may be empty."""

    events: pa.RecordBatch
    rejected: pa.RecordBatch


def encode_record(events: Sequence[Event], rejected: Sequence[Rejected]) -> bytes:
    """The bytes of one commit."""
    return encode_batches(Record(to_batch(events, EVENTS), to_batch(rejected, REJECTED)))


def encode_batches(record: Record) -> bytes:
    """The bytes of a commit whose events are columns already."""
    return _HEAD.pack(VERSION) + _pack(record.events) + _pack(record.rejected)


def decode_record(payload: bytes) -> Record:
    """What `encode_record` wrote; raises ValueError when the bytes are no record of a known version."""
    view = memoryview(payload)
    (version,) = _HEAD.unpack_from(view)
    if version != VERSION:
        raise ValueError(f"a journal record of version {version} was written by a newer Footfall; update this one")
    events, rest = _unpack(view[_HEAD.size :], EVENTS)
    rejected, _ = _unpack(rest, REJECTED)
    return Record(events, rejected)


def _pack(batch: pa.RecordBatch) -> bytes:
    if not batch.num_rows:
        return _BLOCK.pack(batch.num_columns, 0, 0)
    plain = batch.serialize()
    packed: bytes = pa.compress(plain, codec="lz4_raw", asbytes=True)
    return _BLOCK.pack(batch.num_columns, plain.size, len(packed)) + packed


def _unpack(view: memoryview, schema: pa.Schema) -> tuple[pa.RecordBatch, memoryview]:
    columns, size, stored = _BLOCK.unpack_from(view)
    body, rest = view[_BLOCK.size : _BLOCK.size + stored], view[_BLOCK.size + stored :]
    if not size:
        return to_batch([], schema), rest
    plain = pa.decompress(pa.py_buffer(body), decompressed_size=size, codec="lz4_raw")
    batch = pa.ipc.read_record_batch(plain, pa.schema(list(schema)[:columns]))
    missing = [pa.nulls(batch.num_rows, field.type) for field in list(schema)[columns:]]
    return pa.RecordBatch.from_arrays([*batch.columns, *missing], schema=schema), rest
