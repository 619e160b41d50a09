"""The demonstration where there is no terminal to draw on: changes of class and alerts, a line each."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

from footfall.cli.live import LiveFeed
from footfall.errors import FootfallError

_CLASSES_A_SECOND: Final = 4
"""Changes of class told at most; every alert is told once."""


class Teller:
    """Reads the live feed in a thread of its own, and says what is worth a line."""

    def __init__(self, feed: LiveFeed) -> None:
        self._feed = feed
        self._lines: list[str] = []
        self._lock = threading.Lock()
        self._alerts: set[str] = set()
        self._free_at = 0.0
        self._thread = threading.Thread(target=self._listen, name="footfall-teller", daemon=True)
        self._thread.start()

    def lines(self) -> list[str]:
        """What has come since the last call."""
        with self._lock:
            lines, self._lines = self._lines, []
        return lines

    def close(self) -> None:
        """Listen no more."""
        self._feed.close()
        self._thread.join()

    def _listen(self) -> None:
        try:
            for event, data in self._feed:
                for line in self._told(event, data):
                    with self._lock:
                        self._lines.append(line)
        except FootfallError as error:
            with self._lock:
                self._lines.append(f"the live feed ended: {error.detail}")

    def _told(self, event: str, data: Mapping[str, Any]) -> Iterator[str]:
        now = time.monotonic()
        if event == "alert" and data["alert_id"] not in self._alerts:
            self._alerts.add(data["alert_id"])
            yield f"{data['icon']} {data['rule']}: {data['message']} ({data['subject']})"
        elif event == "class" and data["previous"] is not None and now >= self._free_at:
            self._free_at = now + 1 / _CLASSES_A_SECOND
            who = data["user_id"] or data["session_id"]
            yield f"{data['icon']} {data['previous']} → {data['visitor_class']}  {who}, {data['total_events']} events"
