"""A block: the events of a request as columns of plain values, of which a commit makes Arrow for many requests at once.

Which events these are is decided elsewhere (`footfall.events.columns`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby, repeat
from typing import Final, TypeAlias, cast, overload

import msgspec
import numpy as np
import pyarrow as pa
from msgspec import Struct

from footfall.events.event import Event
from footfall.events.schema import EVENTS

Value: TypeAlias = str | int | float | None


class Same(Struct, frozen=True):
    """A column that has one value in every row."""

    value: Value


Column: TypeAlias = Sequence[Value] | Same

NOTHING: Final = Same(None)
"""A column without any value."""

_TYPES: Final = tuple(EVENTS.types)


class Block(Sequence[Event]):
    """Events as the columns of `EVENTS`, of `size` rows each; an Event is made of a row when somebody asks for it."""

    __slots__ = ("columns", "size")

    def __init__(self, columns: Sequence[Column], size: int) -> None:
        self.columns = columns
        self.size = size

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[Event]:
        rows = zip(*(_values(column, self.size) for column in self.columns), strict=True)
        return (msgspec.convert(dict(zip(EVENTS.names, row, strict=True)), Event) for row in rows)

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


def block_of(events: Sequence[Event]) -> Block:
    """The block of these events, of which there is at least one."""
    nothing = (None,) * len(events)
    columns = zip(*map(msgspec.structs.astuple, events), strict=False)
    # A subclass has fields behind those of the schema, and the two may come together.
    return Block(
        [NOTHING if values == nothing else values for values, _ in zip(columns, EVENTS, strict=False)], len(events)
    )


def batch_of(parts: Iterable[Sequence[Event]]) -> pa.RecordBatch:
    """All events of `parts` as one record batch, in their order; events that stand alone become columns together."""
    blocks: list[Block] = []
    for are_blocks, group in groupby(filter(len, parts), key=_is_block):
        run = list(group)
        blocks += cast("list[Block]", run) if are_blocks else [block_of(list(chain.from_iterable(run)))]
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
