"""What another reader finds in the lake: through deltalake, not through Footfall's own bookkeeping."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable


def stored(folder: Path, table: str) -> pa.Table:
    """The table's rows as its Delta log says, read file by file."""
    root = folder / table
    paths = pa.table(DeltaTable(str(root)).get_add_actions(flatten=True)).column("path").to_pylist()
    # ParquetFile, because read_table would take the folders' names for columns.
    tables = [pq.ParquetFile(root / path).read() for path in paths]
    return pa.concat_tables(tables) if tables else pa.table({})


def ids(folder: Path, table: str = "events", column: str = "event_id") -> list[str]:
    """The values of an id column, sorted."""
    found = stored(folder, table)
    return sorted(found.column(column).to_pylist()) if found.num_rows else []


def parquet_files(folder: Path, table: str = "events") -> set[str]:
    """Paths of all Parquet data files below the table, referred to or not."""
    return {str(path) for path in (folder / table).glob("project_id=*/day=*/*.parquet")}
