"""Alerts as people read them in a terminal: one a block, its growth in a line, its events in a table."""

from __future__ import annotations

from typing import Any, Final

from rich.text import Text

from footfall.cli.show import Column, Item, as_count, as_decimal, as_text, as_time, harmless

_IDS: Final = {"u": "User ID", "v": "Visitor ID", "s": "Session ID"}
_STYLES: Final = {"high": "bold red", "medium": "bold yellow"}


def block(alert: Item) -> Text:
    """An item of `/v1/alerts`: what fired, for whom, what was done; when, how often, and its id."""
    head = f"FRAUD ALERT [{alert['rule']}] - {alert['severity'].upper()} SEVERITY"
    return Text.assemble(
        f"{alert['icon']} ",
        (head, _STYLES[alert["severity"]]),
        f"\n   {_who(alert)}\n   {harmless(alert['message'])}\n",
        (f"   {_when(alert)} UTC, {_fired(alert)}, {harmless(alert['alert_id'])}", "dim"),
    )


def growth(alert: Item) -> Text:
    """An alert that was shown as a block before, and has changed."""
    change = f"{alert['rule']}, {_who(alert)}: {_fired(alert)} by now; {harmless(alert['message'])}"
    return Text.assemble("   ↳ ", (change, "dim"))


def event_columns(events: list[Item]) -> list[Column]:
    """The columns that any of the events behind an alert has something for."""
    return [column for column in _EVENTS if any(event.get(column.field) is not None for event in events)]


def _who(alert: Item) -> str:
    kind, _, name = alert["subject"].partition(":")
    return f"{_IDS[kind]}: {harmless(name)}"


def _when(alert: Item) -> str:
    first, last = as_time(alert["first"]), as_time(alert["last"])
    if first == last:
        return first
    day, time = last.split()
    return f"{first} to {time if first.startswith(day) else last}"


def _fired(alert: Item) -> str:
    return "fired once" if alert["count"] == 1 else f"fired {as_count(alert['count'])} times"


def _safe(value: Any) -> str:
    return as_text(value)


def _address(value: Any) -> str:
    """The beginning of an address's hash: enough to tell addresses apart."""
    return as_text(value)[:8]


_EVENTS: Final = [
    Column("timestamp", "time", as_time),
    Column("name", "event", _safe),
    Column("product_id", "product", _safe),
    Column("page_path", "page", _safe),
    Column("amount", "amount", as_decimal),
    Column("currency", "currency", _safe),
    Column("country", "country", _safe),
    Column("city", "city", _safe),
    Column("latitude", "latitude", as_decimal),
    Column("longitude", "longitude", as_decimal),
    Column("ip_hash", "address", _address),
    Column("event_id", "id", _safe),
]
