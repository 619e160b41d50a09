"""`footfall.open`: the same answers as over HTTP and on the command line, as text, rows and Arrow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import footfall
from footfall.analysis.answer import Answer
from footfall.analysis.project import Project
from footfall.cli.client import listening_at
from footfall.errors import BadRequest, NotFound
from tests.cli.terminal import done, serving
from tests.cli.test_everywhere import MAPPED, SHOP

STEPS = ["kind:view", "kind:cart", "kind:purchase"]
SINCE, BEFORE = "2025-11-01", "2025-11-08"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demonstration's log."""
    made = tmp_path_factory.mktemp("data")
    (made / "footfall.toml").write_text("port = 0\n")
    done("import", SHOP, "--map", MAPPED, "--data", made)
    return made


@pytest.fixture(scope="module")
def shop(folder: Path) -> Iterator[Project]:
    with footfall.open(folder) as made:
        yield made


def answers(shop: Project) -> dict[str, Answer]:
    """One of each question."""
    return {
        "trends": shop.trends("sessions", since=date(2025, 11, 1), before=datetime(2025, 11, 8, tzinfo=UTC)),
        "funnel": shop.funnel(STEPS, within="2h", by="product_category"),
        "retention": shop.retention(unit="day", periods=2, since=SINCE, before=BEFORE, money=True),
        "paths": shop.paths(over="events", depth=2),
        "breakdown": shop.breakdown("products", top=3),
    }


def test_answers_print_and_give_rows(shop: Project) -> None:
    """A page that begins with the question, and as many rows in Arrow as in Python."""
    for name, answer in answers(shop).items():
        assert str(answer).startswith(answer.found["definition"]["text"]), name
        assert answer.arrow().num_rows == len(answer.rows) > 0, name
        assert answer.arrow().to_pylist()[0].keys() == answer.rows[0].keys(), name


def test_the_people_behind_a_number(shop: Project) -> None:
    """As many as the number says, each once."""
    funnel = shop.funnel(STEPS)
    (part,) = funnel.found["rows"]
    for step in part["steps"]:
        assert len(set(funnel.people(at=step["number"]))) == step["people"]
        if step["dropped"] is not None:
            assert len(funnel.people(at=step["number"], dropped=True)) == step["dropped"]


def test_people_and_sql(shop: Project) -> None:
    """Tables in Arrow; a person is found by the id that the list gives."""
    people = shop.people(sort="events", limit=3)
    assert people.num_rows == 3
    first = people.to_pylist()[0]
    whole = shop.person(first["who"])
    assert whole["person"] == first
    assert shop.person_csv(first["who"], "classes").count("\n") == 1 + len(whole["sessions"])
    assert shop.person_csv(first["who"]).count("\n") == 1 + len(whole["events"])
    assert shop.sql("SELECT count(*) AS n FROM events").to_pylist() == [{"n": 471}]
    assert shop.sql("SELECT name FROM events WHERE false").num_rows == 0


def test_a_server_is_asked_by_its_url_or_through_its_folder(folder: Path, shop: Project) -> None:
    """The same answer to the letter, and to that of the command."""
    shop.close()
    with serving(folder):
        url, token = listening_at(folder), (folder / "admin-token").read_text().strip()
        assert url is not None
        with footfall.open(url, token=token) as remote, footfall.open(folder) as served:
            found = remote.funnel(STEPS).found
            assert served.funnel(STEPS).found == found
            assert json.loads(done("funnel", *STEPS, "--data", folder, "--format", "json")) == found


def test_what_can_not_be_opened(tmp_path: Path) -> None:
    """The error says what to do."""
    with pytest.raises(NotFound, match="footfall serve"):
        footfall.open(tmp_path / "nothing")
    with pytest.raises(BadRequest, match="token"):
        footfall.open("http://127.0.0.1:1")
