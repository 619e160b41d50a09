"""What is known of keeping in one data folder: each project's limit, and a file that says what was removed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from footfall.keeping.models import Limit, Removed, limit_of
from footfall.settings import Settings
from footfall.store.secrets import write_private
from footfall.store.store import Store

_FILE: Final = "keeping.json"


class Keeping:
    """How long data are kept; safe to use from any thread."""

    def __init__(
        self, folder: Path, settings: Settings, store: Store, now_us: Callable[[], int] = lambda: time.time_ns() // 1000
    ) -> None:
        """`folder` is the data folder."""
        self._path = folder / _FILE
        self._settings = settings
        self._store = store
        self._now_us = now_us
        self._lock = threading.Lock()

    def days(self, project_id: str) -> int:
        """How many days the project's data are kept; 0 for ever."""
        own = self._store.keep_days(project_id)
        return self._settings.keep_days if own is None else own

    def limit(self, project_id: str) -> Limit | None:
        """What of the project's data is kept now; None for all."""
        return limit_of(self.days(project_id), self._now_us())

    def removed(self, project_id: str) -> Removed | None:
        """What went because of its age; None when nothing ever did."""
        return self._read().get(project_id)

    def note(self, project_id: str, before: str, **counts: int) -> None:
        """Keep for those who ask that rows of days before `before` were removed, so many of each table."""
        with self._lock:
            all_of_them = self._read()
            new = Removed(before=before, at_us=self._now_us(), **counts)
            earlier = all_of_them.get(project_id)
            all_of_them[project_id] = new if earlier is None else new.then(earlier)
            write_private(self._path, msgspec.json.encode(all_of_them))

    def _read(self) -> dict[str, Removed]:
        if not self._path.exists():
            return {}
        return msgspec.json.decode(self._path.read_bytes(), type=dict[str, Removed])
