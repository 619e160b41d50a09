"""A background thread that is watched: it says when it was last alive, and why it died."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable

from footfall.errors import FootfallError

_LOG = logging.getLogger(__name__)
STALL_SECONDS = 1.5
"""A role that has work and has not beaten for this long is stalled; `/ready` says so within two seconds."""


class Role:
    """Runs `turn` again and again until stopped. `turn` returns after at most a few tenths of a second."""

    def __init__(
        self,
        name: str,
        turn: Callable[[], None],
        *,
        clock: Callable[[], float],
        stall_seconds: float = STALL_SECONDS,
    ) -> None:
        self.name = name
        self._stall_seconds = stall_seconds
        self._turn = turn
        self._clock = clock
        self._stopping = threading.Event()
        self._beaten = clock()
        self._thread = threading.Thread(target=self._run, name=f"footfall-{name}", daemon=True)
        self.error: BaseException | None = None
        """What killed it."""

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def beat(self) -> None:
        """Say that work goes on; long turns call it now and then."""
        self._beaten = self._clock()

    def problem(self) -> str | None:
        """Why it does not do its work, None when it does."""
        if self.error is not None:
            return f"died: {told(self.error)}"
        silent = self._clock() - self._beaten
        if self._thread.is_alive() and silent > self._stall_seconds:
            return f"stalled: no sign of life for {silent:.1f} s"
        return None

    def wake_to_stop(self) -> None:
        """Ask it to end after its present turn."""
        self._stopping.set()

    def stop(self, timeout: float) -> bool:
        """Ask it to end and wait; False when it still runs after `timeout` seconds."""
        self.wake_to_stop()
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    @property
    def stopping(self) -> bool:
        """Whether it has been asked to end."""
        return self._stopping.is_set()

    def pause(self, seconds: float) -> None:
        """Wait, but not longer than until it is asked to end."""
        self._stopping.wait(seconds)

    def _run(self) -> None:
        try:
            while not self.stopping:
                self._turn()
                self.beat()
        except BaseException as error:  # noqa: BLE001 - whatever killed it must be told
            self.error = error
            _LOG.exception("the %s died", self.name)


def told(error: BaseException) -> str:
    """An error for everybody's eyes: its own words only when they speak of the machine, not of what was sent."""
    kind = type(error).__name__
    return f"{kind}: {error}" if isinstance(error, FootfallError | OSError | sqlite3.Error) else kind
