"""The report over HTTP from a real node: its figures, its range, its lists, and whose they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from footfall.events.time import write_time
from footfall.store.access import Role
from tests.api.client import Client
from tests.api.shop import MINUTE_US, START_US, Shop, open_shop, visit


def page_view(who: str, minute: int, **fields: object) -> dict[str, Any]:
    """A page seen by a visitor."""
    when = write_time(START_US + minute * MINUTE_US)
    return {"name": "page_view", "visitor_id": who, "timestamp": when, "event_id": f"{who} saw {minute}", **fields}


EVENTS = [
    *visit("ann", begins=0, views=6, carts=1),
    *visit("bob", begins=0, views=2, carts=1, bought=["19.99", "0.000001"]),
    page_view("cleo", 5, page_path="/tea", country="DE", device="mobile"),
    page_view("cleo", 6, page_path="/tea", country="DE", device="mobile"),
    page_view("dan", 7, page_path="/", country="FR"),
    page_view("dan", 8, name="click"),
    page_view("crawler", 9, is_bot=True),
    page_view("dan", 90, name="purchase", amount="7", currency="usd", order_id="d1"),
    page_view("bob", 95, name="refund", amount="4.99", user_id="user of bob"),
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("shop")) as made:
        yield made


@pytest.fixture(scope="module")
def client(shop: Shop) -> Iterator[Client]:
    offset = shop.send(EVENTS)
    with shop.client() as made:
        assert made.get("/v1/report/events", after=offset).json() == {"events": 18}
        yield made


def test_figures_of_the_whole(client: Client) -> None:
    """Money as exact decimal text, other money apart, bots counted alone, times as text."""
    report = client.get("/v1/report").json()
    assert (report["events"], report["bot_events"], report["people"]) == (18, 1, 4)
    assert (report["first_event"], report["last_event"]) == ("2026-01-05T10:00:00Z", "2026-01-05T11:35:00Z")
    assert (report["total_revenue"], report["total_purchases"], report["currency"]) == ("19.990001", 3, "EUR")
    assert report["avg_order_value"] == "6.66"
    assert (report["total_refunds"], report["refund_amount"], report["net_amount"]) == (1, "4.99", "15.000001")
    assert report["other_money"] == [
        {"currency": "USD", "purchases": 1, "revenue": "7.00", "refunds": 0, "refund_amount": "0.00"}
    ]


def test_from_looking_to_buying(client: Client) -> None:
    """Four looked, one clicked, two bought; percentages of the first step and of the one before, unrounded."""
    steps = client.get("/v1/report").json()["funnel"]
    assert [(step["step"], step["people"]) for step in steps] == [("looked", 4), ("clicked", 1), ("bought", 2)]
    assert [step["of_first"] for step in steps] == [100, 25, 50]
    assert [step["of_before"] for step in steps] == [None, 25, 200]


def test_lists(client: Client) -> None:
    """The greatest first with its share; pages, products, places and devices, the unknown as null."""
    report = client.get("/v1/report").json()
    assert report["mix"][0] == {
        "name": "product_view",
        "kind": "view",
        "events": 8,
        "share": pytest.approx(100 * 8 / 18),
    }
    assert [row["page"] for row in report["pages"]] == ["/tea", "/"]
    assert report["pages"][0] == {"page": "/tea", "views": 2, "people": 1, "share": pytest.approx(200 / 3)}
    assert report["products"][0] == {
        "product_id": "product 0",
        "views": 3,
        "carts": 1,
        "purchases": 1,
        "revenue": "19.99",
    }
    assert [(row["country"], row["events"]) for row in report["countries"]] == [(None, 15), ("DE", 2), ("FR", 1)]
    assert [(row["device"], row["people"]) for row in report["devices"]] == [(None, 3), ("mobile", 1)]
    short = client.get("/v1/report", top=1).json()
    assert [len(short[name]) for name in ("mix", "pages", "products", "countries", "devices")] == [1] * 5
    assert short["mix"] == report["mix"][:1]


def test_a_range_of_time(client: Client) -> None:
    """Only what happened at or after `from` and before `before`, in any form of a time."""
    late = client.get("/v1/report", **{"from": "2026-01-05T13:30:00+02:00"}).json()
    assert (late["events"], late["total_purchases"], late["total_refunds"]) == (2, 1, 1)
    early = client.get("/v1/report", before="2026-01-05T11:30:00Z").json()
    assert (early["events"], early["total_revenue"], early["refund_amount"]) == (16, "19.990001", "0.00")


def test_nothing_is_a_report_too(client: Client) -> None:
    """A time without events has zeros, nulls where nothing can be said, and empty lists."""
    report = client.get("/v1/report", before="2020-01-01").json()
    assert (report["events"], report["people"], report["total_revenue"]) == (0, 0, "0.00")
    assert (report["first_event"], report["avg_order_value"], report["mix"]) == (None, None, [])
    assert [step["of_first"] for step in report["funnel"]] == [None, None, None]


def test_it_agrees_with_the_sessions(shop: Shop, client: Client) -> None:
    """An order sent again is no second sale, here as there: both have the same purchases and the same money."""
    again = dict(visit("bob", begins=0, views=2, carts=1, bought=["19.99"])[-1], event_id="again")
    before = client.get("/v1/report").json()
    offset = shop.send([again])
    report = client.get("/v1/report", after=offset).json()
    assert report["events"] == before["events"] + 1
    query = "SELECT sum(purchase_count), sum(purchase_micros), sum(refund_micros) FROM sessions"
    ((purchases, earned, returned),) = client.post("/v1/sql", {"sql": query}).json()["rows"]
    assert (report["total_purchases"], report["total_revenue"]) == (before["total_purchases"], "19.990001")
    assert list(map(int, (purchases, earned, returned))) == [3, 19_990_001, 4_990_000]


def test_a_project_sees_its_own_alone(shop: Shop, client: Client) -> None:
    """Another project's report has its own events; its token may not ask for this one's."""
    shop.node.store.create_project("tea")
    _, token = shop.node.store.create_token("tea", Role.READER, project_id="tea")
    offset = shop.send([page_view("eve", 0, page_path="/green")], project="tea")
    with shop.client(token) as theirs:
        report = theirs.get("/v1/report", after=offset).json()
        assert (report["events"], report["people"], report["total_purchases"]) == (1, 1, 0)
        assert [row["page"] for row in report["pages"]] == ["/green"]
        assert theirs.get("/v1/report/events").json() == {"events": 1}
        assert theirs.get("/v1/report", project="default").status_code == 403
        assert theirs.get("/v1/report/events", project="default").status_code == 403
    assert client.get("/v1/report", project="tea").json() == report


@pytest.mark.parametrize("parameters", [{"top": 0}, {"top": 1001}, {"before": "soon"}, {"from": ""}])
def test_what_can_not_be_asked_is_named(client: Client, parameters: dict[str, object]) -> None:
    """A wrong number or time is a 422 that names the parameter."""
    answer = client.get("/v1/report", **parameters)
    assert answer.status_code == 422
    assert next(iter(parameters)) in answer.json()["detail"]


def test_without_a_token_there_is_no_report(shop: Shop) -> None:
    """Both routes want the permission to read."""
    with Client(shop.app) as nobody:
        assert nobody.get("/v1/report").status_code == 401
        assert nobody.get("/v1/report/events").status_code == 401
