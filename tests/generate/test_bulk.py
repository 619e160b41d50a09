"""Worlds in bulk: exact, the same for the same seed, and true to what they say of themselves."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import numpy as np
import pyarrow.parquet as pq
import pytest

from footfall.errors import BadRequest, Conflict
from footfall.events.event import Event
from footfall.events.kinds import Taxonomy
from footfall.events.lanes import read_texts
from footfall.events.time import read_time
from footfall.events.wire import Source
from footfall.generate.bulk import Form, Options, Summary, generate
from footfall.generate.bulk.draws import Draws
from footfall.generate.world import WORLDS
from tests.cli.terminal import done
from tests.generate.rules import firings
from tests.sessions.oracle import sessions

EVENTS = 12_000
SMALL = Options(customers=400, events=EVENTS, days=12)
SOURCE = Source(
    project_id="default",
    received_us=read_time("2026-02-01T00:00:00Z"),
    door="file",
    taxonomy=Taxonomy(),
    currency="EUR",
    may_state=True,
    allow_old=True,
    needs_time=True,
)


class World:
    """A small world on disk."""

    def __init__(self, folder: Path, options: Options) -> None:
        self.folder = folder
        self.options = options
        self.summary: Summary = generate(folder, options)

    def rows(self, part: str) -> list[dict[str, Any]]:
        """The rows of one part: `events`, `truth/sessions` and so on."""
        paths = sorted((self.folder / part).rglob("*.parquet")) or [self.folder / f"{part}.parquet"]
        return [row for path in paths for row in pq.ParquetFile(path).read().to_pylist()]

    def events(self) -> Sequence[Event]:
        """The events as a door reads them from a server key; none may be refused."""
        lines = [msgspec.json.encode({n: v for n, v in row.items() if v is not None}) for row in self.rows("events")]
        reading = read_texts(lines, SOURCE)
        assert reading.rejected == []
        return reading.events


@pytest.fixture(scope="module", params=WORLDS)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(
        tmp_path_factory.mktemp(request.param), msgspec.structs.replace(SMALL, world=request.param, episodes=3)
    )


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("shop"), SMALL)


def digest(folder: Path) -> str:
    """Of all names and bytes below `folder`."""
    whole = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        whole.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes() + b"\0")
    return whole.hexdigest()


@pytest.mark.parametrize("form", Form)
def test_the_same_seed_gives_the_same_bytes(form: Form, tmp_path: Path) -> None:
    """In this process, and in another one with another hash seed and another time zone; another seed, other bytes."""
    options = Options(customers=100, events=3_000, days=5, seed=42)
    generate(tmp_path / "a", options, form=form)
    command = [sys.executable, "-m", "footfall", "generate", str(tmp_path / "b"), "--format", form]
    command += ["--customers", "100", "--events", "3000", "--days", "5", "--seed", "42"]
    other = os.environ | {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"}
    subprocess.run(command, env=other, check=True, capture_output=True)
    assert digest(tmp_path / "a") == digest(tmp_path / "b")
    generate(tmp_path / "c", msgspec.structs.replace(options, seed=43), form=form)
    assert digest(tmp_path / "a") != digest(tmp_path / "c")


@pytest.mark.parametrize(
    ("events", "customers", "days"),
    [(1, 1, 1), (7, 1, 30), (100, 10, 1), (999, 5, 400), (5_000, 20_000, 3)],
    ids=str,
)
def test_there_are_exactly_as_many_events(events: int, customers: int, days: int, tmp_path: Path) -> None:
    """However few or crowded they are, all with ids of their own, all within the days that were asked for."""
    options = Options(customers=customers, events=events, days=days)
    world = World(tmp_path / "w", options)
    rows = world.rows("events")
    assert len(rows) == events == world.summary.events
    assert len({row["event_id"] for row in rows}) == events
    times = [micros(row["timestamp"]) for row in rows]
    assert options.begin_us <= min(times) <= max(times) < options.end_us
    for path in (tmp_path / "w" / "events").rglob("*.parquet"):
        days_within = {row["timestamp"].date() for row in pq.ParquetFile(path).read(["timestamp"]).to_pylist()}
        assert days_within == {date.fromisoformat(path.parent.name.removeprefix("date="))}


def micros(moment: Any) -> int:
    return read_time(moment.isoformat())


def test_every_session_is_what_the_truth_says(world: World) -> None:
    """By the contract's rules, computed from the events alone: the same sessions, classes, times and users."""
    figures = ("visitor_class", "session_start", "session_end", "total_events", "user_id")
    found = {row["session_id"]: tuple(row[name] for name in figures) for row in sessions(world.events())}
    truth = {
        row["session_id"]: (
            row["visitor_class"],
            micros(row["session_start"]),
            micros(row["session_end"]),
            row["total_events"],
            row["user_id"],
        )
        for row in world.rows("truth/sessions")
    }
    assert found == truth
    assert Counter(row[0] for row in truth.values()) == world.summary.sessions_by_class


