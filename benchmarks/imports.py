"""What a row costs to import, in µs: read and checked, stored, and its sessions computed at the end.

A made-up log of REES46's columns, as CSV and as Parquet with ids of its own. Each part stands beside its ceiling:
pyarrow reading the same file, and the batch of all sessions on DuckDB.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from benchmarks.harness import Option, Report, agree, main, taken
from footfall.cli.client import Client, open_client
from footfall.engines.duckdb import Limits, Tables
from footfall.events.kinds import DEFAULT_KINDS
from footfall.imports import column_map, send
from footfall.imports.chunks import Chunks
from footfall.imports.models import Terms
from footfall.imports.readers import Reading
from footfall.imports.sending import source_of
from footfall.lake.lake import Lake
from footfall.lake.view import View
from footfall.sessions import batch
from footfall.settings import Settings

READING: Final = "pyarrow reads the file"
BATCH: Final = "DuckDB computes all sessions"
_COLUMNS: Final = "event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session"
_KINDS: Final = ("view",) * 30 + ("cart", "purchase")


class Timed:
    """An API whose calls are timed: `storing` seconds in chunks, `finishing` seconds in sessions."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.storing = self.finishing = 0.0

    def put(self, path: str, content: object = None) -> Any:
        return self._client.put(path, content)

    def post(self, path: str, content: object = None) -> Any:
        begun = time.perf_counter()
        answer = self._client.post(path, content)
        passed = time.perf_counter() - begun
        if path.endswith("/finish"):
            self.finishing += passed
        else:
            self.storing += passed
        return answer


def write_log(path: Path, rows: int) -> None:
    """So many rows: sessions of ten events on average, thirty products a brand, a second between two rows."""
    chance = Random(1)
    with path.open("w") as file:
        file.write(_COLUMNS + "\n")
        for number in range(rows):
            moment = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(1_570_000_000 + number // 4))
            session, product = number // 10_000 * 1000 + chance.randrange(1000), chance.randrange(30_000)
            category = f"kind{product % 40}.part{product % 7}" if product % 3 else ""
            what = (
                f"{product},{20**13 + product % 40},{category},brand{product // 30},{product % 900}.{product % 90 + 10}"
            )
            file.write(f"{moment},{chance.choice(_KINDS)},{what},{session % 90_000},s{session:016x}\n")


def write_typed(log: Path, path: Path) -> None:
    """The same rows with times, numbers and money as types, and an id each."""
    table = pa_csv.read_csv(log, convert_options=pa_csv.ConvertOptions(column_types={"price": pa.decimal128(12, 2)}))
    moments = pc.utf8_slice_codeunits(table["event_time"], 0, -len(" UTC")).cast(pa.timestamp("us"))
    table = table.set_column(0, "event_time", pc.assume_timezone(moments, "UTC"))
    ids = pa.array([f"{number:032x}" for number in range(len(table))])
    pq.write_table(table.append_column("event_id", ids), path)


def read_alone(path: Path) -> int:
    return len(pq.read_table(path) if path.suffix == ".parquet" else pa_csv.read_csv(path))


def batch_alone(folder: Path) -> int:
    """The sessions of everything in a data folder."""
    settings = Settings()
    limits = Limits(seconds=600, memory_bytes=settings.query_memory_bytes, rows=None, bytes=1 << 40)
    with Tables(View(Lake.open(folder / "lake")).snapshot(), None, limits) as tables:
        found = batch.sessions(
            tables.events, taxonomy=settings.taxonomy, classes=settings.classes, gap_us=settings.session_gap_us
        )
        return len(tables.run(found))


def check_alone(path: Path) -> int:
    """Read and check all rows, and forget them."""
    terms = Terms(
        project_id="shop",
        received_us=time.time_ns() // 1000,
        next_chunk=0,
        currency="EUR",
        kinds=DEFAULT_KINDS,
        max_name_bytes=200,
        max_property_bytes=65_536,
    )
    chunks = Chunks(Reading([path]), column_map("rees46", [], []), source_of(terms))
    return sum(len(chunk.record.events) for chunk in chunks)


def stages(log: Path, folder: Path, rows: int) -> dict[str, float]:
    """{stage: seconds that it took}."""
    columns = column_map("rees46", [], [])
    ceiling = taken(lambda: agree("rows", rows, read_alone(log)))
    checking = taken(lambda: agree("rows that are good", rows, check_alone(log)))
    with open_client(folder) as client:
        api = Timed(client)
        outcomes = []
        whole = taken(lambda: outcomes.append(send(api, log, columns)))
        again = taken(lambda: send(client, log, columns))
    computed = taken(lambda: agree("sessions", outcomes[0].sessions, batch_alone(folder)))
    return {
        READING: ceiling,
        "read and checked": checking,
        "stored (while the next chunk is read)": api.storing,
        BATCH: computed,
        "sessions computed at the end": api.finishing,
        "all, in one process": whole,
        "all, a second time: duplicates": again,
    }


_BESIDE: Final = {READING: None, BATCH: None, "sessions computed at the end": BATCH}
"""What does not stand beside reading."""


def measure(options: argparse.Namespace) -> Iterator[Report]:
    """One report a form of file."""
    gc.set_threshold(100_000, 20, 100)  # as the command does
    sys.setswitchinterval(0.0005)
    logs = [options.folder / "log.csv", options.folder / "log.parquet"]
    write_log(logs[0], options.rows)
    write_typed(*logs)
    for log in logs:
        form = log.suffix[1:]
        rounds = [stages(log, options.folder / f"{form}-{number}", options.rows) for number in range(options.rounds)]
        report = Report(f"an import of {options.rows:,} rows of {form}")
        for name in rounds[0]:
            figures = [found[name] / options.rows * 1e6 for found in rounds]
            report.add(name, "µs a row", figures, beside=_BESIDE.get(name, READING))
        yield report


if __name__ == "__main__":
    main(measure, __doc__, Option("--rows", "rows of a log", tiny=2_000, usual=200_000, full=1_000_000))
