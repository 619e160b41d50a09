"""Who is one person, on Spark: the same as plain Python says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from footfall.engines.spark import Spark
from footfall.events.event import Event
from footfall.events.linking import LINKS, Decision, ruling
from footfall.events.schema import EVENTS
from footfall.metrics.links import links_of, told
from footfall.metrics.people import joined, with_person
from tests.lake.index.streams import happened
from tests.metrics.questions.deciding import decided
from tests.metrics.questions.plain_people import persons
from tests.sessions.engines import table_of

pytestmark = [
    pytest.mark.spark,
    pytest.mark.timeout(600),
    # py4j leaves its sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def spark() -> Iterator[Spark]:
    """One session for all tests: it takes seconds to start."""
    with Spark() as session:
        yield session


def cases(count: int) -> list[tuple[list[Event], list[Decision]]]:
    """So many random streams and decisions, the same every time."""
    found: list[tuple[list[Event], list[Decision]]] = []

    @settings(max_examples=count, phases=[Phase.generate], derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.tuples(happened(most=40), decided()))
    def gather(case: tuple[list[Event], list[Decision]]) -> None:
        found.append(case)

    gather()
    return found


def test_the_same_people(spark: Spark, tmp_path: Path) -> None:
    """Aliases, chains, shared visitors and decisions: every event has the person that it has elsewhere."""
    merged = 0
    for number, (happening, decisions) in enumerate(cases(5)):
        files = {name: tmp_path / f"{name}_{number}.parquet" for name in ("events", "links")}
        pq.write_table(table_of(happening), files["events"])
        events = spark.register(f"events_{number}", [files["events"]], EVENTS)
        pq.write_table(links_of(spark.run(told(events)).to_pylist(), ruling(decisions)), files["links"])
        links = spark.register(f"links_{number}", [files["links"]], LINKS)
        found = spark.run(with_person(events.filter(~events.is_bot), joined(events, links)).select("event_id", "who"))
        assert {row["event_id"]: row["who"] for row in found.to_pylist()} == persons(happening, decisions)
        merged += pq.read_metadata(files["links"]).num_rows
    assert merged
