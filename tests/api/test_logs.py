"""Log lines: one line each, with the request's id, and without what is private."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from footfall.api.app import assemble
from footfall.api.logs import REQUEST_ID, configure
from tests.api.client import Client
from tests.api.fakes import fake_node


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def test_json_lines_are_json_whatever_the_message_holds() -> None:
    """Each record is one JSON object on one line, with its level, logger, extra facts and exception."""
    stream = io.StringIO()
    configure("info", "json", stream)
    log = logging.getLogger("footfall.test")
    log.info('quotes " and\nline breaks', extra={"rows": 3})
    log.debug("not shown")
    try:
        raise ValueError("broken")
    except ValueError:
        log.exception("failed")
    first, second = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert (first["level"], first["logger"], first["rows"]) == ("info", "footfall.test", 3)
    assert first["message"] == 'quotes " and\nline breaks'
    assert "ValueError: broken" in second["exception"]


def test_nobody_can_forge_a_console_line() -> None:
    """Line breaks and control characters in messages and facts are written out."""
    stream = io.StringIO()
    configure("info", "console", stream)
    logging.getLogger("footfall.test").info("a\nERROR forged\x1b[31m", extra={"name_": "b\r\nc"})
    (line,) = stream.getvalue().splitlines()
    assert r"a\nERROR forged\x1b[31m" in line
    assert r"name_=b\r\nc" in line


def test_a_line_carries_the_id_of_its_request() -> None:
    """What is logged while a request is answered has its id."""
    stream = io.StringIO()
    configure("info", "json", stream)
    token = REQUEST_ID.set("r-1")
    logging.getLogger("footfall.test").info("inside")
    REQUEST_ID.reset(token)
    logging.getLogger("footfall.test").info("outside")
    inside, outside = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert inside["request_id"] == "r-1"
    assert "request_id" not in outside


def test_the_access_line_names_the_route_and_no_visitor(tmp_path: Path) -> None:
    """Method, route, status and time are logged; path, query, token and address are not."""
    stream = io.StringIO()
    with fake_node(tmp_path) as node, Client(assemble(node), node.token) as client:
        configure("info", "json", stream)
        client.ask("DELETE", "/v1/keys/key_of_alice", params={"project": "default"}, headers={"X-Request-Id": "r-2"})
        client.get("/v1/nothing-of-bob")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    known, unknown = [line for line in lines if line["message"] == "answered"]
    assert (known["method"], known["route"], known["status"], known["request_id"]) == (
        "DELETE",
        "/v1/keys/{key_id}",
        404,
        "r-2",
    )
    assert unknown["route"] == "none"
    for private in ("alice", "bob", node.token, "project="):
        assert private not in stream.getvalue()
