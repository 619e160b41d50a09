"""Answers as SQL, kept by what was asked: what Ibis takes a third of a second for is done once for each question.

SQL names tables and holds nothing of them, so it is right for whatever they hold. It is run in `duckdb`.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends.duckdb import Backend

Keep: TypeAlias = Callable[[ir.Table], ir.Table]
"""Gives back a step that several tables are made of as a table that is worked out once."""
Ask: TypeAlias = Callable[[Keep], Mapping[str, ir.Table | None]]
"""An answer's tables, made when it is called; it gives their common steps to `Keep`."""

MOST_CHARACTERS: Final = 1 << 24
"""Of all SQL that is kept."""


def relation(name: str, schema: ibis.Schema, source: Backend) -> ir.Table:
    """The relation `name` as Ibis sees it; asking DuckDB for its columns would open files."""
    return ops.DatabaseTable(name, schema=schema, source=source, namespace=ops.Namespace()).to_expr()


@dataclass(frozen=True)
class Plan:
    """An answer ready to run: nothing of it depends on what the tables hold."""

    reads: frozenset[str]
    """Relations that must be there."""
    steps: Mapping[str, str]
    """{name of a temporary table: the SQL that fills it}, in order."""
    tables: Mapping[str, tuple[str, pa.Schema]]
    """{name: its SQL and the types of its columns}; an answer's table that was not asked for is left out."""

    @property
    def characters(self) -> int:
        """What it takes to keep it."""
        return sum(map(len, self.steps.values())) + sum(len(text) for text, _ in self.tables.values())

    @classmethod
    def of(cls, ask: Ask, backend: Backend) -> Plan:
        """The plan of an answer whose tables `backend` knows."""
        reads: set[str] = set()
        steps: dict[str, str] = {}

        def compiled(table: ir.Table) -> str:
            reads.update(found.name for found in table.op().find(ops.DatabaseTable))
            text: str = backend.compile(table)
            return text

        def keep(step: ir.Table) -> ir.Table:
            name = f"kept_{len(steps)}"
            steps[name] = compiled(step)
            return relation(name, step.schema(), backend)

        tables = {
            name: (compiled(table), table.schema().to_pyarrow())
            for name, table in ask(keep).items()
            if table is not None
        }
        return cls(frozenset(reads - set(steps)), steps, tables)


class Plans:
    """The plans of the last questions, at most `most` characters of them; safe to use from any thread."""

    def __init__(self, most: int = MOST_CHARACTERS) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[bytes, Plan] = OrderedDict()
        self._characters = 0

    def of(self, question: bytes, make: Callable[[], Plan]) -> Plan:
        """The plan of a question, which `question` must tell from every other one; made where it is not known."""
        with self._lock:
            found = self._kept.get(question)
            if found is not None:
                self._kept.move_to_end(question)
                return found
        plan = make()
        with self._lock:
            if question not in self._kept:
                self._kept[question] = plan
                self._characters += plan.characters + len(question)
            while self._characters > self._most:
                gone, dropped = self._kept.popitem(last=False)
                self._characters -= dropped.characters + len(gone)
        return plan
