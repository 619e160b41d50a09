"""A real shop's log through the command line, with a server and without: the figures that it must have."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.terminal import done, serving

FIGURES = "SELECT name, count(*) AS n, sum(amount_micros) AS micros FROM events GROUP BY name ORDER BY name"
EXPECTED = [
    {"name": "cart", "n": 165, "micros": None},
    {"name": "purchase", "n": 214, "micros": 59_442_630_000},
    {"name": "view", "n": 17_055, "micros": None},
]


@pytest.fixture(scope="module")
def log(shared_data: Path) -> Path:
    """The first rows of October 2019; the last one is cut."""
    return shared_data / "rees46_multistore_sample" / "2019-Oct_first17435.csv.gz"


@pytest.fixture(scope="module", params=["alone", "served"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty data folder, without a server and with one."""
    folder = tmp_path_factory.mktemp(request.param)
    with ExitStack() as stack:
        if request.param == "served":
            stack.enter_context(serving(folder))
        yield folder


@pytest.fixture(scope="module")
def first(folder: Path, log: Path) -> dict[str, Any]:
    """What the first import says."""
    return imported(folder, log, "--preset", "rees46")


def imported(folder: Path, *arguments: object) -> dict[str, Any]:
    [outcome] = json.loads(done("import", *arguments, "--format", "json", "--data", folder))
    return {name: outcome[name] for name in ("read", "stored", "duplicate", "rejected", "sessions")}


