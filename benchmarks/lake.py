"""What the lake costs: a commit of events beside writing and syncing the same rows plainly, and opening tables.

Commit and plain file take turns, so that a noisy machine is noisy for both; the figures are medians.
Run `python benchmarks/lake.py [FOLDER]`; the folder (default: a temporary one) decides which disk is measured.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from footfall.engines.duckdb import Tables
from footfall.engines.sealed import run_sql
from footfall.events.schema import EVENTS
from footfall.lake.lake import Lake
from footfall.lake.view import View

ROUNDS: Final = 7
SIZES: Final = (10_000, 50_000, 100_000)
FILES: Final = 2_000
START_US: Final = 1_760_000_000_000_000


def made_up(rows: int, rng: np.random.Generator) -> pa.Table:
    """Events of a shop within a minute: 22 of the columns filled, some 410 bytes each in memory."""
    visitor = rng.zipf(1.3, rows) % max(1, rows // 20)
    product = rng.integers(0, 5_000, rows)
    name = np.array(["page_view", "product_view", "add_to_cart", "purchase", "click", "scroll_depth"], object)
    ts = START_US + np.sort(rng.integers(0, 60_000_000, rows))
    device = np.array(["desktop", "mobile"], object)
    columns: dict[str, object] = {
        "project_id": ["default"] * rows,
        "event_id": [f"0199c1f2-{high:04x}-7{low:03x}-a000-{tail:012x}" for high, low, tail in _ids(rows, rng)],
        "name": name[rng.choice(6, rows, p=[0.4, 0.3, 0.08, 0.02, 0.15, 0.05])],
        "ts_us": ts,
        "received_us": ts + rng.integers(0, 2_000_000, rows),
        "visitor_id": [f"visitor-{number * 2_654_435_761 % 2**32:08x}" for number in visitor.tolist()],
        "source": ["web"] * rows,
        "page_url": [f"https://shop.example/p/{number}?ref={number % 97}" for number in product.tolist()],
        "page_path": [f"/p/{number}" for number in product.tolist()],
        "page_title": [f"Product {number}" for number in product.tolist()],
        "product_id": [f"sku-{number}" for number in product.tolist()],
        "product_category": [f"category-{number % 50}" for number in product.tolist()],
        "price_micros": (product % 200 + 1) * 990_000,
        "quantity": [1] * rows,
        "device": device[rng.integers(0, 2, rows)],
        "browser": ["Chrome"] * rows,
        "os": ["Windows"] * rows,
        "country": ["DE"] * rows,
        "city": ["Berlin"] * rows,
        "is_bot": [False] * rows,
        "ip_hash": [f"{number * 2_654_435_761 % 2**32:016x}" for number in visitor.tolist()],
        "properties": [f'{{"place":{number % 97},"variant":"b{number % 7}"}}' for number in product.tolist()],
    }
    arrays = [
        pa.array(columns[field.name], field.type) if field.name in columns else pa.nulls(rows, field.type)
        for field in EVENTS
    ]
    return pa.table(arrays, schema=EVENTS)


def _ids(rows: int, rng: np.random.Generator) -> list[tuple[int, int, int]]:
    parts = (rng.integers(0, 1 << bits, rows).tolist() for bits in (16, 12, 48))
    return list(zip(*parts, strict=True))


def plain(rows: pa.Table, path: Path) -> None:
    """The ceiling: pyarrow's own way of writing the rows, synced."""
    pq.write_table(rows, path, compression="zstd", compression_level=1)
    with path.open("rb") as file:
        os.fsync(file.fileno())


def milliseconds(step: Callable[[], object]) -> float:
    """How long one call takes."""
    began = time.perf_counter()
    step()
    return (time.perf_counter() - began) * 1000


def commits(folder: Path, console: Console) -> None:
    """Commit and plain write, turn by turn, of each size."""
    table = Table(
        "events a commit",
        "commit ms",
        "plain write + sync ms",
        "ratio (median of pairs)",
        "bytes an event kept",
        "plain",
    )
    rng = np.random.default_rng(3)
    lake = Lake.open(folder / "commits")
    version = 0
    for size in SIZES:
        rows = made_up(size, rng)
        pairs: list[tuple[float, float]] = []
        for number in range(ROUNDS + 1):
            version += 1
            before = milliseconds(lambda number=number, rows=rows: plain(rows, folder / f"{number}.parquet"))
            ours = milliseconds(
                lambda rows=rows, version=version: lake.commit("events", rows, app_id="bench", version=version)
            )
            pairs.append((ours, before))
        pairs = pairs[1:]  # the first is for warming up
        kept = lake.files("events")[-1].size / size
        table.add_row(
            f"{size:,}",
            f"{statistics.median(ours for ours, _ in pairs):.1f}",
            f"{statistics.median(before for _, before in pairs):.1f}",
            f"{statistics.median(ours / before for ours, before in pairs):.2f}",
            f"{kept:.1f}",
            f"{(folder / '1.parquet').stat().st_size / size:.1f}",
        )
    console.print(table)


def opening(folder: Path, console: Console) -> None:
    """How long it takes until a question can be asked, with few and with many files."""
    table = Table("files", "open lake ms", "open events ms", "open all tables ms", "sealed SQL, whole ms")
    rng = np.random.default_rng(4)
    rows = made_up(FILES * 5, rng)
    for files in (1, 100, FILES):
        path = folder / f"open-{files}"
        # One file a commit would take minutes: as many files as days, in one commit.
        days = pa.array(START_US + np.repeat(np.arange(files), 5) * 86_400_000_000)
        Lake.open(path).commit(
            "events", rows.slice(0, files * 5).set_column(3, EVENTS.field("ts_us"), days), app_id="bench", version=1
        )
        opened = statistics.median(milliseconds(lambda path=path: Lake.open(path)) for _ in range(3))
        snapshot = View(Lake.open(path)).snapshot()

        def events(snapshot=snapshot) -> None:  # type: ignore[no-untyped-def]
            with Tables(snapshot, "default") as tables:
                _ = tables.events

        def everything(snapshot=snapshot) -> None:  # type: ignore[no-untyped-def]
            with Tables(snapshot, "default") as tables:
                _ = tables.events, tables.sessions, tables.rejected

        def asked(snapshot=snapshot) -> None:  # type: ignore[no-untyped-def]
            run_sql(snapshot, "default", "SELECT 1")

        figures = [
            statistics.median([milliseconds(step) for _ in range(ROUNDS + 2)][2:])
            for step in (events, everything, asked)
        ]
        table.add_row(f"{files:,}", f"{opened:.1f}", *(f"{figure:.1f}" for figure in figures))
    console.print(table)


def main() -> None:
    """Measure, and print the tables."""
    console = Console()
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as folder:
        commits(Path(folder), console)
        opening(Path(folder), console)


if __name__ == "__main__":
    main()
