"""What the door logs of a request: never anything of a visitor, and above debug only what was refused or slow."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Final

SLOW_SECONDS: Final = 1.0
"""An answer that took this long is told although it succeeded."""
_APART_SECONDS: Final = 1.0
_LOG = logging.getLogger(__name__)
_METHODS: Final = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})


def known_method(method: str) -> str:
    """`method` when it is a usual one; a client may write anything in its place."""
    return method if method in _METHODS else "other"


class AccessLog:
    """The lines of one door.

    A flood must not become a flood of lines: of the refusals with one status, and of slow answers, one a second is
    told above debug, and the next one says how many were `untold`. Call it from one event loop.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told: dict[int, float] = {}
        self._untold: dict[int, int] = {}

    def answered(self, status: int, seconds: float, facts: Callable[[], Mapping[str, object]]) -> None:
        """Tell that a request was answered with `status` after `seconds`; `facts` are asked for when they are told."""
        if status < 400 and seconds < SLOW_SECONDS and not _LOG.isEnabledFor(logging.DEBUG):
            return
        level = logging.WARNING if status >= 500 else logging.INFO
        more: dict[str, object] = {}
        if status < 400 and seconds < SLOW_SECONDS:
            level = logging.DEBUG
        elif self._clock() - self._told.get(status, -_APART_SECONDS) < _APART_SECONDS:
            self._untold[status] = self._untold.get(status, 0) + 1
            level = logging.DEBUG
        else:
            self._told[status] = self._clock()
            if untold := self._untold.pop(status, 0):
                more["untold"] = untold
        if _LOG.isEnabledFor(level):
            extra = {"status": status, "ms": round(seconds * 1000, 1), **facts(), **more}
            _LOG.log(level, "answered", extra=extra)