def test_planted_fraud_fires_and_nothing_else_does(world: World) -> None:
    """Each rule fires for exactly the subjects that the truth names, at exactly the events that it names."""
    rows = [
        row | {"ts_us": micros(row["timestamp"]), "amount": int((row["amount"] or 0) * 100)}
        for row in world.rows("events")
    ]
    truth: dict[str, dict[str, set[str]]] = {}
    for episode in world.rows("truth/fraud"):
        truth.setdefault(episode["rule"], {})[episode["subject"]] = set(episode["event_ids"])
    assert firings(rows) == truth
    assert world.summary.fraud_by_rule == dict.fromkeys(truth, 3)
    times = {row["event_id"]: row["ts_us"] for row in rows}
    for episode in world.rows("truth/fraud"):
        behind = [times[event_id] for event_id in episode["event_ids"]]
        assert (read_time(episode["first"]), read_time(episode["last"])) == (min(behind), max(behind))


def test_the_checker_itself_tells_fraud() -> None:
    """Five events in a minute, inclusive, and four addresses in an hour fire; four, and three, do not."""
    row = {"is_bot": False, "name": "view", "user_id": "u", "visitor_id": None, "latitude": 1.0, "longitude": 1.0}
    quick = [row | {"event_id": str(n), "ts_us": n * 15_000_000, "ip": "a"} for n in range(5)]
    assert firings(quick) == {"HIGH_VELOCITY": {"u:u": {"0", "1", "2", "3", "4"}}}
    assert firings(quick[:4]) == {}
    many = [row | {"event_id": str(n), "ts_us": n * 1_200_000_000, "ip": str(n)} for n in range(4)]
    assert firings(many) == {"MULTIPLE_IP": {"u:u": {"0", "1", "2", "3"}}}
    assert firings(many[:3]) == {}


def test_customers_leave_and_come_when_the_truth_says(world: World) -> None:
    """Nobody does anything on or after the day of leaving, or before the one of joining; both do happen."""
    customers = {row["user_id"]: row for row in world.rows("truth/customers")}
    assert len(customers) == world.summary.customers
    assert sum(row["churned"] for row in customers.values()) == world.summary.churned > 10
    for row in world.rows("events"):
        customer = customers.get(row["user_id"])
        if customer is not None:
            day = row["timestamp"].date()
            assert customer["churned_on"] is None or day < customer["churned_on"]
            assert customer["joined_on"] is None or day >= customer["joined_on"]


def test_nobody_does_two_things_at_once(world: World) -> None:
    """The sessions of one user never overlap."""
    by_user: dict[str, list[tuple[int, int]]] = {}
    for row in world.rows("truth/sessions"):
        if row["user_id"] is not None:
            by_user.setdefault(row["user_id"], []).append((micros(row["session_start"]), micros(row["session_end"])))
    assert any(len(spans) > 5 for spans in by_user.values())
    for spans in by_user.values():
        assert all(early[1] < late[0] for early, late in pairwise(sorted(spans)))


