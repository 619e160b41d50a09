"""Risk and ladders of thresholds as people read them in a terminal of 80 columns; nothing is computed here."""

from __future__ import annotations

from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from footfall.cli.show import Item, as_count, as_percent, as_time, harmless

_BAR: Final = 20
_UNITS: Final = {"HIGH_VELOCITY": "events", "MULTIPLE_IP": "addresses", "RAPID_LOCATION_CHANGE": "km/h"}
"""{rule: what its thresholds are}; of the others it is money."""


def thresholds_page(found: Item) -> RenderableType:
    """An answer of `/v1/fraud/thresholds`: what was looked at, then a ladder for each rule."""
    end = "now" if found["before"] is None else f"{as_time(found['before'])} UTC"
    head = f"{as_count(found['people'])} people from {as_time(found['from'])} UTC to {end}"
    return Group(
        Text.assemble(head, (", imported events too", "dim")),
        *(part for ladder in found["rules"] for part in (Text(), *_ladder(ladder, found["currency"]))),
    )


def risk_page(items: list[Item]) -> Table:
    """Items of `/v1/risk`: the score with a bar, whose it is, and of which parts."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("of 100", header_style="dim", no_wrap=True, min_width=_BAR)
    table.add_column("who", overflow="fold")
    table.add_column("made up of", overflow="fold")
    for item in items:
        made_up = "\n".join(
            f"{part['points']:>2} {part['rule']} ({_number(part['alerts'], 'alert')})" for part in item["parts"]
        )
        style = "red" if item["score"] >= 50 else "yellow"
        table.add_row(
            str(item["score"]), Text(_bar(item["score"]), style), Text(harmless(item["subject"])), Text(made_up)
        )
    return table


def _ladder(ladder: Item, currency: str) -> tuple[RenderableType, ...]:
    unit = _UNITS.get(ladder["rule"], currency)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(unit, justify="right", no_wrap=True, min_width=10)
    table.add_column("hit", justify="right", no_wrap=True, min_width=9)
    table.add_column("share", justify="right", no_wrap=True, min_width=9)
    table.add_column(no_wrap=True, min_width=_BAR)
    table.add_column(no_wrap=True, style="dim")
    for rung in ladder["rungs"]:
        table.add_row(
            as_count(rung["threshold"]),
            as_count(rung["people"]),
            as_percent(rung["share"]) or "–",
            Text(_bar(rung["share"] or 0), "cyan"),
            " ".join(name for name in ("present", "default") if rung[name]),
            style="bold" if rung["present"] else "",
        )
    head = Text.assemble(f"{ladder['icon']} ", (ladder["rule"], "bold"), f"  {ladder['condition']}")
    return head, Text(f"   setting {ladder['setting']}", "dim"), table


def _bar(percent: float) -> str:
    """A bar for a share of a hundred; what is more than none is seen."""
    return "█" * max(round(_BAR * percent / 100), bool(percent))


def _number(number: int, name: str) -> str:
    return f"{as_count(number)} {name}" + ("s" if number != 1 else "")
