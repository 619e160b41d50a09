"""Trails over HTTP from a real node: how sessions came to their class, and why they have it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.client import Client
from tests.api.shop import Shop, open_shop, visit


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("shop")) as made:
        (bob,) = visit("bob", begins=0, views=1)
        ann = [*visit("ann", begins=0, views=10, carts=2), *visit("ann", begins=600, views=1)]
        offset = made.send([*ann, bob | {"page_path": "/kettle"}])
        with made.client() as first:
            assert first.get("/v1/sessions", after=offset).status_code == 200
        yield made


@pytest.fixture
def client(shop: Shop) -> Iterator[Client]:
    with shop.client() as made:
        yield made


def trail(client: Client, owner: str, place: int = 0) -> dict[str, Any]:
    """The trail of an owner's session, the newest first."""
    item = client.get("/v1/sessions", owner=owner).json()["items"][place]
    (found,) = client.get("/v1/trails", session=item["session_id"]).json()["items"]
    assert found["session"] == item
    return dict(found)


def test_a_trail_says_where_the_class_changed_and_why_then(client: Client) -> None:
    """The third event makes a browser, the eleventh, ten minutes after the first, an engaged shopper."""
    found = trail(client, "v:ann", 1)
    assert [(step["event"], step["visitor_class"], step["previous"]) for step in found["steps"]] == [
        (1, "bouncer", None),
        (2, "browser", "bouncer"),
        (11, "engaged_shopper", "browser"),
    ]
    assert found["steps"][2]["why"] == ["total_events ≥ 10 (11)", "session_duration_minutes ≥ 10 (10)"]
    assert [event["visitor_class"] for event in found["events"]] == [
        "bouncer",
        *["browser"] * 9,
        *["engaged_shopper"] * 2,
    ]
    assert [event["kind"] for event in found["events"]] == [*["view"] * 10, *["cart"] * 2]
    assert found["complete"]


def test_a_trail_says_what_every_rule_says_of_the_session(client: Client) -> None:
    """Each clause with its own figure and whether it held; the first class that holds decided."""
    found = trail(client, "v:ann", 1)
    said = {rule["visitor_class"]: rule for rule in found["rules"]}
    assert [name for name, rule in said.items() if rule["held"]] == ["engaged_shopper", "browser", "bouncer"]
    assert [name for name, rule in said.items() if rule["decided"]] == ["engaged_shopper"]
    events, minutes = said["power_user"]["any_of"][0]
    assert (events["value"], events["at_least"], events["held"]) == (12, 30, False)
    assert (minutes["figure"], minutes["held"]) == ("session_duration_minutes", False)


def test_sessions_of_one_visitor_are_told_apart(client: Client) -> None:
    """Asked for together, each has its own events, in the order asked for; an unknown id is left out."""
    ids = [item["session_id"] for item in client.get("/v1/sessions", owner="v:ann").json()["items"]]
    asked = "&".join(f"session={session_id}" for session_id in [ids[1], "v:nobody@1", ids[0]])
    items = client.ask("GET", f"/v1/trails?{asked}").json()["items"]
    assert [(item["session"]["session_id"], len(item["events"])) for item in items] == [(ids[1], 12), (ids[0], 1)]
    assert client.get("/v1/trails").json()["items"] == []


def test_a_trail_says_where_it_is(client: Client) -> None:
    """The last page is told, and null is told where nothing is known."""
    found = trail(client, "v:bob")
    assert (found["page"], found["city"]) == ("/kettle", None)


def test_no_more_sessions_than_the_limit(client: Client) -> None:
    """A 25th id is refused."""
    asked = "&".join(f"session=v:{number}@1" for number in range(25))
    assert client.ask("GET", f"/v1/trails?{asked}").status_code in {400, 422}
