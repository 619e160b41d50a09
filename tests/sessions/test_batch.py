"""The batch definition of sessions on DuckDB: equal to the oracle, and true to the contract's own words."""

from __future__ import annotations

from random import Random

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from footfall.events.event import Event
from footfall.events.kinds import Kind, Taxonomy
from footfall.sessions.batch import COLUMNS, owner, sessions, sessions_of, share
from footfall.sessions.classes import Classes, Clause, Rule
from footfall.sessions.schema import BOOKKEEPING, SESSIONS
from tests.sessions import oracle
from tests.sessions.engines import DEFAULT_CLASSES, DEFAULT_KINDS, EVENTS_TABLE, compiled, on_duckdb
from tests.sessions.equality import assert_same
from tests.sessions.streams import BEGIN_US, MINUTE_US, deduplicated, streams

SECOND_US = 1_000_000
OWNERS = pa.schema([("project_id", pa.string()), ("owner", pa.string())])
BATCH = on_duckdb()
BATCH_OF_OWNERS = compiled(
    sessions_of(EVENTS_TABLE, ibis.table(OWNERS, name="owners"), taxonomy=DEFAULT_KINDS, classes=DEFAULT_CLASSES)
)


def event(name: str, at_us: int, **fields: object) -> Event:
    """An event `at_us` after the beginning, of visitor `v` unless told otherwise."""
    known: dict[str, object] = {"visitor_id": "v", "event_id": f"{name}@{at_us}"} | fields
    return Event(project_id="default", name=name, ts_us=BEGIN_US + at_us, received_us=BEGIN_US, **known)  # type: ignore[arg-type]


def batch(*events: Event) -> list[dict[str, object]]:
    """The sessions of `events`, in order of their start."""
    return sorted(BATCH(events).to_pylist(), key=lambda row: row["session_start"])


def only(*events: Event) -> dict[str, object]:
    """The one session of `events`."""
    (row,) = batch(*events)
    return row


@given(streams())
def test_random_streams_have_the_oracles_sessions(stream: list[Event]) -> None:
    """Whatever comes, the batch definition and the plain-Python one agree to the bit."""
    events = deduplicated(stream)
    assert_same(BATCH(events), oracle.sessions(events), names=("DuckDB", "oracle"))


