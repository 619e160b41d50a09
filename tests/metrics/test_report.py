"""The live report: equal to plain Python over any events, true to the sessions, and in a stable order."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path
from typing import Any, NamedTuple

import ibis
import ibis.expr.types as ir
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from footfall.events.event import Event
from footfall.events.kinds import Kind, Taxonomy
from footfall.metrics.report import counted, report
from tests.lake.index.streams import happened as linked
from tests.metrics import plain_report
from tests.metrics.plain_report import shop_streams
from tests.metrics.questions.asking import GROUND, links_in
from tests.sessions import oracle, rees46
from tests.sessions.engines import DEFAULT_KINDS, EVENTS_TABLE, Run, compiled, on_duckdb
from tests.sessions.streams import BEGIN_US, HOUR_US, MINUTE_US, deduplicated

Rows = dict[str, list[dict[str, Any]]]


class Ready(NamedTuple):
    """A report's tables, ready to run, and the steps that several of them are made of, in order."""

    steps: dict[str, Run]
    tables: dict[str, Run]


def runs(taxonomy: Taxonomy = DEFAULT_KINDS, **options: Any) -> Ready:
    """The report, ready to run as an engine would: what is kept is worked out once."""
    steps: dict[str, Run] = {}

    def keep(step: ir.Table) -> ir.Table:
        name = f"kept_{len(steps)}"
        steps[name] = compiled(step)
        return ibis.table(step.schema(), name=name)

    told = report(GROUND._replace(taxonomy=taxonomy), keep=keep, **options)
    return Ready(steps, {name: compiled(table) for name, table in told._asdict().items()})


def rows(ready: Ready, events: list[Event]) -> Rows:
    """The rows of every table, for these events and their sessions."""
    held = {"sessions": on_duckdb()(events), "links": links_in(events)}
    for name, run in ready.steps.items():
        held[name] = run(events, **held)
    return {name: run(events, **held).to_pylist() for name, run in ready.tables.items()}


def totals_of(ready: Ready, events: list[Event]) -> dict[str, Any]:
    """The one row of totals."""
    return rows(ready._replace(tables={"totals": ready.tables["totals"]}), events)["totals"][0]


WHOLE = runs(top=1000)
SHORT = runs(top=2)
HOUR = runs(from_us=BEGIN_US, before_us=BEGIN_US + HOUR_US, top=3)
BEFORE, AFTER = runs(before_us=BEGIN_US + MINUTE_US, top=1000), runs(from_us=BEGIN_US + MINUTE_US, top=1000)


def project(stream: list[Event]) -> list[Event]:
    """One project's events, as a read sees them."""
    return [event for event in deduplicated(stream) if event.project_id == "default"]


def happened(*names: str, **fields: Any) -> list[Event]:
    """Events of these names, a second apart, of the user ann unless `fields` say otherwise."""
    known = {"user_id": "ann", **fields}
    return [
        Event(
            project_id="default",
            event_id=f"{name}-{place}-{sorted(fields.items())}",
            name=name,
            ts_us=BEGIN_US + place * 1_000_000,
            received_us=0,
            **known,
        )
        for place, name in enumerate(names)
    ]


@settings(max_examples=30)
@given(shop_streams())
def test_it_equals_plain_python(stream: list[Event]) -> None:
    """Every figure of every table, to the bit and in order, over all time."""
    events = project(stream)
    assert rows(WHOLE, events) == plain_report.report(events, top=1000)


@settings(max_examples=30)
@given(linked())
def test_who_is_one_person_is_counted_once(events: list[Event]) -> None:
    """Whatever `identify` and `alias` say of ids, people are those that plain Python finds, in every table."""
    events = [replace(event, project_id="default") for event in events]
    assert rows(WHOLE, events) == plain_report.report(events, top=1000)


def test_somebody_with_several_ids_is_one_person() -> None:
    """A visitor who looks, buys as a user, and comes back as another user who is the same, is one in every step."""
    events = [
        *happened("page_view", user_id=None, visitor_id="phone", page_path="/tea"),
        *happened("click", "purchase", visitor_id="phone"),
        *happened("page_view", user_id="old", page_path="/tea"),
        *happened("alias", properties='{"previous_id": "old"}'),
    ]
    found = rows(WHOLE, events)
    (totals,) = found["totals"]
    assert [totals[name] for name in ("people", "lookers", "clickers", "buyers")] == [1, 1, 1, 1]
    assert (totals["buy_rate"], totals["click_to_buy_rate"]) == (100, 100)
    assert [(row["page"], row["views"], row["people"]) for row in found["pages"]] == [("/tea", 2, 1)]
    assert [row["people"] for row in (*found["countries"], *found["devices"])] == [1, 1]


