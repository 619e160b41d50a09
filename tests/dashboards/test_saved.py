"""Saved questions and dashboards over HTTP: checked as the question's own route checks, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from footfall.api.app import assemble
from footfall.node.node import Node
from footfall.settings import Settings
from footfall.store.access import Role
from tests.api.client import Client
from tests.api.shop import Shop, open_shop

FUNNEL: dict[str, Any] = {
    "name": "Checkout",
    "kind": "funnel",
    "params": {"step": ["product_view", "purchase"], "within": "2d"},
}
REVENUE: dict[str, Any] = {"name": "Revenue", "kind": "trends", "params": {"figure": "revenue", "unit": "week"}}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("shop")) as made:
        yield made


@pytest.fixture
def client(shop: Shop, request: pytest.FixtureRequest) -> Iterator[Client]:
    """An admin of a project that nobody else uses."""
    name = f"p{abs(hash(request.node.name))}"
    shop.node.store.create_project(name)
    _, token = shop.node.store.create_token("t", Role.ADMIN, project_id=name)
    with shop.client(token) as made:
        yield made


def definitions(client: Client) -> Any:
    return client.get("/v1/definitions").json()


def test_a_question_is_saved_changed_and_removed(client: Client) -> None:
    """Its id is made of its name, another one of the same name gets another; what is gone is not found."""
    made = client.post("/v1/questions", FUNNEL)
    assert (made.status_code, made.json()) == (201, {"id": "checkout", **FUNNEL})
    assert client.post("/v1/questions", FUNNEL).json()["id"] == "checkout-2"
    assert client.post("/v1/questions", {**FUNNEL, "id": "checkout"}).status_code == 409
    changed = client.ask("PUT", "/v1/questions/checkout", json={**FUNNEL, "name": "Way to buy"})
    assert changed.json()["name"] == "Way to buy"
    assert [item["id"] for item in client.get("/v1/questions").json()["items"]] == ["checkout", "checkout-2"]
    assert client.ask("DELETE", "/v1/questions/checkout-2").status_code == 204
    assert client.get("/v1/questions/checkout-2").status_code == 404
    assert client.ask("DELETE", "/v1/questions/checkout-2").status_code == 404


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("trends", {"figure": "revenu"}),
        ("trends", {"unitt": "day"}),
        ("trends", {"where": "country = "}),
        ("trends", {"zone": "Europe/Nowhere"}),
        ("funnel", {"step": ["product_view"], "within": "7x"}),
        ("retention", {"split": "colour of nothing["}),
        ("paths", {"over": "page"}),
        ("breakdown", {"dimension": "product"}),
    ],
    ids=str,
)
def test_a_question_is_refused_for_what_its_route_refuses(client: Client, kind: str, params: dict[str, Any]) -> None:
    """In the same words."""
    refused = client.post("/v1/questions", {"name": "x", "kind": kind, "params": params})
    asked = dict(params)
    of = f"/{asked.pop('dimension')}" if kind == "breakdown" else ""
    said = client.ask("GET", f"/v1/{kind}{of}", params=asked).json()["detail"]
    assert refused.status_code == 400
    assert refused.json()["detail"] == f"question: {said}"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"name": "x", "kind": "trends", "params": {"project": "other"}}, "without 'project'"),
        ({"name": "x", "kind": "trends", "params": {"after": 7}}, "without 'after'"),
        ({"name": "x", "kind": "breakdown", "params": {}}, "dimension"),
        ({"name": "x", "kind": "paths", "params": {"depth": "deep"}}, "depth: "),
        ({"name": "", "kind": "paths", "params": {}}, "name"),
    ],
    ids=["project", "after", "dimension", "number", "name"],
)
def test_what_is_no_question_is_refused(client: Client, content: dict[str, Any], says: str) -> None:
    """With what is wrong; nothing is kept."""
    refused = client.post("/v1/questions", content)
    assert (refused.status_code, says in refused.json()["detail"]) == (400, True)
    assert client.get("/v1/questions").json()["items"] == []


def test_a_relative_range_goes_with_the_days_of_the_projects_zone(client: Client, shop: Shop) -> None:
    """Kept as it was said; asked, it begins with a day of the zone that the project has by then."""
    made = client.post("/v1/questions", {"name": "w", "kind": "trends", "params": {"last": "7d", "figure": "people"}})
    assert made.json()["params"] == {"last": "7d", "figure": "people"}
    for zone in ("UTC", "Pacific/Auckland"):
        name = client.get("/v1/me").json()["project"]
        with shop.client() as admin:
            assert admin.ask("PATCH", f"/v1/projects/{name}", json={"zone": zone}).status_code == 200
        asked = client.get("/v1/trends", **made.json()["params"]).json()
        points = asked["rows"][0]["points"] if asked["rows"] else []
        begin = datetime.fromtimestamp(asked["definition"]["question"]["scope"]["from_us"] / 1e6, ZoneInfo(zone))
        today = datetime.now(ZoneInfo(zone)).date()
        assert begin.timetz() == time(tzinfo=ZoneInfo(zone))
        assert (today - begin.date()).days in (6, 7), points  # midnight may have passed in between


def test_a_relative_range_stands_alone(client: Client) -> None:
    """With the ends of a range it would be said twice; what is no time is refused with an example."""
    for params, says in (({"last": "7d", "from": "2026-01-01"}, "leave out from"), ({"last": "a week"}, "such as 24h")):
        refused = client.post("/v1/questions", {"name": "x", "kind": "paths", "params": params})
        assert (refused.status_code, says in refused.json()["detail"]) == (400, True), refused.text


def test_numbers_are_kept_as_numbers(client: Client) -> None:
    """As the route reads them, so that what a page sends as text and a file says as a number are the same."""
    texts = {"depth": "3", "over": "events"}
    numbers = {"over": "events", "depth": 3}
    made = [client.post("/v1/questions", {"name": "w", "kind": "paths", "params": one}) for one in (texts, numbers)]
    assert [one.json()["params"] for one in made] == [numbers, numbers]


def test_a_dashboard_keeps_its_tiles_in_order(client: Client) -> None:
    """Saved questions and its own; a question that it shows can't be removed."""
    client.post("/v1/questions", FUNNEL)
    own = {"kind": "breakdown", "params": {"dimension": "pages", "top": 5}}
    tiles = [{"title": "Pages", "ask": own, "width": 12, "form": "table"}, {"question": "checkout"}]
    made = client.post("/v1/dashboards", {"name": "Every week", "tiles": tiles})
    assert made.status_code == 201, made.text
    shown = client.get("/v1/dashboards/every-week").json()
    assert shown == made.json()
    assert [tile["question"] for tile in shown["tiles"]] == [None, "checkout"]
    assert shown["tiles"][0]["ask"] == own
    turned = client.ask("PUT", "/v1/dashboards/every-week", json={"name": "Weekly", "tiles": tiles[::-1]}).json()
    assert [tile["width"] for tile in turned["tiles"]] == [6, 12]
    refused = client.ask("DELETE", "/v1/questions/checkout")
    assert (refused.status_code, "'every-week' shows" in refused.json()["detail"]) == (409, True)
    assert client.ask("DELETE", "/v1/dashboards/every-week").status_code == 204
    assert client.ask("DELETE", "/v1/questions/checkout").status_code == 204


