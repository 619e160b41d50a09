"""The pages that document the API: complete, and without a request to anybody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from footfall.api.app import assemble
from footfall.api.document import markdown
from tests.api.client import Client
from tests.api.fakes import fake_node

PAGE = Path(__file__).parents[2] / "docs" / "api.md"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with fake_node(tmp_path) as node, Client(assemble(node)) as made:
        yield made


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_a_page_loads_from_this_server_alone(client: Client, path: str) -> None:
    """Every script and style is this server's own and there, and the page's policy allows no other place."""
    page = client.get(path)
    assert page.status_code == 200
    sources = re.findall(r'(?:src|href|spec-url)="([^"]+)"', page.text)
    assert len(sources) >= 2
    for source in sources:
        assert source.startswith("/")
        answer = client.get(source)
        assert answer.status_code == 200
        assert len(answer.content) > 50
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "http" not in policy


def test_no_other_file_can_be_had(client: Client) -> None:
    """The assets' path serves its few files and nothing beside or above them."""
    for name in ("favicon.png", "..%2fcore.py", "%2e%2e", "core.py"):
        assert client.get(f"/docs/assets/{name}").status_code == 404


def test_the_document_has_every_route_and_the_door(client: Client) -> None:
    """All paths of the contract stand in the OpenAPI document, each with a summary, its answers and its security."""
    document = client.get("/openapi.json").json()
    assert {
        "/v1/events",
        "/v1/sessions",
        "/v1/sessions/{session_id}",
        "/v1/classes/distribution",
        "/v1/classes/conversion",
        "/v1/sql",
        "/v1/rejected",
        "/v1/rejected/{rejected_id}",
        "/v1/rebuild",
        "/v1/keys",
        "/v1/tokens",
        "/v1/projects",
        "/v1/config",
        "/health",
        "/ready",
        "/metrics",
    } <= set(document["paths"])
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation.get("description") or operation.get("summary"), (method, path)
            is_open = path in {"/health", "/ready"} or path.startswith("/v1/shared/")  # a link's secret is in the path
            assert "security" in operation or is_open, (method, path)
            for parameter in operation.get("parameters", []):
                assert parameter.get("description"), (method, path, parameter["name"])
            assert operation["responses"]["default"]["content"].keys() == {"application/problem+json"}, (method, path)
    event = document["paths"]["/v1/events"]["post"]["requestBody"]["content"]["application/json"]["schema"]["anyOf"][0]
    assert event["required"] == ["name"]
    assert "`anonymousId`" in event["properties"]["visitor_id"]["description"]


def test_operation_ids_are_unique(client: Client) -> None:
    """A generated client gets one name for each operation."""
    paths = client.get("/openapi.json").json()["paths"].values()
    ids = [operation["operationId"] for methods in paths for operation in methods.values()]
    assert len(ids) == len(set(ids))


def test_the_page_in_docs_is_what_the_code_says() -> None:
    """docs/api.md is exactly what the routes give now."""
    assert PAGE.read_text(encoding="utf-8") == markdown(), "run: python -m footfall.api.document > docs/api.md"
