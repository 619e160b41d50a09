"""Plays made-up visitors live: their hours pass in seconds, and every event goes over HTTP."""

from __future__ import annotations

import heapq
import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from random import Random
from typing import Final
from urllib.parse import urlsplit

from footfall.cli.demo.visitors import Event, arrivals, visit

SPEED: Final = 240.0
"""Seconds of the visitors' time in one second."""
_HISTORY: Final = timedelta(hours=6)
_ARRIVALS_A_SECOND: Final = 40.0
_TICK_SECONDS: Final = 0.05
_TIMEOUT_SECONDS: Final = 10.0
_PAUSE_SECONDS: Final = 0.2
_LAST_TRIES_SECONDS: Final = 5.0


class Player:
    """A thread that sends until it is stopped; its counts may be read at any time."""

    def __init__(self, address: str, key: str, run: str) -> None:
        """`address` is the server's URL, `key` a write key; `run` begins all visitors' ids."""
        parts = urlsplit(address)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT_SECONDS)
        self._key = key
        self._chance = Random(run)  # noqa: S311 - made-up shoppers need no secrecy
        self.run = run
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._play, name="footfall-demo", daemon=True)
        self.sent = 0
        self.acknowledged = 0
        self.offset = 0
        """Journal offset of the last acknowledged event."""
        self.trouble: str | None = None
        """Why the last request was not acknowledged, if it was not."""

    def start(self) -> None:
        """Begin to play."""
        self._thread.start()

    def stop(self) -> None:
        """Send nothing more; what was sent has been answered when this returns."""
        self._stopping.set()
        self._thread.join()
        self._connection.close()

    def _play(self) -> None:
        begun = time.monotonic()
        past = datetime.now(UTC) - _HISTORY
        due = self._timeline()
        ahead = next(due)
        while not self._stopping.wait(_TICK_SECONDS):
            now = (time.monotonic() - begun) * SPEED
            batch: list[Event] = []
            while ahead[0] <= now:
                moment = past + timedelta(seconds=ahead[0] % _HISTORY.total_seconds())
                event_id = f"{self.run}-e{self.sent + len(batch)}"
                batch.append(ahead[1] | {"event_id": event_id, "timestamp": moment.isoformat()})
                ahead = next(due)
            if batch:
                self._send(batch)

    def _timeline(self) -> Iterator[tuple[float, Event]]:
        """All visitors' events in the order of their seconds since the beginning."""
        waiting: list[tuple[float, int, Event, Iterator[tuple[float, Event]]]] = []
        arrived = 0.0
        for number, (kind, visitor) in enumerate(arrivals(self.run, self._chance)):
            events = visit(kind, visitor, self._chance)
            heapq.heappush(waiting, (arrived, number, next(events)[1], events))
            arrived += self._chance.expovariate(_ARRIVALS_A_SECOND / SPEED)
            while waiting[0][0] <= arrived:
                moment, place, event, rest = heapq.heappop(waiting)
                yield moment, event
                with suppress(StopIteration):
                    pause, following = next(rest)
                    heapq.heappush(waiting, (moment + pause, place, following, rest))
                if not waiting:
                    break

    def _send(self, batch: list[Event]) -> None:
        """Send until it is acknowledged; events carry ids, so sending again stores nothing twice."""
        self.sent += len(batch)
        body = json.dumps(batch)
        give_up = None
        while not self._acknowledged(body):
            if self._stopping.is_set():
                give_up = give_up or time.monotonic() + _LAST_TRIES_SECONDS
                if time.monotonic() > give_up:
                    return
            time.sleep(_PAUSE_SECONDS)

    def _acknowledged(self, body: str) -> bool:
        headers = {"authorization": f"Bearer {self._key}", "content-type": "application/json"}
        try:
            self._connection.request("POST", "/v1/events", body, headers)
            response = self._connection.getresponse()
            answer = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._connection.close()
            self.trouble = str(error) or type(error).__name__
            return False
        if response.status != HTTPStatus.ACCEPTED:
            self.trouble = str(answer.get("detail"))
            return False
        self.trouble = None
        self.acknowledged += answer["accepted"]
        self.offset = max(self.offset, _offset(answer["offset"]))
        return True


def _offset(answered: int | dict[str, int] | None) -> int:
    return (answered or {}).get("0", 0) if not isinstance(answered, int) else answered
