"""Alerts on Spark: the same rows as on DuckDB, by the live step, and by a plain computation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import ibis.expr.types as ir
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from msgspec.structs import replace

from footfall.engines.spark import Spark
from footfall.events.event import Event
from footfall.events.schema import EVENTS
from footfall.fraud.batch import alerts
from footfall.fraud.ladder import ladder
from footfall.fraud.models import Thresholds
from footfall.fraud.risk import parts, scores
from footfall.metrics.people import joined
from tests.fraud import oracle
from tests.fraud.live import Live
from tests.fraud.streams import suspicious
from tests.sessions.engines import DEFAULT_KINDS, EVENTS_TABLE, compiled, table_of

pytestmark = [
    pytest.mark.spark,
    pytest.mark.timeout(600),
    # py4j leaves its sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]

STREAMS = 300
DEFAULTS = Thresholds()
LOW = Thresholds(velocity_events=2, addresses=1, distance_km=1, cooldown_us=0, purchase_micros=0)


@pytest.fixture(scope="module")
def spark() -> Iterator[Spark]:
    """One session for all tests: it takes seconds to start."""
    with Spark() as session:
        yield session


@pytest.fixture(scope="module")
def world() -> list[Event]:
    """Hundreds of random streams side by side, each in projects of its own, in order of arrival."""
    found: list[list[Event]] = []

    @settings(max_examples=STREAMS, phases=[Phase.generate], derandomize=True, suppress_health_check=list(HealthCheck))
    @given(suspicious())
    def gather(stream: list[Event]) -> None:
        found.append(stream)

    gather()
    events = [
        replace(event, project_id=f"{number}-{event.project_id}")
        for number, stream in enumerate(found)
        for event in stream
    ]
    return sorted(events, key=lambda event: event.received_us)


def registered(spark: Spark, events: Sequence[Event], folder: Path) -> ir.Table:
    """The events as a Spark table."""
    pq.write_table(table_of(events), folder / "world.parquet")
    return spark.register("world", [folder / "world.parquet"], EVENTS)


@pytest.mark.parametrize("thresholds", [DEFAULTS, LOW], ids=["defaults", "low"])
def test_spark_duckdb_the_live_step_and_plain_python_agree(
    spark: Spark, world: list[Event], tmp_path: Path, thresholds: Thresholds
) -> None:
    """Late, tied, of bots, told of the past, abroad and far away: every engine raises the same alerts."""
    rows = spark.run(alerts(registered(spark, world, tmp_path), taxonomy=DEFAULT_KINDS, thresholds=thresholds))
    on_spark = {tuple(row.values()) for row in rows.to_pylist()}
    batch = compiled(alerts(EVENTS_TABLE, taxonomy=DEFAULT_KINDS, thresholds=thresholds))(world)
    live = Live(thresholds)
    for start in range(0, len(world), 500):
        live.take(world[start : start + 500])
    wanted = oracle.alerts(world, thresholds)
    assert len(wanted) > STREAMS // 4
    assert len(on_spark) == rows.num_rows
    assert on_spark == wanted
    assert {tuple(row.values()) for row in batch.to_pylist()} == wanted
    assert live.readable() == wanted


def test_risk_is_the_same(spark: Spark, world: list[Event], tmp_path: Path) -> None:
    """Scores with their parts: the same rows as on DuckDB, in the same order."""

    def ranked(events: ir.Table) -> ir.Table:
        raised = alerts(events, taxonomy=DEFAULT_KINDS, thresholds=DEFAULTS)
        return scores(parts(raised, since_us=0)).order_by("project_id", "subject")

    rows = spark.run(ranked(registered(spark, world, tmp_path))).to_pylist()
    assert rows
    assert rows == compiled(ranked(EVENTS_TABLE))(world).to_pylist()


def test_ladders_are_the_same(spark: Spark, world: list[Event], tmp_path: Path) -> None:
    """Whom each threshold would have hit, and of how many: as on DuckDB."""
    here, there = (
        ladder(events, taxonomy=DEFAULT_KINDS, thresholds=DEFAULTS, known=joined(events, None))
        for events in (registered(spark, world, tmp_path), EVENTS_TABLE)
    )
    for on_spark, on_duckdb in zip(here, there, strict=True):
        rows = {tuple(row.items()) for row in spark.run(on_spark).to_pylist()}
        assert rows == {tuple(row.items()) for row in compiled(on_duckdb)(world).to_pylist()}
