"""Google Analytics 4's export to BigQuery, written out as NDJSON.

Source: Google's "BigQuery Export schema" and its lists of recommended and automatically collected events. Session ids
are unique for one client only, so the client's id stands before them. An order becomes its event and an `order_item` a
product; of other events with several products the first one is told in the fields and all in the properties.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from footfall.imports.countries import country_code
from footfall.imports.presets.members import Members
from footfall.imports.presets.preset import Fields, Preset
from footfall.imports.readers import Form
from footfall.imports.visitors import Visitors

_NAMES: Final = {
    "view_item": "product_view",
    "scroll": "scroll_depth",
    "click": "click_outbound",
    "file_download": "download",
    "video_start": "video_play",
    "view_search_results": "search_query",
    "search": "search_query",
    "share": "social_share",
    "user_engagement": "time_on_page",
}
_ORDERS: Final = ("purchase", "refund")
_VALUES: Final = ("string_value", "int_value", "double_value", "float_value")
_CAMPAIGN: Final = {
    "utm_source": "manual_source",
    "utm_medium": "manual_medium",
    "utm_campaign": "manual_campaign_name",
    "utm_term": "manual_term",
    "utm_content": "manual_content",
}


def translate(row: Fields, _: Visitors) -> Iterable[Fields]:
    """The event of a row, and the items of its order."""
    said = Members(row)
    own = _parameters(said.objects("event_params"))
    name = said.text("event_name") or ""
    visitor_id, session_id = said.text("user_pseudo_id"), own.text("ga_session_id")
    who: Fields = {
        "ts_us": said.number("event_timestamp"),
        "visitor_id": visitor_id,
        "user_id": said.text("user_id"),
        "session_id": f"{visitor_id}.{session_id}" if visitor_id and session_id else session_id,
        "currency": own.text("currency"),
        "order_id": _order_id(own, order := said.members("ecommerce")),
    }
    items = said.objects("items")
    money: Fields = {"amount": _amount(name, own, order)} if name in _ORDERS else {"value": own.number("value")}
    goods = {} if name in _ORDERS or not items else _product(items[0])
    where = _where(own, said)
    kept = (own.rest() or {}) | ({"ecommerce": about} if (about := order.rest()) else {})
    if items and name not in _ORDERS:
        kept["items"] = row["items"]
    yield {
        **who,
        "name": _NAMES.get(name, name),
        **where,
        **money,
        **goods,
        "properties": kept or None,
        "metadata": _parameters(said.objects("user_properties")).rest(),
        "context": said.rest(),
    }
    if name in _ORDERS:
        yield from (_item(item, who, is_back=name == "refund") for item in items)


GA4: Final = Preset(
    name="ga4",
    about="Google Analytics 4's export to BigQuery, as NDJSON",
    form=Form.NDJSON,
    translate=translate,
)


def _parameters(listed: list[Members]) -> Members:
    """`[{key, value: {string_value, int_value, …}}]` as members."""
    found: Fields = {}
    for parameter in listed:
        key, value = parameter.text("key"), parameter.members("value")
        if key is not None:
            found[key] = next((one for kind in _VALUES if (one := value.number(kind)) is not None), None)
    return Members(found)


def _where(own: Members, said: Members) -> Fields:
    device, geo, source = said.members("device"), said.members("geo"), said.members("collected_traffic_source")
    browser = device.members("web_info").text("browser") or device.text("browser")
    return {
        "page_url": own.text("page_location"),
        "page_title": own.text("page_title"),
        "referrer": own.text("page_referrer"),
        "device": device.text("category"),
        "browser": browser,
        "os": device.text("operating_system"),
        "country": country_code(geo.text("country") or ""),
        "region": geo.text("region"),
        "city": geo.text("city"),
        **{field: source.text(name) for field, name in _CAMPAIGN.items()},
    }


def _order_id(own: Members, order: Members) -> str | None:
    found = own.text("transaction_id"), order.text("transaction_id")
    return next((one for one in found if one and one != "(not set)"), None)


def _amount(name: str, own: Members, order: Members) -> object:
    """The order's own figure in its own currency, else the event's value."""
    stated = order.number("refund_value" if name == "refund" else "purchase_revenue")
    value = own.number("value")
    return value if stated is None else stated


def _product(item: Members) -> Fields:
    return {
        "product_id": item.text("item_id"),
        "product_category": item.text("item_category"),
        "brand": item.text("item_brand"),
        "price": item.number("price"),
        "quantity": item.number("quantity"),
    }


def _item(item: Members, who: Fields, *, is_back: bool) -> Fields:
    """One product of an order; what came back counts back."""
    product = _product(item)
    quantity = product["quantity"]
    if is_back:
        product["quantity"] = (
            -1 if quantity is None else f"-{quantity}" if isinstance(quantity, str) else _less(quantity)
        )
    return {**who, **product, "name": "order_item", "properties": item.rest()}


def _less(quantity: object) -> object:
    return -quantity if isinstance(quantity, (int, float, Decimal)) else quantity