@settings(max_examples=15)
@given(shop_streams(), st.booleans())
def test_a_range_and_short_lists_equal_plain_python(stream: list[Event], whole: bool) -> None:
    """From its first instant to before its last, and the first rows of a longer list."""
    events = project(stream)
    if whole:
        assert rows(SHORT, events) == plain_report.report(events, top=2)
    else:
        wanted = plain_report.report(events, from_us=BEGIN_US, before_us=BEGIN_US + HOUR_US, top=3)
        assert rows(HOUR, events) == wanted


@settings(max_examples=15)
@given(shop_streams())
def test_money_is_that_of_the_sessions(stream: list[Event]) -> None:
    """Purchases, revenue and refunds over all time are the sums of the sessions' own: an order counts once in each."""
    events = project(stream)
    totals = totals_of(WHOLE, events)
    theirs = oracle.sessions(events)
    for ours, figure in {
        "total_purchases": "purchase_count",
        "total_revenue_micros": "purchase_micros",
        "total_refunds": "refund_count",
        "refund_micros": "refund_micros",
    }.items():
        assert totals[ours] == sum(row[figure] for row in theirs)


@settings(max_examples=15)
@given(shop_streams())
def test_ranges_add_up(stream: list[Event]) -> None:
    """What is counted before an instant and from it on is together what is counted in all: no order twice."""
    events = project(stream)
    before, after, whole = (totals_of(ready, events) for ready in (BEFORE, AFTER, WHOLE))
    for figure in ("events", "bot_events", "total_purchases", "total_revenue_micros", "total_refunds", "refund_micros"):
        assert before[figure] + after[figure] == whole[figure]


def test_a_real_shop(shared_data: Path) -> None:
    """The REES46 sample: 17,434 events, 214 sales for 59,442.63, and every table equal to plain Python."""
    log = rees46.events(shared_data)
    found = rows(runs(top=20), log)
    (totals,) = found["totals"]
    assert (totals["events"], totals["people"], totals["total_purchases"]) == (17_434, 4_504, 214)
    assert totals["total_revenue_micros"] == 59_442_630_000
    assert [(row["name"], row["events"]) for row in found["mix"]] == [
        ("view", 17_055),
        ("purchase", 214),
        ("cart", 165),
    ]
    assert found == plain_report.report(log, top=20)


def test_nothing_happened() -> None:
    """Without events there is a row of totals, zeros and nulls, and the lists are empty."""
    found = rows(WHOLE, [])
    (totals,) = found.pop("totals")
    assert {name for name, value in totals.items() if value is None} == {
        *("first_us", "last_us", "avg_order_value_micros"),
        *("look_rate", "click_rate", "buy_rate", "click_to_buy_rate"),
    }
    assert {value for value in totals.values() if value is not None} == {0}
    assert set(map(len, found.values())) == {0}


def test_bots_are_counted_and_nothing_else_is_theirs() -> None:
    """A bot's visit, click and purchase are three bot events; no figure of people has them."""
    totals = totals_of(WHOLE, happened("page_view", "click", "purchase", is_bot=True))
    assert totals["bot_events"] == 3
    assert (totals["events"], totals["people"], totals["lookers"], totals["total_purchases"]) == (0, 0, 0, 0)


def test_each_step_is_counted_by_itself() -> None:
    """Who buys without a click is a buyer; a product's page is a page looked at; rates divide by people."""
    events = [
        *happened("page_view", "click", "click_outbound", "purchase"),
        *happened("view", "purchase", user_id="bob"),
        *happened("page_view", user_id=None, visitor_id="ann"),
        *happened("product_view", user_id=None, session_id="ann"),
    ]
    totals = totals_of(WHOLE, events)
    assert [totals[name] for name in ("people", "lookers", "clickers", "buyers")] == [4, 4, 1, 2]
    assert [totals[name] for name in ("click_rate", "buy_rate", "click_to_buy_rate")] == [25, 50, 200]


def test_equal_rows_stand_in_the_order_of_their_names() -> None:
    """Ties are broken by code point, and the unknown stands last among its equals."""
    names = ["b", "a", "ä", "B", "😀", "\uffee"]
    events = [event for name in names for event in happened(name, country=name)] + happened("z", country=None)
    found = rows(WHOLE, events)
    assert [row["name"] for row in found["mix"]] == ["B", "a", "b", "z", "ä", "\uffee", "😀"]
    assert [row["country"] for row in found["countries"]] == ["B", "a", "b", "ä", "\uffee", "😀", None]
    assert [row["name"] for row in rows(SHORT, events)["mix"]] == ["B", "a"]