@settings(max_examples=25)
@given(streams(), st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(stream: list[Event], random: Random) -> None:
    """Sessions depend on the set of events."""
    events = deduplicated(stream)
    shuffled = list(events)
    random.shuffle(shuffled)
    assert_same(BATCH(events), BATCH(shuffled))


@settings(max_examples=25)
@given(streams(), st.sampled_from([0, 1, MINUTE_US, 45 * MINUTE_US]))
def test_the_gap_is_a_setting(stream: list[Event], gap_us: int) -> None:
    """Any gap, none at all among them, cuts as the oracle does."""
    events = deduplicated(stream)
    assert_same(on_duckdb(gap_us=gap_us)(events), oracle.sessions(events, gap_us=gap_us))


SHARES = [
    compiled(
        sessions(share(EVENTS_TABLE, owner(EVENTS_TABLE), number, 3), taxonomy=DEFAULT_KINDS, classes=DEFAULT_CLASSES)
    )
    for number in range(3)
]


@settings(max_examples=10)
@given(streams())
def test_shares_of_owners_add_up(stream: list[Event]) -> None:
    """Computed share by share, owners have the sessions that they have at once, each of them in one share."""
    events = deduplicated(stream)
    assert_same(pa.concat_tables([rows(events) for rows in SHARES]), oracle.sessions(events))


OTHER_KINDS: dict[Kind, tuple[str, ...]] = {Kind.VIEW: ("click", "waved_hello"), Kind.PASSIVE: ("page_view",)}
KINDS_SET = Taxonomy(OTHER_KINDS)
NO_KINDS = Taxonomy({})


@settings(max_examples=25)
@given(streams())
def test_kinds_are_a_setting(stream: list[Event]) -> None:
    """Kinds without a name, and names of another kind than usual, are counted as configured."""
    events = deduplicated(stream)
    told = {name: kind.value for kind, names in OTHER_KINDS.items() for name in names}
    assert_same(on_duckdb(KINDS_SET)(events), oracle.sessions(events, kinds=told))


@settings(max_examples=10)
@given(streams())
def test_no_kinds_at_all(stream: list[Event]) -> None:
    """Without any kind every event counts and is nothing in particular."""
    events = deduplicated(stream)
    assert_same(on_duckdb(NO_KINDS)(events), oracle.sessions(events, kinds={}))


REFUNDERS = Classes(
    [
        Rule("refunder", ((Clause("refund_count", 1),),), score=2, icon="", action_priority=1, advice=()),
        Rule("other", (), score=1, icon="", action_priority=2, advice=()),
    ]
)


@settings(max_examples=25)
@given(streams())
def test_classes_are_a_setting(stream: list[Event]) -> None:
    """Other rules give other classes, and their version stands on every session."""

    def judge(row: oracle.Row) -> oracle.Row:
        yes = bool(row["refund_count"])
        return {"visitor_class": "refunder" if yes else "other", "score": 1 + yes, "clauses": int(yes)}

    events = deduplicated(stream)
    rows = on_duckdb(classes=REFUNDERS)(events)
    assert_same(rows, oracle.sessions(events, judge=judge))
    assert set(rows["rules_version"].to_pylist()) <= {REFUNDERS.version}


def test_the_columns_are_the_schemas() -> None:
    """A batch row has the session schema's columns and types, in its order, but for the bookkeeping."""
    wanted = [field for field in SESSIONS if field.name not in BOOKKEEPING]
    rows = BATCH([event("view", 0)])
    assert rows.column_names == list(COLUMNS) == [field.name for field in wanted]
    assert [field.type for field in rows.schema] == [field.type for field in wanted]


def test_the_worked_example() -> None:
    """7 events in 8.5 min, 6 views, 1 cart, no purchase: 0.82, 16.67, 0.00, 0.00, no amount, browser."""
    views = [event("view", i * 100 * SECOND_US) for i in range(5)]
    row = only(*views, event("view", 510 * SECOND_US), event("cart", 7 * SECOND_US))
    assert row["session_duration_minutes"] == 8.5
    rates = ("engagement_rate", "cart_conversion_rate", "purchase_conversion_rate", "overall_conversion_rate")
    assert [round(row[name], 2) for name in rates] == [0.82, 16.67, 0.0, 0.0]  # type: ignore[call-overload]
    assert (row["total_amount_micros"], row["visitor_class"], row["score"]) == (None, "browser", 50)


@pytest.mark.parametrize(
    ("apart_us", "number"), [(30 * MINUTE_US - 1, 1), (30 * MINUTE_US, 1), (30 * MINUTE_US + 1, 2)]
)
def test_exactly_half_an_hour_is_no_gap(apart_us: int, number: int) -> None:
    """30:00 between two events of a visitor is one session, a microsecond more is two."""
    assert len(batch(event("view", 0), event("view", apart_us))) == number


def test_a_clients_session_has_no_gaps() -> None:
    """Events of one client session id are one session, days apart or not, whoever the visitor is."""
    ids = {"session_id": "x"}
    row = only(event("view", 0, **ids), event("view", 5 * 24 * 60 * MINUTE_US, visitor_id="w", **ids))
    assert (row["session_id"], row["owner"], row["total_events"]) == ("s:x", "s:x", 2)


@pytest.mark.parametrize(
    ("ids", "who"),
    [
        ({"session_id": "1", "user_id": "3"}, "s:1"),
        ({"visitor_id": "2", "user_id": "3"}, "v:2"),
        ({"visitor_id": None, "user_id": "3"}, "u:3"),
    ],
)
def test_owner_and_id(ids: dict[str, str | None], who: str) -> None:
    """The session id owns the event, else the visitor, else the user; a cut session's id names its start."""
    row = only(event("view", 0, **ids))
    assert row["owner"] == who
    assert row["session_id"] == (who if who.startswith("s:") else f"{who}@{BEGIN_US}")


def test_one_id_as_session_visitor_and_user_is_three_owners() -> None:
    """`s:a`, `v:a` and `u:a` are different owners."""
    events = (
        event("view", 0, event_id="1", session_id="a"),
        event("view", 0, event_id="2", visitor_id="a"),
        event("view", 0, event_id="3", visitor_id=None, user_id="a"),
    )
    assert {row["owner"] for row in batch(*events)} == {"s:a", "v:a", "u:a"}


def test_passive_events_lengthen_and_bridge() -> None:
    """A scroll between two views 50 min apart makes them one session; its own time counts, it does not."""
    row = only(
        event("view", 0),
        event("scroll_depth", 25 * MINUTE_US),
        event("view", 50 * MINUTE_US),
        event("time_on_page", 55 * MINUTE_US, user_id="late", product_id="p", product_category="c"),
    )
    assert (row["total_events"], row["session_duration_minutes"]) == (2, 55.0)
    assert (row["users"], row["user_id"]) == (["late"], "late")
    assert (row["unique_products"], row["unique_categories"]) == (0, 0)


def test_passive_events_alone_are_no_session() -> None:
    """Without an event that counts there is no session, by gap or by client id."""
    assert not batch(event("identify", 0), event("scroll_depth", 1, session_id="x"))


def test_bots_stay_outside() -> None:
    """A bot's event neither counts nor bridges."""
    rows = batch(
        event("view", 0),
        event("view", 20 * MINUTE_US, is_bot=True),
        event("view", 40 * MINUTE_US),
    )
    assert [row["total_events"] for row in rows] == [1, 1]


def test_an_order_is_bought_once_in_a_session() -> None:
    """A reloaded thank-you page is no second sale, in counts and in money; it still is an event."""
    bought = {"order_id": "o", "amount_micros": 7}
    row = only(event("purchase", 0, **bought), event("purchase", 1, order_id="o", amount_micros=9))
    assert (row["total_events"], row["purchase_count"], row["purchase_micros"]) == (2, 1, 7)


def test_the_first_purchase_is_by_time_then_by_id() -> None:
    """Of two purchases of one order in one instant the smaller event id counts, compared as bytes."""
    ids = ("\uffee", "😀")  # in UTF-16 the other way round
    bought = [event("purchase", 0, event_id=i, order_id="o", amount_micros=n) for n, i in enumerate(ids, 1)]
    assert only(*bought)["purchase_micros"] == 1
    assert only(*reversed(bought))["purchase_micros"] == 1


def test_purchases_without_an_order_all_count() -> None:
    """Nothing says that two purchases without an order id are one."""
    row = only(event("purchase", 0, amount_micros=1), event("purchase", 1, amount_micros=1))
    assert (row["purchase_count"], row["total_amount_micros"]) == (2, 2)


def test_an_order_bought_in_two_sessions_counts_in_both() -> None:
    """The rule is about a session: an hour later the same order id is a sale of the next session."""
    rows = batch(event("purchase", 0, order_id="o"), event("purchase", 60 * MINUTE_US, order_id="o"))
    assert [row["purchase_count"] for row in rows] == [1, 1]


def test_a_third_purchase_is_compared_within_its_own_session() -> None:
    """Bought twice an hour apart and once more a minute later: the third is the second one's repeat."""
    times = (0, 60 * MINUTE_US, 61 * MINUTE_US)
    rows = batch(*(event("purchase", at, order_id="o") for at in times))
    assert [row["purchase_count"] for row in rows] == [1, 1]


def test_money_of_another_currency_is_left_out() -> None:
    """A purchase in another currency is a purchase, but not in the sum."""
    row = only(
        event("purchase", 0, amount_micros=5, currency="USD"),
        event("purchase", 1, amount_micros=3),
        event("refund", 2, amount_micros=2),
        event("refund", 3, amount_micros=9, currency="USD"),
    )
    assert (row["purchase_count"], row["total_amount_micros"]) == (2, 3)
    assert (row["refund_count"], row["refund_amount_micros"], row["net_amount_micros"]) == (2, 2, 1)


def test_amounts_are_null_without_a_purchase_and_zero_without_money() -> None:
    """No purchase: no amount. A purchase without an amount: 0."""
    assert only(event("view", 0))["total_amount_micros"] is None
    assert only(event("purchase", 0))["total_amount_micros"] == 0


def test_the_last_user_is_by_time_then_by_id() -> None:
    """`user_id` is the last one known, `users` are all, sorted by code point."""
    row = only(
        event("view", 2, event_id="😀", user_id="b"),
        event("view", 2, event_id="\uffee", user_id="😀"),
        event("view", 1, user_id="\uffee"),
        event("view", 3),
    )
    assert row["user_id"] == "b"
    assert row["users"] == ["b", "\uffee", "😀"]


def test_rates_are_null_when_there_is_nothing_to_divide_by() -> None:
    """One event alone has no duration, so no engagement rate; without views or carts there is no conversion."""
    row = only(event("click", 0))
    assert row["session_duration_minutes"] == 0.0
    assert {value for name, value in row.items() if name.endswith("_rate")} == {None}


def test_projects_do_not_meet() -> None:
    """The same visitor id in two projects is two owners."""
    here = event("view", 0)
    assert len(batch(here, replace(here, project_id="other"))) == 2


def test_no_events_no_sessions() -> None:
    """An empty table gives no row, and the right columns."""
    rows = BATCH([])
    assert rows.num_rows == 0
    assert rows.column_names == list(COLUMNS)


@settings(max_examples=25)
@given(streams(), st.integers(0, 3))
def test_some_owners_alone_have_the_same_sessions(stream: list[Event], place: int) -> None:
    """Recomputing the owners that were touched gives what the whole computation gives for them."""
    events = deduplicated(stream)
    wanted = sorted({(e.project_id, oracle.owner(e)) for e in events})[place : place + 2]
    rows = [row for row in oracle.sessions(events) if (row["project_id"], row["owner"]) in wanted]
    owners = pa.Table.from_pylist([{"project_id": project, "owner": who} for project, who in wanted], OWNERS)
    assert_same(BATCH_OF_OWNERS(events, owners=owners), rows)
