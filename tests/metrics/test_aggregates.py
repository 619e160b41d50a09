"""Class distribution and class conversion: equal to plain Python, and true to the contract's worked example."""

from __future__ import annotations

import doctest
import importlib
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings

from footfall.events.event import Event
from footfall.events.linking import LINKS, Ruling
from footfall.metrics.class_conversion import class_conversion
from footfall.metrics.class_distribution import LATENESS_US, WINDOW_US, class_distribution
from footfall.metrics.links import links_of
from footfall.metrics.shown import money, two_decimals
from footfall.sessions.batch import sessions
from footfall.sessions.figures import GAP_US
from footfall.sessions.schema import SESSIONS
from tests.metrics import plain
from tests.sessions import oracle
from tests.sessions.engines import DEFAULT_CLASSES, DEFAULT_KINDS, EVENTS_TABLE, compiled
from tests.sessions.streams import BEGIN_US, deduplicated, streams

NOW_US = BEGIN_US + LATENESS_US
BATCH = sessions(EVENTS_TABLE, taxonomy=DEFAULT_KINDS, classes=DEFAULT_CLASSES)
DISTRIBUTION = compiled(class_distribution(BATCH, now_us=NOW_US))
CONVERSION = compiled(class_conversion(BATCH))
ROWS = ibis.table(ibis.Schema.from_pyarrow(SESSIONS), name="sessions")


def session(**figures: object) -> dict[str, Any]:
    """A session's row: one event, class bouncer, unless told otherwise."""
    row: dict[str, Any] = {}
    for field in SESSIONS:
        if not field.nullable:
            row[field.name] = {pa.string(): "", pa.int64(): 0, pa.float64(): 0.0, pa.bool_(): False}.get(field.type, [])
    return row | {"project_id": "default", "visitor_class": "bouncer", "total_events": 1} | figures


def rows_of(expression: ibis.Table, *sessions: dict[str, Any], **others: pa.Table) -> list[dict[str, Any]]:
    """The expression over `ROWS`, run on these sessions, and other tables by their names."""
    held = pa.Table.from_pylist(list(sessions), SESSIONS)
    found: list[dict[str, Any]] = compiled(expression)([], sessions=held, **others).to_pylist()
    return found


@settings(max_examples=40)
@given(streams())
def test_distribution_equals_plain_python(stream: list[Event]) -> None:
    """Windows, classes, users, revenue, averages, shares: the same rows in the same order, to the bit."""
    events = deduplicated(stream)
    wanted = plain.class_distribution(
        oracle.sessions(events), now_us=NOW_US, settled_us=LATENESS_US + GAP_US, window_us=WINDOW_US
    )
    assert DISTRIBUTION(events).to_pylist() == wanted


@settings(max_examples=40)
@given(streams())
def test_conversion_equals_plain_python(stream: list[Event]) -> None:
    """Totals, rates and averages by class: the same rows in the same order, to the bit."""
    events = deduplicated(stream)
    assert CONVERSION(events).to_pylist() == plain.class_conversion(oracle.sessions(events))


def test_the_worked_example() -> None:
    """150 sessions, 2,850 views, 420 carts, 180 purchases, 85,432.50 → 569.55, 14.74, 42.86, 6.32, 474.63."""
    first = session(view_count=2701, cart_count=420, purchase_count=180, purchase_micros=85_432_500_000)
    (row,) = rows_of(class_conversion(ROWS), first, *[session(view_count=1)] * 149)
    assert (row["total_sessions"], row["total_views"], row["total_revenue_micros"]) == (150, 2850, 85_432_500_000)
    shown = [
        money(row["avg_revenue_per_session_micros"]),
        *(two_decimals(row[f"{name}_rate"]) for name in ("view_to_cart", "cart_to_purchase", "overall_conversion")),
        money(row["avg_order_value_micros"]),
    ]
    assert list(map(str, shown)) == ["569.55", "14.74", "42.86", "6.32", "474.63"]


