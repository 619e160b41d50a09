"""Rows of GA4's export to BigQuery as events: parameters, sessions by client, orders with their items."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.imports.presets.pieces import Made, made


def parameter(key: str, **value: object) -> dict[str, object]:
    return {"key": key, "value": {"string_value": None, **value}}


ROW: dict[str, Any] = {
    "event_date": "20230501",
    "event_timestamp": "1682929560000001",
    "event_name": "page_view",
    "event_params": [
        parameter("ga_session_id", int_value="1682929500"),
        parameter("page_location", string_value="https://shop.example/tea"),
        parameter("page_title", string_value="Tea"),
        parameter("plan", string_value="free"),
    ],
    "user_pseudo_id": "12.34",
    "device": {"category": "mobile", "operating_system": "Android", "web_info": {"browser": "Chrome"}},
    "geo": {"country": "Norway", "city": "Oslo"},
    "collected_traffic_source": {"manual_source": "news"},
    "items": [],
}
ORDER: dict[str, Any] = ROW | {
    "event_name": "purchase",
    "event_params": [parameter("ga_session_id", int_value="1682929500"), parameter("currency", string_value="EUR")],
    "ecommerce": {"transaction_id": "T1", "purchase_revenue": 22.5, "total_item_quantity": "4"},
    "items": [
        {"item_id": "tea", "item_brand": "Leaf", "price": 5.5, "quantity": "3"},
        {"item_id": "pot", "item_category": "pots", "price": 6, "quantity": "1"},
    ],
}


def export(tmp_path: Path, *rows: dict[str, Any]) -> Made:
    path = tmp_path / "events.json"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return made(path, "ga4")


def test_a_row_becomes_an_event(tmp_path: Path) -> None:
    """Parameters that are fields become these, the others properties; the session is told apart by the client."""
    [event] = export(tmp_path, ROW).events
    about = (
        "name",
        "ts_us",
        "visitor_id",
        "session_id",
        "page_url",
        "page_title",
        "device",
        "browser",
        "os",
        "country",
    )
    assert {name: event[name] for name in about} == {
        "name": "page_view",
        "ts_us": 1_682_929_560_000_001,
        "visitor_id": "12.34",
        "session_id": "12.34.1682929500",
        "page_url": "https://shop.example/tea",
        "page_title": "Tea",
        "device": "mobile",
        "browser": "Chrome",
        "os": "Android",
        "country": "NO",
    }
    assert event["utm_source"] == "news"
    assert json.loads(event["properties"]) == {"plan": "free"}


def test_an_order_becomes_a_purchase_and_its_items(tmp_path: Path) -> None:
    """With the order's own figure, and an item a product."""
    by_product = {event.get("product_id"): event for event in export(tmp_path, ORDER).events}
    purchase = by_product.pop(None)
    assert (purchase["name"], purchase["order_id"], purchase["amount_micros"]) == ("purchase", "T1", 22_500_000)
    items = {name: (item["price_micros"], item["quantity"], item["order_id"]) for name, item in by_product.items()}
    assert items == {"tea": (5_500_000, 3, "T1"), "pot": (6_000_000, 1, "T1")}
    assert {item["name"] for item in by_product.values()} == {"order_item"}


def test_what_came_back_counts_back(tmp_path: Path) -> None:
    """The items of a refund are less than none."""
    back = ORDER | {"event_name": "refund", "ecommerce": {"transaction_id": "T1", "refund_value": 5.5}}
    found = export(tmp_path, back | {"items": [ORDER["items"][0] | {"quantity": "1"}, {"item_id": "pot"}]}).events
    by_product = {event.get("product_id"): event for event in found}
    assert (by_product[None]["name"], by_product[None]["amount_micros"]) == ("refund", 5_500_000)
    assert [by_product[product]["quantity"] for product in ("tea", "pot")] == [-1, -1]


def test_another_event_tells_its_first_product(tmp_path: Path) -> None:
    """And keeps all of them."""
    [event] = export(tmp_path, ORDER | {"event_name": "view_item", "ecommerce": None}).events
    assert (event["name"], event["product_id"], event["price_micros"]) == ("product_view", "tea", 5_500_000)
    assert [item["item_id"] for item in json.loads(event["properties"])["items"]] == ["tea", "pot"]


def test_what_google_notes_by_itself_is_no_activity(tmp_path: Path) -> None:
    """Beginnings of sessions and time on a page are passive."""
    names = ("session_start", "first_visit", "user_engagement", "scroll")
    found = export(tmp_path, *(ROW | {"event_name": name} for name in names)).events
    assert [event["name"] for event in found] == ["session_start", "first_visit", "time_on_page", "scroll_depth"]


def test_odd_rows_harm_nobody(tmp_path: Path) -> None:
    """Parameters that are none stay where they are; a row without a time is refused alone."""
    found = export(tmp_path, ROW | {"event_params": "none", "device": [1]}, {"event_name": "x", "user_pseudo_id": "v"})
    assert [event["name"] for event in found.events] == ["page_view"]
    assert [(refused["line"], refused["reason"]) for refused in found.rejected] == [(2, "bad-time")]