def test_definitions_are_put_as_a_whole(client: Client) -> None:
    """Told before it is done, done once, and nothing the second time; what is not named stays unless it is pruned."""
    book = {
        "questions": {"checkout": FUNNEL, "revenue": REVENUE},
        "dashboards": {"weekly": {"name": "Weekly", "tiles": [{"question": "revenue"}]}},
    }
    told = client.ask("PUT", "/v1/definitions?only_told=true", json=book).json()
    assert (told["done"], [(one["verb"], one["id"]) for one in told["items"]]) == (
        False,
        [("add", "checkout"), ("add", "revenue"), ("add", "weekly")],
    )
    assert definitions(client) == {"questions": {}, "dashboards": {}}
    assert client.ask("PUT", "/v1/definitions", json=book).json()["items"] == told["items"]
    before = definitions(client)
    assert client.ask("PUT", "/v1/definitions", json=before).json()["items"] == []
    less = {"questions": {"revenue": REVENUE}}
    assert client.ask("PUT", "/v1/definitions", json=less).json()["items"] == []
    pruned = client.ask("PUT", "/v1/definitions?prune=true", json=less).json()
    assert [(one["verb"], one["id"]) for one in pruned["items"]] == [("remove", "checkout"), ("remove", "weekly")]
    assert set(definitions(client)["questions"]) == {"revenue"}


def test_definitions_with_one_fault_change_nothing(client: Client) -> None:
    """All or none."""
    book = {"questions": {"a": REVENUE}, "dashboards": {"w": {"name": "W", "tiles": [{"question": "b"}]}}}
    refused = client.ask("PUT", "/v1/definitions", json=book)
    assert (refused.status_code, "did you mean 'a'" in refused.json()["detail"] or refused.text) == (400, refused.text)
    assert definitions(client) == {"questions": {}, "dashboards": {}}


def test_half_a_character_is_refused(client: Client) -> None:
    """In JSON it can be written, but nobody could be shown it."""
    half = b'{"questions": {"a": {"name": "x", "kind": "trends", "params": {"where": "\\ud800"}}}}'
    refused = client.ask("PUT", "/v1/definitions", content=half, headers={"Content-Type": "application/json"})
    assert (refused.status_code, "half a character" in refused.text) == (400, True), refused.text


def test_what_was_saved_outlives_a_restart(tmp_path: Path) -> None:
    """It stands in the control database."""
    with open_shop(tmp_path) as shop, shop.client() as client:
        client.post("/v1/questions", REVENUE)
        before, token = definitions(client), shop.admin
    with closing(Node.open(tmp_path, Settings())) as node, Client(assemble(node), token) as client:
        assert definitions(client) == before
