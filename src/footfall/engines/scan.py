"""The SQL that makes the tables out of a snapshot's files and tail; the same for every use of DuckDB.

Values that come from outside are file paths (quoted) and nothing else.
"""

from __future__ import annotations

from footfall.lake.files import LakeFile
from footfall.lake.layout import Layout

_SEPARATOR = "\x1f"


def paths(files: tuple[LakeFile, ...]) -> str:
    """A SQL expression for the list of these files: one literal, because parsing thousands takes far longer."""
    joined = _SEPARATOR.join(file.path for file in files).replace("'", "''")
    return f"string_split('{joined}', chr({ord(_SEPARATOR)}))"


def rows_sql(layout: Layout, files: tuple[LakeFile, ...], tail: str) -> str:
    """All rows: those of `files`, and those of the relation named `tail`. A column younger than a file is null."""
    columns = ", ".join(f'"{name}"' for name in layout.schema.names)
    held = f'SELECT {columns} FROM "{tail}"'
    if not files:
        return held
    if all(file.complete for file in files):
        return f"SELECT {columns} FROM read_parquet({paths(files)}, hive_partitioning=false) UNION ALL {held}"
    # Slower, as it looks into every file; only until files from before a column was added have been merged.
    found = f"SELECT * FROM read_parquet({paths(files)}, hive_partitioning=false, union_by_name=true)"
    return f"SELECT {columns} FROM ({found} UNION ALL BY NAME {held})"


def states_of(layout: Layout) -> str:
    """The relation that holds a table's states, where it has any."""
    return f"{layout.name}_states"


def newest_sql(layout: Layout) -> str:
    """Of the states in the relation `states_of` the newest one of each id, without those that are no more.

    Nearly every session has one state only; those that have several are found first and ranked alone, which is
    twice as fast as ranking all (1.5M sessions: 0.34 against 0.84 s).
    """
    states, state = states_of(layout), layout.state
    columns = ", ".join(f'"{name}"' for name in layout.schema.names)
    return f"""
        WITH several AS MATERIALIZED (
            SELECT project_id, {state} FROM "{states}" GROUP BY project_id, {state} HAVING count(*) > 1)
        SELECT {columns} FROM "{states}" ANTI JOIN several USING (project_id, {state}) WHERE NOT deleted
        UNION ALL
        SELECT {columns} FROM (
            SELECT * FROM "{states}" SEMI JOIN several USING (project_id, {state})
            QUALIFY row_number() OVER (PARTITION BY project_id, {state} ORDER BY revision DESC) = 1
        ) WHERE NOT deleted"""
