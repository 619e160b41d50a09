"""Private copies of SQLite files, the only ones that are opened: to look into a database may change it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Self

from footfall.cli.doctor.finding import NotLooked, size

MOST_BYTES = 256_000_000
"""What is copied and read in well under a second; `--thorough` copies more."""
LOG = "-wal"
"""What SQLite appends to a database's name for its write-ahead log."""


class Copies:
    """Makes copies of databases with their write-ahead logs, never of more than `most_bytes` at once (None: any)."""

    def __init__(self, most_bytes: int | None) -> None:
        self.most_bytes = most_bytes
        self._made: dict[str, Path] = {}
        self._gone_at_the_end = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._gone_at_the_end.close()

    def of(self, databases: Iterable[Path], name: str) -> Path:
        """A folder of this name that holds the databases, copied once; raises `NotLooked` when they are too large."""
        if name in self._made:
            return self._made[name]
        files = [file for path in databases for file in (path, path.with_name(path.name + LOG)) if file.exists()]
        weight = sum(file.stat().st_size for file in files)
        if self.most_bytes is not None and weight > self.most_bytes:
            raise NotLooked(
                f"not looked into: {size(weight)} take a while",
                "`footfall doctor --thorough` looks into all of it",
            )
        if weight > shutil.disk_usage(self._folder).free:
            raise NotLooked(
                f"not looked into: a copy of {size(weight)} has no room in {self._folder.parent}",
                "free some space there, or let TMPDIR name another folder",
            )
        copied = self._folder / name
        copied.mkdir(exist_ok=True)
        for file in files:
            shutil.copyfile(file, copied / file.name)
        self._made[name] = copied
        return copied

    @cached_property
    def _folder(self) -> Path:
        return Path(self._gone_at_the_end.enter_context(tempfile.TemporaryDirectory(prefix="footfall-doctor-")))
