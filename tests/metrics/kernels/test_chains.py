"""The kernel of chains gives those of the plain definition, for everybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache

import duckdb
import ibis
import ibis.expr.types as ir
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from footfall.events.event import Event
from footfall.events.kinds import Taxonomy
from footfall.events.schema import EVENTS
from footfall.events.time import DAY_US
from footfall.metrics.chains import chains as definition
from footfall.metrics.filters.conditions import condition
from footfall.metrics.filters.model import Filter
from footfall.metrics.filters.text import parse
from footfall.metrics.kernels import chains as kernel
from footfall.metrics.kernels.picked import Declined, Pick
from footfall.metrics.people import joined, with_person
from tests.lake.index.streams import FIRST_DAY, NAMES, happened
from tests.metrics.kernels.wholes import whole_of
from tests.metrics.questions.asking import LINKS_TABLE, links_in
from tests.sessions.engines import table_of

WITHIN_US = DAY_US
FROM_US, BEFORE_US = FIRST_DAY * DAY_US + 1, (FIRST_DAY + 2) * DAY_US - 1
Wanted = tuple[str, str | None]
"""A step: a name, and a filter."""
Told = Counter[tuple[object, ...]]
"""How many people have the same split, depth and times."""


def named(name: str) -> Callable[[str], bool]:
    return lambda other: name == other


def plain(steps: Sequence[Wanted], *, ranged: bool) -> ir.Table:
    """The chains as the definition has them."""
    events = ibis.table(ibis.Schema.from_pyarrow(EVENTS), name="events")
    rows = with_person(events, joined(events, LINKS_TABLE)).filter(lambda table: ~table.is_bot)
    if ranged:
        rows = rows.filter(rows.ts_us >= FROM_US, rows.ts_us < BEFORE_US)
    hits = {f"hit_{number}": _is(step, rows) for number, step in enumerate(steps, start=1)}
    return definition(
        rows.select("who", "ts_us", "event_id", split=rows.country, **hits), len(steps), within_us=WITHIN_US
    )


def _is(step: Wanted, rows: ir.Table) -> ir.BooleanValue:
    name, where = step
    mine = rows.name == name
    return mine if where is None else mine & condition(parse(where), rows, Taxonomy())


@cache
def _sql(steps: tuple[Wanted, ...], ranged: bool) -> str:
    return str(ibis.to_sql(plain(steps, ranged=ranged), dialect="duckdb"))


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})


def wanted(events: Sequence[Event], steps: tuple[Wanted, ...], *, ranged: bool) -> Told:
    """The definition's answer on DuckDB."""
    with _connection().cursor() as connection:
        connection.register("events", table_of(events))
        connection.register("links", links_in(events))
        rows = connection.sql(_sql(steps, ranged)).to_arrow_table().to_pylist()
    times = [[row[f"reached_{number}"] for number in range(1, len(steps) + 1)] for row in rows]
    return Counter(
        (row["split"], row["depth"], *reached[: row["depth"]]) for row, reached in zip(rows, times, strict=True)
    )


def told(events: Sequence[Event], steps: tuple[Wanted, ...], *, ranged: bool, cut: int = 1) -> Told:
    """The kernel's."""
    borders = (FROM_US, BEFORE_US) if ranged else (None, None)
    picks = [Pick(named(name), None if where is None else _parsed(where), *borders) for name, where in steps]
    found = kernel.chains(whole_of(events, cut=cut), picks, within_us=WITHIN_US, split="country")
    assert found.split is not None
    people = found.depth.nonzero()[0].tolist()
    return Counter(
        (
            (*found.texts, None)[found.split[person]],
            int(found.depth[person]),
            *(int(reached[person]) for reached in found.reached[: found.depth[person]]),
        )
        for person in people
    )


@cache
def _parsed(where: str) -> Filter:
    return parse(where)


SOME_STEPS: Sequence[tuple[Wanted, ...]] = (
    (("page_view", None),),
    (("page_view", None), ("product_view", None)),
    (("page_view", None), ("page_view", None), ("page_view", None)),
    (("product_view", None), ("add_to_cart", None), ("purchase", None)),
    (("page_view", 'country = "DE"'), ("page_view", 'not country = "DE" and page_path exists'), ("purchase", None)),
    (("page_view", 'page_path in ("/", "/tea")'), ("page_view", 'country != "DE" or page_path contains "ea"')),
)


@settings(max_examples=80, deadline=None)
@given(happened(), st.sampled_from(SOME_STEPS), st.booleans())
def test_it_equals_the_definition(events: list[Event], steps: tuple[Wanted, ...], ranged: bool) -> None:
    """Depth, every step's time and the split at the beginning, with people joined, ties, bots and filters."""
    assert told(events, steps, ranged=ranged) == wanted(events, steps, ranged=ranged)


@settings(max_examples=50, deadline=None)
@given(happened(), st.sampled_from(SOME_STEPS), st.integers(2, 3))
def test_parts_may_be_cut_anyhow(events: list[Event], steps: tuple[Wanted, ...], cut: int) -> None:
    """A day in several parts gives the same, or is declined for events of one instant in different ones."""
    try:
        found = told(events, steps, ranged=False, cut=cut)
    except Declined:
        assume(False)
    assert found == wanted(events, steps, ranged=False)


@settings(max_examples=40, deadline=None)
@given(happened(most=40), st.sampled_from(SOME_STEPS))
def test_blocks_of_people_change_nothing(events: list[Event], steps: tuple[Wanted, ...]) -> None:
    """With room for few events at once people are worked on one after the other, with the same result."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "_KEYS_AT_ONCE", 3)
        assert told(events, steps, ranged=False) == wanted(events, steps, ranged=False)


def test_thirty_steps_end() -> None:
    """Thirty steps over one person's thousand events: one pass a step."""
    start = FIRST_DAY * DAY_US
    events = [
        Event(
            project_id="shop",
            event_id=f"{number:04}",
            name=NAMES[number % 2],
            ts_us=start + number,
            received_us=start + number,
            user_id="ann",
        )
        for number in range(1000)
    ]
    steps = tuple((NAMES[number % 2], None) for number in range(30))
    [(chain, people)] = told(events, steps, ranged=False).items()
    assert people == 1
    assert chain == (None, 30, *(start + 970 + number for number in range(30)))


def test_nothing_gives_nothing() -> None:
    """Without events nobody took a step."""
    assert told([], SOME_STEPS[3], ranged=False) == Counter()
