"""Collectors as processes of their own: killed, stalled, left alone and told to stop, under load."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from footfall.journal.sqlite import SqliteJournal
from footfall.node.live import saved_offset
from tests.crash.load import Load
from tests.crash.server import SEED, Server, check, serving, until

pytestmark = pytest.mark.crash

SEEN_SECONDS = 2.0
RECOVERY_SECONDS = 30.0
FAULTY = Path(__file__).with_name("faulty.py")
EVENT = {"name": "view", "visitor_id": "v"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server with two collectors for most of these tests: each leaves it as well as it was."""
    with serving(tmp_path_factory.mktemp("collectors") / "data", FOOTFALL_COLLECTORS="2") as running:
        yield running


def children(pid: int) -> set[int]:
    """The processes that `pid` has started and that are alive."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            state, parent = path.read_text().rpartition(")")[2].split()[:2]
            if int(parent) == pid and state != "Z":
                found.add(int(path.parent.name))
    return found


def collectors(server: Server) -> set[int]:
    """Processes of the server's collectors."""
    assert server.process is not None
    return {
        pid
        for pid in children(server.process.pid)
        if b"footfall.cli.collector" in Path(f"/proc/{pid}/cmdline").read_bytes()
    }


def lives(pid: int) -> bool:
    """Whether there is such a process, a dead one that nobody has buried aside."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def until_gone(pids: set[int]) -> None:
    """Wait until none of these processes lives."""
    until(lambda: not any(map(lives, pids)), SEEN_SECONDS)


def until_more(load: Load, events: int) -> None:
    """Wait until so many events more are acknowledged."""
    wanted = len(load.acknowledged) + events
    until(lambda: len(load.acknowledged) >= wanted, 20)


def reasons(server: Server) -> list[str]:
    """What `/ready` says of the collectors."""
    return [problem["reason"] for problem in server.readiness()[1]["problems"] if problem["role"] == "collector"]


def sent(server: Server, events: list[dict[str, Any]] | None = None) -> httpx.Response:
    """The answer to events on a connection of their own."""
    with httpx.Client(timeout=30) as client:
        return server.send(events or [EVENT], client=client)


def test_a_killed_collector_is_told_replaced_and_loses_nothing(server: Server) -> None:
    """Killed under load: red with the reason within two seconds, two collectors again, each event stored once."""
    with Load(server, seed=SEED) as load:
        for _ in range(3):
            until_more(load, 1)
            victim = min(collectors(server))
            os.kill(victim, signal.SIGKILL)
            until(lambda: any("killed by SIGKILL" in reason for reason in reasons(server)), SEEN_SECONDS)
            server.wait_ready(RECOVERY_SECONDS)
            assert len(collectors(server) - {victim}) == 2
    check(server, load.acknowledged, after=load.offset)
    assert set(load.statuses) <= {202, 429, 503}


def test_a_stalled_collector_is_told(server: Server) -> None:
    """One that does nothing turns `/ready` red, as the other one tells; let go it goes on where it stood."""
    stalled = min(collectors(server))
    os.kill(stalled, signal.SIGSTOP)
    try:

        def told() -> bool:
            with suppress(httpx.TransportError), httpx.Client(timeout=0.2) as client:  # half reach the stalled one
                answer = client.get(f"{server.address}/ready").json()
                return any("no sign of life" in problem["reason"] for problem in answer["problems"])
            return False

        until(told, 4.0)
    finally:
        os.kill(stalled, signal.SIGCONT)
    server.wait_ready(RECOVERY_SECONDS)
    assert stalled in collectors(server)
    assert sent(server).status_code == 202


def test_a_revoked_key_is_refused_within_a_second(server: Server) -> None:
    """A new key is taken and a revoked one refused by every collector, whichever a connection reaches."""
    made = server.post("/v1/keys", {"kind": "server"})
    headers = {"authorization": f"Bearer {made['secret']}"}

    def answers() -> set[int]:
        url = f"{server.address}/v1/events"
        return {httpx.post(url, json=[EVENT], headers=headers, timeout=10).status_code for _ in range(8)}

    until(lambda: answers() == {202}, 1.0)
    token = (server.folder / "admin-token").read_text().strip()
    revoking = httpx.delete(
        f"{server.address}/v1/keys/{made['id']}", headers={"authorization": f"Bearer {token}"}, timeout=10
    )
    assert revoking.status_code < 300, revoking.text
    until(lambda: answers() == {401}, 1.0)


def test_when_the_owner_is_killed_nothing_lives_on(tmp_path: Path) -> None:
    """Collectors end with an owner that is killed under load; the next one has all that was acknowledged, each once."""
    server = Server(tmp_path / "data", FOOTFALL_COLLECTORS="2")
    server.start()
    try:
        with Load(server, seed=SEED) as load:
            for _ in range(2):
                until_more(load, 100)
                left = collectors(server)
                assert len(left) == 2
                server.kill()
                until_gone(left)
                server.start()
            server.wait_ready()
        check(server, load.acknowledged, after=load.offset)
    finally:
        server.stop()
    assert "Traceback" not in server.log()


def test_it_stops_under_load(tmp_path: Path) -> None:
    """Asked to end, owner and collectors take nothing new; the next start has nothing to replay."""
    server = Server(tmp_path / "data", FOOTFALL_COLLECTORS="2", FOOTFALL_LAKE_COMMIT_SECONDS="3600")
    server.start()
    try:
        with Load(server, seed=SEED) as load:
            until_more(load, 200)
            left = collectors(server)
            server.stop()
            assert server.process is not None
            assert server.process.returncode == 0
            assert not any(map(lives, left))
            with closing(SqliteJournal(server.folder / "journal")) as journal:
                assert journal.end()[0] == saved_offset(server.folder) > 0
            server.start()
        check(server, load.acknowledged, after=load.offset)
    finally:
        server.stop()
    assert set(load.statuses) <= {202, 429, 503}
    assert "Traceback" not in server.log()


def test_pressure_and_a_hanging_disk_reach_the_senders(tmp_path: Path) -> None:
    """Too much lag is 429, as much as the owner itself would say; what a hanging disk has is not acknowledged."""
    (tmp_path / "faults").mkdir()
    program = (sys.executable, str(FAULTY), str(tmp_path / "faults"), "1")
    hangs = tmp_path / "faults" / "processor-hangs"
    with serving(tmp_path / "data", program=program, FOOTFALL_COLLECTORS="1", FOOTFALL_MAX_LAG_EVENTS="1000") as server:
        hangs.touch()
        until(lambda: sent(server, [EVENT] * 500).status_code == 429, 10)
        refused = sent(server)
        assert refused.json()["code"] == "overloaded"
        assert int(refused.headers["retry-after"]) >= 1
        hangs.unlink()
        until(lambda: sent(server).status_code == 202, 10)
        disk = tmp_path / "faults" / "disk-hangs"
        disk.touch()
        began = time.monotonic()
        with pytest.raises(httpx.ReadTimeout), httpx.Client(timeout=0.5) as client:
            server.send([EVENT], client=client)
        assert time.monotonic() - began < 5
        disk.unlink()
        assert sent(server).status_code == 202
        server.wait_ready(RECOVERY_SECONDS)
