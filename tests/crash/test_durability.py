"""What the journal forgets is on the medium: shown by the calls that a server makes, and by kills before each kind."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.crash.load import Load
from tests.crash.server import SEED, Server, check, serving, until
from tests.crash.test_kill import KILLS, PATIENCE
from tests.disk.layer import Fault, Layer
from tests.disk.medium import Medium

pytestmark = pytest.mark.crash

SMALL_SEGMENTS = {"FOOTFALL_JOURNAL_SEGMENT_BYTES": "1MB", "FOOTFALL_LAKE_COMMIT_SECONDS": "0.2"}
"""So that segments are forgotten every second."""
HURRIED = (sys.executable, str(Path(__file__).with_name("hurried.py")))
NEEDED = re.compile(r"/data/(lake/|seen/|state\.db-wal$)")
"""What must be synced; `state.db` itself is not among it, for what it lacks SQLite reads from its log."""
NAMED = re.compile(r"/data/(lake/|seen/|state\.db(-wal)?$)")
DIES_SECONDS = 20.0
"""Within which a call of each stage comes by."""


class Stage(NamedTuple):
    """A kind of call: what is done, and what the path holds."""

    deed: str
    part: str


STAGES = (
    Stage("make", "/journal/"),
    Stage("write", "/journal/"),
    Stage("sync", "/journal/"),
    Stage("unlink", "/journal/"),
    Stage("write", ".parquet"),
    Stage("sync", ".parquet"),
    Stage("link", "/_delta_log/"),
    Stage("sync", "/_delta_log"),
    Stage("unlink", ".parquet"),
    Stage("write", "/state.db"),
    Stage("sync", "/state.db"),
    Stage("make", "/seen/"),
    Stage("sync", "/seen/"),
    Stage("unlink", "/seen/"),
)
"""From the journal's write to the last of upkeep."""


@pytest.mark.timeout(120)
def test_the_journal_forgets_only_what_a_power_cut_could_not_take(tmp_path: Path) -> None:
    """Whenever a segment goes, all of the lake, the checkpoint and the seen ids is synced, names too."""
    layer = Layer(tmp_path, under="/data", traced=True)
    with serving(tmp_path / "data", **SMALL_SEGMENTS, **layer.environment) as server, Load(server, seed=SEED) as load:
        until(lambda: len(list(server.folder.glob("journal/*.journal"))) and load.offset > 1_000, 30)
        time.sleep(5)
    medium, forgotten = Medium(), 0
    for call in layer.calls():
        if call.deed == "unlink" and call.path.endswith(".journal"):
            forgotten += 1
            at_risk = {path for path in medium.unsynced() if NEEDED.search(path)}
            assert not at_risk | {path for path in medium.unnamed() if NAMED.search(path)}
        medium.take(call)
    assert forgotten >= 2


@PATIENCE
def test_kills_before_every_kind_of_call(tmp_path: Path) -> None:
    """Of the journal, the lake, the checkpoint, the seen ids and upkeep: nothing is lost, doubled or left behind."""
    chance = random.Random(SEED)
    layer = Layer(tmp_path, under="/data/")
    server = Server(tmp_path / "data", program=HURRIED, **SMALL_SEGMENTS, **layer.environment)
    server.start()
    load, met = Load(server, seed=SEED), set()
    try:
        with load:
            for number in range(KILLS):
                stage = STAGES[number % len(STAGES)]
                layer.kill_before(chance.randrange(1, 6), stage.deed, stage.part)
                assert server.process is not None
                try:
                    server.process.wait(DIES_SECONDS)
                    met.add(stage)
                except subprocess.TimeoutExpired:
                    server.kill()
                layer.mend()
                server.start()
                if number % (1 + KILLS // 4) == 0:
                    server.wait_ready()
                    check(server, set(load.acknowledged), after=load.offset)
            server.wait_ready()
        check(server, load.acknowledged, after=load.offset)
    finally:
        server.stop()
    assert met == set(STAGES[:KILLS])
    assert "Traceback" not in server.log()


@pytest.mark.timeout(180)
def test_a_disk_that_is_slow_then_full_then_failing(tmp_path: Path) -> None:
    """Under load: only 202, 429 and 503; `/ready` tells of it while it lasts; green again by itself, nothing lost."""
    layer = Layer(tmp_path, under="/data/")
    with serving(tmp_path / "data", **SMALL_SEGMENTS, **layer.environment) as server, Load(server, seed=SEED) as load:
        layer.slow(0.2)
        time.sleep(3)
        assert load.statuses.keys() <= {202, 429, 503}
        for fault in (Fault.FULL, Fault.WRITES_FAIL | Fault.SYNCS_FAIL, Fault.SYNCS_FAIL):
            with layer.having(fault):
                until(lambda: server.readiness()[0] == 503, 5)
                time.sleep(0.5)  # what was written before the fault may be answered after it
                acknowledged = len(load.acknowledged)
                time.sleep(2)
                assert len(load.acknowledged) == acknowledged, fault
                assert server.readiness()[0] == 503
            server.wait_ready(30)
            until(partial(load.acknowledges_more_than, acknowledged), 30)
    assert load.statuses.keys() <= {202, 429, 503}, load.statuses
    assert load.statuses[503] > 0
    with serving(tmp_path / "data") as again:
        check(again, load.acknowledged, after=load.offset)
