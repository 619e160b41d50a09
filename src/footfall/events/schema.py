"""Arrow schemas derived from the structs, and the way from structs to Arrow columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec
import pyarrow as pa
from msgspec.inspect import BoolType, FloatType, IntType, Metadata, NoneType, StrType, Type, UnionType

from footfall.events.event import Event, Rejected

_ARROW: dict[type[Type], pa.DataType] = {
    StrType: pa.string(),
    IntType: pa.int64(),
    FloatType: pa.float64(),
    BoolType: pa.bool_(),
}

Row = TypeVar("Row", Event, Rejected)


def _plain(kind: Type) -> Type:
    while isinstance(kind, Metadata):
        kind = kind.type
    return kind


def _field(name: str, kind: Type) -> pa.Field:
    kind = _plain(kind)
    parts = [_plain(part) for part in kind.types] if isinstance(kind, UnionType) else [kind]
    (value,) = (part for part in parts if not isinstance(part, NoneType))
    return pa.field(name, _ARROW[type(value)], nullable=len(parts) > 1)


def arrow_schema(struct: type[msgspec.Struct]) -> pa.Schema:
    """The Arrow schema of a flat struct: one column a field, nullable where the field may be None."""
    info = msgspec.inspect.type_info(struct)
    assert isinstance(info, msgspec.inspect.StructType)
    return pa.schema([_field(field.name, field.type) for field in info.fields])


EVENTS = arrow_schema(Event)
REJECTED = arrow_schema(Rejected)


def to_batch(rows: Sequence[Row], schema: pa.Schema) -> pa.RecordBatch:
    """Structs as one record batch in the order given; `schema` is `EVENTS` or `REJECTED`.

    A subclass may have fields behind those of the schema; they are left out.
    """
    columns = zip(*map(msgspec.structs.astuple, rows), strict=False) if rows else [()] * len(schema)
    empty = (None,) * len(rows)
    arrays = [
        # Most columns of most batches are empty: those cost a glance, not a conversion.
        pa.nulls(len(rows), field.type) if values == empty else pa.array(values, field.type)
        for values, field in zip(columns, schema, strict=False)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def to_rows(batch: pa.RecordBatch | pa.Table, struct: type[Row]) -> list[Row]:
    """The structs that `batch` was made of."""
    return msgspec.convert(batch.to_pylist(), list[struct])  # type: ignore[valid-type]


def descriptions(struct: type[msgspec.Struct]) -> dict[str, str]:
    """{field: what it means}, for documentation."""
    info = msgspec.inspect.type_info(struct)
    assert isinstance(info, msgspec.inspect.StructType)
    return {f.name: _description(f.type) for f in info.fields}


def _description(kind: Type) -> str:
    while isinstance(kind, Metadata):
        text = (kind.extra_json_schema or {}).get("description")
        if isinstance(text, str):
            return text
        kind = kind.type
    return ""
