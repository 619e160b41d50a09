"""Who may call what: every route says so, and nobody gets past it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount, Route

from footfall.api.app import assemble, build, require_declarations
from footfall.store.access import GRANTS, Permission, Role
from footfall.store.guard import OPEN, Needs
from tests.api.client import Client
from tests.api.fakes import FakeNode, fake_node

OPEN_PATHS = {
    "/v1/events",  # the door asks for a write key
    "/health",
    "/ready",
    "/docs",
    "/redoc",
    "/openapi.json",
    "/docs/assets/{name}",
    "/footfall.js",  # the tracker, as any page's scripts
    "/footfall/{name}",
    "/login",
    "/login.css",
    "/logout",
    "/assets/{name}",  # the pages, which show nothing before somebody logs in
    "/icon.svg",
    "/v1/shared/{secret}",  # a link's secret is what it asks for
    "/v1/shared/{secret}/tiles/{tile}",
    "/{path:page}",
}


@pytest.fixture
def node(tmp_path: Path) -> Iterator[FakeNode]:
    with fake_node(tmp_path) as made:
        yield made


def declared(node: FakeNode) -> Iterator[tuple[str, str, Needs]]:
    """(method, path, what it needs) of every route that is not open."""
    for route in iter_route_contexts(build(node).routes):
        for dependency in route.dependencies:
            if isinstance(dependency.dependency, Needs):
                for method in route.methods or ():
                    yield method, str(route.path), dependency.dependency


def filled(path: str) -> str:
    """`path` with something in every placeholder."""
    return re.sub(r"\{[^}]+\}", "1", path)


def test_only_the_known_paths_are_open(node: FakeNode) -> None:
    """Everything that is not on the short list of open paths asks for a token."""
    guarded = {path for _, path, _ in declared(node)}
    every = {str(route.path) for route in iter_route_contexts(build(node).routes)}
    assert every - guarded == {*OPEN_PATHS, "/v1/me"}  # which shows to everyone who is somebody who that is
    assert guarded.isdisjoint(OPEN_PATHS)


def test_without_a_token_every_guarded_route_answers_401(node: FakeNode) -> None:
    """No token, a broken header, an unknown token and a write key: all 401, with the challenge that RFC 6750 wants."""
    _, write_key = node.store.create_key("default", "server")
    app = assemble(node)
    for token in (None, "", "fft_unknown", write_key, "ü"):
        with Client(app) as client:
            for method, path, _ in declared(node):
                headers = {} if token is None else {"Authorization": f"Bearer {token}".encode()}
                answer = client.ask(method, filled(path), headers=headers)
                assert answer.status_code == 401, (method, path, token)
                assert answer.headers["WWW-Authenticate"] == "Bearer"
                assert answer.json()["code"] == "unauthenticated"


@pytest.mark.parametrize("role", list(Role))
def test_a_role_gets_past_exactly_its_own_guards(node: FakeNode, role: Role) -> None:
    """A token answers 403 where its role lacks the permission, and never 401 or 403 where it has it."""
    _, token = node.store.create_token("t", role)
    with Client(assemble(node), token) as client:
        for method, path, needed in declared(node):
            refused = client.ask(method, filled(path)).status_code == 403
            assert refused == (needed.permission not in GRANTS[role]), (method, path)


def test_a_projects_admin_stays_in_the_project(node: FakeNode) -> None:
    """An admin of one project sees its keys and tokens, and is refused whatever concerns others or all."""
    for name in ("mine", "other"):
        node.store.create_project(name)
        node.store.create_key(name, "server", label=f"{name}'s key")
        node.store.create_token(f"{name}'s token", Role.READER, project_id=name)
    _, token = node.store.create_token("admin", Role.ADMIN, project_id="mine")
    with Client(assemble(node), token) as client:
        assert [key["label"] for key in client.get("/v1/keys").json()["items"]] == ["mine's key"]
        assert {item["project"] for item in client.get("/v1/tokens").json()["items"]} == {"mine"}
        assert [item["id"] for item in client.get("/v1/projects").json()["items"]] == ["mine"]
        for path in ("/v1/config", "/v1/rebuild", "/metrics"):
            assert client.get(path).status_code == 403, path
        assert client.get("/v1/keys", project="other").status_code == 403
        assert client.post("/v1/keys", {"kind": "server"}, project="other").status_code == 403
        assert client.post("/v1/projects", {"id": "third"}).status_code == 403
        assert client.post("/v1/tokens", {"name": "all", "role": "admin"}).status_code == 403
        assert client.post("/v1/tokens", {"name": "o", "role": "reader", "project": "other"}).status_code == 403
        assert client.ask("PATCH", "/v1/projects/other", json={"name": "taken"}).status_code == 403
        assert client.ask("PATCH", "/v1/projects/mine", json={"name": "Mine"}).status_code == 200
        (foreign,) = node.store.tokens("other")
        assert client.ask("DELETE", f"/v1/tokens/{foreign.id}").status_code == 404
        (foreign_key,) = node.store.keys("other")
        assert client.ask("DELETE", f"/v1/keys/{foreign_key.id}").status_code == 404


def test_a_project_that_is_not_there_is_not_told_from_one_that_is(node: FakeNode) -> None:
    """Who has a token for one project can't find out which others exist."""
    node.store.create_project("mine")
    node.store.create_project("other")
    _, token = node.store.create_token("t", Role.ADMIN, project_id="mine")
    with Client(assemble(node), token) as client:
        there, absent = (client.get("/v1/keys", project=name) for name in ("other", "nowhere"))
    assert (there.status_code, there.json()) == (absent.status_code, absent.json())


def test_metrics_are_open_only_when_the_setting_says_so(tmp_path: Path) -> None:
    """`/metrics` asks for a token by default, and for none with `metrics_open`."""
    with fake_node(tmp_path) as node:
        with Client(assemble(node)) as client:
            assert client.get("/metrics").status_code == 401
        _, token = node.store.create_token("prometheus", Role.MONITOR)
        with Client(assemble(node), token) as client:
            assert client.get("/metrics").status_code == 200
    again = tmp_path / "open"
    again.mkdir()
    with fake_node(again, metrics_open=True) as node, Client(assemble(node)) as client:
        assert client.get("/metrics").status_code == 200


def test_a_route_that_declares_nothing_does_not_start() -> None:
    """Assembly refuses a route, a mount or an included router's route without a declaration, and names it."""
    router = APIRouter(prefix="/inner")
    router.add_api_route("/silent", lambda: None)
    router.add_api_route("/open", lambda: None, dependencies=[OPEN])
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(router, prefix="/outer")
    app.router.routes.append(Route("/plain", lambda _: None))
    app.router.routes.append(Mount("/files", app=FastAPI()))
    with pytest.raises(ValueError, match="/outer/inner/silent, /plain, /files;") as error:
        require_declarations(app)
    assert "open," not in str(error.value)


def test_every_permission_is_used(node: FakeNode) -> None:
    """There is no permission that no route asks for."""
    assert {needed.permission for _, _, needed in declared(node)} == set(Permission)
