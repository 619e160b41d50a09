"""An erasure that is killed at any moment is finished after the restart, and others lose nothing."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

from tests.crash.load import Load
from tests.crash.server import SEED, Server, check, until
from tests.privacy.people import CANARY, ask, canaries, figures, finished, others, refused, send
from tests.privacy.stored import where
from tests.privacy.test_erased_everywhere import HURRIED

KILLS = int(os.environ.get("FOOTFALL_KILLS", "25"))
pytestmark = [pytest.mark.crash, pytest.mark.timeout(120 + 30 * KILLS)]


def test_kill_9_at_random_moments_of_erasures(tmp_path: Path) -> None:
    """Each erasure is killed twice on its way; at its end nothing is left of the person, and all of the others."""
    chance = random.Random(SEED)
    server = Server(tmp_path / "data", program=HURRIED)
    server.start()
    try:
        with Load(server, clients=2, seed=SEED, pause=0.05) as load:
            send(server, others())
            before = figures(server)
            for number in range(max(2, KILLS // 4)):
                send(server, canaries(hours_ago=1.0 + number / 10))
                send(server, refused())
                until(lambda: any("lake/events/project" in path for path in where(server.folder, CANARY)), 60)
                erasure_id = ask(server)
                for _ in range(2):
                    time.sleep(chance.uniform(0.0, chance.choice((0.3, 3.0))))
                    server.kill()
                    server.start()
                    server.wait_ready()
                finished(server, erasure_id)
                assert where(server.folder, CANARY) == set(), f"FOOTFALL_SEED={SEED}"
                assert figures(server) == before, f"FOOTFALL_SEED={SEED}"
        check(server, load.acknowledged, after=load.offset)
    finally:
        server.stop()
    assert "Traceback" not in server.log()
