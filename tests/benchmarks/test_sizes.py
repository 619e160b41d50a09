"""Every measurement works: run at its tiny size, it says what it should, beside ceilings."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import msgspec
import pytest

from benchmarks.results import Result
from benchmarks.run import names
from tests.benchmarks.ceilings import without_ceiling
from tests.repo.tree import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

AT_A_TIME = 3
Done = subprocess.CompletedProcess[str]


def measured(name: str) -> Done:
    """One measurement, as `make bench` runs it, but tiny."""
    return subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", "--size", "tiny", "--json"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"src{os.pathsep}."},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest) -> Iterator[dict[str, Future[Done]]]:
    """{measurement: its run}, of those that are asked for."""
    asked = [item.name for item in request.session.items if item.path == request.path]
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        yield {name: pool.submit(measured, name) for name in names() if any(f"[{name}]" in item for item in asked)}


@pytest.mark.parametrize("name", names())
def test_a_tiny_measurement_is_whole(name: str, runs: dict[str, Future[Done]]) -> None:
    """It ends well, and each of its figures stands beside a ceiling of the same unit, or is one."""
    done = runs[name].result()
    assert done.returncode == 0, done.stderr[-2000:]
    results = [msgspec.json.decode(line, type=Result) for line in done.stdout.splitlines()]
    assert results
    for result in results:
        assert (result.benchmark, result.size) == (name, "tiny")
        assert result.figures
        assert without_ceiling(result) == []
