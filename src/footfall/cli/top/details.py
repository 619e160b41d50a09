"""One session and one alert in full, as the API tells them, ready to be shown and scrolled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from footfall.cli.show import SESSION_FIGURES, Item, as_count, as_decimal, as_text, as_time, harmless
from footfall.cli.top.palette import Palette
from footfall.cli.top.panes import Drawing


def session_in_full(found: Item, drawing: Drawing) -> RenderableType:
    """An answer of `/v1/sessions/{id}`: class, why, advice, figures and events."""
    row = found["session"]
    visitor_class = Text.assemble(
        drawing.stride_and_name(row["visitor_class"]),
        f"  {row['icon']}  score {row['score']}, priority {row['action_priority']}",
    )
    facts = [
        ("class", visitor_class),
        ("why", _lines(found["why"])),
        ("advice", _lines(found["advice"])),
        ("users", _lines(row["users"] or ["not known"])),
        ("began", Text(f"{as_time(row['session_start'])} UTC")),
        ("ended", Text(f"{as_time(row['session_end'])} UTC")),
    ]
    return Group(
        Text(f"Session {harmless(row['session_id'])}", "bold"),
        _facts(facts, drawing.palette),
        Text(),
        _figures(row, found["currency"], drawing.palette),
        Text(),
        _events(found, drawing.palette),
    )


def alert_in_full(found: Item, drawing: Drawing) -> RenderableType:
    """An answer of `/v1/alerts/{id}`: what fired, for whom, how often, and the events behind it."""
    alert = found["alert"]
    facts = [
        ("severity", drawing.severity(alert["severity"])),
        ("what", Text(harmless(alert["message"]))),
        ("who", Text(harmless(alert["subject"]))),
        ("first", Text(f"{as_time(alert['first'])} UTC")),
        ("last", Text(f"{as_time(alert['last'])} UTC")),
        ("firings", Text(as_count(alert["count"]))),
    ]
    return Group(
        Text(f"Alert {harmless(alert['rule'])}", "bold"),
        _facts(facts, drawing.palette),
        Text(),
        _events(found, drawing.palette),
    )


def _facts(facts: Sequence[tuple[str, Text]], palette: Palette) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style=palette.soft, no_wrap=True)
    grid.add_column()
    for name, value in facts:
        grid.add_row(name, value)
    return grid


def _lines(texts: Sequence[str]) -> Text:
    return Text("\n".join(map(harmless, texts)))


def _figures(row: Item, currency: str, palette: Palette) -> Table:
    """Names and values in two columns; what is null is said to be none."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(2):
        grid.add_column(style=palette.soft, no_wrap=True)
        grid.add_column(justify="right", no_wrap=True)
        grid.add_column(style=palette.soft, no_wrap=True)
    cells = [
        (name.removeprefix("session_").replace("_", " "), _figure(row[name]), _unit(name, row[name], currency))
        for name in SESSION_FIGURES
    ]
    half = (len(cells) + 1) // 2
    for left, right in zip(cells[:half], cells[half:], strict=True):
        grid.add_row(*left, *right)
    return grid


def _figure(value: Any) -> str:
    if value is None:
        return "none"
    return as_count(value) if isinstance(value, int) else as_decimal(value)


def _unit(name: str, value: Any, currency: str) -> str:
    if value is None:
        return ""
    if name.endswith("_amount"):
        return currency
    if name == "engagement_rate":
        return "a minute"
    return "%" if name.endswith("_rate") else ""


def _events(found: Item, palette: Palette) -> Group:
    events: Sequence[Item] = found["events"]
    grid = Table.grid(padding=(0, 2, 0, 0), expand=True)
    grid.add_column(style=palette.soft, no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    grid.add_column(justify="right", no_wrap=True)
    for event in events:
        about = event.get("product_id") or event.get("page_path") or event.get("page_url") or ""
        money = event.get("amount") or event.get("price")
        grid.add_row(as_time(event["timestamp"]), harmless(event["name"]), as_text(about), as_decimal(money))
    more = f"the first {len(events)} events" if found["next"] else f"{len(events)} events"
    return Group(Text.assemble((more, "bold"), ("  UTC", palette.soft)), grid)
