"""A real HTTP server that receives what is forwarded: it answers as it is told, and remembers what it took."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

PATIENCE_SECONDS = 60.0


class Delivery(NamedTuple):
    """One request."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events in it."""
        content = json.loads(self.body)
        found: list[dict[str, Any]] = content.get("batch", content.get("events"))
        return found


class Receiver:
    """What stands behind the address `url`; `answer` says the status of each delivery, and may take its time."""

    def __init__(self) -> None:
        self.answer: Callable[[Delivery], int] = lambda _: 200
        self.asked: list[Delivery] = []
        """Every request."""
        self.taken: list[Delivery] = []
        """Those that were answered with 200."""
        self._changed = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                size = int(self.headers["content-length"])
                body = self.rfile.read(size)
                if len(body) < size:  # the sender is gone
                    self.close_connection = True
                    return
                status = receiver.take(Delivery({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(status)
                self.send_header("content-length", "0")
                if status == 302:
                    self.send_header("location", "/elsewhere")
                self.end_headers()

            def log_request(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1/batch"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def answers(self, status: int) -> None:
        """Answer so from now on."""
        self.answer = lambda _: status

    def wait_for_requests(self, count: int) -> None:
        """Wait until so many requests have come in all."""
        self.wait(lambda: len(self.asked) >= count)

    def take(self, delivery: Delivery) -> int:
        with self._changed:
            self.asked.append(delivery)
            self._changed.notify_all()
        status = self.answer(delivery)
        if status == 200:
            with self._changed:
                self.taken.append(delivery)
                self._changed.notify_all()
        return status

    def ids(self) -> list[str]:
        """The id of every event that was taken, in the order in which they came."""
        with self._changed:
            return [event.get("messageId") or event["event_id"] for one in self.taken for event in one.events]

    def wait(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds of what has come."""
        with self._changed:
            deadline = time.monotonic() + PATIENCE_SECONDS
            while not holds():
                left = deadline - time.monotonic()
                assert left > 0, f"in vain; {len(self.asked)} requests came, {len(self.taken)} were taken"
                self._changed.wait(min(left, 0.2))

    def close(self) -> None:
        """Be gone: connections are refused from now on."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a free port."""
    receiver = Receiver()
    try:
        yield receiver
    finally:
        receiver.close()
