"""How answers are shown: aligned tables for people, JSON and CSV for programs; nothing is computed here."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from footfall.api.tables import write_csv

if TYPE_CHECKING:
    from rich.console import Console

Item = Mapping[str, Any]
"""One object of an answer: whatever JSON the API gives."""


SESSION_FIGURES: Final = (
    "session_duration_minutes",
    "total_events",
    "page_count",
    "view_count",
    "cart_count",
    "purchase_count",
    "refund_count",
    "unique_products",
    "unique_categories",
    "total_amount",
    "refund_amount",
    "net_amount",
    "engagement_rate",
    "cart_conversion_rate",
    "purchase_conversion_rate",
    "overall_conversion_rate",
)
"""Figures of a session in the order in which one is told of alone."""


class Format(StrEnum):
    """How a command shows its answer."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def harmless(text: str) -> str:
    r"""`text` without anything that moves a terminal's cursor, turns its direction or hides.

    >>> harmless("ann\x1b[2J\u202eeve")
    'ann·[2J·eve'
    """
    return "".join(
        "·" if unicodedata.category(character)[0] in "CZ" and character != " " else character for character in text
    )


def as_text(value: Any) -> str:
    """The value on one line, harmless; nothing for null, lists joined."""
    if value is None:
        return ""
    return harmless(", ".join(map(str, value)) if isinstance(value, list) else str(value))


def as_count(value: Any) -> str:
    """A whole number with thousands separators.

    >>> as_count(17434)
    '17,434'
    """
    return "" if value is None else f"{int(value):,}"


def as_decimal(value: Any) -> str:
    """Two decimals, half up, with thousands separators.

    >>> as_decimal("59442.625"), as_decimal(None)
    ('59,442.63', '')
    """
    return "" if value is None else f"{Decimal(str(value)).quantize(Decimal('0.01'), ROUND_HALF_UP):,}"


def as_number(value: Any) -> str:
    """Any number with thousands separators, unrounded as far as people read.

    >>> as_number(1234567), as_number(0.1 + 0.2), as_number("12.50")
    ('1,234,567', '0.3', '12.50')
    """
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.10g}" if isinstance(value, float) else str(value)


def as_percent(value: Any) -> str:
    """A share of a hundred with two decimals."""
    return "" if value is None else as_decimal(value) + " %"


def as_time(value: Any) -> str:
    """µs since the epoch, or ISO text, as UTC to the second.

    >>> as_time(1569888000000000)
    '2019-10-01 00:00:00'
    """
    if value is None:
        return ""
    time = datetime.fromtimestamp(value // 1_000_000, UTC) if isinstance(value, int) else datetime.fromisoformat(value)
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


class Column(NamedTuple):
    """One column of a table: the item's field, its heading, how a value is written."""

    field: str
    title: str
    show: Callable[[Any], str] = as_text

    @property
    def is_number(self) -> bool:
        """Whether the column stands to the right."""
        return self.show in _NUMBERS


_NUMBERS: Final = (as_count, as_decimal, as_number, as_percent)


def console(*, errors: bool = False) -> Console:
    """Where people read; lines are never cut when the output goes to a file or another program."""
    from rich.console import Console

    stream = sys.stderr if errors else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else 400, highlight=False)


def show_items(items: Sequence[Item], columns: Sequence[Column], how: Format, *, empty: str = "nothing found") -> None:
    """Write `items`: as a table of `columns`, or all their fields as JSON or CSV."""
    if how is Format.JSON:
        show_json(items)
    elif how is Format.CSV:
        show_csv(items, [column.field for column in columns])
    elif items:
        show_table(items, columns)
    else:
        console().print(empty, markup=False)


def show_json(value: object) -> None:
    """Write `value` as indented JSON."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def show_csv(items: Sequence[Item], fields: Sequence[str]) -> None:
    """Write `items` as CSV, a column for each of `fields` and then for each further field that any item has."""
    further = {field: None for item in items for field in item if field not in fields}
    write_csv(items, [*fields, *further], sys.stdout)


def show_table(items: Sequence[Item], columns: Sequence[Column], *, title: str | None = None) -> None:
    """Write `items` as an aligned table, numbers to the right."""
    from rich.table import Table
    from rich.text import Text

    table = Table(
        box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", title=title, title_justify="left"
    )
    for column in columns:
        table.add_column(column.title, justify="right" if column.is_number else "left", overflow="fold")
    for item in items:
        table.add_row(*(Text(column.show(item.get(column.field))) for column in columns))
    console().print(table)


def show_facts(facts: Sequence[tuple[str, str]]) -> None:
    """Write names and values, one pair a line, aligned."""
    width = max((len(name) for name, _ in facts), default=0)
    out = console()
    for name, value in facts:
        out.print(f"{name.ljust(width)}  {harmless(value)}", markup=False, soft_wrap=True)


def show_more(page: Item) -> None:
    """Say how a page goes on, when it does."""
    if page.get("next"):
        console().print(f"\nthere are more: --cursor {page['next']}", style="dim", markup=False, soft_wrap=True)


@contextmanager
def shows_progress(what: str) -> Iterator[None]:
    """Say on a terminal that `what` is going on, while it is."""
    out = console(errors=True)
    if out.is_terminal:
        with out.status(what):
            yield
    else:
        yield
