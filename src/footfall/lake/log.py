"""The Delta log as files: which entries are whole, syncing them, taking back what was never promised.

`deltalake` writes entries and checkpoints without syncing them. An entry is promised only after `sync_entry`;
a crash of the machine can leave the last one, or the last checkpoint, cut short or empty.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from footfall.errors import Conflict
from footfall.lake.disk import sync

_ENTRY = re.compile(r"\d{20}\.json")
_CHECKPOINT = re.compile(r"(\d{20})\.checkpoint\.parquet")
_STAGED = re.compile(r"\d{20}\.json#\d+")
_LAST_CHECKPOINT = "_last_checkpoint"
_log = logging.getLogger(__name__)


class Mark(msgspec.Struct):
    """What Footfall notes in its own entries: whose commit it is, and how many actions follow."""

    commit: str
    actions: int


class _CommitInfo(msgspec.Struct):
    footfall: Mark | None = None


class _Remove(msgspec.Struct):
    path: str


class _Action(msgspec.Struct, rename="camel"):
    commit_info: _CommitInfo | None = None
    remove: _Remove | None = None


class Entry(NamedTuple):
    """A whole log entry: Footfall's mark when it is one of its own, and the (relative) paths it removes."""

    mark: Mark | None
    removed: tuple[str, ...]


_decoder = msgspec.json.Decoder(_Action)


def entry_path(folder: Path, version: int) -> Path:
    """Where the entry of `version` lies; `folder` is the `_delta_log`."""
    return folder / f"{version:020}.json"


def sync_entry(folder: Path, version: int) -> None:
    """Return once the entry of `version` and its name are on the medium."""
    sync(entry_path(folder, version))
    sync(folder)


def read_entry(path: Path) -> Entry | None:
    """The entry, or None when it is damaged: empty, cut short, or of fewer actions than it says."""
    try:
        actions = [_decoder.decode(line) for line in path.read_bytes().splitlines()]
    except msgspec.DecodeError:
        return None
    if not actions:
        return None
    marks = [action.commit_info.footfall for action in actions if action.commit_info and action.commit_info.footfall]
    if marks and marks[0].actions != len(actions) - 1:
        return None
    return Entry(marks[0] if marks else None, tuple(action.remove.path for action in actions if action.remove))


def removed_since(folder: Path, since: float) -> Iterator[str]:
    """Paths (relative) that entries written after `since` (s since the epoch) removed from the table."""
    for path in _entries(folder):
        if path.stat().st_mtime >= since and (entry := read_entry(path)):
            yield from entry.removed


def repair(folder: Path) -> None:
    """Bring a log that a crash may have left behind to its last whole commit, and sync that.

    Raises errors.Conflict when more is damaged than a crash can explain.
    """
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if _STAGED.fullmatch(path.name):
            path.unlink()
    _drop_damaged_checkpoint(folder)
    entries = _entries(folder)
    if entries and read_entry(entries[-1]) is None:
        _drop(entries.pop(), "it was cut short by a crash; its commit was never confirmed")
        if entries and read_entry(entries[-1]) is None:
            raise Conflict(
                f"The lake's log is damaged: {entries[-1]} can't be read, and no crash explains it. "
                "Restore the data folder from a backup."
            )
    if entries:
        sync(entries[-1])
    sync(folder)


def take_back(folder: Path, after: int, commit: str) -> None:
    """Remove the entry of `commit`, if there is one above version `after`, so that it is gone after a crash too."""
    for path in _entries(folder):
        if path.name > entry_path(folder, after).name:
            entry = read_entry(path)
            if entry is None or (entry.mark and entry.mark.commit == commit):
                path.unlink()
    sync(folder)


def drop_before(folder: Path, version: int) -> None:
    """Delete every entry and checkpoint older than the checkpoint of `version`, which must be synced."""
    for path in folder.iterdir():
        numbered = _ENTRY.fullmatch(path.name) or _CHECKPOINT.fullmatch(path.name)
        if numbered and int(path.name[:20]) < version:
            path.unlink()
    sync(folder)


def _entries(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if _ENTRY.fullmatch(path.name))


def _drop_damaged_checkpoint(folder: Path) -> None:
    """A checkpoint is written beside the entries it sums up, which stay until it is synced: it can go."""
    checkpoints = sorted(path for path in folder.iterdir() if _CHECKPOINT.fullmatch(path.name))
    if checkpoints:
        try:
            pq.read_metadata(checkpoints[-1])
        except (pa.ArrowInvalid, OSError):
            _drop(checkpoints.pop(), "it was cut short by a crash; the entries it summed up are still there")
    last = folder / _LAST_CHECKPOINT
    if last.exists() and not _names_one_of(last, checkpoints):
        _drop(last, "it names no whole checkpoint")


class _LastCheckpoint(msgspec.Struct):
    version: int


def _names_one_of(last: Path, checkpoints: list[Path]) -> bool:
    try:
        version = msgspec.json.decode(last.read_bytes(), type=_LastCheckpoint).version
    except msgspec.DecodeError:
        return False
    return any(path.name == f"{version:020}.checkpoint.parquet" for path in checkpoints)


def _drop(path: Path, why: str) -> None:
    _log.error("removing %s: %s", path, why)
    path.unlink()


def sync_checkpoint(folder: Path, version: int) -> None:
    """Return once the checkpoint of `version` and the pointer to it are on the medium."""
    sync(folder / f"{version:020}.checkpoint.parquet")
    sync(folder / _LAST_CHECKPOINT)
    sync(folder)
