"""The e-commerce events that clients of several protocols send, as kinds of events with products and money.

Source: Segment's e-commerce spec, version 2, and the names of version 1, with what its specs of experiments and apps
name that is nobody's activity; RudderStack's is the same, and PostHog's documents point to it. What stands in an
event's properties and is no column stays in the properties.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from footfall.collect.translation import Message, Native
from footfall.events.kinds import Kind, Taxonomy
from footfall.events.wire import MONEY_KINDS

NAMES: Final[Mapping[str, str]] = {
    "product viewed": "product_view",
    "viewed product": "product_view",
    "product clicked": "click",
    "product added": "add_to_cart",
    "added product": "add_to_cart",
    "wishlist product added to cart": "add_to_cart",
    "product removed": "remove_from_cart",
    "removed product": "remove_from_cart",
    "order completed": "purchase",
    "completed order": "purchase",
    "order refunded": "refund",
    "refunded order": "refund",
    "products searched": "search_query",
    "product list filtered": "filter_usage",
    "product shared": "social_share",
    "cart shared": "social_share",
    "product list viewed": "product_list_view",
    "viewed product category": "product_list_view",
    "cart viewed": "cart_view",
    "checkout started": "checkout_start",
    "checkout step viewed": "checkout_step_view",
    "checkout step completed": "checkout_step_complete",
    "payment info entered": "payment_info",
    "order updated": "order_update",
    "order cancelled": "order_cancel",
    "coupon entered": "coupon_enter",
    "coupon applied": "coupon_apply",
    "coupon denied": "coupon_deny",
    "coupon removed": "coupon_remove",
    "promotion viewed": "promotion_view",
    "viewed promotion": "promotion_view",
    "promotion clicked": "promotion_click",
    "clicked promotion": "promotion_click",
    "product added to wishlist": "add_to_wishlist",
    "product removed from wishlist": "remove_from_wishlist",
    "product reviewed": "product_review",
    "experiment viewed": "experiment_exposure",
    "application crashed": "page_error",
}
"""{name in the spec, in small letters: name here}. A name that is not listed stays as it was sent."""

_DECIMAL: Final = re.compile(r"-?[0-9]{1,8}(\.[0-9]{1,20})?")
_MOST: Final = 10**8


def _is_number(value: object) -> bool:
    if isinstance(value, str):
        return _DECIMAL.fullmatch(value) is not None
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool) and -_MOST < value < _MOST


def _is_count(value: object) -> bool:
    return _is_number(value) and "." not in str(value) and "E" not in str(value)


def _is_id(value: object) -> bool:
    return (isinstance(value, str) and 0 < len(value) <= 128) or (isinstance(value, int) and _is_number(value))


def _is_currency(value: object) -> bool:
    return isinstance(value, str) and len(value) == 3


_NAMED: Final = (
    *(("product_id", "product_id"), ("product_category", "category"), ("brand", "brand"), ("price", "price")),
    *(("quantity", "quantity"), ("product_id", "productId"), ("product_id", "sku")),
)
"""(field, name under which it may be sent), of one field the foremost first."""
_PRODUCT: Final = (*_NAMED, ("product_id", "id"))
"""The same of what is a product; the `id` of anything else, such as a form or a screen, is its own."""
_PRODUCT_KINDS: Final = (Kind.VIEW, Kind.CART, Kind.UNCART)
_ORDER: Final = (
    *(("order_id", "order_id"), ("currency", "currency"), ("order_id", "orderId"), ("order_id", "checkout_id")),
)
_AMOUNT: Final = (("amount", "revenue"), ("amount", "total"), ("amount", "value"), ("amount", "subtotal"))
_THING: Final = (*_ORDER, *_NAMED, ("value", "value"))
_SOLD: Final = (*_THING, ("product_id", "id"))
_THING_NAMES: Final = frozenset(name for _, name in _SOLD)
_LOOSE: Final[Sequence[tuple[str, str, Callable[[object], bool]]]] = (
    ("product_id", "product_id", _is_id),
    ("product_id", "sku", _is_id),
    ("order_id", "order_id", _is_id),
    ("currency", "currency", _is_currency),
    ("price", "price", _is_number),
    ("quantity", "quantity", _is_count),
    ("amount", "revenue", _is_number),
    ("value", "value", _is_number),
)
"""What an event of one's own may say of products and money, where it is of the form that the column wants."""
_LOOSE_NAMES: Final = frozenset(name for _, name, _ in _LOOSE)
_ITEMS_OWN: Final = frozenset(
    ("event_id", "name", "amount", "value", "properties", "context", "metadata", *(field for field, _ in _PRODUCT))
)


def take_commerce(event: Native, sent: str, properties: Message, taxonomy: Taxonomy) -> Sequence[Native]:
    """Name `event`, sent as `sent`, and move what its `properties` say of products and money into its fields.

    Returns the items that its order is made of, none for most; call it when `event` has all that its items share.
    An event of the spec is held to the spec: a price that is none is its fault. One that merely uses a word of it keeps
    in its properties what does not fit.
    """
    name = NAMES.get(sent.lower(), sent)
    event["name"] = name
    kind = taxonomy.kind(name)
    if name == sent and kind is Kind.OTHER:
        take_what_fits(event, properties)
        return ()
    if kind not in MONEY_KINDS:
        if not _THING_NAMES.isdisjoint(properties):
            _take(event, properties, _SOLD if kind in _PRODUCT_KINDS or name != sent else _THING)
        return ()
    _take(event, properties, _ORDER)
    _take(event, properties, _AMOUNT)
    products = properties.get("products") if kind is Kind.PURCHASE else None
    if not isinstance(products, list) or not products or not all(isinstance(one, dict) for one in products):
        _take(event, properties, _PRODUCT)  # products that are none had better stay as they are
        return ()
    del properties["products"]
    if "amount" not in event:
        _sum_up(event, products)
    return [_item(event, product, number) for number, product in enumerate(products, start=1)]


def _take(event: Native, properties: Message, fields: Sequence[tuple[str, str]]) -> None:
    for field, name in fields:
        if name in properties and field not in event:
            value = properties[name]
            if value is not None and value != "":
                event[field] = value
                del properties[name]


def take_what_fits(event: Native, properties: Message) -> None:
    """Move what has the form of products and money into fields of an event that no spec holds to one."""
    if _LOOSE_NAMES.isdisjoint(properties):
        return
    for field, name, fits in _LOOSE:
        if name in properties and field not in event and fits(properties[name]):
            event[field] = properties.pop(name)


def _sum_up(event: Native, products: Sequence[Message]) -> None:
    """An order that states no amount is worth what its products are, when each says its price."""
    total = Decimal(0)
    for product in products:
        price, quantity = product.get("price"), product.get("quantity", 1)
        if not _is_number(price) or not _is_count(quantity):
            return
        total += Decimal(str(price)) * int(str(quantity))
    event["amount"] = total


def _item(order: Native, product: Message, number: int) -> Native:
    """One product of an order; its id follows from the order's, so that an order that is sent again is the same."""
    item = {field: value for field, value in order.items() if field not in _ITEMS_OWN}
    item["name"] = "order_item"
    if isinstance(order.get("event_id"), str | int):
        item["event_id"] = f"{order['event_id']}:{number}"
    _take(item, product, _PRODUCT)
    if product:
        item["properties"] = product
    return item
