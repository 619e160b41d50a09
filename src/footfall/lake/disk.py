"""Making files and folders durable: the only place of the lake that calls fsync."""

from __future__ import annotations

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Return once the file, or the names in the folder, are on the medium; raises OSError when they may not be."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Folders:
    """Syncs the folders between a table's root and a new file, each parent once a process.

    A folder that an earlier process made may never have been synced, so nothing counts as known at first.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: set[Path] = set()

    def sync_above(self, path: Path) -> None:
        """Make the name of the file `path` durable, and those of its folders up to the table's root."""
        folder = path.parent
        sync(folder)
        while folder != self._root and folder not in self._known:
            sync(folder.parent)
            self._known.add(folder)
            folder = folder.parent