def ask(folder: Path, question: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(done("sql", question, "--format", "json", "--data", folder))
    return rows


def test_counts(first: dict[str, Any]) -> None:
    """17,435 rows, of which one is broken, and every session is computed."""
    assert first == {"read": 17_435, "stored": 17_434, "duplicate": 0, "rejected": 1, "sessions": 5_066}


def test_figures(folder: Path, first: object) -> None:
    """Views, carts, and purchases worth 59,442.63; 4,504 users; 5,066 sessions."""
    assert ask(folder, FIGURES) == EXPECTED
    assert ask(folder, "SELECT count(DISTINCT user_id) AS users FROM events") == [{"users": 4_504}]
    assert ask(folder, "SELECT count(*) AS sessions FROM sessions") == [{"sessions": 5_066}]


def test_the_classes_add_up(folder: Path, first: object) -> None:
    """Conversion by class is over all sessions, events and money."""
    classes = json.loads(done("classes", "conversion", "--format", "json", "--data", folder))
    assert sum(row["total_sessions"] for row in classes) == 5_066
    assert sum(row["total_views"] for row in classes) == 17_055
    assert sum(row["total_carts"] for row in classes) == 165
    assert sum(row["total_purchases"] for row in classes) == 214
    assert sum(Decimal(row["total_revenue"]) for row in classes) == Decimal("59442.63")


def test_the_broken_row(folder: Path, first: object) -> None:
    """It is listed with its file, line and reason, and kept as it stood there."""
    [row] = json.loads(done("rejected", "list", "--format", "json", "--data", folder))
    assert (row["line"], row["reason"], row["detail"]) == (17_436, "not-an-object", "row has 8 of 9 columns")
    assert row["source"] == "2019-Oct_first17435.csv.gz"
    shown = json.loads(done("rejected", "show", row["rejected_id"], "--format", "json", "--data", folder))
    assert shown["body"].startswith("2019-10-01 02:50:00 UTC,view,10900305,")


def test_importing_again_adds_nothing(folder: Path, log: Path, first: object) -> None:
    """All are duplicates, the broken row is the one that is kept already, and no session changes."""
    again = imported(folder, log, "--preset", "rees46")
    assert again == {"read": 17_435, "stored": 0, "duplicate": 17_434, "rejected": 1, "sessions": 0}
    assert ask(folder, FIGURES) == EXPECTED
    assert len(ask(folder, "SELECT * FROM rejected")) == 1


@pytest.mark.parametrize("form", ["parquet", "ndjson", "parts"])
def test_any_form_gives_the_same_events(form: str, folder: Path, log: Path, tmp_path: Path, first: object) -> None:
    """The log as Parquet with numbers, as NDJSON, or cut into parts, is known to be the same."""
    again = imported(folder, rewritten(log, form, tmp_path), "--preset", "rees46")
    assert again == {"read": 17_434, "stored": 0, "duplicate": 17_434, "rejected": 0, "sessions": 0}


def test_a_rebuild_agrees(folder: Path, first: object) -> None:
    """The batch over all events finds the sessions as they are."""
    status = json.loads(done("rebuild", "--format", "json", "--data", folder))
    assert (status["events"], status["sessions"], status["agreed"]) == (17_434, 5_066, True)


def test_every_session_equals_a_plain_computation(folder: Path, log: Path, first: object) -> None:
    """Each session's figures and class, computed anew from the raw file with lists and sums."""
    stored = {row["session_id"]: row for row in ask(folder, "SELECT * FROM sessions")}
    computed = plain_sessions(log)
    assert stored.keys() == computed.keys()
    for session_id, figures in computed.items():
        row = stored[session_id]
        assert {name: row[name] for name in figures} == figures


def plain_sessions(log: Path) -> dict[str, dict[str, Any]]:
    """{session: figures} by the rules as they are written, with nothing of Footfall's code."""
    events: dict[str, list[dict[str, str]]] = defaultdict(list)
    with gzip.open(log, "rt", newline="") as file:
        for row in csv.DictReader(file):
            if row["user_session"]:
                events["s:" + row["user_session"]].append(row)
    return {session_id: plain_figures(rows) for session_id, rows in events.items()}


def plain_figures(rows: list[dict[str, str]]) -> dict[str, Any]:
    times = [datetime.fromisoformat(row["event_time"].removesuffix(" UTC")).replace(tzinfo=UTC) for row in rows]
    seconds = (max(times) - min(times)).total_seconds()
    names = Counter(row["event_type"] for row in rows)
    views, carts, purchases = names["view"], names["cart"], names["purchase"]
    paid = sum(Decimal(row["price"]) for row in rows if row["event_type"] == "purchase")
    return {
        "session_start": round(min(times).timestamp() * 1_000_000),
        "session_end": round(max(times).timestamp() * 1_000_000),
        "session_duration_minutes": seconds / 60,
        "total_events": len(rows),
        "view_count": views,
        "cart_count": carts,
        "purchase_count": purchases,
        "total_amount_micros": int(paid * 1_000_000) if purchases else None,
        "unique_products": len({row["product_id"] for row in rows}),
        "unique_categories": len({row["category_code"] for row in rows} - {""}),
        "users": sorted({row["user_id"] for row in rows}),
        "engagement_rate": len(rows) * 60 / seconds if seconds else None,
        "cart_conversion_rate": 100 * carts / views if views else None,
        "purchase_conversion_rate": 100 * purchases / carts if carts else None,
        "overall_conversion_rate": 100 * purchases / views if views else None,
        "visitor_class": plain_class(len(rows), seconds, carts, purchases),
    }


def plain_class(events: int, seconds: float, carts: int, purchases: int) -> str:
    if events >= 30 and seconds >= 1800:
        return "power_user"
    if (events >= 10 and seconds >= 600) or purchases >= 2:
        return "engaged_shopper"
    return "browser" if events >= 3 or seconds >= 60 or carts or purchases else "bouncer"


def rewritten(log: Path, form: str, folder: Path) -> Path:
    """The whole rows of the log in another form."""
    with gzip.open(log, "rt", newline="") as file:
        header, *rows = csv.reader(file)
    rows = [row for row in rows if len(row) == len(header)]
    path = folder / f"log.{form}"
    if form == "parquet":
        columns = dict(zip(header, zip(*rows, strict=True), strict=True))
        table = pa.table({name: pa.array(values) for name, values in columns.items()})
        numbers = {"product_id": pa.int64(), "category_id": pa.int64(), "price": pa.float64(), "user_id": pa.int64()}
        for name, kind in numbers.items():
            table = table.set_column(header.index(name), name, table[name].cast(kind))
        pq.write_table(table, path)
    elif form == "ndjson":
        path.write_text("".join(json.dumps(dict(zip(header, row, strict=True))) + "\n" for row in rows))
    else:
        path.mkdir()
        for number in range(3):
            with (path / f"{number}.csv").open("w", newline="") as part:
                csv.writer(part).writerows([header, *rows[number * 6_000 : (number + 1) * 6_000]])
    return path
