"""The watch over a node's roles: it looks again and again, and goes on whatever happens."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Final

_LOG = logging.getLogger(__name__)
WATCH_SECONDS: Final = 0.25
_AFTER_A_FAULT_SECONDS: Final = 2.0


class Watch:
    """A thread that takes `steps`, one after the other, four times a second."""

    def __init__(self, steps: Sequence[Callable[[], object]], failed: Callable[[Exception], None]) -> None:
        """`failed` is told what a step raised; the others are then left out until the next time."""
        self._steps = steps
        self._failed = failed
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="footfall-watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._closing.set()
        self._thread.join()

    def pause(self) -> None:
        """Wait, within a step, until somebody may have looked."""
        self._closing.wait(WATCH_SECONDS)

    def _run(self) -> None:
        pause = WATCH_SECONDS
        while not self._closing.wait(pause):
            pause = WATCH_SECONDS
            try:
                for step in self._steps:
                    step()
            except Exception as error:  # noqa: BLE001 - the watch goes on; readiness tells the reason
                self._failed(error)
                _LOG.exception("the live pass could not be restarted; trying again")
                pause = _AFTER_A_FAULT_SECONDS
