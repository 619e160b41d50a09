"""The definitions on Spark: the same rows as the oracle and as DuckDB, bit for bit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from msgspec.structs import replace

from footfall.engines.spark import Spark
from footfall.events.event import Event
from footfall.events.kinds import Kind, Taxonomy
from footfall.events.schema import EVENTS
from footfall.metrics.class_conversion import class_conversion
from footfall.metrics.class_distribution import LATENESS_US, class_distribution
from footfall.metrics.sessions import Filters, Order, page
from footfall.sessions.batch import sessions
from footfall.sessions.classes import Classes
from tests.sessions import oracle, rees46
from tests.sessions.engines import DEFAULT_CLASSES, DEFAULT_KINDS, EVENTS_TABLE, compiled, on_duckdb, table_of
from tests.sessions.equality import assert_same
from tests.sessions.live import Live
from tests.sessions.streams import BEGIN_US, deduplicated, streams

pytestmark = [
    pytest.mark.spark,
    pytest.mark.timeout(600),
    # py4j leaves its sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]

STREAMS = 300


@pytest.fixture(scope="module")
def spark() -> Iterator[Spark]:
    """One session for all tests: it takes seconds to start."""
    with Spark() as session:
        yield session


@pytest.fixture(scope="module")
def world() -> list[Event]:
    """Hundreds of random streams side by side, each in projects of its own."""
    return [
        replace(event, project_id=f"{number}-{event.project_id}")
        for number, stream in enumerate(_gathered(STREAMS))
        for event in deduplicated(stream)
    ]


def _gathered(count: int) -> list[list[Event]]:
    found: list[list[Event]] = []

    @settings(max_examples=count, phases=[Phase.generate], derandomize=True, suppress_health_check=list(HealthCheck))
    @given(streams())
    def gather(stream: list[Event]) -> None:
        found.append(stream)

    gather()
    return found


def registered(spark: Spark, name: str, events: Sequence[Event], folder: Path) -> ir.Table:
    """The events as a Spark table, by way of two Parquet files."""
    table = table_of(events)
    files = []
    for number, part in enumerate([table.slice(0, len(events) // 2), table.slice(len(events) // 2)]):
        files.append(folder / f"{name}-{number}.parquet")
        pq.write_table(part, files[-1])
    return spark.register(name, files, EVENTS)


def lived(events: Sequence[Event]) -> list[dict[str, object]]:
    """The sessions of the live pass, which takes a thousand events at a time and lets go of all now and then."""
    live = Live()
    for place, start in enumerate(range(0, len(events), 1000)):
        live.take(events[start : start + 1000])
        if place % 3 == 2:
            live.sweep_out()
    return live.readable()


def test_random_streams(spark: Spark, world: list[Event], tmp_path: Path) -> None:
    """Late, repeated, passive, foreign, tied: Spark, DuckDB, the live pass and the oracle have the same sessions."""
    events = registered(spark, "world", world, tmp_path)
    rows = spark.run(sessions(events, taxonomy=DEFAULT_KINDS, classes=DEFAULT_CLASSES))
    wanted = oracle.sessions(world)
    assert len(wanted) > STREAMS
    assert_same(rows, wanted, names=("Spark", "oracle"))
    assert_same(rows, on_duckdb()(world), names=("Spark", "DuckDB"))
    assert_same(rows, lived(world), names=("Spark", "live"))


def test_other_settings(spark: Spark, world: list[Event], tmp_path: Path) -> None:
    """Another gap, kinds without names: still the oracle's sessions."""
    kinds = Taxonomy({Kind.VIEW: ("click",), Kind.PASSIVE: ("page_view",)})
    events = registered(spark, "world", world, tmp_path)
    rows = spark.run(sessions(events, taxonomy=kinds, classes=Classes(), gap_us=0))
    told = {name: kind.value for name, kind in kinds.listed().items()}
    assert_same(rows, oracle.sessions(world, gap_us=0, kinds=told), names=("Spark", "oracle"))


def test_aggregates(spark: Spark, world: list[Event], tmp_path: Path) -> None:
    """Class distribution and conversion are the same rows in the same order as on DuckDB."""
    events = registered(spark, "world", world, tmp_path)

    def metrics(events: ir.Table) -> list[ir.Table]:
        rows = sessions(events, taxonomy=DEFAULT_KINDS, classes=DEFAULT_CLASSES)
        return [class_distribution(rows, now_us=BEGIN_US + LATENESS_US), class_conversion(rows)]

    for here, there in zip(metrics(events), metrics(EVENTS_TABLE), strict=True):
        assert spark.run(here).to_pylist() == compiled(there)(world).to_pylist()


def test_pages(spark: Spark, world: list[Event], tmp_path: Path) -> None:
    """A filtered and sorted page is the same on both engines, nulls last."""
    wanted = Filters(user_id="😀", at_most={"engagement_rate": 5.0})

    def first(events: ir.Table) -> ir.Table:
        rows = sessions(events, taxonomy=DEFAULT_KINDS, classes=DEFAULT_CLASSES)
        return page(rows.mutate(session_id=rows.project_id + rows.session_id), wanted, Order("page_count"), limit=20)

    here = spark.run(first(registered(spark, "world", world, tmp_path))).to_pylist()
    assert here
    assert here == compiled(first(EVENTS_TABLE))(world).to_pylist()


def test_a_real_shop(spark: Spark, shared_data: Path, tmp_path: Path) -> None:
    """The REES46 sample has its 5,066 sessions on Spark too, with the oracle's figures."""
    log = rees46.events(shared_data)
    rows = spark.run(sessions(registered(spark, "log", log, tmp_path), taxonomy=DEFAULT_KINDS, classes=DEFAULT_CLASSES))
    assert rows.num_rows == 5_066
    assert_same(rows, oracle.sessions(log), names=("Spark", "oracle"))
    assert_same(rows, lived(log), names=("Spark", "live"))


def test_no_files(spark: Spark) -> None:
    """A table without files has no rows and gives no sessions."""
    events = spark.register("nothing", [], EVENTS)
    assert spark.run(sessions(events, taxonomy=DEFAULT_KINDS, classes=DEFAULT_CLASSES)).num_rows == 0


def test_columns_that_stand_in_folder_names(spark: Spark, tmp_path: Path) -> None:
    """The lake keeps project and day in its folders' names; a project called 007 stays text."""
    folder = tmp_path / "project_id=007" / "day=2025-10-01"
    folder.mkdir(parents=True)
    view = Event(project_id="007", event_id="1", name="view", ts_us=BEGIN_US, received_us=0, visitor_id="v")
    pq.write_table(table_of([view]).drop_columns(["project_id"]), folder / "part.parquet")
    events = spark.register("lake", [folder / "part.parquet"], EVENTS, root=tmp_path)
    found: pa.Table = spark.run(events.select("project_id", "visitor_id"))
    assert found.to_pylist() == [{"project_id": "007", "visitor_id": "v"}]
