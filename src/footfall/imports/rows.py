"""What the readers give: rows, many of the same columns at once where they can, and what is no row.

What a value means is not asked here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import NamedTuple, Self, TypeAlias, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from footfall.events.reasons import Reason

Mask: TypeAlias = NDArray[np.bool_]
Values: TypeAlias = pa.Array | Sequence[object]
"""A column: one of Arrow's, or values as Python has them where no type of Arrow's holds them all as they are."""

_ALIKE = {str: pa.string(), int: pa.int64(), bool: pa.bool_()}


class Row(NamedTuple):
    """One row: its line (or, in Parquet, its row) counted from 1, and a value for each of its columns."""

    line: int
    columns: tuple[str, ...]
    values: Sequence[object]


class Broken(NamedTuple):
    """A row that can't be told: its line, what is wrong with it, and its text as far as it can be shown."""

    line: int
    detail: str
    text: str
    reason: Reason = Reason.NOT_AN_OBJECT


@dataclass(frozen=True, eq=False, slots=True)
class Block:
    """Rows of the same columns: the line of each, and for every column the values of all."""

    lines: NDArray[np.int64]
    columns: tuple[str, ...]
    values: Sequence[Values]

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Self:
        """Rows of the same columns, of which there is at least one."""
        values = [_typed(column) for column in zip(*(row.values for row in rows), strict=True)]
        return cls(np.array([row.line for row in rows]), rows[0].columns, values)

    def __len__(self) -> int:
        return len(self.lines)

    def cut(self, rows: int) -> tuple[Block, Block]:
        """The first `rows` rows, and the others."""
        parts = (slice(rows), slice(rows, None))
        head, rest = (Block(self.lines[part], self.columns, [column[part] for column in self.values]) for part in parts)
        return head, rest

    def filter(self, chosen: Mask) -> Block:
        """The rows that are `chosen`."""
        return Block(self.lines[chosen], self.columns, [_filtered(column, chosen) for column in self.values])

    def rows(self, chosen: Mask) -> Iterator[Row]:
        """The rows that are `chosen`, one by one."""
        lines = self.lines[chosen].tolist()
        columns = [_listed(_filtered(column, chosen)) for column in self.values]
        # Without columns every row is empty, which zip() can't tell.
        alike: Iterable[tuple[object, ...]] = zip(*columns, strict=True) if columns else [()] * len(lines)
        for line, values in zip(lines, alike, strict=True):
            yield Row(line, self.columns, values)


Piece: TypeAlias = Row | Broken | Block
Rows: TypeAlias = Iterator[Piece]


class Distinct(NamedTuple):
    """The values of a column, equal ones mostly once, and which of them each row has; what says nothing is None."""

    values: list[object]
    places: pa.Array

    @classmethod
    def of(cls, column: Values) -> Self:
        """Null and empty text say nothing."""
        places = pa.array(np.arange(len(column)))
        if isinstance(column, pa.Array) and not pa.types.is_nested(column.type):
            coded = plain(column).dictionary_encode()
            column, places = coded.dictionary, coded.indices
        return cls([None if value == "" else value for value in _listed(column)], places)

    def each(self, make: Callable[[object], object], kind: pa.DataType) -> pa.Array:
        """What `make` makes of each row's value, as a column of `kind`; null where there is nothing."""
        return pa.array([None if value is None else make(value) for value in self.values], kind).take(self.places)


def plain(column: pa.Array) -> pa.Array:
    """`column` in a type whose Python values are text, whole numbers, doubles, decimals or nested ones of these.

    Times become ISO text (without a zone they are UTC), and narrow floats their shortest text: 35.79 in 32 bits must
    not be read as 35.790000915527344.
    """
    kind = column.type
    if pa.types.is_timestamp(kind):
        return column.cast(pa.timestamp("us", "UTC"), safe=False).cast(pa.string())
    if pa.types.is_float32(kind) or pa.types.is_float16(kind) or pa.types.is_temporal(kind):
        return column.cast(pa.string())
    return column


def in_blocks(pieces: Iterable[Row | Block]) -> Iterator[Block]:
    """The rows of all pieces in as few blocks as their columns allow."""
    alone: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    alike: dict[tuple[object, ...], list[Block]] = defaultdict(list)
    for piece in pieces:
        if isinstance(piece, Row):
            alone[piece.columns].append(piece)
        else:
            columns = cast("Sequence[pa.Array]", piece.values)  # as no reader gives a block of any other
            alike[piece.columns, *(column.type for column in columns)].append(piece)
    for blocks in alike.values():
        try:
            values = [pa.concat_arrays(columns) for columns in zip(*(block.values for block in blocks), strict=True)]
        except pa.ArrowInvalid:  # over 2 GB of text in a column
            yield from blocks
        else:
            yield Block(np.concatenate([block.lines for block in blocks]), blocks[0].columns, values)
    for rows in alone.values():
        yield Block.of(rows)


def _typed(values: Sequence[object]) -> Values:
    """Arrow's column of values that are all of one type, if one of its types holds them; else the values."""
    types = set(map(type, values)) - {type(None)}
    kind = _ALIKE.get(types.pop()) if len(types) == 1 else None
    if kind is None:
        return values
    try:
        return pa.array(values, kind)
    except (pa.ArrowException, OverflowError, UnicodeError):
        return values


def _filtered(column: Values, chosen: Mask) -> Values:
    return column.filter(pa.array(chosen)) if isinstance(column, pa.Array) else list(compress(column, chosen))


def _listed(column: Values) -> Sequence[object]:
    if isinstance(column, pa.Array):
        values: list[object] = plain(column).to_pylist()
        return values
    return column
