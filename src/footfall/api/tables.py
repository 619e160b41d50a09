"""Rows of answers as CSV (RFC 4180, but for lines that end as on Unix)."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO


def write_csv(items: Iterable[Mapping[str, Any]], fields: Sequence[str], out: TextIO) -> None:
    """Write a column for each of `fields`, in a line for each item; lists and objects as JSON, nothing as nothing."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(fields)
    for item in items:
        writer.writerow([_plain(item.get(field)) for field in fields])


def _plain(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value
