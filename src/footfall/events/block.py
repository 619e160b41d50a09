"""A block: the events of a request as columns of plain values, of which a commit makes Arrow for many requests at once.

Which events these are is decided elsewhere (`footfall.events.columns`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby, repeat, zip_longest
from typing import Final, TypeAlias, cast, overload

import msgspec
import numpy as np
import pyarrow as pa
from msgspec import Struct

from footfall.events.event import Event
from footfall.events.schema import EVENTS

Value: TypeAlias = str | bool | int | float | None


class Same(Struct, frozen=True):
    """A column that has one value in every row."""

    value: Value


Column: TypeAlias = Sequence[Value] | Same
Values: TypeAlias = Sequence[Value]
"""An event's values in the order of `EVENTS`; one that an older Footfall wrote may lack the last."""

NOTHING: Final = Same(None)
"""A column without any value."""

_TYPES: Final = tuple(EVENTS.types)
_WIDTH: Final = len(_TYPES)


class Block(Sequence[Event]):
    """Events as the columns of `EVENTS`, of `size` rows each; an Event is made of a row when somebody asks for it."""

    __slots__ = ("columns", "size")

    def __init__(self, columns: Sequence[Column], size: int) -> None:
        self.columns = columns
        self.size = size

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[Event]:
        return (msgspec.convert(dict(zip(EVENTS.names, row, strict=True)), Event) for row in self.rows())

    def texts(self, name: str) -> Iterator[str | None]:
        """The values of a column of texts."""
        return cast("Iterator[str | None]", iter(_values(self.columns[EVENTS.names.index(name)], self.size)))

    def rows(self) -> Iterator[Values]:
        """The values of each event."""
        return zip(*(_values(column, self.size) for column in self.columns), strict=True)

    @overload
    def __getitem__(self, place: int) -> Event: ...
    @overload
    def __getitem__(self, place: slice) -> list[Event]: ...
    def __getitem__(self, place: int | slice) -> Event | list[Event]:
        return list(self)[place]

    def replaced(self, outcomes: Mapping[int, Event | None]) -> Block:
        """The block with these events in the rows of those numbers; a row that is given None is left out."""
        rows = {place: msgspec.structs.astuple(event) for place, event in outcomes.items() if event is not None}
        left_out = sorted(outcomes.keys() - rows.keys(), reverse=True)
        columns: list[Column] = []
        for at, column in enumerate(self.columns):
            if isinstance(column, Same) and all(row[at] == column.value for row in rows.values()):
                columns.append(column)
                continue
            values = list(_values(column, self.size))
            for place, row in rows.items():
                values[place] = row[at]
            for place in left_out:
                del values[place]
            columns.append(values)
        return Block(columns, self.size - len(left_out))


def rows_of(events: Sequence[Event]) -> Iterator[Values]:
    """The values of each event; a subclass has fields behind those of the schema, which are left out."""
    if isinstance(events, Block):
        return events.rows()
    return (msgspec.structs.astuple(event)[:_WIDTH] for event in events)


def block_of(rows: Sequence[Values]) -> Block:
    """The block of events with these values, of which there is at least one."""
    nothing = (None,) * len(rows)
    columns: list[Column] = [NOTHING if values == nothing else values for values in zip_longest(*rows)]
    return Block(columns + [NOTHING] * (_WIDTH - len(columns)), len(rows))


def batch_of_rows(rows: Sequence[Values]) -> pa.RecordBatch:
    """Events with these values as one record batch, in their order."""
    return _together([block_of(rows)] if rows else [])


def batch_of(parts: Iterable[Sequence[Event]]) -> pa.RecordBatch:
    """All events of `parts` as one record batch, in their order; events that stand alone become columns together."""
    blocks: list[Block] = []
    for are_blocks, group in groupby(filter(len, parts), key=_is_block):
        run = list(group)
        blocks += cast("list[Block]", run) if are_blocks else [block_of(list(chain.from_iterable(map(rows_of, run))))]
    return _together(blocks)


def _together(blocks: Sequence[Block]) -> pa.RecordBatch:
    sizes = [block.size for block in blocks]
    owners = pa.array(np.repeat(np.arange(len(blocks)), sizes))
    arrays = [_array([block.columns[at] for block in blocks], sizes, owners, kind) for at, kind in enumerate(_TYPES)]
    return pa.RecordBatch.from_arrays(arrays, schema=EVENTS)


def _is_block(part: Sequence[Event]) -> bool:
    return isinstance(part, Block)


def _array(pieces: Sequence[Column], sizes: Sequence[int], owners: pa.Array, kind: pa.DataType) -> pa.Array:
    """A column of all blocks, which have these sizes; `owners` says for each row from which of them it comes."""
    if pieces.count(NOTHING) == len(pieces):
        return pa.nulls(len(owners), kind)
    same = [piece.value for piece in pieces if isinstance(piece, Same)]
    if len(same) < len(pieces):
        if len(pieces) == 1:
            return pa.array(pieces[0], kind)
        values: list[Value] = []
        for piece, size in zip(pieces, sizes, strict=True):
            values += _values(piece, size)
        return pa.array(values, kind)
    if same.count(same[0]) == len(same):
        return pa.repeat(pa.scalar(same[0], kind), len(owners))
    return pa.array(same, kind).take(owners)


def _values(column: Column, size: int) -> Iterable[Value]:
    return repeat(column.value, size) if isinstance(column, Same) else column
