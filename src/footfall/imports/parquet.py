"""Parquet files as rows: columns become plain values, numbers and times without loss."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from footfall.errors import BadRequest
from footfall.imports.rows import Row, Rows

_ROWS_AT_ONCE: Final = 8192


def parquet_rows(path: Path, *, name: str) -> Rows:
    """The rows of a Parquet file in order, counted from 1; `name` stands in errors.

    Raises `BadRequest` when the file is damaged or not Parquet.
    """
    try:
        with pq.ParquetFile(path) as file:
            number = 0
            names = tuple(file.schema_arrow.names)
            for batch in file.iter_batches(_ROWS_AT_ONCE):
                columns = [_plain(column).to_pylist() for column in batch.columns]
                for values in zip(*columns, strict=True):
                    number += 1
                    yield Row(number, names, values)
    except pa.ArrowException as error:
        raise BadRequest(f"{name} can't be read as Parquet: {str(error).splitlines()[0]}") from None


def _plain(column: pa.Array) -> pa.Array:
    """`column` in a type whose Python values are text, whole numbers, doubles, decimals or nested ones of these.

    Times become ISO text (without a zone they are UTC), and narrow floats their shortest text: 35.79 in 32 bits must
    not be read as 35.790000915527344.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _plain(column.dictionary_decode())
    if pa.types.is_timestamp(kind):
        return column.cast(pa.timestamp("us", "UTC"), safe=False).cast(pa.string())
    if pa.types.is_float32(kind) or pa.types.is_float16(kind) or pa.types.is_temporal(kind):
        return column.cast(pa.string())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return column.cast(pa.string())
    return column
