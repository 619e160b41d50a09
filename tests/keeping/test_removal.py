"""Days past a project's limit are removed from everything; what is left is as if they had never been."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from footfall.events.time import DAY_US, write_time
from footfall.node import upkeep
from tests.api.shop import Shop, open_shop
from tests.cli.terminal import done
from tests.crash.server import until

NOW_US = time.time_ns() // 1000
TODAY_US = NOW_US // DAY_US * DAY_US
MINUTE_US = 60_000_000


def event(days_ago: int, minute: int, who: str, **fields: object) -> dict[str, Any]:
    """An event so many days before today, so many minutes after that day's begin."""
    at = TODAY_US - days_ago * DAY_US + minute * MINUTE_US
    return {"name": "page_view", "timestamp": write_time(at), "event_id": f"{days_ago}/{minute}/{who}", **fields}


EVENTS = [
    *(event(40, n, "ann", user_id="ann", visitor_id="laptop") for n in range(3)),
    *(event(31, 1430 + 5 * n, "cem", visitor_id="phone") for n in range(4)),  # over midnight, into what is kept
    event(20, 0, "laptop", visitor_id="laptop"),
    event(20, 0, "dan", user_id="dan"),
    event(19, 0, "laptop", visitor_id="laptop"),
    event(19, 0, "dan", user_id="dan"),
]
REMOVED = 5


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """A shop whose events are in the lake, and whose upkeep is always due."""
    monkeypatch.setattr(upkeep, "_FORGET_SECONDS", 0.1)
    with open_shop(tmp_path / "data", lake_commit_seconds=0.1) as made:
        made.send(EVENTS)
        with made.client() as client:
            count = {"sql": "SELECT count(*) FROM events"}
            until(lambda: client.post("/v1/sql", count).json()["rows"] == [[len(EVENTS)]], 30)
        yield made


def retention(shop: Shop) -> list[dict[str, Any]]:
    """Cohorts by day of the last 25 days, as the API tells them."""
    begins = write_time(TODAY_US - 25 * DAY_US)
    with shop.client() as client:
        found = client.get("/v1/retention", unit="day", periods=2, **{"from": begins}).json()
    rows: list[dict[str, Any]] = found["rows"]
    return rows


def forget(shop: Shop, days: int) -> dict[str, Any]:
    """Keep so many days alone, and wait until the rest is gone."""
    with shop.client() as client:
        assert client.ask("PUT", "/v1/keeping", json={"days": days}).status_code == 200
        until(lambda: client.get("/v1/keeping").json()["removed"] is not None, 60)
        found: dict[str, Any] = client.get("/v1/keeping").json()
    return found


def sql(shop: Shop, text: str) -> list[list[Any]]:
    """The rows of a SELECT."""
    with shop.client() as client:
        answer = client.post("/v1/sql", {"sql": text})
    assert answer.status_code == 200, answer.text
    rows: list[list[Any]] = answer.json()["rows"]
    return rows


def test_whole_days_go_and_what_is_left_is_right(shop: Shop) -> None:
    """Events, sessions and files of the days are gone; a session over the limit begins with what is left of it.

    Cohorts are the same, for those who were there before are remembered, also as the visitors that they were.
    """
    before = retention(shop)
    found = forget(shop, 30)
    assert (found["days"], found["own"]) == (30, 30)
    assert found["removed"]["events"] == REMOVED
    assert found["removed"]["sessions"] > 0
    assert found["kept_from"] == found["removed"]["before"] == write_time(TODAY_US - 30 * DAY_US)[:10]
    border = TODAY_US - 30 * DAY_US
    assert sql(shop, f"SELECT count(*) FROM events WHERE ts_us < {border}") == [[0]]
    assert sql(shop, f"SELECT count(*) FROM sessions WHERE session_start < {border}") == [[0]]
    assert sql(shop, "SELECT session_start, total_events FROM sessions WHERE owner = 'v:phone'") == [[border, 2]]
    assert sql(shop, "SELECT name, visitor_id, user_id FROM first_events ORDER BY ts_us") == [
        ["page_view", "laptop", "ann"],
        ["page_view", "phone", None],
    ]
    assert retention(shop) == before
    with shop.client() as client:
        assert client.get("/v1/people/u:ann").json()["person"]["events"] == 2
    assert shop.node.rebuild().agreed


