"""A replay whose server is killed in the middle is asked for again, and adds nothing twice."""

from __future__ import annotations

import json
import random
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.crash.server import FOOTFALL, SEED, Server, surroundings

REJECTED = 2_300
pytestmark = [pytest.mark.crash, pytest.mark.timeout(600)]


def command(server: Server, *more: str) -> tuple[int, dict[str, Any]]:
    """Exit code of `footfall rejected replay`, and its counts."""
    ended = subprocess.run(
        [*FOOTFALL, "rejected", "replay", "--map", "who=user_id", "--format", "json", *more],
        env=surroundings({"FOOTFALL_DATA": str(server.folder)}),
        capture_output=True,
        check=False,
    )
    return ended.returncode, json.loads(ended.stdout)[0] if ended.stdout else {}


def test_kill_9_in_the_middle_of_a_replay(tmp_path: Path) -> None:
    """After kills at random moments every rejection's event is stored once, and a last replay has nothing to do."""
    chance = random.Random(SEED)
    server = Server(tmp_path / "data")
    server.start()
    try:
        server.wait_ready()
        events = [{"name": "view", "who": f"user {n}", "timestamp": time.time() - 60 * n} for n in range(REJECTED)]
        with httpx.Client(timeout=60) as client:
            assert server.send(events, client=client).json()["rejected"] == REJECTED
        assert command(server, "--dry-run")[1]["taken"] == REJECTED
        assert server.stored() == {}
        for _ in range(3):
            replaying = threading.Thread(target=command, args=(server,))
            replaying.start()
            time.sleep(chance.uniform(0.5, 3.0))
            server.kill()
            replaying.join()
            server.start()
            server.wait_ready()
        code, done = command(server)
        assert code == 0
        assert (done["tried"], done["taken"] + done["already"]) == (REJECTED, REJECTED), f"FOOTFALL_SEED={SEED}"
        assert set(server.stored().values()) == {1}
        assert len(server.stored()) == REJECTED
        assert command(server)[1]["already"] == REJECTED
        assert server.rebuilt()["differing"] == 0, f"FOOTFALL_SEED={SEED}"
    finally:
        server.stop()
    assert "Traceback" not in server.log()
