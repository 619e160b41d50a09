"""Questions in Ibis, answered by DuckDB over one snapshot: limited, and confined to one project.

Confinement of reads to a project happens here and nowhere else; no figure is computed here.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from shutil import rmtree
from types import TracebackType
from typing import Final, NamedTuple, Self
from uuid import uuid4

import duckdb
import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
from ibis.backends.duckdb import Backend

from footfall.engines.plans import Ask, Plan, Plans, relation
from footfall.engines.scan import newest_sql, rows_sql, states_of
from footfall.errors import QueryLimit, Unavailable
from footfall.events.linking import LINKS, NO_RULING, Ruling
from footfall.lake.index.index import Index
from footfall.lake.index.whole import Whole
from footfall.lake.layout import LAYOUTS
from footfall.lake.view import Snapshot

_BATCH_ROWS = 50_000
_IDLE = 4
_LINKS: Final = "links"
_LINKS_SCHEMA: Final = ibis.schema(LINKS)
_SCHEMAS = {name: ibis.schema(layout.schema) for name, layout in LAYOUTS.items()}


@dataclass(frozen=True)
class Limits:
    """What one question may use; `rows` and `bytes` are of the answer, `rows=None` means any number."""

    seconds: float = 30.0
    memory_bytes: int = 1 << 30
    rows: int | None = 100_000
    bytes: int = 1 << 28
    threads: int = 2
    spill: Path | None = None
    """A folder that is there, for what does not fit into memory; without one such a question is refused."""
    spill_bytes: int = 4 << 30
    """Most of it on disk."""


class Said(NamedTuple):
    """What was said of a project's people."""

    ruling: Ruling
    """What was decided."""
    links: Callable[[Tables], pa.Table]
    """Finds the rows of `Tables.links`, once a question needs them."""


class _Backend(Backend):  # type: ignore[misc]  # Ibis ships no types
    """Ibis' own, with tables whose columns are known, and which outlives its connection without complaint."""

    def relation(self, expr: ir.Expr) -> duckdb.DuckDBPyRelation:
        """`expr` ready to run."""
        found: duckdb.DuckDBPyRelation = self._to_duckdb_relation(expr)
        return found

    def _create_cached_table(self, name: str, expr: ir.Table) -> ir.Table:
        self._run_pre_execute_hooks(expr)
        self.con.execute(f'CREATE TEMP TABLE "{name}" AS {self.compile(expr)}')
        return relation(name, expr.schema(), self)

    def _drop_cached_table(self, name: str) -> None:
        """Cached tables are temporary: they went with the connection if that is closed."""
        with suppress(duckdb.ConnectionException):
            self.con.execute(f'DROP TABLE temp."{name}"')