def test_questions_over_the_index_agree_with_their_definitions(shop: Shop) -> None:
    """Who is who is remembered for both, though the index holds no event of the days that went."""
    from footfall.engines.duckdb import Tables
    from footfall.metrics.asked import Ground, Scope
    from footfall.metrics.calendar import Unit
    from footfall.metrics.trends import Figure, Question, answer

    forget(shop, 30)
    with shop.node.read("default") as tables:
        assert isinstance(tables, Tables)
        whole = tables.whole
        assert whole is not None
        assert whole.is_cut
        scope = Scope(from_us=TODAY_US - 25 * DAY_US, before_us=TODAY_US)
        question = Question(scope=scope, unit=Unit.DAY, figure=Figure.PEOPLE)
        ground = Ground(tables.events, tables.sessions, shop.node.settings.taxonomy, NOW_US, tables.first_events)
        quick = shop.node.answers.of(whole, question, now_us=NOW_US)
        assert quick is not None
        for mine, theirs in zip(quick, answer(ground, question), strict=True):
            if mine is not None:
                assert tables.run(mine).to_pylist() == tables.run(theirs).to_pylist()


def test_a_person_of_whom_only_the_first_events_are_left_is_erased(shop: Shop) -> None:
    """Someone of whom only that is known can be found, exported and erased."""
    forget(shop, 15)
    with shop.client() as client:
        lines = client.get("/v1/people/v:phone/export").text
        assert '"kind":"first_event"' in lines
        asked = client.ask("DELETE", "/v1/people/v:phone").json()["erasure_id"]
        until(lambda: client.get(f"/v1/erasures/{asked}").json()["state"] == "done", 60)
    assert sql(shop, "SELECT count(*) FROM first_events WHERE visitor_id = 'phone'") == [[0]]
    assert sql(shop, "SELECT count(*) FROM first_events WHERE user_id = 'ann'") == [[1]]


def test_a_project_without_a_limit_keeps_all(tmp_path: Path) -> None:
    """The setting holds for all projects but those that have their own; 0 is for ever."""
    with open_shop(tmp_path / "data", keep_days=30) as shop, shop.client() as client:
        assert client.get("/v1/keeping").json()["days"] == 30
        assert client.ask("PUT", "/v1/keeping", json={"days": 0}).json()["kept_from"] is None
        assert shop.node.kept_from("default") is None
        assert client.ask("PUT", "/v1/keeping", json={"days": None}).json()["days"] == 30
        assert client.ask("PUT", "/v1/keeping", json={"days": -1}).status_code == 422


def test_only_who_may_erase_may_shorten(shop: Shop) -> None:
    """A reader sees the limit, and can't change it."""
    from footfall.store.access import Role

    _, secret = shop.node.store.create_token("r", Role.READER)
    with shop.client(secret) as client:
        assert client.get("/v1/keeping").status_code == 200
        assert client.ask("PUT", "/v1/keeping", json={"days": 1}).status_code == 403


def test_rows_of_files_past_the_limit_are_refused_and_told_of(tmp_path: Path) -> None:
    """An import of old orders does not vanish: each row is counted as rejected, with its day and the limit."""
    data = ("--data", tmp_path / "data")
    file = tmp_path / "orders.csv"
    recent = write_time(NOW_US - DAY_US)
    file.write_text(f"event_id,name,ts,user_id\na,purchase,2019-10-01T00:00:00Z,ann\nb,purchase,{recent},ann\n")
    done("projects", "list", *data)
    done("keep", "--days", "400", "--yes", *data)
    said = done("import", file, "--map", "ts=timestamp", *data)
    assert "rejected" in said
    assert done("sql", "SELECT event_id FROM events", "--format", "csv", *data).split() == ["event_id", "b"]
    (row,) = done("sql", "SELECT reason, detail, body FROM rejected", "--format", "csv", *data).splitlines()[1:]
    assert row.startswith("not-kept,")
    assert "2019-10-01" in row
    assert "400 days" in row
    assert "400 days" in done("keep", *data)