def test_nothing_to_divide_by_is_null() -> None:
    """Without views, carts or purchases the rates are null; revenue a session is 0."""
    (row,) = rows_of(class_conversion(ROWS), session())
    assert [row[name] for name in row if name.endswith("_rate")] == [None, None, None]
    assert (row["avg_order_value_micros"], row["avg_revenue_per_session_micros"]) == (None, 0.0)


def test_every_user_of_a_session_counts_once() -> None:
    """Users are counted once however many sessions they had; a session without a user adds none."""
    rows = rows_of(class_conversion(ROWS), session(users=["a", "b"]), session(users=["a"]), session())
    assert [(row["total_sessions"], row["unique_users"]) for row in rows] == [(3, 2)]


def test_users_who_are_one_person_count_once() -> None:
    """By an `alias` or a decision two users are one: in a session, and over the sessions of a class or a window."""
    known = ibis.table(ibis.Schema.from_pyarrow(LINKS), name="links")
    links = links_of([{"user": "ann", "previous": "old", "is_user": True}], Ruling(merged=frozenset({("a", "ann")})))
    held = [session(users=["a", "old"]), session(users=["ann", "bob"]), session(users=["bob"])]
    for definition in (class_conversion(ROWS, links=known), class_distribution(ROWS, now_us=0, links=known)):
        (row,) = rows_of(definition, *held, links=links)
        assert row["unique_users"] == 2


@pytest.mark.parametrize(
    ("end_us", "window"),
    [(0, 0), (WINDOW_US - 1, 0), (WINDOW_US, WINDOW_US), (-1, -WINDOW_US), (-WINDOW_US, -WINDOW_US)],
)
def test_a_window_holds_its_first_instant_and_not_its_last(end_us: int, window: int) -> None:
    """Windows are half-open and tile all time, before 1970 too."""
    (row,) = rows_of(class_distribution(ROWS, now_us=0), session(session_start=end_us, session_end=end_us))
    assert (row["window_start"], row["window_end"]) == (window, window + WINDOW_US)


@pytest.mark.parametrize(("after_us", "is_open"), [(-1, True), (0, False)])
def test_a_window_closes_when_nothing_in_it_can_move(after_us: int, is_open: bool) -> None:
    """The last event that could move a session lies a gap behind the window and arrives a lateness after that."""
    now_us = WINDOW_US + GAP_US + LATENESS_US + after_us
    (row,) = rows_of(class_distribution(ROWS, now_us=now_us), session(session_end=WINDOW_US - 1))
    assert row["open"] is is_open


def test_only_the_windows_asked_for() -> None:
    """Bounds choose whole windows by their beginning."""
    ends = [session(session_end=n * WINDOW_US + 7) for n in range(4)]
    rows = rows_of(class_distribution(ROWS, now_us=0, from_us=WINDOW_US, before_us=3 * WINDOW_US), *ends)
    assert [row["window_start"] for row in rows] == [WINDOW_US, 2 * WINDOW_US]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.005, "0.01"),
        (1.005, "1.01"),
        (2.675, "2.68"),
        (-0.005, "-0.01"),
        (0.004999999999999999, "0.00"),
        (1e22, "10000000000000000000000.00"),
        (3, "3.00"),
    ],
)
def test_two_decimals_half_up(value: float, text: str) -> None:
    """Halves go away from zero, as people round, whatever the double's binary form."""
    assert str(two_decimals(value)) == text


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_not_shown(value: float) -> None:
    """A figure is never NaN or infinite; if it were, that would be said."""
    with pytest.raises(ValueError, match="can't be shown"):
        two_decimals(value)


@pytest.mark.parametrize("module", ["class_conversion", "class_distribution", "shown"])
def test_examples_in_the_definitions_hold(module: str) -> None:
    """The worked example beside a rule is true."""
    failed, tried = doctest.testmod(importlib.import_module(f"footfall.metrics.{module}"))
    assert tried
    assert not failed
