"""Removing old days that is killed at any moment is finished after the restart, and nothing else is lost."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from footfall.events.time import DAY_US
from tests.crash.load import Load
from tests.crash.server import SEED, Server, check, until
from tests.privacy.people import send
from tests.privacy.test_erased_everywhere import HURRIED

KILLS = int(os.environ.get("FOOTFALL_KILLS", "25"))
pytestmark = [pytest.mark.crash, pytest.mark.timeout(120 + 30 * KILLS)]
PEOPLE = 40


def visits(days_ago: float, number: int) -> list[dict[str, Any]]:
    """What everybody does so many days ago."""
    at = time.time() - 86_400 * days_ago
    return [
        {
            "name": ("view", "purchase")[who % 2],
            "event_id": f"{number}-{who}",
            "timestamp": at + who,
            "user_id": f"old-{who}",
            "visitor_id": f"old-device-{who}",
        }
        for who in range(PEOPLE)
    ]


def left(server: Server) -> list[list[Any]]:
    """Events and sessions of days before the limit of five days, and people that are remembered."""
    border = (time.time_ns() // 1000 // DAY_US - 5) * DAY_US
    return [
        *server.sql(f"SELECT count(*) FROM events WHERE ts_us < {border}"),
        *server.sql(f"SELECT count(*) FROM sessions WHERE session_start < {border}"),
        *server.sql("SELECT count(DISTINCT user_id), count(*) FROM first_events"),
    ]


def test_kill_9_at_random_moments_of_removing(tmp_path: Path) -> None:
    """Each round's days are gone in the end, everybody is remembered once, and what is kept is whole."""
    chance = random.Random(SEED)
    server = Server(tmp_path / "data", program=HURRIED)
    server.start()
    try:
        limit = {"days": 5}
        assert httpx.put(f"{server.address}/v1/keeping", json=limit, headers=server.token).status_code == 200
        with Load(server, clients=2, seed=SEED, pause=0.05) as load:
            for number in range(max(2, KILLS // 4)):
                send(server, visits(10 + number, number))
                for _ in range(2):
                    time.sleep(chance.uniform(0.0, chance.choice((0.3, 3.0))))
                    server.kill()
                    server.start()
                    server.wait_ready()
                until(lambda: left(server)[:2] == [[0], [0]], 90, lambda: f"FOOTFALL_SEED={SEED}: {left(server)}")
        check(server, load.acknowledged, after=load.offset)
        people, rows = left(server)[2]
        assert people == PEOPLE, f"FOOTFALL_SEED={SEED}"
        assert rows >= PEOPLE
    finally:
        server.stop()
    assert "Traceback" not in server.log()
