"""The keys of days, by which visitors without cookies are told apart for a day and by nobody afterwards.

A key is 32 random bytes, made for a day of UTC before it begins, and deleted 48 hours after it began: until then what
is sent late still finds it. What was hashed with a deleted key can't be traced back, nor joined with another day.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from footfall.store.secrets import write_private

_LOG = logging.getLogger(__name__)
FILE: Final = "day-keys"
"""File in the data folder, mode 600."""
_DAY_SECONDS: Final = 86_400
_decode: Final = msgspec.msgpack.Decoder(dict[int, bytes]).decode


class DayKeys:
    """The keys of yesterday, today and tomorrow. Safe to use from any thread."""

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._path = folder / FILE
        self._clock = clock
        self._lock = threading.Lock()
        self._today: int | None = None
        self._keys: Mapping[int, bytes] = {}

    def current(self) -> Mapping[int, bytes]:
        """{day since the epoch: its key}; the same mapping until a day ends."""
        today = int(self._clock() // _DAY_SECONDS)
        if today != self._today:
            with self._lock:
                if today != self._today:
                    self._keys = self._renewed(today)
                    self._today = today
        return self._keys

    def key(self, day: int) -> bytes | None:
        """The key of a day, counted from the epoch; None when it is not there (any more)."""
        return self.current().get(day)

    def _renewed(self, today: int) -> Mapping[int, bytes]:
        known = self._stored()
        keys = {day: known.get(day) or secrets.token_bytes(32) for day in (today - 1, today, today + 1)}
        if keys != known:
            try:
                write_private(self._path, msgspec.msgpack.encode(keys))
            except OSError as error:
                _LOG.error("the keys of the day can't be written to %s (%s): they end with this process", FILE, error)
        return keys

    def _stored(self) -> dict[int, bytes]:
        try:
            return _decode(self._path.read_bytes())
        except (FileNotFoundError, msgspec.DecodeError):
            return {}
