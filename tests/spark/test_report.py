"""The live report on Spark: the same rows in the same order as on DuckDB and as plain Python makes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from msgspec.structs import replace

from footfall.engines.spark import Spark
from footfall.events.event import Event
from footfall.events.schema import EVENTS
from footfall.metrics.asked import Ground
from footfall.metrics.report import counted, report
from footfall.sessions.batch import sessions
from tests.metrics import plain_report
from tests.metrics.plain_report import shop_streams
from tests.sessions import rees46
from tests.sessions.engines import DEFAULT_CLASSES, DEFAULT_KINDS, EVENTS_TABLE, compiled, table_of
from tests.sessions.streams import BEGIN_US, HOUR_US, deduplicated

pytestmark = [
    pytest.mark.spark,
    pytest.mark.timeout(600),
    # py4j leaves its sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]

STREAMS = 200


@pytest.fixture(scope="module")
def spark() -> Iterator[Spark]:
    """One session for all tests: it takes seconds to start."""
    with Spark() as session:
        yield session


def world() -> list[Event]:
    """Hundreds of random streams laid over each other as one project's events."""
    found: list[list[Event]] = []

    @settings(max_examples=STREAMS, phases=[Phase.generate], derandomize=True, suppress_health_check=list(HealthCheck))
    @given(shop_streams())
    def gather(stream: list[Event]) -> None:
        found.append(stream)

    gather()
    return [
        replace(event, project_id="default", event_id=f"{number}-{event.project_id}-{event.event_id}")
        for number, stream in enumerate(found)
        for event in deduplicated(stream)
    ]


def on_spark(spark: Spark, events: Sequence[Event], folder: Path, **options: Any) -> dict[str, Any]:
    """{table: rows}, and the quick count."""
    pq.write_table(table_of(events), folder / "events.parquet")
    table = spark.register("reported", [folder / "events.parquet"], EVENTS)
    held = sessions(table, taxonomy=DEFAULT_KINDS, classes=DEFAULT_CLASSES)
    told = report(Ground(table, held, DEFAULT_KINDS, now_us=0), **options)
    return {name: spark.run(part).to_pylist() for name, part in [*told._asdict().items(), ("counted", counted(table))]}


def on_duckdb(events: Sequence[Event], **options: Any) -> dict[str, Any]:
    """The same, on DuckDB."""
    held = sessions(EVENTS_TABLE, taxonomy=DEFAULT_KINDS, classes=DEFAULT_CLASSES)
    told = report(Ground(EVENTS_TABLE, held, DEFAULT_KINDS, now_us=0), **options)
    parts = [*told._asdict().items(), ("counted", counted(EVENTS_TABLE))]
    return {name: compiled(part)(events).to_pylist() for name, part in parts}


@pytest.mark.parametrize(
    "options", [{"top": 100}, {"top": 3, "from_us": BEGIN_US, "before_us": BEGIN_US + HOUR_US}], ids=["all", "hour"]
)
def test_random_events(spark: Spark, tmp_path: Path, options: dict[str, int]) -> None:
    """Repeated orders, items, bots, other money, ties: Spark and DuckDB have the rows of plain Python."""
    events = world()
    here = on_spark(spark, events, tmp_path, **options)
    assert here == on_duckdb(events, **options)
    here.pop("counted")
    assert here == plain_report.report(events, **options)
    assert here["totals"][0]["total_purchases"] > 10, "there is something to compare"


def test_a_real_shop(spark: Spark, shared_data: Path, tmp_path: Path) -> None:
    """The REES46 sample earns its 59,442.63 on Spark too, and every row is DuckDB's."""
    log = rees46.events(shared_data)
    here = on_spark(spark, log, tmp_path, top=20)
    assert here["totals"][0]["total_revenue_micros"] == 59_442_630_000
    assert here == on_duckdb(log, top=20)


def test_nothing_happened(spark: Spark, tmp_path: Path) -> None:
    """Without events both have the same row of zeros and nulls."""
    assert on_spark(spark, [], tmp_path, top=5) == on_duckdb([], top=5)
