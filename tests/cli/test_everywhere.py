"""Every command gives the same answer while a server owns the folder and when none does."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.terminal import Ran, done, footfall, serving

pytestmark = pytest.mark.timeout(300)
Answers = dict[tuple[str, ...], Ran]

SHOP = Path(__file__).parent / "shop.csv"
MAPPED = (
    "time=timestamp,event=name,visitor=visitor_id,user=user_id,page=page_path,product=product_id,"
    "category=product_category,order=order_id"
)

READING = [
    ("sessions",),
    ("sessions", "--class", "power_user", "--class", "engaged_shopper", "--sort", "-total_events", "--limit", "5"),
    ("sessions", "--purchase", "--sort", "total_amount"),
    ("sessions", "--user", "u-v21"),
    ("sessions", "--owner", "v:v21", "--from", "2025-11-03", "--before", "2025-11-04T00:00:00Z"),
    ("sessions", "--at-least", "total_amount:10", "--at-most", "total_events:60", "--at-least", "page_count:1"),
    ("classes", "distribution"),
    ("classes", "conversion"),
    ("sql", "SELECT name, count(*) AS events FROM events GROUP BY name ORDER BY name"),
    ("sql", "SELECT session_id, total_events, engagement_rate FROM sessions ORDER BY session_id LIMIT 7"),
    ("sql", "SELECT source, line, reason, detail FROM rejected"),
    ("rejected", "list"),
    ("rejected", "list", "--reason", "not-an-object"),
    ("report",),
    ("alerts",),
    ("config",),
    ("projects", "list"),
    ("keys", "list"),
    ("tokens", "list"),
]
NOTHING = [("rejected", "list", "--reason", "not-an-object"), ("alerts",)]
"""Imports raise no alerts."""
FAILING = [
    ("session", "s:nobody"),
    ("rejected", "show", "nothing"),
    ("sql", "SELECT * FROM read_csv('/etc/passwd')"),
    ("sql", "DROP TABLE events"),
    ("sessions", "--sort", "beauty"),
    ("sessions", "--project", "elsewhere"),
    ("keys", "revoke", "key_unknown"),
    ("tokens", "revoke", "token_unknown"),
    ("projects", "create", "default"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demonstration's log, and one row that has no time."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "footfall.toml").write_text("port = 0\n")
    log = tmp_path_factory.mktemp("log") / "shop.csv"
    log.write_text(SHOP.read_text() + "yesterday,page_view,v1,,/,,,,,,\n")
    done("import", log, "--map", MAPPED, "--data", folder)
    return folder


@pytest.fixture(scope="module")
def alone(folder: Path) -> Answers:
    """What each command says while nobody owns the folder."""
    return {command: footfall(*command, "--data", folder) for command in [*map(as_json, READING), *FAILING]}


@pytest.fixture(scope="module")
def served(folder: Path, alone: Answers) -> Iterator[Path]:
    """The same folder, owned by a server."""
    with serving(folder):
        yield folder


def as_json(command: tuple[str, ...]) -> tuple[str, ...]:
    return (*command, "--format", "json")


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_reading(command: tuple[str, ...], alone: Answers, served: Path) -> None:
    """The same answer to the letter, with every field."""
    ran = footfall(*as_json(command), "--data", served)
    assert ran == alone[as_json(command)]
    assert ran.code == 0
    assert json.loads(ran.out) or command in NOTHING


@pytest.mark.parametrize("command", [command for command in READING if command != ("report",)], ids=" ".join)
def test_tables_and_csv(command: tuple[str, ...], served: Path) -> None:
    """CSV has a row for each item of the JSON; tables are no dumps: aligned, without braces or nulls."""
    items = json.loads(done(*as_json(command), "--data", served))
    header, *rows = csv.reader(io.StringIO(done(*command, "--format", "csv", "--data", served)))
    assert len(rows) == len(items)
    assert all(len(row) == len(header) for row in rows)
    table = done(*command, "--data", served)
    assert not set(table) & set("{}")
    assert "None" not in table
    assert "null" not in table


@pytest.mark.parametrize("command", FAILING, ids=" ".join)
def test_failing(command: tuple[str, ...], alone: Answers, served: Path) -> None:
    """The same refusal in one line, without a traceback, and exit code 1."""
    ran = footfall(*command, "--data", served)
    assert ran == alone[command]
    assert ran.code == 1
    assert ran.out == ""
    assert ran.err.startswith("footfall: ")
    assert ran.err.count("\n") == 1
