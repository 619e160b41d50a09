"""Whatever the API's document allows, and much that it does not: no 5xx, and answers as they are documented."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import hypothesis
import pytest
import schemathesis
from schemathesis import checks

from footfall.api.document import openapi
from tests.api.shop import Shop, open_shop, visit

schemathesis.serializer.alias("application/x-ndjson", "text/plain")
schema = schemathesis.openapi.from_dict(openapi()).exclude(path="/v1/live")  # whose answer does not end

EXAMPLES = int(os.environ.get("FOOTFALL_FUZZ_EXAMPLES", "60"))
"""Requests made up for each operation."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("shop"), lake_commit_seconds=0.2) as made:
        made.send(visit("ann", begins=0, views=3, carts=1, bought=["5", "500"]))
        yield made


@pytest.fixture(scope="module")
def write_key(shop: Shop) -> str:
    return shop.node.store.create_key("default", "server")[1]


@pytest.mark.fuzz
@schema.parametrize()
@hypothesis.settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(hypothesis.HealthCheck), database=None
)
def test_no_request_makes_the_server_fail(case: schemathesis.Case[Any], shop: Shop, write_key: str) -> None:
    """Every operation, with values in and out of its schema, answers below 500 and in a documented form."""
    secret = write_key if case.path == "/v1/events" else shop.admin
    answer = case.call(app=shop.app, headers={"Authorization": f"Bearer {secret}"})
    case.validate_response(
        answer, checks=[checks.not_a_server_error, checks.content_type_conformance, checks.response_schema_conformance]
    )


@pytest.mark.fuzz
@hypothesis.given(text=hypothesis.strategies.text(min_size=1, max_size=200))
@hypothesis.settings(max_examples=EXAMPLES, deadline=None, database=None)
def test_no_text_makes_a_look_up_fail(shop: Shop, text: str) -> None:
    """Any text as an id, a cursor, a filter or a question answers below 500."""
    with shop.client() as client:
        name = quote(text.encode("utf-8", "surrogatepass"), safe="")
        for path in (
            *(f"/v1/sessions/{name}", f"/v1/rejected/{name}", f"/v1/sessions?owner={name}&cursor={name}"),
            *(f"/v1/alerts/{name}", f"/v1/alerts?subject={name}&cursor={name}"),
        ):
            assert client.ask("GET", path).status_code < 500, path
        assert client.post("/v1/sql", {"sql": text}).status_code < 500