class _Databases:
    """In-memory databases, each in use by one question at a time; opening one takes 30 ms, so a few are kept.

    One that wrote to disk is not: closing it removes what it wrote.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: dict[tuple[int, int], list[duckdb.DuckDBPyConnection]] = defaultdict(list)

    @contextmanager
    def one(self, limits: Limits) -> Iterator[duckdb.DuckDBPyConnection]:
        """A database for one question."""
        database, spilled = self._take(limits), None
        if limits.spill is not None:
            spilled = limits.spill / uuid4().hex  # DuckDB makes it when it needs it
            database.execute("SET temp_directory = $1", [str(spilled)])
            database.execute(f"SET max_temp_directory_size = '{limits.spill_bytes}B'")
        try:
            yield database
        finally:
            if spilled is None or not spilled.exists():
                self._give_back(limits, database)
            else:
                database.close()
                rmtree(spilled, ignore_errors=True)

    def _take(self, limits: Limits) -> duckdb.DuckDBPyConnection:
        with self._lock:
            idle = self._idle[limits.memory_bytes, limits.threads]
            if idle:
                return idle.pop()
        return duckdb.connect(
            config={
                "memory_limit": f"{limits.memory_bytes}B",
                "threads": limits.threads,
                "temp_directory": "",
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "python_enable_replacements": False,
            }
        )

    def _give_back(self, limits: Limits, database: duckdb.DuckDBPyConnection) -> None:
        database.execute("SET temp_directory = ''")
        with self._lock:
            idle = self._idle[limits.memory_bytes, limits.threads]
            if len(idle) < _IDLE:
                idle.append(database)
                return
        database.close()


_DATABASES = _Databases()
_PLANS = Plans()


def confined(rows: pa.Table, project_id: str | None) -> pa.Table:
    """The rows of one project; all when it is None."""
    if project_id is None or not rows.num_rows:
        return rows
    mine = pc.equal(rows.column("project_id"), project_id)
    return rows if pc.all(mine).as_py() else rows.filter(mine)


class Tables:
    """The tables of one project (of all when `project_id` is None) at one moment; a context manager.

    Not for several threads at a time.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        project_id: str | None,
        limits: Limits | None = None,
        *,
        index: Index | None = None,
        said: Said | None = None,
    ) -> None:
        self._snapshot = snapshot
        self._project_id = project_id
        self._index = index
        self._said = said or Said(NO_RULING, lambda _: LINKS.empty_table())
        self._limits = limits or Limits()
        self._resources = ExitStack()
        self._views: set[str] = set()

    def __enter__(self) -> Self:
        database = self._resources.enter_context(_DATABASES.one(self._limits))
        self._connection = database.cursor()
        self._resources.callback(self._connection.close)
        self._backend: _Backend = _Backend.from_connection(self._connection)
        self._ends = time.monotonic() + self._limits.seconds
        self._hurry()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._resources.close()
        if isinstance(error, duckdb.Error) and (explained := _explained(error, self._limits)) is not error:
            raise explained from error

    @cached_property
    def events(self) -> ir.Table:
        """Every event once; columns as `lake.event.STORED`."""
        return self._made("events")

    @cached_property
    def first_events(self) -> ir.Table | None:
        """What is left of events of days that were removed, with the columns of `events`; None when none were."""
        return self._made("first_events") if self._snapshot.files_of("first_events", self._project_id) else None

    @cached_property
    def whole(self) -> Whole | None:
        """The same events as the index has them; None where there is none, or it can't be used."""
        if self._index is None or self._project_id is None:
            return None
        return self._index.whole(self._snapshot, self._project_id, self._said.ruling)

    @property
    def links(self) -> ir.Table:
        """What was said of ids; columns as `events.linking.LINKS`. Its rows are found when a question needs them."""
        return relation(_LINKS, _LINKS_SCHEMA, self._backend)

    @cached_property
    def sessions(self) -> ir.Table:
        """The newest state of every session that there is; columns as `sessions.schema.SESSIONS`."""
        return self._newest("sessions")

    @cached_property
    def alerts(self) -> ir.Table:
        """The newest state of every alert that there is; columns as `lake.alert.ALERTS`."""
        return self._newest("alerts")

    @cached_property
    def rejected(self) -> ir.Table:
        """Every refused event; columns as `events.schema.REJECTED`."""
        return self._made("rejected")

    @cached_property
    def books(self) -> ir.Table:
        """What arrived, in parts that add up; columns as `lake.books.BOOKS`."""
        return self._made("books")

    def session(self, session_id: str) -> ir.Table:
        """`sessions` of this id: a row or none. Reads only where the id can be, unlike a filter over `sessions`."""
        states = self._states("sessions")
        newest = states.filter(states.session_id == session_id).order_by(states.revision.desc()).limit(1)
        return newest.filter(~newest.deleted)

    def run(self, expr: ir.Table, *, max_rows: int | None = None) -> pa.Table:
        """The answer to a question over these tables, in the types that Ibis says.

        Raises errors.QueryLimit when it takes too long, too much memory, or has more than `max_rows` rows (the
        limits' rows when that is None).
        """
        rows = self._limits.rows if max_rows is None else max_rows
        if any(found.name == _LINKS for found in expr.op().find(ops.DatabaseTable)):
            self._link()
        with self._limited():
            return fetched(self._backend.relation(expr), rows, self._limits.bytes).cast(expr.schema().to_pyarrow())

    def answer(self, question: bytes, ask: Ask) -> dict[str, pa.Table]:
        """The tables of an answer over these tables, by their names; one that was not asked for is left out.

        `question` tells everything that the answer depends on but for what the tables hold: of two alike, the second
        is not compiled again. All its tables together may take what time is left since these were opened. Raises
        errors.QueryLimit as `run`.
        """
        plan = _PLANS.of(question, lambda: Plan.of(ask, self._backend))
        for name in plan.reads:
            getattr(self, name)
        if _LINKS in plan.reads:
            self._link()
        answers: dict[str, pa.Table] = {}
        with self._limited(), ExitStack() as made:
            for name, text in plan.steps.items():
                self._hurry()
                self._connection.execute(f"CREATE TEMP TABLE {name} AS {text}")
                made.callback(self._connection.execute, f"DROP TABLE temp.{name}")
            for name, (text, schema) in plan.tables.items():
                self._hurry()
                answers[name] = fetched(self._connection.sql(text), self._limits.rows, self._limits.bytes).cast(schema)
        return answers

    def _link(self) -> None:
        """Have the rows of `links` there."""
        if _LINKS not in self._views:
            self._views.add(_LINKS)
            self._connection.register(_LINKS, self._said.links(self))

    def _hurry(self) -> None:
        """Leave the next statement what remains of the question's time."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise _took_too_long(self._limits)
        self._connection.execute(f"SET max_execution_time = {max(1, round(left * 1000))}")

    @contextmanager
    def _limited(self) -> Iterator[None]:
        """Says which limit made DuckDB stop."""
        try:
            yield
        except (duckdb.Error, OSError) as error:
            raise _explained(error, self._limits) from error

    def _newest(self, table: str) -> ir.Table:
        self._states(table)
        self._connection.execute(f"CREATE TEMP VIEW {table} AS {newest_sql(LAYOUTS[table])}")
        return relation(table, _SCHEMAS[table], self._backend)

    def _states(self, table: str) -> ir.Table:
        return self._made(table, states_of(LAYOUTS[table]))

    def _made(self, table: str, view: str | None = None) -> ir.Table:
        """The rows of a table, under its own name or as the relation `view`."""
        view = view or table
        if view not in self._views:
            tail = f"{view}_tail"
            self._connection.register(tail, confined(self._snapshot.tail[table], self._project_id))
            files = self._snapshot.files_of(table, self._project_id)
            self._connection.execute(f"CREATE TEMP VIEW {view} AS {rows_sql(LAYOUTS[table], files, tail)}")
            self._views.add(view)
        return relation(view, _SCHEMAS[table], self._backend)


def fetched(relation: duckdb.DuckDBPyRelation, rows: int | None, size: int) -> pa.Table:
    """The relation's answer; raises errors.QueryLimit beyond `rows` rows or `size` bytes, without reading further."""
    batches: list[pa.RecordBatch] = []
    count = held = 0
    with relation.to_arrow_reader(_BATCH_ROWS) as reader:
        for batch in reader:
            count += batch.num_rows
            held += batch.nbytes
            if rows is not None and count > rows:
                raise QueryLimit(f"The answer has more than {rows} rows. Filter, aggregate, or ask for fewer.")
            if held > size:
                raise QueryLimit(f"The answer is over {size} bytes. Ask for fewer columns or rows.")
            batches.append(batch)
        return pa.Table.from_batches(batches, reader.schema)


def _explained(error: Exception, limits: Limits) -> Exception:
    """What the user must know of `error`; the error itself when it is a defect."""
    return limit_met(error, limits) or (
        Unavailable("The lake's files can't be read at the moment; check the disk.", retry_after=5)
        if isinstance(error, duckdb.IOException)
        else error
    )


def _took_too_long(limits: Limits) -> QueryLimit:
    return QueryLimit(f"The question took longer than {limits.seconds:g} s. Ask for less: a shorter time range, say.")


def limit_met(error: Exception, limits: Limits) -> QueryLimit | None:
    """The limit that made DuckDB stop, if it was one. While rows are streamed its errors come as OSError."""
    text = str(error)
    if isinstance(error, duckdb.InterruptException) or text.startswith("INTERRUPT"):
        return _took_too_long(limits)
    if isinstance(error, duckdb.OutOfMemoryException) or text.startswith("Out of Memory"):
        disk = "" if limits.spill is None else f" of memory and {limits.spill_bytes >> 20} MiB of disk"
        return QueryLimit(
            f"The question needed more than {limits.memory_bytes >> 20} MiB{disk}. "
            "Ask for less: a shorter time range, say."
        )
    return None
