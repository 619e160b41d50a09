"""Projects, keys, tokens and settings over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from footfall.api.app import assemble
from footfall.settings import TABLE
from tests.api.client import Client
from tests.api.fakes import FakeNode, fake_node


@pytest.fixture
def node(tmp_path: Path) -> Iterator[FakeNode]:
    with fake_node(tmp_path, port=1234, store_url="postgresql://u:hunter2@h/d", sources={"port": "flag"}) as made:
        yield made


@pytest.fixture
def client(node: FakeNode) -> Iterator[Client]:
    with Client(assemble(node), node.token) as made:
        yield made


def test_a_key_lives_from_its_creation_to_its_revocation(node: FakeNode, client: Client) -> None:
    """The secret is in the answer to the creation and nowhere else; a revoked key stays listed and works no more."""
    made = client.post("/v1/keys", {"kind": "public", "origins": ["https://shop.example"], "label": "tracker"})
    assert made.status_code == 201
    secret = made.json()["secret"]
    assert node.store.find(secret) is not None
    assert secret not in client.get("/v1/keys").text
    assert client.ask("DELETE", f"/v1/keys/{made.json()['id']}").status_code == 204
    assert node.store.find(secret) is None
    listed = {key["id"]: key for key in client.get("/v1/keys").json()["items"]}
    assert listed[made.json()["id"]]["revoked"].endswith("Z")


def test_a_token_lives_from_its_creation_to_its_revocation(node: FakeNode, client: Client) -> None:
    """A new token works at once for its project, and not any more once it is revoked."""
    node.store.create_project("shop")
    made = client.post("/v1/tokens", {"name": "ci", "role": "reader", "project": "shop"})
    assert made.status_code == 201
    with Client(assemble(node), made.json()["secret"]) as other:
        assert [item["id"] for item in other.get("/v1/projects").json()["items"]] == ["shop"]
        assert client.ask("DELETE", f"/v1/tokens/{made.json()['id']}").status_code == 204
        assert other.get("/v1/projects").status_code == 401


def test_the_last_admin_can_not_lock_itself_out(client: Client) -> None:
    """Revoking the only admin token for all projects is a conflict that says what to do."""
    (only,) = client.get("/v1/tokens").json()["items"]
    answer = client.ask("DELETE", f"/v1/tokens/{only['id']}")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert "another one first" in answer.json()["detail"]


def test_a_project_has_its_currency_or_the_settings(client: Client) -> None:
    """A project made without a currency has the one of the settings."""
    assert client.post("/v1/projects", {"id": "uk", "currency": "GBP"}).status_code == 201
    assert client.post("/v1/projects", {"id": "de", "name": "Deutschland"}).status_code == 201
    items = client.get("/v1/projects").json()["items"]
    assert {item["id"]: item["currency"] for item in items} == {"default": "EUR", "uk": "GBP", "de": "EUR"}


def test_a_project_changes_what_is_said_and_keeps_the_rest(client: Client) -> None:
    """Name, time zone and first weekday, each alone; a zone that is none is refused with the nearest, and all stays."""
    assert client.ask("PATCH", "/v1/projects/default", json={"zone": "Europe/Vienna"}).status_code == 200
    said = client.ask("PATCH", "/v1/projects/default", json={"name": "Larder", "week_starts": "sunday"}).json()
    expected = ("Larder", "Europe/Vienna", "sunday", "EUR")
    assert tuple(said[name] for name in ("name", "zone", "week_starts", "currency")) == expected
    wrong = client.ask("PATCH", "/v1/projects/default", json={"name": "x", "zone": "Europe/Viena"})
    assert (wrong.status_code, "did you mean 'Europe/Vienna'" in wrong.json()["detail"]) == (400, True)
    assert client.ask("PATCH", "/v1/projects/default", json={"currency": "USD"}).status_code == 422
    assert client.ask("PATCH", "/v1/projects/nowhere", json={"name": "x"}).status_code == 404
    assert client.get("/v1/projects").json()["items"] == [said]


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "public"},
        {"kind": "public", "origins": ["shop"]},
        {"kind": "server", "origins": ["https://a.example"]},
        {"kind": "any"},
        {"kind": "server", "label": "a\nb"},
        {"kind": "server", "label": "x" * 201},
    ],
)
def test_a_key_that_could_not_work_is_not_made(client: Client, body: dict[str, object]) -> None:
    """Wrong kinds, origins and labels are refused with 400 or 422, and nothing is made."""
    before = client.get("/v1/keys").json()
    assert client.post("/v1/keys", body).status_code in {400, 422}
    assert client.get("/v1/keys").json() == before


def test_config_shows_every_setting_and_hides_secrets(client: Client) -> None:
    """All settings with value and source, in the table's order; a secret's text is nowhere."""
    answer = client.get("/v1/config")
    items = {item["name"]: item for item in answer.json()["items"]}
    assert list(items) == list(TABLE)
    assert (items["port"]["value"], items["port"]["source"]) == ("1234", "flag")
    assert items["max_body_bytes"]["value"] == "4 MB"
    assert items["store_url"]["value"] == "(hidden)"
    assert "hunter2" not in answer.text
