"""Rows are checked as every door does, the plain ones column by column (`plain`), the others one by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from footfall.events.event import Event, Rejected
from footfall.events.schema import EVENTS, to_batch
from footfall.events.wire import Source, check
from footfall.imports.identity import RowText
from footfall.imports.mapping import ColumnMap
from footfall.imports.plain import NO_ID, plain_events, plan_of
from footfall.imports.rows import Block, Mask, Row, in_blocks

_PLANS: Final = 256
_FEW: Final = 20
"""Rows of the same columns that are worth the fast lane."""
_NO_IDS: Final = ("", NO_ID)


class Checked(NamedTuple):
    """What became of some rows: their events, those refused, and what rows say that need an id."""

    events: pa.Table
    texts: list[bytes]
    """What the rows of the events say that have no id, in their order."""
    rejected: list[Rejected]
    rejected_texts: list[bytes]


class RowCheck:
    """Makes events of the rows of one import."""

    def __init__(self, columns: ColumnMap) -> None:
        self._map = columns
        self._say = RowText(columns.is_time, columns.is_address)
        self._plan_of = lru_cache(_PLANS)(lambda names: plan_of(names, columns))

    def __call__(self, pieces: Iterable[Row | Block], source: Source) -> Checked:
        """The events of some rows, with the id `NO_ID` where a row states none, and those that are refused."""
        return joined([self._block(block, source) for block in in_blocks(pieces)])

    def _block(self, block: Block, source: Source) -> Checked:
        events, is_plain = self._plain(block, source)
        quick = Checked(events, self._texts(block, is_plain, events), [], [])
        return quick if is_plain.all() else joined([quick, self._careful(block.rows(~is_plain), source)])

    def _texts(self, block: Block, is_plain: Mask, events: pa.Table) -> list[bytes]:
        """What the plain rows of a block say that state no id; they are those of `events`."""
        unnamed = pc.equal(events["event_id"], NO_ID)
        if not pc.any(unnamed, min_count=0).as_py():
            return []
        chosen = is_plain.copy()
        chosen[is_plain] = unnamed.to_numpy()
        return self._say.many(block.filter(chosen), events["ts_us"].filter(unnamed).combine_chunks())

    def _plain(self, block: Block, source: Source) -> tuple[pa.Table, Mask]:
        plan = self._plan_of(block.columns) if len(block) >= _FEW else None
        if plan is not None:
            try:
                return plain_events(plan, block, source, self._map.constants)
            except (pa.ArrowException, UnicodeError, TypeError):
                pass  # a value among them that no column can hold: one by one it is told which
        return EVENTS.empty_table(), np.zeros(len(block), np.bool_)

    def _careful(self, rows: Iterable[Row], source: Source) -> Checked:
        events: list[Event] = []
        checked = Checked(EVENTS.empty_table(), [], [], [])
        for row in rows:
            known, spare = self._map.fields(row)
            outcome = check(known | spare, source, line=row.line)
            if isinstance(outcome, Rejected):
                checked.rejected.append(outcome)
                checked.rejected_texts.append(self._say(row, None))
            elif str(known.get("event_id", "")).strip() in _NO_IDS:
                events.append(msgspec.structs.replace(outcome, event_id=NO_ID))
                checked.texts.append(self._say(row, outcome.ts_us))
            else:
                events.append(outcome)
        return checked._replace(events=pa.Table.from_batches([to_batch(events, EVENTS)]))


def joined(parts: Sequence[Checked]) -> Checked:
    """All parts as one, in order."""
    return Checked(
        pa.concat_tables([EVENTS.empty_table(), *(part.events for part in parts)]),
        [text for part in parts for text in part.texts],
        [rejected for part in parts for rejected in part.rejected],
        [text for part in parts for text in part.rejected_texts],
    )
