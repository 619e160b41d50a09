"""The report as a page that a manager can read in a terminal of 80 columns, and as rows; nothing is computed here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from footfall.cli.show import Column, Item, as_count, as_decimal, as_percent, as_time

_BAR: Final = 18
_NAME: Final = 22
"""Least width of the column of names, so that the columns of short lists stand below each other."""

_STEPS: Final = {"looked": "looked at a page", "clicked": "clicked", "bought": "bought"}
_SHARE: Final = Column("share", "share", as_percent)
_LISTS: Final = {
    "mix": ("What happened", "name", [Column("events", "events", as_count), _SHARE]),
    "pages": (
        "Most seen pages",
        "page",
        [Column("views", "views", as_count), Column("people", "people", as_count), _SHARE],
    ),
    "products": (
        "Best selling products",
        "product_id",
        [
            Column("views", "views", as_count),
            Column("carts", "carts", as_count),
            Column("purchases", "purchases", as_count),
            Column("revenue", "revenue", as_decimal),
        ],
    ),
    "countries": (
        "Countries",
        "country",
        [Column("events", "events", as_count), Column("people", "people", as_count), _SHARE],
    ),
    "devices": (
        "Devices",
        "device",
        [Column("events", "events", as_count), Column("people", "people", as_count), _SHARE],
    ),
    "other_money": (
        "Money in other currencies, outside the sums above",
        "currency",
        [
            Column("purchases", "purchases", as_count),
            Column("revenue", "revenue", as_decimal),
            Column("refunds", "refunds", as_count),
            Column("refund_amount", "refunded", as_decimal),
        ],
    ),
}
"""{list of the answer: (heading, the field that names a row, its figures)}."""


def page(report: Item) -> RenderableType:
    """The whole page for an answer of `/v1/report`."""
    parts: list[RenderableType] = [_head(report), Text(), _totals(report), *_funnel(report["funnel"])]
    for name, (title, named, figures) in _LISTS.items():
        if rows := report[name]:
            parts += _section(title, rows, named, figures)
    return Group(*parts)


def rows(report: Item) -> Iterator[Item]:
    """One row a figure: section, name, figure, value. The first field of a list's item is its name."""
    for section, told in report.items():
        if not isinstance(told, list):
            yield {"section": "report", "name": None, "figure": section, "value": told}
            continue
        for item in told:
            (_, name), *figures = item.items()
            yield from (
                {"section": section, "name": name, "figure": figure, "value": value} for figure, value in figures
            )


def _head(report: Item) -> Text:
    if report["first_event"] is None:
        return Text("Report: no events in this time")
    times = f"{as_time(report['first_event'])} to {as_time(report['last_event'])} UTC"
    return Text.assemble(("Report", "bold"), f"  {times}, money in {report['currency']}")


def _totals(report: Item) -> Table:
    money = report["currency"]
    table = _table()
    for name, value, unit in (
        ("events", as_count(report["events"]), ""),
        ("people", as_count(report["people"]), ""),
        ("left out: bots' events", as_count(report["bot_events"]), ""),
        ("revenue", as_decimal(report["total_revenue"]), money),
        ("purchases", as_count(report["total_purchases"]), ""),
        ("average order value", as_decimal(report["avg_order_value"]) or "–", money),
        ("refunds", as_count(report["total_refunds"]), ""),
        ("refunded", as_decimal(report["refund_amount"]), money),
        ("net", as_decimal(report["net_amount"]), money),
    ):
        table.add_row(name, value, Text(unit, style="dim"))
    return table


def _funnel(steps: Sequence[Item]) -> list[RenderableType]:
    named = [{**step, "step": _STEPS[step["step"]]} for step in steps]
    figures = [
        Column("people", "people", as_count),
        Column("of_first", "of first", as_percent),
        Column("of_before", "of before", as_percent),
    ]
    return _section("From looking to buying", named, "step", figures, bar="people")


def _section(
    title: str, items: Sequence[Item], named: str, figures: Sequence[Column], *, bar: str = "share"
) -> list[RenderableType]:
    table = _table(title, *(column.title for column in figures))
    most = max((item.get(bar, 0) for item in items), default=0)
    for item in items:
        length = _BAR * item.get(bar, 0) / most if most else 0
        table.add_row(
            Text(_printable(item[named])),
            *(column.show(item[column.field]) or "–" for column in figures),
            Text("█" * max(round(length), bool(length)), style="cyan"),
        )
    return [Text(), table]


def _table(title: str = "", *figures: str) -> Table:
    """A table of names, figures to the right, and what stands behind them (a bar, a unit)."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", show_header=bool(title))
    table.add_column(title, min_width=_NAME, overflow="fold")
    for figure in figures or ("",):
        table.add_column(figure, justify="right", no_wrap=True, header_style="dim", min_width=9)
    table.add_column(no_wrap=True)
    return table


def _printable(name: Any) -> str:
    """A name from outside as a terminal may be shown it: what would steer the terminal is shown as �."""
    if name is None:
        return "(unknown)"
    return "".join(character if character.isprintable() else "\ufffd" for character in str(name))
