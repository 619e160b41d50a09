"""Rows become chunks of checked events: the same chunks from the same files, whenever they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Final, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from footfall.errors import BadRequest
from footfall.events.record import Record
from footfall.events.schema import EVENTS, REJECTED, to_batch
from footfall.events.wire import Source, reject
from footfall.imports.checking import Checked, RowCheck, joined
from footfall.imports.identity import RowIds
from footfall.imports.mapping import ColumnMap
from footfall.imports.plain import NO_ID
from footfall.imports.readers import Reading
from footfall.imports.rows import Block, Broken, Piece, Row, Rows

CHUNK_ROWS: Final = 32_000
"""So few that any column of them fits into one of Arrow's, whatever its texts."""
CHUNK_BYTES: Final = 32 << 20
"""Plain bytes of a chunk whose rows are large, so that the server takes it."""


class Chunk(NamedTuple):
    """Some thousand rows, checked."""

    number: int
    record: Record


class Chunks:
    """Cuts the rows of files into chunks, and gives every row its id."""

    def __init__(
        self, reading: Reading, columns: ColumnMap, source: Source, rewrite: Callable[[Rows], Rows] = lambda rows: rows
    ) -> None:
        """`source` holds what the server says of the project; its `door` becomes the name of each file.

        `rewrite` is given the rows of one file after another, and gives those that `columns` are of.
        """
        self._reading = reading
        self._rewrite = rewrite
        self._check = RowCheck(columns)
        self._source = source
        self._ids = RowIds()
        self._fault: BadRequest | None = None

    def __iter__(self) -> Iterator[Chunk]:
        """Raises `BadRequest` for a file that can't be read to its end; its rows up to there have been given then."""
        records = (part for taken in self._taken() for part in _parted(self._record(taken)))
        yield from map(Chunk, count(), records)
        if self._fault is not None:
            raise self._fault

    def _taken(self) -> Iterator[list[_Part]]:
        """`CHUNK_ROWS` rows at a time, file by file; what is wrong with a file ends them."""
        taken: list[_Part] = []
        try:
            for file in self._reading.files:
                part = _Part(msgspec.structs.replace(self._source, door=file.name), [], [])
                taken.append(part)
                left = CHUNK_ROWS - sum(map(_Part.size, taken))
                for piece in self._rewrite(self._reading.rows(file)):
                    rest: Piece | None = piece
                    while rest is not None:
                        fitting, rest = _cut(rest, left)
                        part.take(fitting)
                        left -= _size(fitting)
                        if not left:
                            yield taken
                            left = CHUNK_ROWS
                            part = _Part(part.source, [], [])
                            taken = [part]
        except BadRequest as error:
            self._fault = error
        if any(map(_Part.size, taken)):
            yield taken

    def _record(self, taken: list[_Part]) -> Record:
        checked = joined([part.checked(self._check) for part in taken])
        ids = pa.array(self._ids.give([*checked.texts, *checked.rejected_texts]), pa.string())
        given = checked.events["event_id"].combine_chunks()
        event_ids = pc.replace_with_mask(given, pc.equal(given, NO_ID), ids[: len(checked.texts)])
        [events] = checked.events.combine_chunks().to_batches() or [to_batch([], EVENTS)]
        return Record(
            _with_ids(events, "event_id", event_ids),
            _with_ids(to_batch(checked.rejected, REJECTED), "rejected_id", ids[len(checked.texts) :]),
        )


class _Part(NamedTuple):
    """Rows of one file."""

    source: Source
    pieces: list[Row | Block]
    broken: list[Broken]

    def take(self, piece: Piece) -> None:
        if isinstance(piece, Broken):
            self.broken.append(piece)
        else:
            self.pieces.append(piece)

    def size(self) -> int:
        return sum(map(_size, self.pieces)) + len(self.broken)

    def checked(self, check: RowCheck) -> Checked:
        refused = [reject(self.source, row.reason, row.detail, line=row.line, body=row.text) for row in self.broken]
        checked = check(self.pieces, self.source)
        texts = [row.text.encode() for row in self.broken]
        return checked._replace(rejected=checked.rejected + refused, rejected_texts=checked.rejected_texts + texts)


def _parted(record: Record) -> Iterator[Record]:
    """The record, or its halves' halves where it is too large."""
    events, rejected = record
    if events.nbytes + rejected.nbytes <= CHUNK_BYTES or len(events) + len(rejected) <= 1:
        yield record
        return
    half = (len(events) + 1) // 2, len(rejected) // 2
    yield from _parted(Record(events.slice(0, half[0]), rejected.slice(0, half[1])))
    yield from _parted(Record(events.slice(half[0]), rejected.slice(half[1])))


def _size(piece: Piece) -> int:
    return len(piece) if isinstance(piece, Block) else 1


def _cut(piece: Piece, rows: int) -> tuple[Piece, Piece | None]:
    """At most `rows` rows of a piece, and what is left of it."""
    return piece.cut(rows) if isinstance(piece, Block) and len(piece) > rows else (piece, None)


def _with_ids(batch: pa.RecordBatch, column: str, ids: pa.Array) -> pa.RecordBatch:
    place = batch.schema.get_field_index(column)
    return batch.set_column(place, batch.schema.field(place), ids)
