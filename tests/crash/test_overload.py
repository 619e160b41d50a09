"""More comes in than a slow disk takes: clients are told to wait, memory stays flat, what was acknowledged is there."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from tests.crash.pusher import Story, ids
from tests.crash.server import Server, serving, surroundings, until

pytestmark = pytest.mark.crash

HERE = Path(__file__).parent
SECONDS = 20.0
SLOWNESS = "10"
PENDING, INFLIGHT = 1_000_000, 2_000_000
FIRST_SECONDS = 5.0
SLACK = 64_000_000
"""Bytes by which memory may grow after the first seconds, beside what is configured to be held: buffers of the
allocators, ids seen within the window (20 bytes each), the tail of 50,000 events at its largest."""
CLIENTS = (("a", 12, 100), ("b", 12, 100), ("c", 8, 1))
"""(name, connections, events a request) of each client process."""


def start(server: Server, name: str, connections: int, batch: int) -> subprocess.Popen[bytes]:
    """A client in a process of its own."""
    arguments = [server.address, server.write_key, name, str(SECONDS), str(connections), str(batch)]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.crash.pusher", *arguments],
        stdout=subprocess.PIPE,
        env=surroundings({}),
        cwd=HERE.parents[1],
    )


def heard(client: subprocess.Popen[bytes]) -> list[Story]:
    """What a client has to tell when it is done."""
    return msgspec.json.decode(client.communicate(timeout=60)[0], type=list[Story])


def memory_over(server: Server, seconds: float) -> list[tuple[float, int]]:
    """(second, resident bytes) of the server, five times a second."""
    began = time.monotonic()
    samples = []
    while (now := time.monotonic() - began) < seconds:
        samples.append((now, server.memory()))
        time.sleep(0.2)
    return samples


@pytest.mark.timeout(180)
def test_clients_that_push_at_a_slow_journal_are_told_to_wait(tmp_path: Path) -> None:
    """Only 202, 429 and 503 with Retry-After; memory flat; afterwards exactly the acknowledged events, each once."""
    (tmp_path / "faults").mkdir()
    program = (sys.executable, str(HERE / "faulty.py"), str(tmp_path / "faults"), SLOWNESS)
    limits = {"FOOTFALL_JOURNAL_PENDING_BYTES": str(PENDING), "FOOTFALL_MAX_INFLIGHT_BYTES": str(INFLIGHT)}
    with serving(tmp_path / "data", program=program, **limits) as server:
        clients = [start(server, *client) for client in CLIENTS]
        try:
            samples = memory_over(server, SECONDS)
            stories = [story for client in clients for story in heard(client)]
        finally:
            for client in clients:
                client.kill()
        statuses = sum((Counter(story.statuses) for story in stories), Counter[str]())
        assert set(statuses) <= {"202", "429", "503"}
        assert statuses["202"] > 100
        assert statuses["429"] + statuses["503"] > 100
        assert not sum((Counter(story.troubles) for story in stories), Counter[str]())

        first = max(size for second, size in samples if second < FIRST_SECONDS)
        later = max(size for second, size in samples if second >= FIRST_SECONDS)
        assert later - first <= PENDING + INFLIGHT + SLACK

        until(lambda: server.readiness()[1]["lag"]["events"] == 0, 60)
        found = server.stored()
        assert set(found.values()) == {1}
        assert found.keys() == {name for story in stories for name in ids(story.acknowledged, story.batch)}
