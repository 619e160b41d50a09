"""The journal of a killed server is cut: the server starts, serves whole commits up to some point, and goes on."""

from __future__ import annotations

import random
import shutil
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from deltalake import DeltaTable

from footfall.events.record import decode_record
from footfall.journal.sqlite import SqliteJournal
from tests.crash.load import Load
from tests.crash.server import SEED, Server, check, serving

pytestmark = pytest.mark.crash

CUTS = 4
EVERYTHING = 1 << 40
SETTINGS = {"FOOTFALL_LAKE_COMMIT_SECONDS": "1.5"}
"""A good part of what is acknowledged is in the journal alone when the server is killed."""


class Killed:
    """The data folder of a server that was killed under load, and what was in it."""

    def __init__(self, folder: Path) -> None:
        with serving(folder / "data", **SETTINGS) as server:
            with Load(server, seed=SEED) as load:
                time.sleep(4.0)
                server.kill()
            self.acknowledged = load.acknowledged
        self._folder = folder
        rows = DeltaTable(str(folder / "data" / "lake" / "events")).to_pyarrow_table(columns=["event_id"])
        lake: set[str] = set(rows["event_id"].to_pylist())
        with closing(SqliteJournal(self.copied("read") / "journal")) as journal:
            entries = journal.read(journal.start()[0], max_bytes=EVERYTHING)
        commits = [set(decode_record(entry.payload).events["event_id"].to_pylist()) for entry in entries]
        self.prefixes = [lake.union(*commits[:number]) for number in range(len(commits) + 1)]
        """What may be readable: the lake and the journal's first commits, from none of them to all."""

    def copied(self, name: str) -> Path:
        """The whole data folder once more, as the killed server left it."""
        return shutil.copytree(self._folder / "data", self._folder / name)


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Killed:
    """One killed server for all cuts."""
    return Killed(tmp_path_factory.mktemp("cut"))


def newest(folder: Path) -> Path:
    """The database file of the journal's last segment."""
    return max((folder / "journal").glob("*.journal"))


def cut(file: Path, size: int) -> None:
    """Leave the first `size` bytes."""
    with file.open("r+b") as stream:
        stream.truncate(size)


def assert_goes_on(server: Server, readable: set[str]) -> None:
    """A new event is taken and found; then exactly this and that are there, and live equals batch.

    Where the cut took entries of which the lake has the events, `/ready` says that a rebuild computes their sessions.
    """
    with httpx.Client(timeout=30) as client:
        answer = server.send([{"event_id": "new", "name": "view", "session_id": "after-the-cut"}], client=client)
    assert answer.status_code == 202, answer.text
    found = server.get("/v1/sessions/s:after-the-cut", after=answer.json()["offset"])
    assert found["session"]["total_events"] == 1
    if any("the journal lost events that the lake has" in line for line in server.readiness()[1]["advice"]):
        assert server.rebuilt()["state"] == "done"
    assert check(server, readable).keys() == {*readable, "new"}


def test_the_last_commits_are_in_the_journal_alone(killed: Killed) -> None:
    """Otherwise the cuts below would prove little."""
    assert len(killed.prefixes) > 20
    assert len(killed.prefixes[0]) > 20
    assert killed.acknowledged <= killed.prefixes[-1]


@pytest.mark.parametrize("number", range(CUTS))
def test_a_log_cut_anywhere_serves_a_prefix_of_whole_commits(killed: Killed, number: int) -> None:
    """Nothing that the lake had is lost, and of the rest the first commits are there, whole ones."""
    folder = killed.copied(f"log-{number}")
    log = newest(folder).with_name(f"{newest(folder).name}-wal")
    cut(log, random.Random(SEED + number).randrange(log.stat().st_size))
    with serving(folder, **SETTINGS) as server:
        readable = server.stored().keys()
        assert readable in killed.prefixes
        assert_goes_on(server, set(readable))


def test_a_database_file_cut_anywhere_loses_nothing(killed: Killed) -> None:
    """The log holds all entries: everything is there, and the damage is told."""
    folder = killed.copied("database")
    database = newest(folder)
    cut(database, random.Random(SEED).randrange(database.stat().st_size))
    with serving(folder, **SETTINGS) as server:
        assert any("the journal was damaged" in advice for advice in server.readiness()[1]["advice"])
        assert_goes_on(server, killed.prefixes[-1])
