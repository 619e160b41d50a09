"""Pulling the plug under load: nothing acknowledged is lost, nothing counts twice, the state equals a rebuild."""

from __future__ import annotations

import contextlib
import json
import os
import random
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Self

import httpx
import pytest

from footfall.journal.sqlite import SqliteJournal
from footfall.node.live import saved_offset
from tests.crash.load import Load
from tests.crash.server import FOOTFALL, SEED, Server, check, surroundings, until

KILLS = int(os.environ.get("FOOTFALL_KILLS", "25"))
CHECKS = 4
"""How often a run looks at everything: a rebuild takes as long as some kills."""
pytestmark = pytest.mark.crash
PATIENCE = pytest.mark.timeout(90 + 20 * KILLS)


def kill_again_and_again(server: Server, chance: random.Random, kills: int, look: Callable[[], object]) -> None:
    """Kill and start the server at random moments; `look` is called now and then, while all goes on."""
    for number in range(1, kills + 1):
        time.sleep(chance.uniform(0.05, chance.choice((0.5, 1.0, 3.0))))
        server.kill()
        server.environment["FOOTFALL_LAKE_COMMIT_SECONDS"] = chance.choice(["0.1", "0.3", "2"])
        if chance.random() < 0.2:
            kill_while_starting(server, chance)
        server.start()
        if number % (1 + kills // CHECKS) == 0:
            server.wait_ready()
            look()
    server.wait_ready()


def kill_while_starting(server: Server, chance: random.Random) -> None:
    """Start it, and kill it before or soon after it listens."""
    server.launch()
    time.sleep(chance.uniform(0.3, 2.0))
    server.kill()


class Rebuilding:
    """Asks for one rebuild after the other, whatever becomes of the server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.reports: list[Any] = []
        """Rebuilds that were heard to be done."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join(60)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping.wait(0.3):
            with contextlib.suppress(httpx.HTTPError):  # the server is dead, or starting
                report = self._server.rebuilt()
                if report["state"] != "none":  # it is another server than was asked
                    self.reports.append(report)


@PATIENCE
def test_kill_9_at_random_moments_under_load(tmp_path: Path) -> None:
    """After every few kills all that was ever acknowledged is there exactly once, and live equals batch.

    The lake commits often, and rebuilds run all the time, so that kills meet these too.
    """
    chance = random.Random(SEED)
    server = Server(tmp_path / "data")
    server.start()
    load = Load(server, seed=SEED)
    try:
        with load, Rebuilding(server) as rebuilding:
            kill_again_and_again(
                server, chance, KILLS, lambda: check(server, set(load.acknowledged), after=load.offset)
            )
        check(server, load.acknowledged, after=load.offset)
    finally:
        server.stop()
    assert len(load.acknowledged) > 20 * KILLS
    assert set(load.statuses) <= {202, 429, 503}
    assert all(report["agreed"] for report in rebuilding.reports), rebuilding.reports
    assert "Traceback" not in server.log()


@pytest.mark.timeout(180)
def test_kills_in_the_very_first_start(tmp_path: Path) -> None:
    """However little of a data folder was made, the next start goes on from there, with a key that is taken."""
    chance = random.Random(SEED)
    server = Server(tmp_path / "data")
    for _ in range(max(3, KILLS // 8)):
        kill_while_starting(server, chance)
    server.start()
    try:
        with Load(server, seed=SEED) as load:
            until(lambda: len(load.acknowledged) > 100, 30)
        check(server, load.acknowledged, after=load.offset)
        assert len(server.get("/v1/keys")["items"]) == 1
        assert len(server.get("/v1/tokens")["items"]) == 1
    finally:
        server.stop()


@pytest.mark.timeout(180)
def test_stops_under_load(tmp_path: Path) -> None:
    """Asked to end, it takes nothing new, and the next start has all that was acknowledged, with nothing to replay."""
    server = Server(tmp_path / "data", FOOTFALL_LAKE_COMMIT_SECONDS="3600")
    server.start()
    try:
        with Load(server, seed=SEED) as load:
            for _ in range(2):
                time.sleep(1.0)
                server.stop()
                assert server.process is not None
                assert server.process.returncode == 0
                with closing(SqliteJournal(server.folder / "journal")) as journal:
                    assert journal.end()[0] == saved_offset(server.folder) > 0
                server.start()
        check(server, load.acknowledged, after=load.offset)
    finally:
        server.stop()
    assert set(load.statuses) <= {202, 429, 503}
    assert "Traceback" not in server.log()


@PATIENCE
def test_kills_in_the_middle_of_imports(tmp_path: Path) -> None:
    """A log whose import was cut short, on either side or both, is in exactly once at the end, with exact counts."""
    chance = random.Random(SEED)
    server = Server(tmp_path / "data")
    server.start()
    load = Load(server, seed=SEED, clients=1, pause=0.05)
    logs = [Log(tmp_path / "log-0.csv")]
    try:
        with load:
            for _ in range(max(2, KILLS // 4)):
                with logs[-1].importing(server) as command:
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        command.wait(chance.uniform(0.5, 4.0))
                    if chance.random() < 0.7:
                        server.kill()
                if command.returncode == 0:
                    logs.append(Log(tmp_path / f"log-{len(logs)}.csv"))
                if server.process is not None and server.process.poll() is not None:
                    server.start()
        for log in logs:
            log.finish(server)
        found = check(server, load.acknowledged, after=load.offset)
        assert {name for name in found if name.startswith("log-")} == {name for log in logs for name in log.ids}
        assert len(server.sql("SELECT rejected_id FROM rejected")) == len(logs)
    finally:
        server.stop()
    assert "Traceback" not in server.log()


class Log:
    """A file of made-up events with ids, a few of which stand there twice, and one broken row."""

    ROWS, TWICE = 45_000, 7

    def __init__(self, path: Path) -> None:
        self._path = path
        self.ids = [f"{path.stem}-{number}" for number in range(self.ROWS)]
        now = int(time.time()) - 7 * 86_400
        rows = [
            f"{event_id},{now + number // 10},view,v{number % 997},p{number % 50},9.90\n"
            for number, event_id in enumerate(self.ids)
        ]
        broken = f"{path.stem}-broken,no time at all,view,v1,p1,9.90\n"
        path.write_text("".join(["id,time,event,visitor_id,product_id,price\n", *rows, *rows[: self.TWICE], broken]))

    @contextlib.contextmanager
    def importing(self, server: Server) -> Iterator[subprocess.Popen[bytes]]:
        """`footfall import` at work; killed at the end of the block if it still is."""
        command = [*FOOTFALL, "import", str(self._path), "--data", str(server.folder), "--format", "json"]
        around = surroundings(server.environment)
        with subprocess.Popen(command, env=around, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            try:
                yield process
            finally:
                process.kill()

    def finish(self, server: Server) -> None:
        """Import it to the end, or find that this was done: the counts are those of the whole file."""
        with self.importing(server) as process:
            said, _ = process.communicate(timeout=60)
        assert process.returncode == 0, said
        (told,) = json.loads(said)
        counts = told["stored"], told["duplicate"], told["rejected"]
        whole = self.ROWS, self.TWICE, 1
        again = 0, self.ROWS + self.TWICE, 1
        assert counts == (whole if told["run"] == 1 else again), told
