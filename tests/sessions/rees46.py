"""The REES46 sample read from its raw file with the standard library alone, without Footfall's readers."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from footfall.events.event import Event

FILE = Path("rees46_multistore_sample") / "2019-Oct_first17435.csv.gz"


def whole_rows(shared_data: Path) -> Iterator[dict[str, str]]:
    """The rows that have all nine columns; the file's last line is cut."""
    with gzip.open(shared_data / FILE, "rt", encoding="utf-8", newline="") as text:
        rows = csv.reader(text)
        header = next(rows)
        for row in rows:
            if len(row) == len(header):
                yield dict(zip(header, row, strict=True))


def events(shared_data: Path) -> list[Event]:
    """Its rows as events; each row is one, equal rows too."""
    return [_event(number, row) for number, row in enumerate(whole_rows(shared_data))]


def _event(number: int, row: dict[str, str]) -> Event:
    when = datetime.strptime(row["event_time"], "%Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC)
    micros = int(Decimal(row["price"]) * 1_000_000)
    return Event(
        project_id="default",
        event_id=f"{number:06d}",
        name=row["event_type"],
        ts_us=int(when.timestamp()) * 1_000_000,
        received_us=0,
        user_id=row["user_id"],
        session_id=row["user_session"],
        product_id=row["product_id"],
        product_category=row["category_code"] or None,
        price_micros=micros,
        amount_micros=micros if row["event_type"] == "purchase" else None,
    )
