"""Two projects on one node: no read, by any route or SQL, shows the other's data."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest

from footfall.store.access import Role
from tests.api.client import Client
from tests.api.shop import Shop, open_shop, visit
from tests.crash.server import until

pytestmark = pytest.mark.timeout(300)

QUERIES = [
    "SELECT * FROM events",
    "SELECT * FROM sessions",
    "SELECT * FROM alerts",
    "SELECT * FROM rejected",
    "SELECT project_id FROM events UNION SELECT project_id FROM sessions UNION SELECT project_id FROM rejected",
    "SELECT * FROM events WHERE project_id = 'south' OR true",
    "SELECT (SELECT string_agg(name, ',') FROM events), s.* FROM sessions s",
    "WITH e AS (SELECT * FROM events) SELECT * FROM e, rejected",
]


NEEDED = {"figure": "viewers", "step": "product_view"}
"""What questions can't be asked without."""


class Side(NamedTuple):
    """One project: its id, a token for it alone, a word that stands in all its data, and ids of its things."""

    project: str
    token: str
    word: str
    session_id: str
    rejected_id: str
    alert_id: str
    key_id: str
    token_id: str
    erasure_id: str
    destination_id: str
    definition_id: str
    watch_id: str
    schedule_id: str


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("shop")) as made:
        yield made


@pytest.fixture(scope="module")
def sides(shop: Shop) -> tuple[Side, Side]:
    return fill(shop, "north", "amber"), fill(shop, "south", "cobalt")


def fill(shop: Shop, project: str, word: str) -> Side:
    """A project in whose every event, rejection, key and token stands `word`."""
    shop.node.store.create_project(project, name=f"{word} project")
    key, _ = shop.node.store.create_key(project, "public", origins=[f"https://{word}.example"], label=f"{word} key")
    token, secret = shop.node.store.create_token(f"{word} token", Role.ADMIN, project_id=project)
    events = visit(f"{word} visitor", begins=0, views=3, bought=["1200.5"])
    broken = {"name": f"{word} event", "visitor_id": word, "amount": word}
    shared = {"name": "view", "visitor_id": "shared visitor", "event_id": "shared", "properties": {"colour": word}}
    offset = shop.send([*events, broken, shared], project=project)
    with shop.client(secret) as client:
        sessions = client.get("/v1/sessions", after=offset).json()["items"]
        (rejected,) = client.get("/v1/rejected").json()["items"]
        (alert,) = client.get("/v1/alerts").json()["items"]
        erasure_id = client.ask("DELETE", f"/v1/people/u:somebody else of {word}").json()["erasure_id"]
        until(lambda: client.get(f"/v1/erasures/{erasure_id}").json()["state"] == "done", 60)
        client.ask("POST", "/v1/person-decisions/splits", json={"who": f"v:{word} visitor"})
        forwarded = {"kind": "webhook", "url": f"https://{word}.invalid/", "label": word}
        destination_id = client.ask("POST", "/v1/forward", json=forwarded).json()["id"]
        saved = {"id": f"of-{word}", "name": f"{word} question", "kind": "trends", "params": {}}
        definition_id = client.post("/v1/questions", saved).json()["id"]
        board = {"id": definition_id, "name": f"{word} board", "tiles": [{"question": definition_id}]}
        assert client.post("/v1/dashboards", board).status_code == 201
        shared = {"what": "dashboard", "id": definition_id, "label": f"{word} link"}
        assert client.post("/v1/links", shared).status_code == 201
        watched = {"name": f"{word} watch", "question": definition_id, "rule": "above", "bound": 1}
        watch_id = client.post("/v1/watches", watched).json()["id"]
        planned = {"name": f"{word} report", "what": "question", "definition": definition_id, "every": "day"}
        planned["webhook"] = f"https://{word}.invalid/"
        schedule_id = client.post("/v1/schedules", planned).json()["id"]
        assert client.post(f"/v1/schedules/{schedule_id}/send").status_code == 200
    (own,) = [item for item in sessions if word in item["owner"]]
    return Side(
        project=project,
        token=secret,
        word=word,
        session_id=own["session_id"],
        rejected_id=rejected["rejected_id"],
        alert_id=alert["alert_id"],
        key_id=key.id,
        token_id=token.id,
        erasure_id=erasure_id,
        destination_id=destination_id,
        definition_id=definition_id,
        watch_id=watch_id,
        schedule_id=schedule_id,
    )


def reads(client: Client) -> Iterator[tuple[str, dict[str, Any]]]:
    """(path, operation) of every read in the API's own document that ends and wants a token.

    For the live feed see `test_live`, for what whoever has a link may see `tests/dashboards/test_links.py`.
    """
    for path, methods in client.get("/openapi.json").json()["paths"].items():
        if "get" in methods and path != "/v1/live" and not path.startswith("/v1/shared/"):
            yield path, methods["get"]


