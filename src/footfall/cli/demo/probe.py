"""How long it takes from an event to its session's class, measured by visitors who share one session."""

from __future__ import annotations

import json
import threading
import time
from typing import Final, NamedTuple

from footfall.cli.client import Client, Socket
from footfall.errors import FootfallError, Unavailable

_EVERY_SECONDS: Final = 0.25


class Latency(NamedTuple):
    """Milliseconds from sending an event to holding the answer that shows its session's class."""

    p50_ms: float
    p99_ms: float
    """The worst one, while there are fewer than a hundred."""
    probes: int


class Probe:
    """Sends an event now and then, and asks for its session and class; a thread of its own."""

    def __init__(self, url: str, key: str, token: str, run: str) -> None:
        self._sender = Socket(url)
        self._reader = Socket(url)
        self._client = Client(self._reader, token)
        self._key = key
        self._session = f"{run}-probe"
        self._ending = threading.Event()
        self._took: list[float] = []
        self.sent = 0
        self._thread = threading.Thread(target=self._go, name="footfall-probe", daemon=True)

    def start(self) -> None:
        """Begin to measure."""
        self._thread.start()

    def stop(self) -> None:
        """Measure no more."""
        self._ending.set()
        self._thread.join()
        self._sender.close()
        self._reader.close()

    @property
    def latency(self) -> Latency | None:
        """What was measured so far; None before the first measurement."""
        took = sorted(self._took)
        if not took:
            return None
        return Latency(took[len(took) // 2], took[min(len(took) - 1, len(took) * 99 // 100)], len(took))

    def _go(self) -> None:
        while not self._ending.wait(_EVERY_SECONDS):
            began = time.perf_counter()
            try:
                self._client.get(f"/v1/sessions/s:{self._session}", after=self._send(), limit=1)
            except FootfallError:
                continue  # it was no measurement; what was lost, if anything was, the comparison at the end tells
            self._took.append((time.perf_counter() - began) * 1_000)

    def _send(self) -> int:
        who = f"{self._session}-{self.sent}"  # another one each time: nobody is as quick as all of them together
        event = {"name": "page_view", "visitor_id": who, "session_id": self._session, "event_id": who}
        headers = {"authorization": f"Bearer {self._key}", "content-type": "application/json"}
        answer = self._sender.send("POST", "/v1/events", headers, json.dumps(event).encode())
        if answer.status != 202:
            raise Unavailable(f"the door answered {answer.status}")
        self.sent += 1
        offset: int = json.loads(answer.body)["offset"]
        return offset
