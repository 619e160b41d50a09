"""People over HTTP and on the command line: joined by events, by decisions, shown with why, undone, erased."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from footfall.api.app import assemble
from footfall.cli.app import app
from footfall.node.node import Node
from footfall.settings import Settings
from footfall.store.access import Role
from tests.api.client import Client
from tests.api.shop import Shop, open_shop
from tests.crash.server import until

DAY = "2026-01-05T10:00:0"
BEFORE = [
    {"event_id": "1", "name": "product_view", "visitor_id": "phone", "timestamp": f"{DAY}1Z"},
    {"event_id": "2", "name": "add_to_cart", "visitor_id": "phone", "user_id": "old", "timestamp": f"{DAY}2Z"},
    {"event_id": "3", "name": "purchase", "user_id": "ann", "amount": "5.00", "timestamp": f"{DAY}3Z"},
]
ALIAS = {"event_id": "4", "name": "alias", "user_id": "ann", "previous_id": "old", "timestamp": f"{DAY}4Z"}
FUNNEL = ["product_view", "add_to_cart", "purchase"]


@pytest.fixture(params=[True, False], ids=["index", "definition"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """A node that answers by the index, and one that answers by the definition alone."""
    with open_shop(tmp_path, fast_paths=request.param) as made:
        yield made


def people(client: Client, **parameters: object) -> list[str]:
    return sorted(item["who"] for item in client.get("/v1/people", **parameters).json()["items"])


def bought(client: Client) -> int:
    """People who took all steps to buying."""
    count: int = client.ask("GET", "/v1/funnel", params={"step": FUNNEL}).json()["rows"][0]["steps"][-1]["people"]
    return count


def decide(client: Client, what: str, **ids: str) -> dict[str, Any]:
    answer = client.post(f"/v1/person-decisions/{what}", ids)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_an_alias_joins_what_was_there_and_says_so(shop: Shop) -> None:
    """Three ids become one person in lists, funnels and the profile, which names the events that joined them."""
    with shop.client() as client:
        assert people(client, after=shop.send(BEFORE)) == ["u:ann", "u:old"]
        assert bought(client) == 0
        assert people(client, after=shop.send([ALIAS])) == ["u:ann"]
        assert bought(client) == 1
        found = client.get("/v1/people/u:ann").json()
        assert {(known["kind"], known["id"]) for known in found["ids"]} == {
            ("user", "ann"), ("user", "old"), ("visitor", "phone"),
        }  # fmt: skip
        assert [(one["id"], one["user"], one["because"], one["event_id"]) for one in found["joins"]] == [
            ("v:phone", "u:old", "seen", "2"),
            ("u:old", "u:ann", "alias", "4"),
        ]
        assert client.get("/v1/people/u:old").json()["person"] == found["person"]
        assert client.get("/v1/people/v:phone").json()["person"] == found["person"]
        sessions = {item["owner"] for item in client.get("/v1/sessions").json()["items"]}
        assert sessions == {"v:phone", "u:ann"}, "boundaries of sessions do not move"


def test_a_browser_makes_no_two_users_one(shop: Shop) -> None:
    """What a public key says of a user's id is kept, and joins nobody; of a visitor's it is believed."""
    _, key = shop.node.store.create_key("default", "public", origins=["https://shop.example"])
    with shop.client() as client, Client(shop.app, key) as browser:
        shop.send(BEFORE)
        origin = {"Origin": "https://shop.example"}
        for sent in ({**ALIAS, "timestamp": None}, {**ALIAS, "event_id": "5", "previous_id": "tablet"}):
            answer = browser.ask("POST", "/v1/events", json=[{**sent, "timestamp": None}], headers=origin)
            assert answer.status_code == 202, answer.text
        offset = shop.send([{"event_id": "6", "name": "view", "visitor_id": "tablet"}])
        assert people(client, after=offset) == ["u:ann", "u:old"]
        assert client.get("/v1/people/v:tablet").json()["person"]["who"] == "u:ann"


def test_decisions_are_recorded_undone_and_outlive_a_restart(tmp_path: Path) -> None:
    """A split holds against what events go on to say, over a rebuild and another start; a merge takes it back."""
    with open_shop(tmp_path) as shop, shop.client() as client:
        people(client, after=shop.send([*BEFORE, ALIAS]))
        split = decide(client, "splits", who="u:old")
        assert people(client, after=shop.send([{**ALIAS, "event_id": "5"}])) == ["u:ann", "u:old"]
        assert client.get("/v1/people/u:old").json()["decisions"] == [split]
        shop.node.rebuild()
        token = shop.admin
    with closing(Node.open(tmp_path, Settings())) as node, Client(assemble(node), token) as client:
        assert people(client) == ["u:ann", "u:old"]
        merged = decide(client, "merges", who="u:old", into="u:ann")
        assert people(client) == ["u:ann"]
        assert client.get("/v1/people/u:ann").json()["decisions"] == [split, merged]
        assert client.get("/v1/person-decisions").json()["items"] == [split, merged]
        decide(client, "merges", who="v:phone", into="u:ann")
        decide(client, "splits", who="v:phone")
        assert people(client) == ["u:ann", "v:phone"]


@pytest.mark.parametrize(
    ("what", "ids", "status"),
    [
        ("merges", {"who": "u:ann", "into": "v:phone"}, 400),
        ("merges", {"who": "u:ann", "into": "u:ann"}, 400),
        ("merges", {"who": "u:ann", "into": "u:nobody"}, 404),
        ("splits", {"who": "s:1"}, 400),
        ("splits", {"who": "u:"}, 400),
        ("splits", {"who": "v:nobody"}, 404),
    ],
    ids=str,
)
def test_what_can_not_be_decided_is_refused(tmp_path: Path, what: str, ids: dict[str, str], status: int) -> None:
    """Only what events name, only users and visitors, and only into a user; nothing is recorded."""
    with open_shop(tmp_path) as shop, shop.client() as client:
        client.get("/v1/people", after=shop.send(BEFORE))
        assert client.post(f"/v1/person-decisions/{what}", ids).status_code == status
        assert client.get("/v1/person-decisions").json()["items"] == []


def test_who_only_reads_decides_nothing(tmp_path: Path) -> None:
    """The decisions may be read with any token that reads; to make one takes the permission to manage."""
    with open_shop(tmp_path) as shop:
        client_of = shop.node.store.create_token("reader", Role.READER)[1]
        with shop.client(client_of) as client:
            assert client.get("/v1/person-decisions").status_code == 200
            assert client.post("/v1/person-decisions/splits", {"who": "u:ann"}).status_code == 403


def test_erasing_a_person_erases_all_their_ids_and_what_was_decided_of_them(tmp_path: Path) -> None:
    """Of a merged person nothing is left under any id, the decision and the file it stood in included."""
    with open_shop(tmp_path) as shop, shop.client() as client:
        client.get("/v1/people", after=shop.send(BEFORE))
        decide(client, "merges", who="u:old", into="u:ann")
        erasure = client.ask("DELETE", "/v1/people/u:ann").json()["erasure_id"]
        until(lambda: client.get(f"/v1/erasures/{erasure}").json()["state"] == "done", 60)
        assert people(client) == []
        assert client.get("/v1/person-decisions").json()["items"] == []
        assert all(b"u:old" not in path.read_bytes() for path in tmp_path.glob("control.db*"))


def test_the_commands_merge_split_and_show(tmp_path: Path) -> None:
    """`people merge` and `split` do what the API does; `person` shows by what its ids were joined."""
    with open_shop(tmp_path) as shop, shop.client() as client:
        client.get("/v1/people", after=shop.send(BEFORE))

    def told(*words: str) -> str:
        answer = CliRunner().invoke(app, [*words, "--data", str(tmp_path)])
        assert answer.exit_code == 0, answer.output
        return answer.output

    told("people", "merge", "u:old", "u:ann")
    shown = told("person", "u:ann")
    assert "v:phone" in shown
    assert "merge" in shown
    told("people", "split", "u:old")
    assert {row["who"] for row in json.loads(told("people", "--format", "json"))} == {"u:ann", "u:old"}
    assert [row["verdict"] for row in json.loads(told("people", "decisions", "--format", "json"))] == [
        "merge",
        "split",
    ]