@pytest.mark.parametrize(
    ("minutes", "owner", "sales"),
    [
        ((0, 30), {"visitor_id": "v"}, 1),
        ((0, 31), {"visitor_id": "v"}, 2),
        ((0, 20, 40, 71), {"visitor_id": "v"}, 2),
        ((0, 300), {"session_id": "s"}, 1),
        ((0, 0), {"visitor_id": "v"}, 1),
        ((0, 0), {"visitor_id": "v", "order_id": None}, 2),
    ],
)
def test_an_order_is_sold_once_in_a_session(minutes: tuple[int, ...], owner: dict[str, Any], sales: int) -> None:
    """Told again in the same session it is no second sale, in the next one it is; without an order each one is."""
    (purchase,) = happened("purchase", **{"user_id": None, "order_id": "o1"} | owner)
    events = [
        replace(purchase, event_id=f"{place}", ts_us=BEGIN_US + minute * MINUTE_US, amount_micros=10**place)
        for place, minute in reversed(list(enumerate(minutes)))
    ]
    totals = totals_of(WHOLE, events)
    assert totals["total_purchases"] == sales
    assert totals["total_revenue_micros"] % 10 == 1, "the first by time, then by id, is the sale"


def test_a_range_begins_with_its_first_instant_and_ends_before_its_last() -> None:
    """`from` is inside, `before` is not."""
    (first,) = happened("click")
    events = [replace(first, event_id=str(at_us), ts_us=BEGIN_US + at_us) for at_us in (-1, 0, HOUR_US - 1, HOUR_US)]
    totals = totals_of(HOUR, events)
    assert (totals["events"], totals["first_us"], totals["last_us"]) == (2, BEGIN_US, BEGIN_US + HOUR_US - 1)


def test_other_money_stands_apart() -> None:
    """A purchase in dollars is a purchase, outside revenue, in a row of its own currency."""
    events = [
        *happened("purchase", amount_micros=5_000_000),
        *happened("purchase", "refund", amount_micros=7_000_000, currency="USD"),
    ]
    found = rows(WHOLE, events)
    (totals,) = found["totals"]
    assert (totals["total_purchases"], totals["total_revenue_micros"], totals["refund_micros"]) == (2, 5_000_000, 0)
    assert found["other_money"] == [
        {
            "currency": "USD",
            "purchases": 1,
            "revenue_micros": 7_000_000,
            "refunds": 1,
            "refund_micros": 7_000_000,
        }
    ]


def test_an_order_told_item_by_item_is_its_items() -> None:
    """Items earn for their products, once each; the purchase of the same order earns for none, another for its own."""
    order: dict[str, Any] = {"order_id": "o1"}
    events = [
        *happened("purchase", "purchase", product_id="tea", amount_micros=30_000_000, **order),
        *happened("order_item", "order_item", product_id="pot", price_micros=20_000_000, **order),
        *happened("order_item", product_id="cup", price_micros=5_000_000, quantity=2, **order),
        *happened("purchase", product_id="tea", amount_micros=4_000_000, order_id="o2"),
    ]
    found = {row["product_id"]: (row["purchases"], row["revenue_micros"]) for row in rows(WHOLE, events)["products"]}
    assert found == {"pot": (1, 20_000_000), "cup": (1, 10_000_000), "tea": (1, 4_000_000)}


def test_sums_beyond_a_column_stop_at_its_border() -> None:
    """No sender can break the report: earnings, and what is left after refunds, are cut at 2⁶³ − 1."""
    events = [
        event
        for name, amount in (("purchase", 2**62), ("refund", -(2**62)))
        for number in range(3)
        for event in happened(name, amount_micros=amount, user_id=f"{name}-{number}")
    ]
    totals = totals_of(WHOLE, events)
    assert (totals["total_revenue_micros"], totals["refund_micros"], totals["net_micros"]) == (
        *(2**63 - 1, 1 - 2**63),
        2**63 - 1,
    )


def test_kinds_are_the_operators() -> None:
    """Another taxonomy makes other names pages, clicks and sales."""
    kinds = Taxonomy({Kind.PAGE: ("seen",), Kind.CLICK: ("tapped",), Kind.PURCHASE: ("paid",)})
    events = happened("seen", "tapped", "paid", "page_view", "purchase", page_path="/")
    found = rows(runs(taxonomy=kinds), events)
    (totals,) = found["totals"]
    assert [totals[name] for name in ("lookers", "clickers", "buyers", "total_purchases")] == [1, 1, 1, 1]
    assert [row["views"] for row in found["pages"]] == [1]


@settings(max_examples=10)
@given(shop_streams())
def test_the_quick_count_is_the_reports(stream: list[Event]) -> None:
    """What tells that a new report is worth it counts as the report does."""
    events = project(stream)
    (row,) = compiled(counted(EVENTS_TABLE))(events).to_pylist()
    assert row["events"] == plain_report.report(events, top=1)["totals"][0]["events"]


def test_examples_in_the_definition_hold() -> None:
    """The worked example beside the rule is true."""
    failed, tried = doctest.testmod(importlib.import_module("footfall.metrics.report"))
    assert tried
    assert not failed
