"""Text of a known width in cells: tables, bars, sparklines. Knows no figure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, TypeAlias

from rich.cells import cell_len
from rich.text import Text

from footfall.cli.show import as_time

_ROOMY_CELLS: Final = 90
"""From how many cells on columns stand two cells apart, else one."""
_LEAST_CELLS: Final = 8
"""To how many cells a flexible column shrinks."""
_OF_NUMBERS: Final = "0123456789.,"
_LEVELS: Final = "▁▂▃▄▅▆▇█"
_EIGHTHS: Final = "▏▎▍▌▋▊▉█"

Flexible: TypeAlias = Mapping[int, Callable[[Text, int], Text]]
"""{place of a column: how it is cut}."""


def cut(text: Text, cells: int) -> Text:
    """`text` in at most `cells` cells; an ellipsis says that something is missing, and no number is cut in two.

    >>> cut(Text("needs 4,360 km/h"), 11).plain
    'needs…'
    """
    if text.cell_len <= cells:
        return text
    end = len(_prefix(text.plain, cells - 1))
    if text.plain[end] in _OF_NUMBERS:
        end = len(text.plain[:end].rstrip(_OF_NUMBERS))
    return Text.assemble(text[: len(text.plain[:end].rstrip())], "…" if cells > 0 else "")


def cut_middle(text: Text, cells: int) -> Text:
    """`text` in at most `cells` cells, without its middle: ids often differ at their ends alone.

    >>> cut_middle(Text("visitor-000123"), 9).plain
    'visi…0123'
    """
    if text.cell_len <= cells:
        return text
    tail = _prefix(text.plain[::-1], (cells - 1) // 2)
    head = _prefix(text.plain, cells - 1 - cell_len(tail))
    return Text.assemble(text[: len(head)], "…" if cells > 0 else "", text[len(text) - len(tail) :])


def _prefix(text: str, cells: int) -> str:
    """As much of the beginning of `text` as `cells` cells hold."""
    end, used = 0, 0
    for character in text:
        used += cell_len(character)
        if used > cells:
            break
        end += 1
    return text[:end]


def fitting(cells: int, *candidates: str) -> str:
    """The first of `candidates` that fits into `cells`, else the last one: figures are left out, never cut."""
    return next((text for text in candidates if cell_len(text) <= cells), candidates[-1])


def table(rows: Sequence[Sequence[Text]], cells: int, *, right: Collection[int], flexible: Flexible) -> list[Text]:
    """`rows` as aligned lines of `cells` cells.

    The first of the `flexible` columns takes what is left over; when there is too little room they give way in their
    order, each cut in its own manner. Columns in `right` (numbers) stand to the right; only flexible ones are cut.
    """
    if not rows:
        return []
    gap = 2 if cells >= _ROOMY_CELLS else 1
    widths = [max(row[place].cell_len for row in rows) for place in range(len(rows[0]))]
    first = next(iter(flexible))
    widths[first] = max(widths[first], 1)
    spare = cells - sum(width + gap for width in widths if width) + gap
    for place in flexible:
        if spare < 0:
            given = min(-spare, max(widths[place] - _LEAST_CELLS, 0))
            widths[place] -= given
            spare += given
    widths[first] += max(spare, 0)
    return [cut(_line(row, widths, gap, right, flexible), cells) for row in rows]


def _line(row: Sequence[Text], widths: Sequence[int], gap: int, right: Collection[int], flexible: Flexible) -> Text:
    shown: list[Text] = []
    for place, (cell, width) in enumerate(zip(row, widths, strict=True)):
        if width:
            fit = flexible.get(place, cut)(cell, width)
            blank = " " * (width - fit.cell_len)
            shown.append(Text.assemble(blank, fit) if place in right else Text.assemble(fit, blank))
    return Text(" " * gap).join(shown)


def bar(share: float, cells: int) -> str:
    """A bar of `share` (0–1) of `cells` cells, to an eighth of a cell; what is more than nothing is seen.

    >>> bar(0.5, 3), bar(0.001, 3), bar(0, 3)
    ('█▌', '▏', '')
    """
    eighths = round(share * cells * 8)
    if share > 0 and eighths == 0:
        eighths = 1
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (_EIGHTHS[rest - 1] if rest else "")


def spark(values: Sequence[float | None]) -> str:
    """One cell a value, its height against the greatest one; a blank where nothing is known.

    >>> spark([0, 4, None, 8])
    '▁▅ █'
    """
    most = max((value for value in values if value is not None), default=0) or 1
    return "".join(" " if value is None else _LEVELS[round(value / most * 7 + 0.01)] for value in values)


def moment(time: str, today: str) -> str:
    """Eight cells of a time: the time of day, or the day when that is not `today` (`2026-03-01`).

    >>> moment("2026-03-01T14:31:07.250000Z", "2026-03-01"), moment("2025-08-03T01:00:00Z", "2026-03-01")
    ('14:31:07', '25-08-03')
    """
    day, _, clock = as_time(time).partition(" ")
    return clock if day == today else day[2:]
