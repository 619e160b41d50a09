"""The deepest chain of everybody: equal to trying every chain, and true to the contract's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.metrics.chains import chains
from tests.metrics.questions.plain_funnel import Chain, Hit, deepest

WITHIN_US = 5
MOST_STEPS = 5


def hits_schema(steps: int) -> pa.Schema:
    """The columns of `hits`."""
    flags = {f"hit_{step}": pa.bool_() for step in range(1, steps + 1)}
    return pa.schema({"who": pa.string(), "ts_us": pa.int64(), "event_id": pa.string(), "split": pa.string(), **flags})


def hits_of(people: Mapping[str, Sequence[Hit]], steps: int) -> pa.Table:
    """Everybody's events as a table."""
    rows = [
        {
            "who": who,
            "ts_us": hit.ts_us,
            "event_id": hit.event_id,
            "split": hit.split,
            **{f"hit_{step}": step in hit.steps for step in range(1, steps + 1)},
        }
        for who, hits in people.items()
        for hit in hits
    ]
    return pa.Table.from_pylist(rows, schema=hits_schema(steps))


def definition(steps: int, *, strict: bool) -> ir.Table:
    """The definition over a table of hits."""
    table = ibis.table(ibis.Schema.from_pyarrow(hits_schema(steps)), name="hits")
    return chains(table, steps, within_us=WITHIN_US, strict=strict)


@cache
def _sql(steps: int, strict: bool) -> str:
    return str(ibis.to_sql(definition(steps, strict=strict), dialect="duckdb"))


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})


def found(people: Mapping[str, Sequence[Hit]], steps: int, *, strict: bool = False) -> dict[str, Chain]:
    """Everybody's chain as the definition finds it on DuckDB."""
    with _connection().cursor() as connection:
        connection.register("hits", hits_of(people, steps))
        return chains_in(connection.sql(_sql(steps, strict)).to_arrow_table().to_pylist(), steps)


def chains_in(rows: Sequence[Mapping[str, Any]], steps: int) -> dict[str, Chain]:
    """The rows as chains; nothing may stand behind a chain's depth."""
    told = {}
    for row in rows:
        times = [row[f"reached_{step}"] for step in range(1, steps + 1)]
        assert times[row["depth"] :] == [None] * (steps - row["depth"])
        told[row["who"]] = Chain(tuple(times[: row["depth"]]), row["split"])
    assert len(told) == len(rows)
    return told


def wanted(people: Mapping[str, Sequence[Hit]], steps: int, *, strict: bool = False) -> dict[str, Chain]:
    """The same, by trying every chain."""
    best = {who: deepest(hits, steps, within_us=WITHIN_US, strict=strict) for who, hits in people.items()}
    return {who: chain for who, chain in best.items() if chain is not None}


def everybody(*, most: int = 9) -> st.SearchStrategy[dict[str, list[Hit]]]:
    """Up to three people with few instants, so that events share them; one event may be several steps."""
    hit = st.tuples(
        st.integers(0, 12), st.sampled_from([None, "DE", "FR"]), st.frozensets(st.integers(1, MOST_STEPS), max_size=2)
    )
    lists = st.lists(hit, max_size=most).map(
        lambda drawn: [Hit(ts, f"{place}", split, steps) for place, (ts, split, steps) in enumerate(drawn)]
    )
    return st.dictionaries(st.sampled_from(["u:a", "v:a", "v:ä"]), lists, max_size=3)


@settings(max_examples=150)
@given(everybody(), st.integers(1, MOST_STEPS), st.booleans())
def test_it_equals_trying_every_chain(people: dict[str, list[Hit]], steps: int, strict: bool) -> None:
    """Depth, the time of every step and the split are those of the best of all chains, in either order."""
    assert found(people, steps, strict=strict) == wanted(people, steps, strict=strict)


@settings(max_examples=50)
@given(everybody(), st.integers(2, MOST_STEPS))
def test_strict_chains_are_loose_ones(people: dict[str, list[Hit]], steps: int) -> None:
    """Whatever strict order finds, loose order finds at least as deep."""
    loose, strict = found(people, steps), found(people, steps, strict=True)
    assert loose.keys() == strict.keys()
    assert all(len(strict[who].times) <= len(loose[who].times) for who in loose)


def walk(text: str) -> list[Hit]:
    """`1 .2 13`: an instant a word, a step a digit, `.` another event; `|` parts the events of one instant."""
    return [
        Hit(
            instant, f"{instant}-{place}", f"{instant}{place}", frozenset(int(digit) for digit in event if digit != ".")
        )
        for instant, word in enumerate(text.split())
        for place, event in enumerate(word.split("|"))
    ]


@pytest.mark.parametrize(
    ("walked", "loose", "strict"),
    [
        ("1 2 3", (0, 1, 2), (0, 1, 2)),
        ("3 2 1", (2,), (2,)),
        ("1|2 3", (0,), (0,)),
        ("1 2 1 3", (0, 1, 3), (0, 1)),
        ("1 . 2", (0, 2), (0,)),
        ("1 .|2 3", (0, 1, 2), (0, 1, 2)),
        ("1 2 . . . 3", (0, 1, 5), (0, 1)),
        ("1 2 . . . . 3", (0, 1), (0, 1)),
        ("1 . . 1 2 . . 3", (3, 4, 7), (3, 4)),
        ("1 2 . . 1 2", (4, 5), (4, 5)),
        ("1 1 2 2 3", (1, 2, 4), (1, 2)),
        ("12 12 12", (1, 2), (1, 2)),
        (". 2 3", None, None),
    ],
)
def test_examples(walked: str, loose: tuple[int, ...] | None, strict: tuple[int, ...] | None) -> None:
    """Ties are no order, five instants are still within the window, the best start wins, the latest of equals."""
    for times, is_strict in ((loose, False), (strict, True)):
        told = found({"u:a": walk(walked)}, 3, strict=is_strict)
        assert told.get("u:a", Chain((), None)).times == (times or ())


def test_a_split_is_that_of_the_last_first_step() -> None:
    """Of several s1 at the instant where the chain begins the last by id tells, even if it knows nothing."""
    hits = [Hit(0, "a", "DE", frozenset({1})), Hit(0, "b", None, frozenset({1})), Hit(0, "c", "FR", frozenset({2}))]
    assert found({"u:a": hits}, 2) == {"u:a": Chain((0,), None)}


def test_thirty_steps() -> None:
    """A funnel of thirty steps is one pass a step, not one a way through them."""
    people = {f"v:{number}": [Hit(ts, str(ts), None, frozenset({ts // 2 + 1})) for ts in range(60)] for number in [1]}
    table = ibis.table(ibis.Schema.from_pyarrow(hits_schema(30)), name="hits")
    with _connection().cursor() as connection:
        connection.register("hits", hits_of(people, 30))
        sql = str(ibis.to_sql(chains(table, 30, within_us=100), dialect="duckdb"))
        told = chains_in(connection.sql(sql).to_arrow_table().to_pylist(), 30)
    assert told == {"v:1": Chain((1, *range(2, 60, 2)), None)}
