"""A real server is killed while it forwards: what was acknowledged reaches the receiver, repeats under their ids."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.crash.server import Server
from tests.forward.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on this machine."""
    with receiving() as made:
        yield made


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server that may forward to this machine."""
    made = Server(tmp_path / "data", FOOTFALL_FORWARD_PRIVATE="true")
    made.start()
    yield made
    made.stop()


def send(server: Server, first: int, count: int) -> list[str]:
    """So many events, acknowledged; their ids."""
    ids = [f"e{number}" for number in range(first, first + count)]
    events = [{"event_id": event_id, "name": "page_view", "visitor_id": "v"} for event_id in ids]
    key = {"authorization": f"Bearer {server.write_key}"}
    answer = httpx.post(f"{server.address}/v1/events", json={"events": events}, headers=key, timeout=60)
    assert answer.status_code == 202, answer.text
    return ids


def test_nothing_acknowledged_is_missed(server: Server, receiver: Receiver) -> None:
    """Killed while the receiver is slow, while it is away, and while it takes: all events come, in the end, to it."""
    made = server.post("/v1/forward", {"kind": "segment", "url": receiver.url, "secret": "key"})
    ids: list[str] = []
    for answer in (200, 503, 200):
        receiver.answers(answer)
        asked = len(receiver.asked)
        for _ in range(5):
            ids += send(server, len(ids), 40)
        receiver.wait_for_requests(asked + 1)
        server.kill()
        server.start()
    server.wait_ready()
    ids += send(server, len(ids), 1)
    receiver.wait(lambda: set(receiver.ids()) >= set(ids))
    assert set(receiver.ids()) == set(ids)
    [status] = server.get("/v1/forward")["items"]
    assert (status["id"], status["refused"], status["skipped_commits"]) == (made["id"], 0, 0)
    assert "key" not in status.values()


def test_health_tells_of_a_receiver_that_is_away(server: Server, receiver: Receiver) -> None:
    """As advice, with how far it is behind; the server itself is ready."""
    receiver.answers(503)
    server.post("/v1/forward", {"kind": "webhook", "url": receiver.url})
    send(server, 0, 3)
    receiver.wait_for_requests(2)
    server.wait_ready()
    status, told = server.readiness()
    assert status == 200
    assert any("3 events behind" in advice and "503" in advice for advice in told["advice"]), told
