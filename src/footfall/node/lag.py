"""How far the live pass is behind the journal, and whether the doors should wait for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from footfall.errors import FootfallError, Overloaded, Unavailable
from footfall.journal.base import Journal, Offsets
from footfall.node.health import LagReport

_HOLDS_SECONDS: Final = 0.05
"""How long a judgement holds; asking the journal takes a tenth of a millisecond."""


class Lag:
    """Of a live pass that has come to `position`, which may be over `most_events` behind before the doors wait."""

    def __init__(self, journal: Journal, position: Callable[[], Offsets], *, most_events: int) -> None:
        self._journal = journal
        self._position = position
        self._most_events = most_events
        self._last = LagReport(0, 0, 0)
        self._too_far, self._judged = False, 0.0

    def report(self) -> tuple[LagReport, str | None]:
        """How far it is behind, and why that can't be told: then it is what was told last."""
        try:
            self._last = LagReport(*self._journal.lag(self._position()))
        except Unavailable as error:
            return self._last, error.detail
        return self._last, None

    def pressure(self) -> FootfallError | None:
        """Why a door should not take more at the moment; None when it may. Every request asks: it is remembered."""
        now = time.monotonic()
        if now - self._judged >= _HOLDS_SECONDS:
            self._judged = now
            self._too_far = self.report()[0].events > self._most_events
        if self._too_far:
            return Overloaded("more events are journalled than processed; send again later", retry_after=2)
        return None
