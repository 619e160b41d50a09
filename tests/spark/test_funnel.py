"""Funnels, retention and paths on Spark: the same rows in the same order as on DuckDB, for random events and a shop."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from footfall.engines.spark import Spark
from footfall.events.event import Event
from footfall.events.kinds import Kind
from footfall.events.linking import LINKS
from footfall.events.schema import EVENTS
from footfall.events.time import DAY_US, HOUR_US
from footfall.metrics import funnel, paths, retention
from footfall.metrics.asked import Ground, Scope, Step, parse_step
from footfall.metrics.calendar import Unit
from footfall.metrics.filters.text import parse
from footfall.metrics.splits import Part
from footfall.sessions.batch import COLUMNS
from footfall.sessions.schema import SESSIONS
from tests.metrics.plain_report import shop_streams
from tests.metrics.questions.asking import GROUND, Asked, links_in, world
from tests.sessions import rees46
from tests.sessions.engines import on_duckdb, table_of
from tests.sessions.streams import BEGIN_US

pytestmark = [
    pytest.mark.spark,
    pytest.mark.timeout(600),
    # py4j leaves its sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]

Ask = Callable[[Ground], dict[str, ir.Table | None]]

RANGE = Scope(from_us=BEGIN_US - HOUR_US, before_us=BEGIN_US + 4 * HOUR_US, zone="Europe/Berlin")
FUNNEL = funnel.Question(
    scope=RANGE,
    steps=(Step(), Step(kind=Kind.PURCHASE), parse_step('*[country != "FR"]')),
    within_us=2 * HOUR_US,
    split="country",
    unit=Unit.HOUR,
)
STRICT = funnel.Question(
    scope=Scope(by="session"), steps=(Step(), Step("purchase")), order=funnel.Order.STRICT, split="class"
)
RETENTION = retention.Question(
    scope=RANGE, unit=Unit.DAY, periods=2, cohorts=retention.Cohorts.ACTIVE, split="device", money=True
)
PATHS = paths.Question(
    scope=Scope(where=parse('device = "mobile" or country exists')), start=Step(kind=Kind.PURCHASE), depth=3, top=1
)
BACK = paths.Question(scope=Scope(by="session"), over=paths.Over.EVENTS, end=Step(kind=Kind.PURCHASE), top=2)

ASKED: dict[str, Ask] = {
    "funnel": lambda ground: funnel.answer(ground, FUNNEL)._asdict(),
    "strict funnel": lambda ground: funnel.answer(ground, STRICT)._asdict(),
    "people of the funnel": lambda ground: {
        "people": funnel.behind(ground, FUNNEL, funnel.Cell(step=2, part=Part(value="DE"))).order_by("who")
    },
    "retention": lambda ground: retention.answer(ground, RETENTION)._asdict(),
    "first ever": lambda ground: retention.answer(
        ground, retention.Question(scope=RANGE, unit=Unit.MONTH, periods=1)
    )._asdict(),
    "people of the retention": lambda ground: {
        "people": retention.behind(
            ground, RETENTION, retention.Cell(cohort=BEGIN_US - 2 * HOUR_US, period=0, buyers=True)
        ).order_by("who")
    },
    "paths": lambda ground: paths.answer(ground, PATHS)._asdict(),
    "paths to an event": lambda ground: paths.answer(ground, BACK)._asdict(),
    "people of the paths": lambda ground: {
        "people": paths.behind(ground, BACK, paths.Cell(place=-1, target=Part(value="purchase"))).order_by("who")
    },
}


@pytest.fixture(scope="module")
def spark() -> Iterator[Spark]:
    """One session for all tests: it takes seconds to start."""
    with Spark() as session:
        yield session


@pytest.fixture(scope="module")
def events() -> list[Event]:
    """Hundreds of random streams laid over each other as one project's events."""
    return world(shop_streams(), 200)


def on_spark(spark: Spark, events: Sequence[Event], folder: Path, ask: Ask) -> dict[str, list[dict[str, Any]]]:
    """{table: rows} of an answer over these events and their sessions."""
    pq.write_table(table_of(events), folder / "events.parquet")
    schema = pa.schema([SESSIONS.field(name) for name in COLUMNS])
    pq.write_table(on_duckdb()(events).cast(schema), folder / "sessions.parquet")
    pq.write_table(links_in(events), folder / "links.parquet")
    ground = GROUND._replace(
        events=spark.register("asked", [folder / "events.parquet"], EVENTS),
        sessions=spark.register("held", [folder / "sessions.parquet"], schema),
        links=spark.register("said", [folder / "links.parquet"], LINKS),
    )
    return {name: spark.run(table).to_pylist() for name, table in ask(ground).items() if table is not None}


@pytest.mark.parametrize("name", ASKED)
def test_random_events(spark: Spark, events: list[Event], tmp_path: Path, name: str) -> None:
    """Ties, several users on one visitor, bots, days of a zone, unfinished cells: every row, and there are some."""
    here = on_spark(spark, events, tmp_path, ASKED[name])
    assert here == Asked.of(ASKED[name](GROUND)).rows(events)
    assert any(here.values())


@pytest.mark.parametrize("name", ["funnel", "retention", "paths"])
def test_nothing_happened(spark: Spark, tmp_path: Path, name: str) -> None:
    """Without events both have the same rows, if any."""
    assert on_spark(spark, [], tmp_path, ASKED[name]) == Asked.of(ASKED[name](GROUND)).rows([])


def test_a_real_shop(spark: Spark, shared_data: Path, tmp_path: Path) -> None:
    """REES46: view → cart → purchase within a day, with its times."""
    asked = funnel.Question(
        scope=Scope(), steps=(Step("view"), Step("cart"), Step("purchase")), within_us=DAY_US, split="class"
    )

    def ask(ground: Ground) -> dict[str, ir.Table | None]:
        return funnel.answer(ground, asked)._asdict()

    log = rees46.events(shared_data)
    assert on_spark(spark, log, tmp_path, ask) == Asked.of(ask(GROUND)).rows(log)
