"""Breakdowns and people over HTTP from a real node: figures, who stands behind each, errors that help."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from footfall.events.time import write_time
from tests.api.client import Client
from tests.api.shop import MINUTE_US, START_US, Shop, open_shop, visit

DIMENSIONS = ["pages", "products", "categories", "channels", "countries", "devices", "classes"]
COUNTING = {
    "pages": ["people", "sessions", "entries", "exits", "bounces", "conversions"],
    "products": ["viewers", "carters", "buyers"],
    "categories": ["viewers", "carters", "buyers"],
}
OF_SESSIONS = ["sessions", "people", "bounces", "conversions"]


def page_view(who: str, minute: int, **fields: object) -> dict[str, Any]:
    """A page seen by a visitor."""
    when = write_time(START_US + minute * MINUTE_US)
    return {"name": "page_view", "visitor_id": who, "timestamp": when, "event_id": f"{who} saw {minute}", **fields}


EVENTS = [
    *visit("ann", begins=0, views=6, carts=1),
    *visit("bob", begins=0, views=2, carts=1, bought=["19.99"]),
    page_view("cleo", 5, page_path="/tea", country="DE", device="mobile", channel="paid"),
    page_view("cleo", 6, page_path="/", country="DE", device="mobile", channel="direct"),
    page_view("dan", 7, page_path="/tea", country="FR", channel="organic"),
    page_view("crawler", 9, page_path="/tea", is_bot=True),
    {**page_view("eve", 10), "name": "identify", "user_id": "eve", "properties": {"plan": "free", "age": 33}},
    {**page_view("eve", 11), "name": "identify", "user_id": "eve", "properties": {"plan": "pro"}},
    page_view("eve", 12, page_path="/tea"),
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("shop")) as made:
        yield made


@pytest.fixture(scope="module")
def client(shop: Shop) -> Iterator[Client]:
    offset = shop.send(EVENTS)
    with shop.client() as made:
        assert made.get("/v1/report/events", after=offset).status_code == 200
        yield made


def test_pages(client: Client) -> None:
    """Views, where sessions began and ended, what they were worth; bots are told apart."""
    found = client.get("/v1/breakdown/pages").json()
    rows = {row["value"]: row for row in found["rows"]}
    assert list(rows) == ["/tea", "/"]
    tea = rows["/tea"]
    assert (tea["views"], tea["people"], tea["entries"], tea["exits"], tea["bounces"]) == (3, 3, 3, 2, 2)
    assert (tea["share"], tea["exit_rate"]) == (75, pytest.approx(200 / 3))
    assert found["total"]["views"] == 4
    assert found["noted"]["bot_events"] == 1
    assert found["definition"]["question"]["dimension"] == "pages"


def test_products(client: Client) -> None:
    """Looked at, put into carts, bought, and for how much."""
    found = client.get("/v1/breakdown/products").json()
    assert found["rows"][0]["value"] == "product 0"
    assert (found["rows"][0]["purchases"], found["rows"][0]["revenue"], found["rows"][0]["buyers"]) == (1, "19.99", 1)
    assert (found["total"]["views"], found["total"]["carts"], found["total"]["viewers"]) == (8, 2, 2)
    assert found["currency"] == "EUR"


def test_channels(client: Client) -> None:
    """A session stands under the first channel that is known of it."""
    rows = client.get("/v1/breakdown/channels").json()["rows"]
    assert {row["value"]: row["sessions"] for row in rows} == {None: 3, "organic": 1, "paid": 1}


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_the_people_behind_every_number(client: Client, dimension: str) -> None:
    """Their count is the number, of every row and of the total, page by page."""
    found = client.get(f"/v1/breakdown/{dimension}").json()
    path = f"/v1/breakdown/{dimension}/people"
    assert found["people"]["path"] == path
    for row in (*found["rows"], found["total"]):
        for figure in COUNTING.get(dimension, OF_SESSIONS):
            cell: dict[str, object] = {"figure": figure}
            if row is not found["total"]:
                cell |= {"unknown": True} if row["value"] is None else {"value": row["value"]}
            behind = client.get(path, **cell).json()
            assert behind["count"] == len(behind["items"]) == row[figure], (row["value"], figure)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/v1/breakdown/page", "did you mean 'pages'?"),
        ("/v1/breakdown/pages?where=contry=%22DE%22", "did you mean 'country'?"),
        ("/v1/breakdown/pages?form=2026-01-01", "did you mean 'from'?"),
        ("/v1/breakdown/pages?zone=Mars/Base", "zone"),
        ("/v1/breakdown/products/people?figure=revenue", "viewers, carters, buyers"),
        ("/v1/breakdown/pages/people?figure=people&other=true", "other"),
        ("/v1/people?sort=money", "sort"),
        ("/v1/people/u:nobody", "GET /v1/people lists them"),
        ("/v1/people/u:nobody/classes.csv", "GET /v1/people lists them"),
    ],
)
def test_errors_help(client: Client, path: str, said: str) -> None:
    """What was wrong, where, and the nearest right word."""
    answer = client.ask("GET", path)
    assert answer.status_code in {400, 404}
    assert said in answer.json()["detail"]


def test_people(client: Client) -> None:
    """Searched, sorted, by class, and page by page."""
    found = client.get("/v1/people", sort="events").json()
    assert [(row["who"], row["events"]) for row in found["items"]][:2] == [("u:user of ann", 7), ("u:user of bob", 4)]
    assert found["items"][1]["revenue"] == "19.99"
    assert [row["who"] for row in client.get("/v1/people", search="CLEO").json()["items"]] == ["v:cleo"]
    first = client.get("/v1/people", limit=2).json()
    second = client.get("/v1/people", limit=9, cursor=first["next"]).json()
    everybody = [row["who"] for row in client.get("/v1/people").json()["items"]]
    assert [row["who"] for row in first["items"] + second["items"]] == everybody
    assert len(everybody) == len(set(everybody)) == 5


def test_a_person(client: Client) -> None:
    """Ids that are joined, the newest traits, sessions with their class and why it is that, and the time line."""
    found = client.get("/v1/people/u:eve").json()
    assert [(known["kind"], known["id"]) for known in found["ids"]] == [("user", "eve"), ("visitor", "eve")]
    assert found["traits"] == {"plan": "pro", "age": 33}
    assert [event["name"] for event in found["events"]] == ["page_view", "identify", "identify"]
    assert [session["visitor_class"] for session in found["sessions"]] == ["browser"]
    assert found["why"] == ["session_duration_minutes ≥ 1 (2)"]
    assert found["person"]["events"] == 1
    older = client.get("/v1/people/u:eve", limit=1).json()
    assert client.get("/v1/people/u:eve", limit=9, cursor=older["next"]).json()["events"] == found["events"][1:]


def table(client: Client, path: str, **parameters: object) -> list[dict[str, str]]:
    """The lines of a CSV, by their heading."""
    answer = client.get(path, **parameters)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def test_people_as_csv(client: Client) -> None:
    """Everybody whom the list finds, in its order."""
    wanted = client.get("/v1/people", sort="revenue", search="user").json()["items"]
    assert len(wanted) > 1
    found = table(client, "/v1/people.csv", sort="revenue", search="user")
    assert found == [{name: str(value) for name, value in row.items()} for row in wanted]


def test_a_person_as_csv(client: Client) -> None:
    """The profile in a line, the sessions, their classes the oldest first, and the time line, as JSON tells them."""
    whole = client.get("/v1/people/u:user of ann").json()
    (profile,) = table(client, "/v1/people/u:user of ann/profile.csv")
    sessions, classes, events = (
        table(client, f"/v1/people/u:user of ann/{name}.csv") for name in ("sessions", "classes", "events")
    )
    assert profile["who"] == "u:user of ann"
    assert json.loads(profile["why"]) == whole["why"]
    assert json.loads(profile["ids"]) == whole["ids"]
    assert [row["session_id"] for row in sessions] == [row["session_id"] for row in whole["sessions"]]
    assert [(row["session_id"], row["visitor_class"]) for row in reversed(classes)] == [
        (row["session_id"], row["visitor_class"]) for row in whole["sessions"]
    ]
    assert [(row["event_id"], row["name"]) for row in events] == [
        (row["event_id"], row["name"]) for row in whole["events"]
    ]
    assert (len(sessions), len(events)) == (len(whole["sessions"]), 7)


def test_a_table_that_there_is_not_is_refused(client: Client) -> None:
    """With those that there are."""
    answer = client.ask("GET", "/v1/people/u:eve/everything.csv")
    assert answer.status_code == 422
    assert "profile" in answer.text


def test_what_is_too_much_for_a_table_is_refused(tmp_path: Path) -> None:
    """It is never cut off: more than `query_rows` people, sessions or events give none."""
    with open_shop(tmp_path / "data", query_rows=2) as shop:
        shop.send([event for begins in (0, 100, 200) for event in visit("ann", begins=begins, views=1)])
        offset = shop.send([event for who in ("bob", "cleo") for event in visit(who, begins=0, views=1)])
        with shop.client() as asking:
            for path in ("people.csv", *(f"people/u:user of ann/{name}.csv" for name in ("events", "sessions"))):
                answer = asking.ask("GET", f"/v1/{path}?after={offset}")
                assert (answer.status_code, answer.json()["code"]) == (422, "query-limit"), path