def filled(path: str, side: Side) -> str:
    """`path` with the ids of one side's things."""
    names = {
        "session_id": side.session_id,
        "rejected_id": side.rejected_id,
        "alert_id": side.alert_id,
        "import_id": side.word,
        "erasure_id": side.erasure_id,
        "destination_id": side.destination_id,
        "question_id": side.definition_id,
        "dashboard_id": side.definition_id,
        "watch_id": side.watch_id,
        "schedule_id": side.schedule_id,
        "dimension": "products",
        "table": "events",
        "who": f"u:user of {side.word} visitor",
    }
    for name, value in names.items():
        path = path.replace("{" + name + "}", quote(value, safe=""))
    assert "{" not in path, f"{path}: this test does not know what to fill in"
    return path


@pytest.mark.parametrize("swapped", [False, True])
def test_no_read_shows_the_other_projects_data(shop: Shop, sides: tuple[Side, Side], swapped: bool) -> None:
    """Every GET of the document, with own and foreign ids, filters and projects: the other's word is in no answer."""
    own, other = reversed(sides) if swapped else sides
    seen_own = 0
    with shop.client(own.token) as client:
        for path, operation in reads(client):
            parameters_of = {parameter["name"]: parameter for parameter in operation.get("parameters", [])}
            known = set(parameters_of)
            needed = {name: NEEDED[name] for name in known & set(NEEDED) if parameters_of[name].get("required")}
            tries: list[dict[str, object]] = [{}, {"project": other.project}, {"project": "default"}]
            tries += [{"owner": f"v:{other.word} visitor"}] if "owner" in known else []
            tries += [{"subject": f"u:user of {other.word} visitor"}] if "subject" in known else []
            for side, parameters in itertools.product((own, other), tries):
                answer = client.get(filled(path, side), **needed, **parameters)
                assert answer.status_code < 500, (path, parameters)
                if answer.status_code == 200:
                    assert other.word not in answer.text, (path, parameters)
                    seen_own += own.word in answer.text
    assert seen_own >= 5, "the test looks at routes that show data"


@pytest.mark.parametrize("query", QUERIES)
def test_no_sql_shows_the_other_projects_data(shop: Shop, sides: tuple[Side, Side], query: str) -> None:
    """Whatever is selected, each side sees rows of its own project alone."""
    for own, other in (sides, sides[::-1]):
        with shop.client(own.token) as client:
            answer = client.post("/v1/sql", {"sql": query})
            assert answer.status_code == 200, answer.text
            assert own.project in answer.text or own.word in answer.text
            assert other.word not in answer.text
            assert other.project not in answer.text
            assert client.post("/v1/sql", {"sql": query}, project=other.project).status_code == 403


def test_no_change_reaches_the_other_project(shop: Shop, sides: tuple[Side, Side]) -> None:
    """Keys and tokens of the other project can't be made, revoked or imported to."""
    own, other = sides
    with shop.client(own.token) as client:
        assert client.ask("DELETE", f"/v1/keys/{other.key_id}").status_code == 404
        assert client.ask("DELETE", f"/v1/tokens/{other.token_id}").status_code == 404
        assert client.post("/v1/keys", {"kind": "server"}, project=other.project).status_code == 403
        begun = client.ask("PUT", "/v1/imports/a1", json={"label": "x"}, params={"project": other.project})
        assert begun.status_code == 403
        assert client.post("/v1/rebuild").status_code == 403
        assert client.ask("DELETE", f"/v1/dashboards/{other.definition_id}").status_code == 404
        for path in (f"watches/{other.watch_id}", f"schedules/{other.schedule_id}"):
            assert client.ask("DELETE", f"/v1/{path}").status_code == 404
            assert client.ask("PATCH", f"/v1/{path}", json={"name": "x"}).status_code == 404
        assert client.post(f"/v1/watches/{other.watch_id}/test").status_code == 404
        assert client.post(f"/v1/schedules/{other.schedule_id}/send").status_code == 404
        foreign = {"what": "dashboard", "id": other.definition_id}
        assert client.post("/v1/links", foreign).status_code == 404
        for path in ("links", "definitions", "dashboards", "questions"):
            assert client.post(f"/v1/{path}", foreign, project=other.project).status_code in {403, 405}
    assert shop.node.store.keys(other.project)[0].revoked_us is None


def test_a_token_for_all_projects_sees_each_apart(shop: Shop, sides: tuple[Side, Side]) -> None:
    """An admin names the project, gets that one alone, and without a name the default one, which is empty."""
    with shop.client() as client:
        for own, other in (sides, sides[::-1]):
            shown = client.get("/v1/sessions", project=own.project).text
            assert own.word in shown
            assert other.word not in shown
        assert client.get("/v1/sessions").json()["items"] == []


def test_equal_ids_in_two_projects_are_two_events(shop: Shop, sides: tuple[Side, Side]) -> None:
    """An event id and a visitor id that both projects use stand for two events and two sessions."""
    for side in sides:
        with shop.client(side.token) as client:
            (session,) = client.get("/v1/sessions", owner="v:shared visitor").json()["items"]
            detail = client.get("/v1/sessions/" + quote(session["session_id"], safe="")).json()
            assert [event["properties"]["colour"] for event in detail["events"]] == [side.word]
