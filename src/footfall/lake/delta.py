"""Opening and making the Delta table itself: its protocol, partitions and columns. No rows here."""

from __future__ import annotations

from pathlib import Path

from deltalake import CommitProperties, DeltaTable, Schema

from footfall.errors import Conflict
from footfall.lake import log
from footfall.lake.disk import sync
from footfall.lake.layout import PARTITIONS, Layout

LOG_HOURS = 2
"""How long the log remembers entries that a checkpoint has summed up, and removed files."""
_CONFIGURATION = {
    "delta.logRetentionDuration": f"interval {LOG_HOURS} hours",
    "delta.deletedFileRetentionDuration": f"interval {LOG_HOURS} hours",
    "delta.dataSkippingNumIndexedCols": "-1",  # by its statistics it is known which columns a file has
}
_READER, _WRITER = 1, 2
"""Protocol versions that Footfall reads and writes: no deletion vectors, no renamed columns."""


def open_or_create(root: Path, layout: Layout) -> DeltaTable:
    """The table at `root`, made and synced when there is none, with all columns of `layout`.

    Raises errors.Conflict when it is one that Footfall would read wrongly.
    """
    if not DeltaTable.is_deltatable(str(root)):
        _create(root, layout)
    delta = DeltaTable(str(root))
    _check_protocol(delta, root)
    if tuple(delta.metadata().partition_columns) != PARTITIONS:
        raise Conflict(f"The lake's table at {root} is not partitioned by {' and '.join(PARTITIONS)}.")
    _grow(delta, root, layout)
    return delta


def _create(root: Path, layout: Layout) -> None:
    root.mkdir(parents=True, exist_ok=True)
    DeltaTable.create(
        str(root),
        layout.delta_schema(),
        partition_by=list(PARTITIONS),
        name=layout.name,
        description=layout.says,
        configuration=_CONFIGURATION,
        commit_properties=_marked(actions=2),  # protocol, metadata
    )
    log.sync_entry(root / "_delta_log", 0)
    sync(root)
    sync(root.parent)


def _marked(actions: int) -> CommitProperties:
    return CommitProperties(custom_metadata={"footfall": {"commit": "", "actions": actions}})


def _check_protocol(delta: DeltaTable, root: Path) -> None:
    found = delta.protocol()
    if found.min_reader_version > _READER or found.min_writer_version > _WRITER:
        features = ", ".join(sorted({*(found.reader_features or ()), *(found.writer_features or ())})) or "none named"
        raise Conflict(
            f"The lake's table at {root} needs Delta reader {found.min_reader_version} and writer "
            f"{found.min_writer_version} (features: {features}); Footfall reads {_READER} and writes {_WRITER}. "
            "Another tool has upgraded it: drop the feature there, or restore a backup."
        )


def _grow(delta: DeltaTable, root: Path, layout: Layout) -> None:
    """Add the columns that this Footfall knows and the table does not have yet; they may only be nullable ones."""
    found = {column.name: column.type for column in delta.schema().fields}
    wanted = {column.name: column for column in Schema.from_arrow(layout.delta_schema()).fields}
    odd = [name for name, kind in found.items() if name not in wanted or wanted[name].type != kind]
    if odd:
        raise Conflict(
            f"The lake's table at {root} has columns that this Footfall does not know ({', '.join(odd)}): "
            "a newer one wrote it. Update this one."
        )
    missing = [column for name, column in wanted.items() if name not in found]
    if missing:
        delta.alter.add_columns(missing, commit_properties=_marked(actions=1))
        log.sync_entry(root / "_delta_log", delta.version())
