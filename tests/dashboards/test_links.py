"""Links: what whoever has one sees, for how long, and that its secret opens nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import text

from footfall.dashboards import Dashboards, Links
from footfall.dashboards.models import Kind, SavedQuestion, What
from footfall.errors import NotFound
from footfall.store.guard import COOKIE
from tests.api.client import Client
from tests.api.shop import Shop, open_shop, visit

TILES: list[dict[str, Any]] = [
    {"title": "Funnel", "ask": {"kind": "funnel", "params": {"step": ["product_view", "add_to_cart"]}}},
    {"title": "Products", "ask": {"kind": "breakdown", "params": {"dimension": "products"}}, "form": "table"},
    {"title": "Events", "ask": {"kind": "trends", "params": {"from": "2026-01-05", "before": "2026-01-06"}}},
    {"title": "Back", "ask": {"kind": "retention", "params": {"from": "2026-01-05", "before": "2026-01-06"}}},
    {"title": "Ways", "ask": {"kind": "paths", "params": {"over": "events"}}},
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("shop")) as made, made.client() as client:
        client.get("/v1/sessions", after=made.send(visit("ann", begins=0, views=3, carts=1)))
        assert client.post("/v1/dashboards", {"id": "weekly", "name": "Weekly", "tiles": TILES}).status_code == 201
        yield made


def share(shop: Shop, **other: object) -> dict[str, Any]:
    with shop.client() as client:
        made = client.post("/v1/links", {"what": "dashboard", "id": "weekly", **other})
    assert made.status_code == 201, made.text
    link: dict[str, Any] = made.json()
    return link


def test_whoever_has_a_link_sees_what_it_shows(shop: Shop) -> None:
    """Every tile's answer is the one that its own route gives to those who may read everything."""
    path = f"/v1/shared/{share(shop)['secret']}"
    with Client(shop.app) as stranger, shop.client() as reader:
        shown = stranger.get(path).json()
        assert (shown["name"], [tile["title"] for tile in shown["tiles"]]) == ("Weekly", [t["title"] for t in TILES])
        for place, tile in enumerate(TILES):
            params = dict(tile["ask"]["params"])
            of = f"/{params.pop('dimension')}" if "dimension" in params else ""
            whole = reader.ask("GET", f"/v1/{tile['ask']['kind']}{of}", params=params).json()
            assert stranger.get(f"{path}/tiles/{place}").json() == whole
        assert stranger.get(f"{path}/tiles/{len(TILES)}").status_code == 404


def test_a_links_secret_opens_nothing_else(shop: Shop) -> None:
    """As a token, as a cookie, or anywhere in the address: every other route of the API is closed to it."""
    secret = share(shop)["secret"]
    with shop.client() as reader:
        paths = reader.get("/openapi.json").json()["paths"]
    ways: list[dict[str, str]] = [
        {"Authorization": f"Bearer {secret}"},
        {"Authorization": f"Basic {secret}"},
        {"Cookie": f"{COOKIE}={secret}"},
        {"X-Footfall-Key": secret},
    ]
    tried = 0
    with Client(shop.app) as stranger:
        for path, methods in paths.items():
            if path in {"/health", "/ready"} or path.startswith("/v1/shared/"):
                continue
            target = path
            while "{" in target:
                target = target.partition("{")[0] + quote(secret, safe="") + target.partition("}")[2]
            for method in methods:
                for headers in ways:
                    answer = stranger.ask(method.upper(), target, headers=headers)
                    assert answer.status_code in {401, 403, 404, 415, 422, 400}, (method, target)
                    assert answer.status_code in {401, 403} or "collect" in methods[method]["tags"], (method, target)
                    tried += 1
    assert tried > 100


def test_a_link_ends_and_can_be_taken_back(shop: Shop) -> None:
    """At its time, and at once; what never was, has ended or was revoked is told in the same words."""
    link = share(shop, label="for the board")
    with Client(shop.app) as stranger, shop.client() as owner:
        never = stranger.get("/v1/shared/ffv_never")
        assert stranger.get(f"/v1/shared/{link['secret']}").status_code == 200
        assert owner.ask("DELETE", f"/v1/links/{link['id']}").status_code == 204
        for path in (f"/v1/shared/{link['secret']}", f"/v1/shared/{link['secret']}/tiles/0"):
            gone = stranger.get(path)
            assert (gone.status_code, gone.json()) == (404, never.json() | {"instance": gone.json().get("instance")})
        (listed,) = [item for item in owner.get("/v1/links").json()["items"] if item["id"] == link["id"]]
        assert listed["revoked"]
        assert link["secret"] not in owner.get("/v1/links").text


def test_a_link_ends_by_its_clock(shop: Shop) -> None:
    """The last microsecond before its end is the last that it shows anything in."""
    now = 1_000_000
    links = Links(shop.node.store, lambda: now)
    link, secret = links.make("default", What.DASHBOARD, "weekly", days=1, label="")
    now = link.ends_us - 1
    assert links.find(secret) == link
    now = link.ends_us
    with pytest.raises(NotFound):
        links.find(secret)


def test_only_the_digest_of_a_secret_is_kept(shop: Shop) -> None:
    """Nothing in the control database is the secret."""
    secret = share(shop)["secret"]
    with shop.node.store.transaction() as session:
        rows = session.execute(text("SELECT * FROM share_link")).all()
    assert rows
    assert secret not in str(rows)


def test_what_is_made_anew_is_not_shared(shop: Shop) -> None:
    """A link to what was removed shows nothing, even when something else gets the same id."""
    dashboards, links = Dashboards(shop.node.store), Links(shop.node.store)
    dashboards.add("default", SavedQuestion(name="Old", kind=Kind.TRENDS), "same")
    _, secret = links.make("default", What.QUESTION, "same", days=1, label="")
    with Client(shop.app) as stranger:
        assert stranger.get(f"/v1/shared/{secret}").json()["tiles"][0]["title"] == "Old"
        dashboards.remove("default", What.QUESTION, "same")
        dashboards.add("default", SavedQuestion(name="New", kind=Kind.TRENDS), "same")
        assert stranger.get(f"/v1/shared/{secret}").status_code == 404


@pytest.mark.parametrize("wanted", [{"id": "none"}, {"days": 0}, {"days": 1000}, {"what": "sessions"}], ids=str)
def test_what_can_not_be_shared_is_refused(shop: Shop, wanted: dict[str, object]) -> None:
    """What is not there, and a time that is none or too long."""
    with shop.client() as client:
        refused = client.post("/v1/links", {"what": "dashboard", "id": "weekly", **wanted})
    assert refused.status_code in {404, 422}
