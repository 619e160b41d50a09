"""A writer killed at any moment: confirmed commits are whole, unconfirmed ones whole or absent."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from deltalake import DeltaTable

from footfall.lake.lake import Lake
from tests.lake.reading import ids, parquet_files
from tests.lake.writer import rows_of

KILLS = int(os.environ.get("FOOTFALL_KILLS", "25"))
ROOT = Path(__file__).parents[2]


def killed(folder: Path, chance: random.Random) -> int:
    """Let a writer confirm a few commits, kill it at a random moment after, and say which one it confirmed last."""
    path = f"{ROOT / 'src'}:{ROOT}"
    command = [sys.executable, "-m", "tests.lake.writer", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": path}) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(chance.randint(1, 12))]
        time.sleep(chance.uniform(0, 0.03))  # the moment is what is random here; nothing is waited for
        writer.kill()
        lines += writer.stdout.readlines()
    return int([line for line in lines if line.endswith("\n")][-1])


@pytest.mark.parametrize(
    "kills", [3, pytest.param(KILLS, marks=[pytest.mark.crash, pytest.mark.timeout(60 + 5 * KILLS)])]
)
def test_kill_at_random_moments(tmp_path: Path, kills: int) -> None:
    """After every kill the table is at a whole commit, not before the last confirmed one, each row there once."""
    chance = random.Random(20241004)
    lake = Lake.open(tmp_path / "lake")
    for _ in range(kills):
        confirmed = killed(tmp_path / "lake", chance)
        lake = Lake.open(tmp_path / "lake")
        reached = lake.committed("events", "live") or 0
        assert confirmed <= reached <= confirmed + 1
        assert ids(tmp_path / "lake") == sorted(name for version in range(1, reached + 1) for name in rows_of(version))
    lake.vacuum("events", 0)
    assert parquet_files(tmp_path / "lake") == {file.path for file in lake.files("events")}
    assert DeltaTable(str(tmp_path / "lake" / "events")).version() >= kills
