"""Real clients of other products, unmodified, and a server that keeps its port, so that they find it again."""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx

from tests.crash.server import Server, surroundings

WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class SteadyServer(Server):
    """A server whose every life listens at the same port."""

    def __init__(self, folder: Path, **environment: str) -> None:
        super().__init__(folder, **environment)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]

    def launch(self) -> None:
        command = [*self._program, "serve", "--data", str(self.folder), "--port", str(self.port)]
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(command, env=surroundings(self.environment), stdout=log, stderr=log)

    def fence(self) -> int:
        """An offset behind all that was acknowledged."""
        with httpx.Client(timeout=60) as client:
            return int(self.send([{"name": "fence", "visitor_id": "fence"}], client=client).json()["offset"])

    def new_key(self, project: str, kind: str, *origins: str) -> str:
        """A key to a project of its own."""
        self.post("/v1/projects", {"id": project})
        made = self.post(f"/v1/keys?project={project}", {"kind": kind} | ({"origins": origins} if origins else {}))
        return str(made["secret"])

    def events_of(self, user_id: str) -> list[dict[str, Any]]:
        """All events of a user, in order of their ids, once all that was acknowledged can be read."""
        columns = "event_id, name, visitor_id, user_id, order_id, product_id, page_url, page_title, source"
        more = "amount_micros, price_micros, quantity, ts_us, properties, context"
        rows = self.sql(
            f"SELECT {columns}, {more} FROM events WHERE user_id = '{user_id}' ORDER BY event_id", after=self.fence()
        )
        names = [name.strip() for name in f"{columns}, {more}".split(",")]
        return [dict(zip(names, row, strict=True)) for row in rows]


@contextmanager
def steadily_serving(folder: Path, **environment: str) -> Iterator[SteadyServer]:
    """A server that is ready, and gone when the block ends."""
    server = SteadyServer(folder, **environment)
    server.start()
    try:
        server.wait_ready()
        yield server
    finally:
        server.stop()


def segment(key: str, address: str, on_error: Callable[..., None], **options: Any) -> Any:
    """Segment's own, for Python."""
    from segment.analytics.client import Client as Segment

    return Segment(key, host=address, on_error=on_error, **options)


def rudder(key: str, address: str, on_error: Callable[..., None], **options: Any) -> Any:
    """RudderStack's, for Python."""
    from rudderstack.analytics.client import Client as Rudder

    return Rudder(key, host=address, on_error=on_error, **options)


def posthog(key: str, address: str, on_error: Callable[..., None], **options: Any) -> Any:
    """PostHog's, for Python."""
    from posthog import Posthog

    return Posthog(key, host=address, on_error=on_error, flush_interval=0.5, **options)


CLIENTS: Final[Mapping[str, Callable[..., Any]]] = {
    "segment-analytics-python": segment,
    "rudder-sdk-python": rudder,
    "posthog (Python)": posthog,
}
"""{name in its registry: what makes one of a key, an address and a function that is told of errors}."""


class Errors:
    """What a client is told that it could not deliver."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.given_up: set[str] = set()
        """Ids of events that it does not believe delivered."""

    def __call__(self, error: Any, batch: Iterable[Mapping[str, str]]) -> None:
        self.told.append(error)
        self.given_up |= {sent.get("messageId") or sent["uuid"] for sent in batch}


@contextmanager
def interrupted(server: SteadyServer, *, stored: int) -> Iterator[None]:
    """Kill the server, and start it again, as soon as so many more events can be read."""
    failures: list[BaseException] = []
    enough = len(server.stored()) + stored

    def interrupt() -> None:
        try:
            while len(server.stored()) < enough:
                pass
            server.kill()
            server.start()
        except BaseException as error:  # noqa: BLE001 - it is raised where the test waits
            failures.append(error)

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        yield
    finally:
        thread.join()
    if failures:
        raise failures[0]
