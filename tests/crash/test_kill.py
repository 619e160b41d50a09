"""Pulling the plug under load: nothing acknowledged is lost, nothing counts twice, the state equals a rebuild."""

from __future__ import annotations

import os
import random
import resource
import time
from pathlib import Path

import httpx
import pytest

from tests.crash.load import Load
from tests.crash.server import Server, serving

KILLS = int(os.environ.get("FOOTFALL_KILLS", "25"))
pytestmark = pytest.mark.crash


def stored(server: Server) -> dict[str, int]:
    """{event id: how often it is readable}."""
    found: dict[str, int] = {}
    last = ""
    while True:
        query = (
            f"SELECT event_id, count(*) AS n FROM events WHERE event_id > '{last}' GROUP BY 1 ORDER BY 1 LIMIT 50000"
        )
        rows = server.post("/v1/sql", {"sql": query})["rows"]
        if not rows:
            return found
        found |= dict(rows)
        last = max(found)


def check(server: Server, acknowledged: set[str]) -> None:
    """What was acknowledged is readable once; nothing is readable twice; the sessions are those of a rebuild."""
    found = stored(server)
    assert not [event_id for event_id, times in found.items() if times != 1]
    assert not acknowledged - found.keys()
    report = server.rebuilt()
    assert report["agreed"], report
    assert report["events"] >= len(found)


@pytest.mark.timeout(60 + 20 * KILLS)
def test_kill_9_at_random_moments_under_load(tmp_path: Path) -> None:
    """After every few kills all that was ever acknowledged is there exactly once, and live equals batch."""
    seed = int(os.environ.get("FOOTFALL_SEED", str(random.randrange(10**6))))
    chance = random.Random(seed)

    server = Server(tmp_path / "data")
    (tmp_path / "data").mkdir()
    server.start()
    server.wait_ready()
    load = Load(server, seed=seed)
    load.start()
    try:
        for number in range(1, KILLS + 1):
            time.sleep(chance.uniform(0.05, 1.2))
            server.kill()
            server.start()
            if number % 5 == 0:
                server.wait_ready()
                check(server, set(load.acknowledged))
        load.stop()
        server.wait_ready()
        check(server, load.acknowledged)
        assert len(load.acknowledged) > 20 * KILLS
        assert set(load.statuses) <= {202, 429, 503}

    finally:
        load._stopping.set()
        server.stop()


@pytest.mark.timeout(180)
def test_a_disk_that_takes_nothing_is_never_acknowledged_and_recovers(tmp_path: Path) -> None:
    """With writes failing (file size limit 0) every answer is 503; lifted, the same server acknowledges again."""
    with serving(tmp_path / "data") as server, httpx.Client(timeout=30) as client:
        server.wait_ready()
        first = server.send([{"event_id": "before", "name": "view", "visitor_id": "v"}], client=client)
        assert first.status_code == 202
        assert server.process is not None
        _, hard = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (0, hard))
        for number in range(5):
            answer = server.send([{"event_id": f"lost-{number}", "name": "view", "visitor_id": "v"}], client=client)
            assert answer.status_code == 503, answer.text
            assert int(answer.headers["retry-after"]) >= 1
        assert httpx.get(f"{server.address}/ready").status_code == 503
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (hard, hard))
        deadline = time.monotonic() + 30
        while (
            answer := server.send([{"event_id": "after", "name": "view", "visitor_id": "v"}], client=client)
        ).status_code != 202:
            assert time.monotonic() < deadline, answer.text
            time.sleep(0.2)
        server.wait_ready(30)
        check(server, {"before", "after"})
        assert set(stored(server)) == {"before", "after"}
