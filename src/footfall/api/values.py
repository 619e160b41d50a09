"""How values look in requests and answers: times as ISO 8601 in UTC, money as decimal text, whatever SQL gives."""

from __future__ import annotations

from typing import Annotated

import msgspec
import pyarrow as pa
from pydantic import BeforeValidator, Field, WithJsonSchema

from footfall.events.money import write_money
from footfall.events.time import read_time, write_time

Time = Annotated[str, Field(description="UTC, ISO 8601, to the microsecond.", examples=["2019-10-01T00:00:00Z"])]
Money = Annotated[
    str, Field(description="Decimal text, exact: at least two decimals, at most six.", examples=["59442.63"])
]


TimeGiven = Annotated[
    int,
    BeforeValidator(read_time),
    WithJsonSchema({"type": "string", "examples": ["2019-10-01T00:00:00Z"]}),
]
"""A time in a request, in any form that events may have; µs since the epoch inside."""


def time_text(us: int | None) -> str | None:
    """µs since the epoch as people and programs read them; null stays null."""
    return None if us is None else write_time(us)


def money_text(micros: int | None) -> str | None:
    """Micro-units as exact decimal text; null stays null."""
    return None if micros is None else write_money(micros)


def table_json(table: pa.Table) -> bytes:
    """`{"columns": [{"name", "type"}], "rows": [[…]], "row_count"}` of an answer to SQL.

    Numbers that JSON lacks (NaN, infinity) become null; decimals, times and ids text.
    """
    columns = [column.to_pylist() for column in table.columns]
    return msgspec.json.encode(
        {
            "columns": [{"name": field.name, "type": str(field.type)} for field in table.schema],
            "rows": list(zip(*columns, strict=True)) if columns else [],
            "row_count": table.num_rows,
        },
        enc_hook=str,
    )
