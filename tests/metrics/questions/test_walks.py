"""The way that everybody took: equal to walking it event by event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.metrics.walks import walks
from tests.metrics.questions.plain_paths import Visit, way

VISITS = pa.schema(
    {"who": pa.string(), "ts_us": pa.int64(), "event_id": pa.string(), "label": pa.string(), "is_anchor": pa.bool_()}
)

People = Mapping[str, Sequence[Visit]]
Place = tuple[str, int, str | None, str | None, bool]
"""who, place, label, next_label, goes_on."""


def visits_of(people: People) -> pa.Table:
    """Everybody's events as a table."""
    rows = [{"who": who, **visit._asdict()} for who, visits in people.items() for visit in visits]
    return pa.Table.from_pylist(rows, schema=VISITS)


def definition(depth: int, *, backwards: bool) -> ir.Table:
    """The definition over a table of visits."""
    return walks(ibis.table(ibis.Schema.from_pyarrow(VISITS), name="visits"), depth=depth, backwards=backwards)


@cache
def _sql(depth: int, backwards: bool) -> str:
    return str(ibis.to_sql(definition(depth, backwards=backwards), dialect="duckdb"))


def found(people: People, depth: int, *, backwards: bool = False) -> set[Place]:
    """Everybody's places as the definition finds them on DuckDB."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("visits", visits_of(people))
        rows = connection.sql(_sql(depth, backwards)).fetchall()
    assert len(set(rows)) == len(rows)
    return set(rows)


def wanted(people: People, depth: int, *, backwards: bool = False) -> set[Place]:
    """The same, walked."""
    ways = {who: way(visits, backwards=backwards) for who, visits in people.items()}
    return {
        (who, place, label, labels[place + 1] if place + 1 < len(labels) else None, place + 1 < len(labels))
        for who, labels in ways.items()
        for place, label in enumerate(labels[: depth + 1])
    }


def everybody() -> st.SearchStrategy[dict[str, list[Visit]]]:
    """Up to three people with few instants and labels, of which one is unknown."""
    visit = st.tuples(st.integers(0, 6), st.sampled_from([None, "/", "/ä", "/B"]), st.booleans())
    lists = st.lists(visit, max_size=10).map(
        lambda drawn: [
            Visit(ts, f"{(7 * place) % 10}", label, anchor) for place, (ts, label, anchor) in enumerate(drawn)
        ]
    )
    return st.dictionaries(st.sampled_from(["u:a", "v:a", "s:ä"]), lists, max_size=3)


@settings(max_examples=100)
@given(everybody(), st.integers(0, 4), st.booleans())
def test_it_equals_walking(people: dict[str, list[Visit]], depth: int, backwards: bool) -> None:
    """Every place of every way, what follows, and whether anything does, from the anchor and to it."""
    assert found(people, depth, backwards=backwards) == wanted(people, depth, backwards=backwards)


def test_loops_are_folded_and_the_anchor_stays() -> None:
    """A A B B A is A, B, A; what lay before the anchor is not on the way, even under the same name."""
    labels = "xAABBA"
    visits = [Visit(ts, str(ts), label, ts >= 2) for ts, label in enumerate(labels)]
    ways = found({"v:a": visits}, 9)
    assert ways == {
        ("v:a", 0, "A", "B", True),
        ("v:a", 1, "B", "A", True),
        ("v:a", 2, "A", None, False),
    }
