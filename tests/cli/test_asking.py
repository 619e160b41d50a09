"""The questions on the command line: pages that can be read, rows that can be counted, people behind numbers."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.terminal import Ran, done, footfall, serving
from tests.cli.test_everywhere import MAPPED, SHOP

pytestmark = pytest.mark.timeout(300)

RANGE = ("--from", "2025-11-01", "--before", "2025-11-08")
FUNNEL = ("funnel", "kind:view", "kind:cart", "kind:purchase")
QUESTIONS = {
    "trends": ("trends", *RANGE),
    "split trends": ("trends", "revenue", "--by", "product_category", "--beside", "before", *RANGE),
    "funnel": FUNNEL,
    "split funnel": (*FUNNEL, "--by", "class", "--unit", "day", *RANGE),
    "retention": ("retention", "--unit", "day", "--periods", "3", "--money", *RANGE),
    "paths": ("paths", "--over", "events"),
    "products": ("breakdown", "products"),
    "classes": ("breakdown", "classes"),
    "people": ("people", "--limit", "3"),
}


COMMANDS = [
    ("trends", "revenue", "--unit", "day", "--by", "class", *RANGE),
    ("trends", *RANGE, "--zone", "Europe/Berlin", "--people", ""),
    (*FUNNEL, "--within", "2h", "--by", "product_category"),
    (*FUNNEL, "--apart", "2"),
    ("retention", "--unit", "day", *RANGE, "--money"),
    ("paths", "--over", "events", "--start", "product_view", "--sessions"),
    ("breakdown", "pages", "--where", 'page_path starts with "/"'),
    ("breakdown", "products", "--sessions", "--zone", "Europe/Berlin", *RANGE),
    ("classes", "conversion", "--from", "2025-11-03", "--before", "2025-11-06"),
    ("people", "--sort", "revenue", "--limit", "5", "--zone", "Europe/Berlin"),
    ("funnel", "view", "--where", 'contry = "DE"'),
    ("breakdown", "shoes"),
    ("person", "u:nobody"),
]
"""What is asked with and without a server."""


@pytest.fixture(scope="module")
def alone(unserved: Path) -> dict[tuple[str, ...], Ran]:
    """What each command says while nobody owns the folder."""
    return {command: footfall(*command, "--data", unserved, "--format", "json") for command in COMMANDS}


@pytest.fixture(scope="module")
def unserved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demonstration's log."""
    made = tmp_path_factory.mktemp("data")
    (made / "footfall.toml").write_text("port = 0\n")
    done("import", SHOP, "--map", MAPPED, "--data", made)
    return made


@pytest.fixture(scope="module")
def folder(unserved: Path, alone: object) -> Iterator[Path]:
    """The same folder, owned by a server."""
    with serving(unserved):
        yield unserved


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_answer_is_the_same_without_a_server(
    command: tuple[str, ...], alone: dict[tuple[str, ...], Ran], folder: Path
) -> None:
    """To the letter, answers and refusals."""
    assert footfall(*command, "--data", folder, "--format", "json") == alone[command]


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_form_tells_the_same(folder: Path, name: str) -> None:
    """As many rows in CSV as in JSON's tables, and a page whose lines a terminal of 100 columns can hold."""
    command = (*QUESTIONS[name], "--data", folder)
    found = json.loads(done(*command, "--format", "json"))
    rows = list(csv.DictReader(io.StringIO(done(*command, "--format", "csv"))))
    page = done(*command)
    assert len(rows) == rows_of(QUESTIONS[name][0], found) > 0
    assert max(len(line.rstrip()) for line in page.splitlines()) <= 100
    assert "None" not in page
    if name != "people":
        assert found["definition"]["text"] in page
        assert re.search(rf"{found['noted']['events']:,} events of {found['noted']['people']:,} people", page)


def rows_of(question: str, found: object) -> int:
    """How many rows the JSON of an answer holds."""
    match found:
        case list():
            return len(found)
        case {"links": links}:
            return len(links)
        case {"rows": rows} if question == "trends":
            return sum(len(line["points"]) for line in rows)
        case {"rows": rows} if question == "funnel":
            return sum(len(part["steps"]) for part in rows)
        case {"rows": rows} if question == "retention":
            return sum(len(cohort["cells"]) for part in rows for cohort in part["cohorts"])
        case {"rows": rows}:
            return len(rows)
    raise AssertionError(found)


def test_the_people_behind_a_number(folder: Path) -> None:
    """As many as the number says, of every step of a funnel, those who dropped out included."""
    (part,) = json.loads(done(*FUNNEL, "--data", folder, "--format", "json"))["rows"]
    assert part["steps"][-1]["people"] > 0
    for step in part["steps"]:
        for place, number in (("", step["people"]), (",dropped", step["dropped"])):
            if number is not None:
                behind = ("--people", f"at={step['number']}{place}", "--data", folder)
                assert json.loads(done(*FUNNEL, *behind, "--format", "json"))["count"] == number
                assert f"\n{number:,} in all" in done(*FUNNEL, *behind) or number == 0


def test_a_person_is_told_whole(folder: Path) -> None:
    """Whoever the list names has a page: class, figures, sessions, events."""
    (first,) = json.loads(done("people", "--limit", "1", "--sort", "revenue", "--data", folder, "--format", "json"))
    page = done("person", first["who"], "--data", folder)
    for line in (
        rf"^person +{re.escape(first['who'])}$",
        rf"^class +.*{first['visitor_class']}$",
        "^Sessions$",
        "^Events$",
    ):
        assert re.search(line, page, re.MULTILINE), page


def test_a_person_is_exported_whole(folder: Path) -> None:
    """As CSV: every event, however many the page has, every session with its class, and the profile in a line."""
    (first,) = json.loads(done("people", "--limit", "1", "--sort", "events", "--data", folder, "--format", "json"))

    def exported(*options: str) -> list[dict[str, str]]:
        told = done("person", first["who"], *options, "--limit", "1", "--data", folder, "--format", "csv")
        return list(csv.DictReader(io.StringIO(told, newline="")))

    counting = json.loads(done("person", first["who"], "--limit", "1000", "--data", folder, "--format", "json"))
    assert [row["event_id"] for row in exported()] == [row["event_id"] for row in counting["events"]]
    for table in ("sessions", "classes"):
        assert len(exported("--table", table)) == first["sessions"]
    assert [row["who"] for row in exported("--table", "profile")] == [first["who"]]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("funnel", "view", "--where", 'contry = "DE"'), "where: in the filter, character 1"),
        (("trends", "--unit", "fortnight"), "unit: there is no 'fortnight'"),
        (("trends", "--last", "7d", "--from", "2025-11-01"), "--last says the time already"),
        (("funnel", "view", "--people", "att=1"), "did you mean 'at'?"),
        ((*FUNNEL, "--apart", "2", "--people", "at=2"), "--apart shows values"),
        (("person", "u:ann", "--format", "csv", "--table", "shoes"), "'profile', 'sessions', 'classes'"),
    ],
)
def test_errors_help(folder: Path, command: tuple[str, ...], said: str) -> None:
    """They name the option and the nearest right word."""
    ran = footfall(*command, "--data", folder)
    assert ran.code in {1, 2}
    assert said in ran.err
