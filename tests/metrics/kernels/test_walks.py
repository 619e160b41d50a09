"""The kernel of walks gives everybody the way of the plain definition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache

import duckdb
import ibis
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from footfall.events.event import Event
from footfall.events.kinds import Taxonomy
from footfall.events.schema import EVENTS
from footfall.metrics.filters.conditions import condition
from footfall.metrics.filters.text import parse
from footfall.metrics.kernels.picked import Declined, Pick
from footfall.metrics.kernels.walks import NOWHERE, Visits, ways
from footfall.metrics.people import joined, with_person
from footfall.metrics.walks import walks
from tests.lake.index.streams import happened
from tests.metrics.kernels.wholes import whole_of
from tests.metrics.questions.asking import LINKS_TABLE, links_in
from tests.sessions.engines import table_of

DEPTH = 2
TAXONOMY = Taxonomy()
ANCHORS: dict[str, tuple[str | None, str | None]] = {
    "any": (None, None),
    "views": ("product_view", None),
    "scrolls": ("scroll_depth", None),
    "german pages": ("page_view", 'country = "DE"'),
}
"""Names and filters of anchors."""
PASSIVE = ("scroll_depth", "alias")
Way = tuple[str | None, ...]
"""The labels of a way, the one behind the last place included."""


@cache
def _sql(anchor: str, by_page: bool, backwards: bool) -> str:
    name, where = ANCHORS[anchor]
    events = ibis.table(ibis.Schema.from_pyarrow(EVENTS), name="events")
    rows = with_person(events, joined(events, LINKS_TABLE)).filter(lambda table: ~table.is_bot)
    is_anchor = rows.name == name if name else rows.name.notin(PASSIVE)
    if where is not None:
        is_anchor &= condition(parse(where), rows, TAXONOMY)
    is_page = rows.name == "page_view"
    label = is_page.ifelse(rows.page_path, rows.name) if by_page else rows.name
    marked = rows.select("who", "ts_us", "event_id", "name", label=label, is_anchor=is_anchor)
    visited = marked.name == "page_view" if by_page else marked.name.notin(PASSIVE)
    if by_page and name is None:
        marked = marked.mutate(is_anchor=visited)
    walked = walks(marked.filter(visited | marked.is_anchor), depth=DEPTH, backwards=backwards)
    return str(ibis.to_sql(walked, dialect="duckdb"))


def wanted(events: Sequence[Event], anchor: str, *, by_page: bool, backwards: bool) -> Counter[Way]:
    """The definition's ways on DuckDB."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("events", table_of(events))
        connection.register("links", links_in(events))
        rows = connection.sql(_sql(anchor, by_page, backwards)).to_arrow_table().to_pylist()
    found: dict[str, list[str | None]] = {}
    for row in sorted(rows, key=lambda row: row["place"]):
        labels = found.setdefault(row["who"], [])
        labels.append(row["label"])
        if row["place"] == DEPTH and row["goes_on"]:
            labels.append(row["next_label"])
    return Counter(map(tuple, found.values()))


def told(events: Sequence[Event], anchor: str, *, by_page: bool, backwards: bool, cut: int = 1) -> Counter[Way]:
    """The kernel's."""
    name, where = ANCHORS[anchor]
    visited = ["page_view"] if by_page else ["page_view", "product_view", "add_to_cart", "purchase"]
    visits = Visits(
        events=Pick(lambda _: True),
        visited=visited.__contains__,
        by_page=(["page_view"] if by_page else []).__contains__,
        anchored=([name] if name else visited).__contains__,
        where=parse(where) if where else None,
    )
    found = ways(whole_of(events, cut=cut), visits, depth=DEPTH, backwards=backwards)
    taken = zip(*(labels.tolist() for labels in found.labels), strict=True)
    texts = (*found.texts, None)
    return Counter(tuple(texts[number] for number in way if number != NOWHERE) for way in taken if way[0] != NOWHERE)


anchors = st.sampled_from(sorted(ANCHORS))


@settings(max_examples=60, deadline=None)
@given(happened(most=40), anchors, st.booleans(), st.booleans())
def test_it_equals_the_definition(events: list[Event], anchor: str, by_page: bool, backwards: bool) -> None:
    """Everybody's way, with people joined, ties, loops folded, over days and to its end."""
    assert told(events, anchor, by_page=by_page, backwards=backwards) == wanted(
        events, anchor, by_page=by_page, backwards=backwards
    )


@settings(max_examples=40, deadline=None)
@given(happened(most=15), anchors, st.booleans(), st.booleans())
def test_parts_may_be_cut_anyhow(events: list[Event], anchor: str, by_page: bool, backwards: bool) -> None:
    """A day in two parts gives the same, or is declined for events of one instant in different ones."""
    try:
        found = told(events, anchor, by_page=by_page, backwards=backwards, cut=2)
    except Declined:
        assume(False)
    assert found == wanted(events, anchor, by_page=by_page, backwards=backwards)


def test_too_many_people_are_declined(monkeypatch: pytest.MonkeyPatch) -> None:
    """What would take too much memory is left to the engines."""
    monkeypatch.setattr("footfall.metrics.kernels.walks._MOST_LABELS", 3)
    [event] = [Event(project_id="shop", event_id="1", name="page_view", ts_us=0, received_us=0, user_id="ann")]
    with pytest.raises(Declined):
        told([event], "any", by_page=True, backwards=False)
