"""From options to a folder: events by day, the truth beside them, and a summary of both."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

import msgspec
import numpy as np
import pyarrow as pa

from footfall.errors import Conflict
from footfall.events.time import DAY_US, write_time
from footfall.generate.bulk.block import Made, Maker
from footfall.generate.bulk.files import Form, TableFile
from footfall.generate.bulk.options import Options
from footfall.generate.bulk.rhythm import Rhythm
from footfall.generate.episodes import EPISODES
from footfall.generate.shapes import CLASSES
from footfall.generate.visits import written

SUMMARY: Final = "summary.json"
_OURS: Final = ("catalog", "events", "truth", SUMMARY)
_FRAUD: Final = pa.schema(
    [
        ("episode_id", pa.string()),
        ("rule", pa.string()),
        ("subject", pa.string()),
        ("first", pa.string()),
        ("last", pa.string()),
        ("event_ids", pa.list_(pa.string())),
    ]
)
_EPOCH: Final = date(1970, 1, 1)


class Progress(NamedTuple):
    """How far it has come."""

    done: int
    events: int


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What a world holds, as `summary.json` says it; money is decimal text. Footfall counts the same once it is in."""

    options: Options
    events: int
    rejected: int
    """Events that Footfall will refuse: none."""
    events_by_name: dict[str, int]
    bot_events: int
    sessions: int
    sessions_by_class: dict[str, int]
    customers: int
    churned: int
    purchases: int
    revenue: str
    refunds: str
    fraud_by_rule: dict[str, int]
    first: str
    last: str
    files: int


def generate(
    folder: Path,
    options: Options,
    *,
    form: Form = Form.PARQUET,
    force: bool = False,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Summary:
    """Write a world to `folder`; `force` replaces one that is there.

    Raises `Conflict` when the folder holds anything else, or a world and not `force`.
    """
    _make_room(folder, force=force)
    maker, rhythm = Maker(options), Rhythm(options)
    totals = _Totals(maker.tables.names)
    with _SessionsFile(folder / "truth" / f"sessions.{form}", form) as sessions:
        for block in rhythm.blocks():
            made = maker.make(block)
            for day, rows in _by_day(made):
                path = folder / "events" / f"date={day}" / f"part-{block.number:05}.{form}"
                with TableFile(path, rows.schema, form) as file:
                    file.write(rows)
                totals.files += 1
            sessions.write(made.sessions)
            totals.add(made)
            progress(Progress(totals.events, options.events))
    _write(folder / "catalog" / f"products.{form}", maker.tables.catalog(), form)
    _write(folder / "truth" / f"customers.{form}", maker.people.table(), form)
    _write(folder / "truth" / f"fraud.{form}", _fraud_table(totals.fraud, form), form)
    summary = totals.summary(options, churned=int(maker.people.churned.sum()))
    text = msgspec.json.format(msgspec.json.encode(summary), indent=2)
    (folder / SUMMARY).write_bytes(text + b"\n")
    return summary


def _make_room(folder: Path, *, force: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise Conflict(f"{folder} is a file; name a folder")
    found = sorted(path.name for path in folder.iterdir()) if folder.exists() else []
    strange = [name for name in found if name not in _OURS]
    if strange:
        raise Conflict(f"{folder} holds {strange[0]!r}, which is no part of a generated world; name another folder")
    if found and not force:
        raise Conflict(f"{folder} holds a generated world already; --force replaces it")
    for name in found:
        path = folder / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    folder.mkdir(parents=True, exist_ok=True)


def _by_day(made: Made) -> Iterator[tuple[date, pa.Table]]:
    """The rows of each UTC day, a slice of the table."""
    first, last = int(made.ts_us[0]) // DAY_US, int(made.ts_us[-1]) // DAY_US
    starts = np.searchsorted(made.ts_us, np.arange(first, last + 2) * DAY_US)
    for day, begin, end in zip(range(first, last + 1), starts[:-1], starts[1:], strict=True):
        if end > begin:
            yield _EPOCH + timedelta(days=day), made.events.slice(begin, end - begin)


def _write(path: Path, table: pa.Table, form: Form) -> None:
    with TableFile(path, table.schema, form) as file:
        file.write(table)


def _fraud_table(episodes: list[dict[str, Any]], form: Form) -> pa.Table:
    table = pa.Table.from_pylist(episodes, _FRAUD)
    if form is Form.CSV:
        joined = pa.array([" ".join(one["event_ids"]) for one in episodes], pa.string())
        table = table.set_column(table.schema.get_field_index("event_ids"), "event_ids", joined)
    return table


class _SessionsFile:
    """The truth about sessions, which comes block by block."""

    def __init__(self, path: Path, form: Form) -> None:
        self._path = path
        self._form = form
        self._file: TableFile | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._file is not None:
            self._file.__exit__(None, None, None)

    def write(self, table: pa.Table) -> None:
        if self._file is None:
            self._file = TableFile(self._path, table.schema, self._form)
        self._file.write(table)


class _Totals:
    """What has been made so far."""

    def __init__(self, names: list[str]) -> None:
        self._names = names
        self._by_name = np.zeros(len(names), np.int64)
        self._by_class = np.zeros(len(CLASSES), np.int64)
        self._revenue = self._refunds = self._purchases = self._bots = 0
        self._first_us: int | None = None
        self._last_us = 0
        self.fraud: list[dict[str, Any]] = []
        self.events = self.files = 0

    def add(self, made: Made) -> None:
        """Count a block."""
        self._by_name += made.names
        self._by_class += made.classes
        self._revenue += made.revenue_cents
        self._refunds += made.refund_cents
        self._purchases += int(made.names[self._names.index("purchase")])
        self._bots += made.bot_events
        first_us, last_us = int(made.ts_us[0]), int(made.ts_us[-1])
        self._first_us = first_us if self._first_us is None else min(self._first_us, first_us)
        self._last_us = max(self._last_us, last_us)
        self.fraud += made.fraud
        self.events += len(made.ts_us)

    def summary(self, options: Options, *, churned: int) -> Summary:
        """All of it."""
        rules = [one["rule"] for one in self.fraud]
        return Summary(
            options=options,
            events=self.events,
            rejected=0,
            events_by_name={
                name: int(count) for name, count in zip(self._names, self._by_name, strict=True) if count > 0
            },
            bot_events=self._bots,
            sessions=int(self._by_class.sum()),
            sessions_by_class={name: int(n) for name, n in zip(CLASSES, self._by_class, strict=True)},
            customers=options.customers,
            churned=churned,
            purchases=self._purchases,
            revenue=written(self._revenue),
            refunds=written(self._refunds),
            fraud_by_rule={rule: rules.count(rule) for rule in EPISODES},
            first=write_time(self._first_us or 0),
            last=write_time(self._last_us),
            files=self.files,
        )
