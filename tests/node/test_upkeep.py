"""Upkeep: merging happens beside the server, and whatever is killed meanwhile, readers see the same rows."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from footfall.lake.compact import FEWEST_FILES
from footfall.lake.lake import Lake
from footfall.lake.view import View
from footfall.node import upkeep
from footfall.node.upkeep import Upkeep
from footfall.settings import Settings
from tests.lake.reading import ids, parquet_files
from tests.lake.rows import events
from tests.node.processes import children

KILLS = int(os.environ.get("FOOTFALL_KILLS", "25"))


@pytest.fixture
def view(tmp_path: Path) -> View:
    """A lake of twelve small files, two rows each."""
    seen = View(Lake.open(tmp_path / "lake"))
    for version in range(1, 13):
        seen.commit_rows("events", events([f"{version}a", f"{version}b"]), app_id="live", version=version)
    return seen


@pytest.fixture
def keeping(view: View, monkeypatch: pytest.MonkeyPatch) -> Iterator[Upkeep]:
    """Upkeep of the view, due at every turn."""
    monkeypatch.setattr(upkeep, "_COMPACT_SECONDS", 0.0)
    monkeypatch.setattr(upkeep, "_VACUUM_SECONDS", 3600.0)
    started = Upkeep(lambda: view, Settings())
    yield started
    assert started.role.stop(10)


def files(view: View) -> int:
    """How many files readers see."""
    return len(view.snapshot().files["events"])


def until_merged(view: View) -> None:
    """Wait until there is nothing left to merge."""
    deadline = time.monotonic() + 30
    while files(view) >= FEWEST_FILES:
        assert time.monotonic() < deadline, "nothing was merged"
        time.sleep(0.01)


def test_small_files_are_merged_by_another_process(view: View, keeping: Upkeep, tmp_path: Path) -> None:
    """Twelve files become one with the same rows, and readers are shown it."""
    before = ids(tmp_path / "lake")
    keeping.role.start()
    until_merged(view)
    assert files(view) == 1
    assert ids(tmp_path / "lake") == before
    assert keeping.role.problem() is None


@pytest.mark.parametrize(
    "kills", [2, pytest.param(KILLS, marks=[pytest.mark.crash, pytest.mark.timeout(60 + 5 * KILLS)])]
)
def test_merging_that_is_killed_leaves_the_lake_as_it_was(
    view: View, keeping: Upkeep, tmp_path: Path, kills: int
) -> None:
    """Killed at any moment it has done all or nothing; it is tried again; what it left behind is cleaned up."""
    chance, before, others = random.Random(7), ids(tmp_path / "lake"), children()
    killed = 0
    keeping.role.start()
    version = 12
    while killed < kills:
        for pid in children(but=others):
            time.sleep(chance.uniform(0, 0.6))  # the moment is what is random here; nothing is waited for
            with suppress(ProcessLookupError):  # it was quicker
                os.kill(pid, signal.SIGKILL)
                killed += 1
        assert ids(tmp_path / "lake") == before
        if files(view) < FEWEST_FILES:
            for _ in range(FEWEST_FILES):
                version += 1
                view.commit_rows("events", events([f"{version}a", f"{version}b"]), app_id="live", version=version)
            before = ids(tmp_path / "lake")
        threading.Event().wait(0.01)
    until_merged(view)
    assert ids(tmp_path / "lake") == before
    assert keeping.role.stop(10)
    View(Lake.open(tmp_path / "lake")).vacuum("events", 0)
    assert len(parquet_files(tmp_path / "lake")) == files(view)


def test_upkeep_ends_while_it_merges(view: View, keeping: Upkeep, tmp_path: Path) -> None:
    """A server that stops does not wait for a merge: its process is ended, and the files stay as they were."""
    before, others = ids(tmp_path / "lake"), children()
    keeping.role.start()
    deadline = time.monotonic() + 10
    while not children(but=others) and files(view) > 1:
        assert time.monotonic() < deadline
        time.sleep(0.001)
    began = time.monotonic()
    assert keeping.role.stop(10)
    assert time.monotonic() - began < 5
    assert children(but=others) == []
    assert ids(tmp_path / "lake") == before
