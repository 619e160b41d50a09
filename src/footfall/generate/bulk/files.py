"""Tables as files: Parquet, CSV or NDJSON, the same bytes for the same tables on every machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

_ROWS_AT_ONCE: Final = 20_000
_GROWING: Final = {"event_id": "DELTA_BYTE_ARRAY", "timestamp": "DELTA_BINARY_PACKED"}
"""Columns whose values grow from row to row, and how such are written."""

_encode: Final = msgspec.json.Encoder().encode


class Form(StrEnum):
    """How rows stand in a file."""

    PARQUET = "parquet"
    CSV = "csv"
    NDJSON = "ndjson"


FORMS: Final = tuple(Form)


class Writer(Protocol):
    """An open file."""

    def write_table(self, table: pa.Table) -> None: ...
    def close(self) -> None: ...


class TableFile:
    """A file that tables of one schema are appended to."""

    def __init__(self, path: Path, schema: pa.Schema, form: Form) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = _WRITERS[form](path, schema)
        self.rows = 0

    def write(self, table: pa.Table) -> None:
        """Append `table`."""
        self._writer.write_table(table)
        self.rows += len(table)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._writer.close()


def _parquet(path: Path, schema: pa.Schema) -> Writer:
    """Everything that the bytes depend on is said here, but for the release of Arrow, which is locked."""
    writer: Writer = pq.ParquetWriter(
        path,
        schema,
        version="2.6",
        compression="zstd",
        compression_level=1,
        use_dictionary=[name for name in schema.names if name not in _GROWING],
        column_encoding={name: code for name, code in _GROWING.items() if name in schema.names},
        write_statistics=[name for name in ("timestamp", "session_start") if name in schema.names],
        data_page_version="1.0",
        data_page_size=1 << 20,
        dictionary_pagesize_limit=1 << 20,
        store_schema=False,  # a reader sees plain texts, whatever they were made of
    )
    return writer


def _csv(path: Path, schema: pa.Schema) -> Writer:
    writer: Writer = pyarrow.csv.CSVWriter(path, _plain(schema))
    return _Plainly(writer)


class _Plainly:
    """Writes texts where a table has numbers for them."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def write_table(self, table: pa.Table) -> None:
        self._writer.write_table(table.cast(_plain(table.schema)))

    def close(self) -> None:
        self._writer.close()


def _plain(schema: pa.Schema) -> pa.Schema:
    fields = [field.with_type(field.type.value_type) if _is_coded(field) else field for field in schema]
    return pa.schema([field.with_type(pa.string()) if pa.types.is_list(field.type) else field for field in fields])


def _is_coded(field: pa.Field) -> bool:
    return bool(pa.types.is_dictionary(field.type))


class _Ndjson:
    """One object a line; what is null is left out."""

    def __init__(self, path: Path, _: pa.Schema) -> None:
        self._file = path.open("wb")

    def write_table(self, table: pa.Table) -> None:
        for batch in table.to_batches(max_chunksize=_ROWS_AT_ONCE):
            members = [_members(name, column) for name, column in zip(batch.schema.names, batch.columns, strict=True)]
            lines = pc.binary_join_element_wise(*members, "", null_handling="replace", null_replacement="")
            self._file.writelines(b"{" + line[1:] + b"}\n" for line in lines.cast(pa.binary()).to_pylist())

    def close(self) -> None:
        self._file.close()


def _members(name: str, column: pa.Array) -> pa.Array:
    """`,"name":value` of every row, null where the value is; each different text is written once."""
    kind = column.type
    if (
        pa.types.is_boolean(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_integer(kind)
        or pa.types.is_decimal(kind)
    ):
        return pc.binary_join_element_wise(f',"{name}":', column.cast(pa.string()), "")
    if pa.types.is_temporal(kind):
        return pc.binary_join_element_wise(f',"{name}":"', column.cast(pa.string()), '"', "")
    if pa.types.is_list(kind):
        texts = [None if value is None else f',"{name}":{_encode(value).decode()}' for value in column.to_pylist()]
        return pa.array(texts, pa.string())
    coded = column if pa.types.is_dictionary(kind) else column.dictionary_encode()
    texts = [f',"{name}":{_encode(text).decode()}' for text in coded.dictionary.to_pylist()]
    return pa.array(texts, pa.string()).take(coded.indices)


_WRITERS: Final[Mapping[Form, Callable[[Path, pa.Schema], Writer]]] = {
    Form.PARQUET: _parquet,
    Form.CSV: _csv,
    Form.NDJSON: _Ndjson,
}
