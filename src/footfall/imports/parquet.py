"""Parquet files as rows, by the thousand: columns stay what they are in the file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from footfall.errors import BadRequest
from footfall.imports.rows import Block

_ROWS_AT_ONCE: Final = 8192


def parquet_rows(path: Path, *, name: str) -> Iterator[Block]:
    """The rows of a Parquet file in order, counted from 1; `name` stands in errors.

    Raises `BadRequest` when the file is damaged or not Parquet.
    """
    try:
        with pq.ParquetFile(path) as file:
            number = 1
            names = tuple(file.schema_arrow.names)
            for batch in file.iter_batches(_ROWS_AT_ONCE):
                batch.validate(full=True)  # text that is no UTF-8 is found here or never
                lines = np.arange(number, number + len(batch))
                number += len(batch)
                yield Block(lines, names, [_as_text(column) for column in batch.columns])
    except pa.ArrowException as error:
        raise BadRequest(f"{name} can't be read as Parquet: {str(error).splitlines()[0]}") from None


def _as_text(column: pa.Array) -> pa.Array:
    """Text in the one type that it has elsewhere, whatever way it is stored; other columns as they are."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _as_text(column.dictionary_decode())
    wide = pa.types.is_large_string(kind) or pa.types.is_large_binary(kind)
    views = pa.types.is_string_view(kind) or pa.types.is_binary_view(kind)
    if wide or views or pa.types.is_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return column.cast(pa.string())
    return column
