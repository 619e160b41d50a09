"""Rows become chunks of checked events: the same chunks from the same files, whenever they are read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec
import pyarrow as pa

from footfall.errors import BadRequest
from footfall.events.event import Event, Rejected
from footfall.events.reasons import Reason
from footfall.events.record import Record
from footfall.events.schema import EVENTS, REJECTED, to_batch
from footfall.events.wire import Source, reject
from footfall.imports.checking import NO_ID, RowCheck
from footfall.imports.identity import RowIds, RowText
from footfall.imports.mapping import ColumnMap
from footfall.imports.readers import Reading
from footfall.imports.rows import Broken, Row

CHUNK_ROWS: Final = 20_000


class Chunk(NamedTuple):
    """Some thousand rows, checked."""

    number: int
    record: Record


class Chunks:
    """Cuts the rows of files into chunks, and gives every row its id."""

    def __init__(self, reading: Reading, columns: ColumnMap, source: Source, ids: RowIds) -> None:
        """`source` holds what the server says of the project; its `door` becomes the name of each file."""
        self._reading = reading
        self._check = RowCheck(columns)
        self._source = source
        self._ids = ids
        self._say = RowText(columns.is_time)
        self._taken = _Taken()

    def __iter__(self) -> Iterator[Chunk]:
        """Raises `BadRequest` for a file that can't be read to its end; its rows up to there have been given then."""
        number = 0
        fault = None
        try:
            for file in self._reading.files:
                source = msgspec.structs.replace(self._source, door=file.name)
                for row in self._reading.rows(file):
                    self._take(row, source)
                    if self._taken.rows == CHUNK_ROWS:
                        yield Chunk(number, self._record())
                        number += 1
        except BadRequest as error:
            fault = error
        if self._taken.rows:
            yield Chunk(number, self._record())
        if fault is not None:
            raise fault

    def _take(self, row: Row | Broken, source: Source) -> None:
        if isinstance(row, Broken):
            refused = reject(source, Reason.NOT_AN_OBJECT, row.detail, line=row.line, body=row.text)
            self._taken.refuse(refused, row.text.encode())
            return
        outcome = self._check(row, source)
        if isinstance(outcome, Rejected):
            self._taken.refuse(outcome, self._say(row, None))
        else:
            self._taken.accept(outcome, self._say(row, outcome.ts_us) if outcome.event_id == NO_ID else None)

    def _record(self) -> Record:
        taken, self._taken = self._taken, _Taken()
        said = [text for text in taken.accepted_texts if text is not None]
        ids = iter(self._ids.give([*said, *taken.refused_texts]))
        event_ids = [
            event.event_id if text is None else next(ids)
            for event, text in zip(taken.accepted, taken.accepted_texts, strict=True)
        ]
        return Record(
            _with_ids(to_batch(taken.accepted, EVENTS), "event_id", event_ids),
            _with_ids(to_batch(taken.refused, REJECTED), "rejected_id", list(ids)),
        )


class _Taken:
    """The rows of the chunk in hand, and what each says; an event that came with an id of its own has no text."""

    def __init__(self) -> None:
        self.accepted: list[Event] = []
        self.accepted_texts: list[bytes | None] = []
        self.refused: list[Rejected] = []
        self.refused_texts: list[bytes] = []

    @property
    def rows(self) -> int:
        return len(self.accepted) + len(self.refused)

    def accept(self, event: Event, text: bytes | None) -> None:
        self.accepted.append(event)
        self.accepted_texts.append(text)

    def refuse(self, rejected: Rejected, text: bytes) -> None:
        self.refused.append(rejected)
        self.refused_texts.append(text)


def _with_ids(batch: pa.RecordBatch, column: str, ids: list[str]) -> pa.RecordBatch:
    place = batch.schema.get_field_index(column)
    return batch.set_column(place, batch.schema.field(place), pa.array(ids, pa.string()))
