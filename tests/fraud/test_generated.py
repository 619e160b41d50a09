"""The rules over a generated world: every planted episode is found with its events, ordinary traffic stays quiet."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from footfall.enrich.address import AddressHasher
from footfall.events.event import Event
from footfall.events.kinds import Taxonomy
from footfall.events.wire import Source, check
from footfall.fraud.batch import alerts
from footfall.fraud.evidence import behind
from footfall.fraud.models import Thresholds
from footfall.generate.bulk import Options, generate
from tests.fraud.live import Live
from tests.sessions.engines import DEFAULT_KINDS, EVENTS_TABLE, compiled, table_of

LIMITS = Thresholds()
OPTIONS = Options(customers=300, events=20_000, days=5, episodes=12)
HASHED = AddressHasher(bytes(32))
SOURCE = Source(
    project_id="shop",
    received_us=OPTIONS.end_us,
    door="http",
    taxonomy=Taxonomy(),
    currency="EUR",
    may_state=True,
    allow_old=True,
    hash_address=lambda text: HASHED("shop", text),
)


class World:
    """What was generated, and what is true of it."""

    def __init__(self, folder: Path) -> None:
        generate(folder, OPTIONS)
        rows = pa.concat_tables([pq.read_table(path) for path in sorted(folder.glob("events/*/*.parquet"))])
        self.events = [read(row) for row in rows.to_pylist()]
        self.planted: list[dict[str, Any]] = pq.read_table(folder / "truth" / "fraud.parquet").to_pylist()
        self.table = table_of(self.events)


def read(row: dict[str, Any]) -> Event:
    """A row as a door with a server key takes it, arrived when it happened."""
    given = {name: value for name, value in row.items() if value is not None}
    given["timestamp"] = row["timestamp"].isoformat()
    for money in ("price", "amount"):
        if row[money] is not None:
            given[money] = str(row[money])
    event = check(given, SOURCE)
    assert isinstance(event, Event), event
    return msgspec.structs.replace(event, received_us=event.ts_us)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("world") / "world")


def raised(live: Live) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """{(subject, rule): alerts that readers see}."""
    names = ("project_id", "alert_id", "rule", "severity", "subject", "first_us", "last_us", "firings", "peak")
    found: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for alert in live.readable():
        row = dict(zip(names, alert, strict=True))
        found[str(row["subject"]), str(row["rule"])].append(row)
    return found


@pytest.fixture(scope="module")
def live(world: World) -> Live:
    """The live step after all of it, in batches of a thousand, its memory emptied now and then."""
    live = Live(LIMITS)
    for place, start in enumerate(range(0, len(world.events), 1000)):
        live.take(world.events[start : start + 1000])
        if place % 3 == 2:
            live.sweep_out()
    return live


def test_every_planted_episode_is_found_and_its_alert_names_its_events(world: World, live: Live) -> None:
    """Twelve of each rule: an alert of that rule for that subject, behind which all planted events stand."""
    found = raised(live)
    assert len(world.planted) == 4 * 12
    for episode in world.planted:
        theirs = found[episode["subject"], episode["rule"]]
        column = {"u": "user_id", "v": "visitor_id"}[episode["subject"][0]]
        mine = world.table.filter(pc.equal(world.table[column], episode["subject"][2:])).sort_by("ts_us")
        named = {event_id for alert in theirs for _, event_id in behind(mine, alert, DEFAULT_KINDS, LIMITS).places}
        assert named >= set(episode["event_ids"]), episode


def test_ordinary_traffic_neither_jumps_nor_changes_its_address_too_often(world: World, live: Live) -> None:
    """Who is no part of an episode raises neither MULTIPLE_IP nor RAPID_LOCATION_CHANGE."""
    planted = {episode["subject"] for episode in world.planted}
    loud = {subject for subject, rule in raised(live) if rule in {"MULTIPLE_IP", "RAPID_LOCATION_CHANGE"}}
    assert loud
    assert loud <= planted


def test_the_batch_finds_the_same_alerts(world: World, live: Live) -> None:
    """DuckDB over all events: the live step's alerts, row for row."""
    rows = compiled(alerts(EVENTS_TABLE, taxonomy=DEFAULT_KINDS, thresholds=LIMITS))(world.events).to_pylist()
    assert {tuple(row.values()) for row in rows} == live.readable()
