"""Clients that push events at a server which may die at any moment, and that remember what was acknowledged."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections import Counter
from typing import Any, Self

import httpx

from tests.crash.server import Server

NAMES = ("page_view", "view", "view", "add_to_cart", "purchase", "scroll_depth")
_NUMBER = itertools.count()


class Load:
    """Threads that send batches until stopped; like SDKs they send a batch again, same ids, after any failure."""

    def __init__(self, server: Server, *, clients: int = 4, seed: int = 0, pause: float = 0.0) -> None:
        self._server = server
        self._pause = pause
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self.acknowledged: set[str] = set()
        """Ids of events that a 202 said to be accepted."""
        self.offset = 0
        """The newest offset of an acknowledgement."""
        self.statuses: Counter[int] = Counter()
        self._threads = [
            threading.Thread(target=self._push, args=(random.Random(seed * 100 + n),), daemon=True)
            for n in range(clients)
        ]

    def __enter__(self) -> Self:
        """Begin to push."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End; what was sent last is answered or not."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive()

    def acknowledges_more_than(self, count: int) -> bool:
        """Whether more events were acknowledged by now."""
        return len(self.acknowledged) > count

    def _push(self, chance: random.Random) -> None:
        waiting: list[dict[str, Any]] | None = None
        with httpx.Client(timeout=10) as client:
            while not self._stopping.is_set():
                batch = waiting or _batch(chance)
                waiting = batch
                try:
                    answer = self._server.send(batch, client=client)
                except httpx.HTTPError:
                    time.sleep(0.02)
                    continue
                with self._lock:
                    self.statuses[answer.status_code] += 1
                    if answer.status_code == 202:
                        assert answer.json()["accepted"] == len(batch), answer.text
                        self.offset = max(self.offset, answer.json()["offset"])
                        self.acknowledged |= {event["event_id"] for event in batch}
                        waiting = batch if chance.random() < 0.05 else None
                time.sleep(self._pause)


def _batch(chance: random.Random) -> list[dict[str, Any]]:
    """A few events of a few visitors, some without a visitor but with a client session, times a little out of order."""
    now = time.time()
    events = []
    for _ in range(chance.randrange(1, 40)):
        number = next(_NUMBER)
        event: dict[str, Any] = {
            "event_id": f"event-{number}",
            "name": chance.choice(NAMES),
            "timestamp": now - chance.randrange(0, 7200) * chance.random() ** 3,
            "product_id": f"p{chance.randrange(50)}",
            "price": "19.99",
        }
        if chance.random() < 0.3:
            event["session_id"] = f"s{chance.randrange(30)}"
        else:
            event["visitor_id"] = f"v{chance.randrange(60)}"
        if chance.random() < 0.4:
            event["user_id"] = f"u{chance.randrange(20)}"
        events.append(event)
    return events
