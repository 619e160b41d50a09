"""What stands in a file that the operator may replace: read at the start, and again when it has changed."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Generic, TypeAlias, TypeVar

from footfall.errors import FootfallError

_LOG = logging.getLogger(__name__)
_LOOK_SECONDS: Final = 60.0
_Version: TypeAlias = tuple[int, int, int] | None
_T = TypeVar("_T")


class Renewed(Generic[_T]):
    """What `read` makes of the file at `path`. Safe to use from any thread.

    Raises what `read` raises when the file can't be read at first; later the log tells it, and what was known stays.
    """

    def __init__(self, path: Path, read: Callable[[Path], _T], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._read = read
        self._clock = clock
        self._lock = threading.Lock()
        self._version = self._present()
        self._value = read(path)
        self._look_at = clock() + _LOOK_SECONDS

    def __call__(self) -> _T:
        """What the file says; once a minute it is seen whether it is another one."""
        if self._clock() >= self._look_at:
            self._renew()
        return self._value

    def _renew(self) -> None:
        with self._lock:
            if self._clock() < self._look_at:
                return
            self._look_at = self._clock() + _LOOK_SECONDS
            version = self._present()
            if version == self._version:
                return
            self._version = version
            try:
                self._value = self._read(self._path)
            except FootfallError as error:
                _LOG.warning("%s; what was read before is still used", error.detail)

    def _present(self) -> _Version:
        """What tells the file from another one in its place; None when there is none."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size
