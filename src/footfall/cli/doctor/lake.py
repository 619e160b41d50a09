"""The lake: each table's log can be read, and every file that it names is there. Reading changes nothing of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from footfall.cli.doctor.finding import Check, Finding, fault, ok, warning
from footfall.cli.doctor.patient import Patient

_ENTRY = re.compile(r"\d{20}\.json")


def _lake(patient: Patient) -> Iterator[Finding]:
    if not patient.started:
        return
    from footfall.lake.layout import LAYOUTS

    restore = f"restore the whole of {patient.folder} from one backup; its files belong together"
    for table in LAYOUTS:
        root = patient.folder / "lake" / table
        if not (root / "_delta_log").is_dir():
            if not patient.owner.held:
                yield warning(f"there is no table {table} yet", f"footfall serve {patient.option}  (it makes one)")
        elif (entries := _log_entries(root)) and not patient.owner.held and (broken := _broken_end(entries)):
            if broken > 1:
                yield fault(f"the log of {table} is damaged: {entries[-2].name} can't be read", restore)
            else:
                yield warning(
                    f"the last commit to {table} was cut short, and was never confirmed",
                    f"footfall serve {patient.option}  (it takes the commit back, and makes it again)",
                )
        else:
            yield _files(table, root, restore)


def _log_entries(root: Path) -> list[Path]:
    return sorted(path for path in (root / "_delta_log").iterdir() if _ENTRY.fullmatch(path.name))


def _broken_end(entries: list[Path]) -> int:
    """How many of the last two entries can't be read, from the end."""
    from footfall.lake.log import read_entry

    if read_entry(entries[-1]) is not None:
        return 0
    return 2 if len(entries) > 1 and read_entry(entries[-2]) is None else 1


def _files(table: str, root: Path, restore: str) -> Finding:
    from deltalake.exceptions import DeltaError

    try:
        named = dict(added(root, "path", "size_bytes"))
    except DeltaError as error:
        return fault(f"the log of {table} can't be read: {str(error).splitlines()[0][:200]}", restore)
    there = {str(path.relative_to(root)): path.stat().st_size for path in root.glob("*=*/**/*.parquet")}
    missing = sorted(named.keys() - there.keys())
    if missing:
        return fault(f"{len(missing)} of {len(named)} files of {table} are missing: {missing[0]} …", restore)
    if cut := sorted(path for path, length in named.items() if there[path] != length):
        return fault(f"{len(cut)} of {len(named)} files of {table} have a wrong size: {cut[0]} …", restore)
    unnamed = len(there) - len(named)
    orphans = f"; {unnamed} files more are in no version any longer, upkeep deletes them" if unnamed else ""
    return ok(f"{table}: all {len(named)} files are there{orphans}")


def added(root: Path, *columns: str) -> list[tuple[Any, ...]]:
    """What the log says of every file of a table's last commit, in these columns; None where it does not say it."""
    import pyarrow as pa
    from deltalake import DeltaTable

    actions = DeltaTable(str(root)).get_add_actions(flatten=True)
    rows = pa.RecordBatchReader.from_stream(actions).read_all()
    there = [rows[name].to_pylist() if name in rows.column_names else [None] * rows.num_rows for name in columns]
    return list(zip(*there, strict=True))


CHECKS = (Check("storage", "lake", "each table's log, and every file that it names with its size", _lake),)
