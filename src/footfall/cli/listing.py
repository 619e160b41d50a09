"""Sessions and events as the columns of a table, and pages of anything: what several commands show alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from footfall.cli.show import (
    Column,
    Format,
    Item,
    as_count,
    as_decimal,
    as_time,
    show_items,
    show_more,
    show_table,
)

SESSIONS: Final = (
    Column("icon", ""),
    Column("visitor_class", "class"),
    Column("session_start", "started", as_time),
    Column("session_duration_minutes", "minutes", as_decimal),
    Column("total_events", "events", as_count),
    Column("view_count", "views", as_count),
    Column("cart_count", "carts", as_count),
    Column("purchase_count", "purchases", as_count),
    Column("total_amount", "amount", as_decimal),
    Column("user_id", "user"),
    Column("session_id", "session"),
)
EVENTS: Final = (
    Column("timestamp", "time", as_time),
    Column("name", "event"),
    Column("product_id", "product"),
    Column("product_category", "category"),
    Column("page_path", "page"),
    Column("price", "price", as_decimal),
    Column("amount", "amount", as_decimal),
)


def show_page(page: Item, columns: Sequence[Column], how: Format, *, empty: str) -> None:
    """Write the items of a page, and to people how it goes on."""
    show_items(page["items"], columns, how, empty=empty)
    if how is Format.TABLE:
        show_more(page)


def show_told(items: Sequence[Item], columns: Sequence[Column]) -> None:
    """Write `items` as a table of those columns of which any item has a value."""
    show_table(items, [column for column in columns if any(item.get(column.field) is not None for item in items)])
