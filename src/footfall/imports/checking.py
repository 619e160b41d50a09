"""Rows are checked as every door does, the plain ones column by column (`plain`), the others one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from itertools import compress
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
from footfall.imports.plain import NO_ID, Mask, plain_events, plan_of
from footfall.imports.rows import Row

_PLANS: Final = 256
_FEW: Final = 20
"""Rows of the same columns that are worth the fast lane."""


class Checked(NamedTuple):
    """What became of some rows: their events, those refused, and what each of these says.

    An event that has an id of its own says nothing (`b""`): the text is what ids are made of.
    """

    events: pa.Table
    event_texts: list[bytes]
    rejected: list[Rejected]
    rejected_texts: list[bytes]


class RowCheck:
    """Makes events of the rows of one import."""

    def __init__(self, columns: ColumnMap) -> None:
        self._map = columns
        self._say = RowText(columns.is_time)
        self._plan_of = lru_cache(_PLANS)(lambda names: plan_of(names, columns))

    def __call__(self, rows: Sequence[Row], source: Source) -> Checked:
        """The events of `rows`, with the id `NO_ID` where a row states none, and those that are refused."""
        alike: dict[tuple[str, ...], list[Row]] = defaultdict(list)
        for row in rows:
            alike[row.columns].append(row)
        parts = [self._group(columns, group, source) for columns, group in alike.items()]
        return joined(parts)

    def _group(self, columns: tuple[str, ...], rows: Sequence[Row], source: Source) -> Checked:
        """Rows of the same columns."""
        events, is_plain = self._plain(columns, rows, source)
        texts = self._texts(list(compress(rows, is_plain)), events)
        others = self._careful(list(compress(rows, ~is_plain)), source)
        return joined([Checked(events, texts, [], []), others])

    def _texts(self, rows: Sequence[Row], events: pa.Table) -> list[bytes]:
        """What the rows of `events` say; nothing where a row states its own id."""
        unnamed = pc.equal(events["event_id"], NO_ID).to_numpy()
        times = events["ts_us"].filter(pa.array(unnamed)).combine_chunks()
        said = iter(self._say.many(list(compress(rows, unnamed)), times) if unnamed.any() else ())
        return [next(said) if is_unnamed else b"" for is_unnamed in unnamed.tolist()]

    def _plain(self, columns: tuple[str, ...], rows: Sequence[Row], source: Source) -> tuple[pa.Table, Mask]:
        plan = self._plan_of(columns) if len(rows) >= _FEW else None
        if plan is not None:
            try:
                return plain_events(plan, rows, source, self._map.constants)
            except (pa.ArrowException, UnicodeError, TypeError):
                pass  # a value among them that no column can hold: one by one it is told which
        return EVENTS.empty_table(), np.zeros(len(rows), np.bool_)

    def _careful(self, rows: Sequence[Row], source: Source) -> Checked:
        events: list[Event] = []
        checked = Checked(EVENTS.empty_table(), [], [], [])
        for row in rows:
            known, spare = self._map.fields(row)
            outcome = check(known | spare, source, line=row.line)
            if isinstance(outcome, Rejected):
                checked.rejected.append(outcome)
                checked.rejected_texts.append(self._say(row, None))
            else:
                states_id = str(known.get("event_id", "")).strip()
                events.append(outcome if states_id else msgspec.structs.replace(outcome, event_id=NO_ID))
                checked.event_texts.append(b"" if states_id else self._say(row, outcome.ts_us))
        return checked._replace(events=pa.Table.from_batches([to_batch(events, EVENTS)]))


def joined(parts: Sequence[Checked]) -> Checked:
    """All parts as one, in order."""
    return Checked(
        pa.concat_tables([EVENTS.empty_table(), *(part.events for part in parts)]),
        [text for part in parts for text in part.event_texts],
        [rejected for part in parts for rejected in part.rejected],
        [text for part in parts for text in part.rejected_texts],
    )
