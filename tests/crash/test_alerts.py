"""Pulling the plug while alerts are made: every planted one is there once, whole, and all are those of all events."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Self

import httpx
import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from footfall.events.kinds import Taxonomy
from footfall.fraud.batch import COLUMNS, alerts
from footfall.fraud.models import Rule, Thresholds
from footfall.lake.lake import Lake
from footfall.lake.layout import LAYOUTS
from footfall.settings import Settings
from tests.crash.load import Load
from tests.crash.server import SEED, START_SECONDS, Server
from tests.sessions.engines import EVENTS_TABLE, compiled

KILLS = 6
pytestmark = pytest.mark.crash
BY_DEFINITION = compiled(alerts(EVENTS_TABLE, taxonomy=Taxonomy(), thresholds=Thresholds.of(Settings())))
PARIS, SYDNEY = {"latitude": 48.8566, "longitude": 2.3522}, {"latitude": -33.8688, "longitude": 151.2093}
Story = tuple[int, list[tuple[int, dict[str, Any]]]]
"""How often the rule fires; of each event how many seconds ago it was, and what is said of it."""
STORIES: dict[Rule, Story] = {
    Rule.HIGH_VELOCITY: (3, [(6 - place, {}) for place in range(7)]),
    Rule.MULTIPLE_IP: (2, [(900 * place, {"ip": f"192.0.2.{place}"}) for place in range(4)] + [(1, {"ip": "::9"})]),
    Rule.RAPID_LOCATION_CHANGE: (1, [(1800, PARIS), (0, SYDNEY)]),
    Rule.HIGH_VALUE_PURCHASE: (1, [(0, {"name": "purchase", "amount": "900.00"})]),
}


class Episode(NamedTuple):
    """Events of one user at which one rule fires so many times."""

    rule: Rule
    user_id: str
    firings: int
    events: list[dict[str, Any]]


def episode(number: int, now: float) -> Episode:
    """Each rule in turn."""
    rule = list(Rule)[number % len(Rule)]
    firings, told = STORIES[rule]
    user_id = f"{rule.value}-{number}"
    known = {"name": "page_view", "user_id": user_id}
    events = [
        {**known, "event_id": f"{user_id}-{place}", "timestamp": now - ago, **fields}
        for place, (ago, fields) in enumerate(told)
    ]
    return Episode(rule, user_id, firings, events)


class Planting:
    """A client that plants one episode after the other, each event in a request of its own, in any order."""

    def __init__(self, server: Server, chance: random.Random) -> None:
        self._server = server
        self._chance = chance
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._plant, daemon=True)
        self.episodes: list[Episode] = []
        """Those of which every event was acknowledged."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join(START_SECONDS + 10)
        assert not self._thread.is_alive()

    def _plant(self) -> None:
        with httpx.Client(timeout=10) as client:
            while not self._stopping.is_set():
                planted = episode(len(self.episodes), time.time())
                for event in self._chance.sample(planted.events, len(planted.events)):
                    self._send(event, client)
                self.episodes.append(planted)

    def _send(self, event: dict[str, Any], client: httpx.Client) -> None:
        """Until it is acknowledged, and now and then once more."""
        acknowledged, began = False, time.monotonic()
        while not acknowledged or self._chance.random() < 0.1:
            try:
                acknowledged |= self._server.send([event], client=client).status_code == 202
            except httpx.HTTPError:
                assert time.monotonic() - began < START_SECONDS
                time.sleep(0.02)


def rows(folder: Path, table: str) -> pa.Table:
    """All rows of a table of a folder that nobody uses."""
    schema, files = LAYOUTS[table].schema, Lake.open(folder / "lake").files(table)
    return ds.dataset([str(file.path) for file in files], schema=schema, format="parquet").to_table()


def readable(table: pa.Table) -> list[dict[str, Any]]:
    """The newest row of every alert, without tombstones."""
    newest = {(row["project_id"], row["alert_id"]): row for row in table.sort_by("revision").to_pylist()}
    return [row for row in newest.values() if not row["deleted"]]


def keyed(alerts: list[dict[str, Any]]) -> Iterator[tuple[object, ...]]:
    """What alerts say, bookkeeping left out."""
    return (tuple(row[name] for name in COLUMNS) for row in alerts)


@pytest.mark.timeout(120)
def test_no_kill_loses_doubles_or_cuts_an_alert(tmp_path: Path) -> None:
    """Killed again and again under load: planted alerts once, with all firings; all alerts those of the definition."""
    chance, server = random.Random(SEED), Server(tmp_path / "data")
    server.start()
    try:
        with Load(server, seed=SEED, clients=2, pause=0.02), Planting(server, chance) as planting:
            for _ in range(KILLS):
                time.sleep(chance.uniform(0.1, 1.5))
                server.kill()
                server.environment["FOOTFALL_LAKE_COMMIT_SECONDS"] = chance.choice(["0.1", "0.3", "2"])
                server.start()
            server.wait_ready()
    finally:
        server.stop()
    assert len(planting.episodes) > 4 * KILLS
    found = readable(rows(server.folder, "alerts"))
    by_user = {(row["rule"], row["subject"]): row["firings"] for row in found if "-" in row["subject"]}
    assert by_user == {(one.rule, f"u:{one.user_id}"): one.firings for one in planting.episodes}
    assert len(found) == len({(row["project_id"], row["alert_id"]) for row in found})
    expected = BY_DEFINITION([], events=rows(server.folder, "events")).to_pylist()
    assert sorted(keyed(found)) == sorted(keyed(expected))
    assert "Traceback" not in server.log()
