"""A real server is killed between a notice and its delivery: it is sent after the next start, and never once more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.crash.server import Server, until
from tests.notices.smtp import Mailbox, mailbox

ANN = "ann@example.com"


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox(login="footfall correct-horse") as made:
        yield made


@pytest.fixture
def server(tmp_path: Path, box: Mailbox) -> Iterator[Server]:
    """A server that sends e-mail."""
    settings = {f"FOOTFALL_{name.upper()}": str(value) for name, value in box.settings().items()}
    made = Server(tmp_path / "data", FOOTFALL_LOG_LEVEL="debug", **settings)
    made.start()
    yield made
    made.stop()


def test_a_notice_outlives_a_kill(server: Server, box: Mailbox) -> None:
    """Killed while the mail server says "later", then while it is well: the watch's notice comes once, and no other."""
    server.wait_ready()
    box.answer = lambda: "451 later"
    server.post("/v1/questions", {"id": "views", "name": "Views", "kind": "trends", "params": {}})
    content = {"name": "Low", "question": "views", "rule": "below", "bound": 1, "bucket": "hour", "emails": [ANN]}
    watch = server.post("/v1/watches", content)
    box.wait(lambda: box.asked >= 2)
    assert server.get(f"/v1/watches/{watch['id']}")["state"] == "alerting"
    until(lambda: server.readiness()[1]["advice"], 60)
    assert "451 later" in server.readiness()[1]["advice"][0]
    server.kill()
    box.answer = lambda: "250 taken"
    server.start()
    box.wait(lambda: len(box.taken) == 1)
    path = f"/v1/watches/{watch['id']}/history"
    until(lambda: server.get(path)["items"][0]["deliveries"][0]["state"] == "sent", 60)
    server.kill()
    server.start()
    server.wait_ready()
    until(lambda: "footfall_watches 1" in metrics(server), 60)
    until(lambda: "footfall_notices_waiting 0" in metrics(server), 60)
    (notice,) = server.get(path)["items"]
    assert (notice["kind"], len(box.taken)) == ("fired", 1)
    assert "correct-horse" not in server.log()


def metrics(server: Server) -> str:
    """The server's figures."""
    return httpx.get(f"{server.address}/metrics", headers=server.token, timeout=10).text
