"""A server with a made-up shop's month in it, and readers of its pages."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.crash.server import FOOTFALL, Server, surroundings
from tests.dashboard.reader import Reader, built_pages

EVENTS = 30_000
DAYS = 35


@pytest.fixture(scope="session")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that holds the last month of a generated shop."""
    built_pages()
    folder = tmp_path_factory.mktemp("pages")
    first = (datetime.now(UTC) - timedelta(days=DAYS - 1)).date().isoformat()
    for command in (
        ["generate", "world", "--customers", "800", "--events", str(EVENTS), "--from", first, "--days", str(DAYS)],
        ["import", "world/events", "--data", "data"],
    ):
        subprocess.run([*FOOTFALL, *command], cwd=folder, env=surroundings({}), check=True, capture_output=True)
    server = Server(folder / "data")
    server.start()
    try:
        server.wait_ready()
        yield server
    finally:
        server.stop()


@pytest.fixture
def reader(browser: Any, month: Server) -> Iterator[Callable[..., Reader]]:
    """Makes readers of the month's pages; none may have met a fault in the end, nor have asked another host."""
    made: list[Reader] = []

    def read(**options: Any) -> Reader:
        made.append(Reader(browser, options.pop("server", month), **options))
        return made[-1]

    yield read
    for one in made:
        one.close()
    assert [fault for one in made for fault in one.faults] == []
    assert {host for one in made for host in one.hosts} <= {one.server.address for one in made}


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where a test may leave pictures."""
    return tmp_path
