"""What questions are asked of: one project's tables at one moment, whichever engine has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

if TYPE_CHECKING:
    import ibis.expr.types as ir


class Tables(Protocol):
    """Tables as `docs/tables.md` has them, of one project (`footfall.engines.duckdb.Tables`)."""

    @property
    def events(self) -> ir.Table: ...
    @property
    def sessions(self) -> ir.Table: ...
    @property
    def links(self) -> ir.Table: ...
    @property
    def alerts(self) -> ir.Table: ...
    @property
    def rejected(self) -> ir.Table: ...
    @property
    def first_events(self) -> ir.Table | None: ...
    def run(self, expr: ir.Table, *, max_rows: int | None = None) -> pa.Table: ...