def test_money_adds_up(world: World) -> None:
    """An order is worth its items, a refund what its order was, and came later; ordinary orders stay below 500."""
    orders: dict[str, dict[str, Any]] = {}
    for row in sorted(world.rows("events"), key=lambda row: row["timestamp"]):
        order = orders.setdefault(row["order_id"], {"items": Decimal(0)}) if row["order_id"] else {}
        if row["name"] == "purchase":
            order["amount"] = row["amount"]
        elif row["name"] == "order_item":
            order["items"] += row["price"] * row["quantity"]
        elif row["name"] == "refund":
            assert row["amount"] == order["amount"]
    assert all(order["items"] == order["amount"] for order in orders.values())
    assert len(orders) == world.summary.purchases > 100
    assert f"{sum(order['amount'] for order in orders.values())}" == world.summary.revenue
    assert (
        sum(order["amount"] >= 500 for order in orders.values()) == world.summary.fraud_by_rule["HIGH_VALUE_PURCHASE"]
    )


def test_it_looks_like_a_shop(shop: World) -> None:
    """Evenings are busier than nights, few products get most views, campaigns end, bots and reviews exist."""
    rows = shop.rows("events")
    hours = Counter(row["timestamp"].hour for row in rows if row["country"] in ("DE", "FR", "NL", "AT"))
    assert sum(hours[hour] for hour in (18, 19, 20)) > 5 * sum(hours[hour] for hour in (1, 2, 3))
    views = Counter(row["product_id"] for row in rows if row["name"] == "product_view").most_common()
    assert sum(count for _, count in views[: len(views) // 5]) > 0.4 * sum(count for _, count in views)
    sale = [row["timestamp"].day for row in rows if row["utm_campaign"] == "spring-sale"]
    assert 7 <= min(sale) <= max(sale) <= 8
    assert {row["value"] for row in rows if row["review_text"]} <= {1.0, 2.0, 3.0, 4.0, 5.0}
    assert 0.02 < shop.summary.bot_events / EVENTS < 0.05
    named = {row["product_id"]: row for row in shop.rows("catalog/products")}
    assert all(named[row["product_id"]]["price"] == row["price"] for row in rows if row["product_id"])


def test_the_summary_is_what_the_files_hold(shop: World) -> None:
    """Counted by DuckDB over the files."""
    said = json.loads((shop.folder / "summary.json").read_text())
    assert msgspec.convert(said, Summary) == shop.summary
    events = f"read_parquet('{shop.folder}/events/*/*.parquet')"
    names = asked(f"SELECT name, count(*) FROM {events} GROUP BY name")
    assert dict(names) == said["events_by_name"]
    [(bots, revenue, refunds)] = asked(
        "SELECT count(*) FILTER (is_bot), sum(amount) FILTER (name = 'purchase'),"
        f" coalesce(sum(amount) FILTER (name = 'refund'), 0) FROM {events}"
    )
    assert (bots, str(revenue), f"{refunds:.2f}") == (said["bot_events"], said["revenue"], said["refunds"])
    assert asked(f"SELECT count(*) FROM {events}") == [(said["events"],)]


def asked(question: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        return connection.execute(question).fetchall()


@pytest.mark.parametrize("form", [Form.CSV, Form.NDJSON])
def test_all_forms_hold_the_same(form: Form, tmp_path: Path) -> None:
    """The events as CSV or NDJSON are those of the Parquet files, value by value."""
    options = Options(customers=50, events=2_000, days=3)
    generate(tmp_path / "p", options)
    generate(tmp_path / "o", options, form=form)
    columns = (
        "event_id, name, epoch_us(timestamp), user_id, product_id, price::DECIMAL(12,2), amount::DECIMAL(12,2), value, "
    )
    columns += "latitude, is_bot, query, order_id, quantity, ip, referrer"
    read = {Form.CSV: "read_csv", Form.NDJSON: "read_json"}[form]
    names = {
        where: asked(f"SELECT {columns} FROM {how}('{tmp_path}/{where}/events/*/*') ORDER BY event_id")
        for where, how in (("p", "read_parquet"), ("o", read))
    }
    assert len(names["p"]) == 2_000
    assert names["o"] == names["p"]


@pytest.mark.parametrize("name", WORLDS)
def test_footfall_counts_the_same(name: str, tmp_path: Path) -> None:
    """After a real import: nothing rejected, and events, money, sessions and classes are those of the summary."""
    world = World(tmp_path / "w", Options(customers=100, events=4_000, days=4, world=name))
    data = tmp_path / "data"
    [outcome] = json.loads(done("import", tmp_path / "w" / "events", "--data", data, "--format", "json"))
    said = world.summary
    assert (outcome["read"], outcome["stored"], outcome["rejected"]) == (4_000, 4_000, said.rejected)
    assert ask(data, "SELECT name, count(*) AS n FROM events GROUP BY 1", "name") == said.events_by_name
    classes = ask(data, "SELECT visitor_class, count(*) AS n FROM sessions GROUP BY 1", "visitor_class")
    assert classes == {name: count for name, count in said.sessions_by_class.items() if count}
    money = "SELECT name, sum(amount_micros) AS n FROM events WHERE amount_micros IS NOT NULL GROUP BY 1"
    assert ask(data, money, "name")["purchase"] == int(Decimal(said.revenue) * 10**6)
    truth = {row["session_id"]: row["visitor_class"] for row in world.rows("truth/sessions")}
    assert ask(data, "SELECT session_id, visitor_class AS n FROM sessions", "session_id") == truth


def ask(data: Path, question: str, key: str) -> dict[str, Any]:
    return {row[key]: row["n"] for row in json.loads(done("sql", question, "--data", data, "--format", "json"))}


def test_memory_does_not_grow_with_the_world(tmp_path: Path) -> None:
    """Three times the events of a day need hardly more memory."""
    peaks = [peak_mb(tmp_path / str(events), events) for events in (200_000, 600_000)]
    assert peaks[1] < peaks[0] + 60, peaks


def peak_mb(folder: Path, events: int) -> float:
    code = (
        "import sys; from pathlib import Path; from footfall.generate.bulk import Options, generate;"
        "generate(Path(sys.argv[1]), Options(events=int(sys.argv[2]), days=1));"
        "print(Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])"
    )
    ran = subprocess.run([sys.executable, "-c", code, folder, str(events)], check=True, capture_output=True, text=True)
    return int(ran.stdout) / 1024


def test_a_folder_is_replaced_only_when_asked(tmp_path: Path) -> None:
    """A world stays unless forced; forced, nothing of the old one is left; what is no world is never touched."""
    options = Options(customers=10, events=100, days=3)
    generate(tmp_path / "w", options)
    with pytest.raises(Conflict, match="holds a generated world already; --force replaces it"):
        generate(tmp_path / "w", options)
    generate(tmp_path / "w", msgspec.structs.replace(options, days=1), force=True)
    assert [path.name for path in (tmp_path / "w" / "events").iterdir()] == ["date=2026-01-01"]
    (tmp_path / "w" / "thesis.txt").write_text("dear")
    with pytest.raises(Conflict, match=r"holds 'thesis\.txt', which is no part of a generated world"):
        generate(tmp_path / "w", options, force=True)
    with pytest.raises(Conflict, match="is a file; name a folder"):
        generate(tmp_path / "w" / "thesis.txt", options, force=True)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"events": 0}, "events is 0: it must be between 1 and"),
        ({"customers": -1}, "customers is -1"),
        ({"days": 10**6}, "days is 1,000,000"),
        ({"begin": date(1900, 1, 1)}, "the first day is 1900-01-01"),
        ({"world": "zoo"}, "there is no world 'zoo'; there are shop, leads"),
        ({"episodes": -1}, "episodes is -1"),
    ],
    ids=["events", "customers", "days", "begin", "world", "episodes"],
)
def test_what_no_world_can_be_made_of_is_said(wrong: dict[str, Any], said: str) -> None:
    """An option out of range is named, with the range."""
    with pytest.raises(BadRequest, match=said):
        Options(**wrong)


def test_draws_are_splitmix() -> None:
    """A draw is the published hash of its place, computed here with Python's whole numbers; they are even."""
    base = int.from_bytes(hashlib.blake2b(b"1/block/3/x", digest_size=8).digest(), "little")
    word = 2**64
    expected = []
    for k in range(1, 4):
        z = (base + k * 0x9E3779B97F4A7C15) % word
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % word
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % word
        expected.append((z ^ (z >> 31)) >> 1)
    draws = Draws(1, "block", 3)
    assert draws.bits("x", 3).tolist() == expected
    assert draws.bits("x", 9)[:3].tolist() == expected
    counts = np.bincount(draws.below("y", 10, 100_000))
    assert len(counts) == 10
    assert counts.min() > 9_600
    assert counts.max() < 10_400
