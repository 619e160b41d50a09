"""Rows of answers as CSV for spreadsheets (RFC 4180, but for lines that end as on Unix).

What is imported again somewhere is JSON or Parquet, or the files of `generate`: those stay to the letter.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TextIO

_FORMULA: Final = re.compile(r"(?![+-]?\d+(\.\d+)?(e[+-]?\d+)?$)[=+\-@＝＋－＠\t\r\n]", re.IGNORECASE)
"""What a spreadsheet may run instead of showing it; a number with a sign is shown.

Source: OWASP, "CSV Injection"."""


class _Lines:
    """Ends each row as lines end on Unix. The writer quotes what its own ending, CR LF, is made of: a lone CR, too."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, row: str, /) -> int:
        return self._out.write(row.removesuffix("\r\n") + "\n")


def write_csv(items: Iterable[Mapping[str, Any]], fields: Sequence[str], out: TextIO) -> None:
    """Write a column for each of `fields`, in a line for each item; lists and objects as JSON, nothing as nothing.

    Before text that a spreadsheet would take for a formula stands an apostrophe, which it does not show.
    """
    writer = csv.writer(_Lines(out))
    writer.writerow([_plain(field) for field in fields])
    for item in items:
        writer.writerow([_plain(item.get(field)) for field in fields])


def _plain(value: Any) -> Any:
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value
