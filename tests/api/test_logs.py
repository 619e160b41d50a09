"""Log lines: one line each, with the request's id, and without what is private."""

from __future__ import annotations

import io
import json
import logging
import sqlite3
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send

from footfall.api.app import assemble
from footfall.api.logs import OWN, configure
from footfall.collect.front import Front
from footfall.collect.request_id import REQUEST_ID
from footfall.errors import BadRequest, Unavailable
from tests.api.client import Client
from tests.api.fakes import fake_node

CANARY = "ann@shop.example"


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    root, own = logging.getLogger(), logging.getLogger(OWN)
    handlers, levels = root.handlers[:], (root.level, own.level)
    hooks = threading.excepthook, sys.unraisablehook
    yield
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    own.setLevel(levels[1])
    threading.excepthook, sys.unraisablehook = hooks
    logging.captureWarnings(capture=False)


def raised(error: BaseException) -> BaseException:
    """`error` with a traceback."""
    try:
        raise error
    except type(error) as caught:
        return caught


def test_json_lines_are_json_whatever_the_message_holds() -> None:
    """Each record is one JSON object on one line, with its level, logger, extra facts and exception."""
    stream = io.StringIO()
    configure("info", "json", stream)
    log = logging.getLogger("footfall.test")
    log.info('quotes " and\nline breaks', extra={"rows": 3})
    log.debug("not shown")
    log.error("half a pair \ud800, \u2028 and \x9b", exc_info=raised(OSError(28, "No space left on device")))
    first, second = [json.loads(line) for line in stream.getvalue().split("\n")[:-1]]
    assert (first["level"], first["logger"], first["rows"]) == ("info", "footfall.test", 3)
    assert first["message"] == 'quotes " and\nline breaks'
    assert second["exception"].startswith("Traceback (most recent call last):\n")
    assert second["exception"].endswith("OSError: [Errno 28] No space left on device")
    assert stream.getvalue().isascii()


@pytest.mark.parametrize("form", ["console", "json"])
def test_errors_do_not_quote_visitors(form: str) -> None:
    """Where an error was raised and its kind are told, its causes' too; what it says only when it tells of no data."""
    stream = io.StringIO()
    configure("info", form, stream)
    log = logging.getLogger("footfall.test")
    disk = raised(sqlite3.OperationalError("database or disk is full"))
    defect = raised(KeyError(CANARY))
    defect.__cause__ = disk
    log.error("failed", exc_info=defect)
    log.error("of a group", exc_info=raised(ExceptionGroup(CANARY, [ValueError(CANARY), MemoryError("no memory")])))
    log.warning("refused: %s; %s", BadRequest(f"no kind {CANARY}"), Unavailable("the disk is full"))
    log.warning("%d does not fit", CANARY)
    text = stream.getvalue()
    assert CANARY not in text
    assert "sqlite3.OperationalError: database or disk is full" in text
    assert "KeyError" in text
    assert "ValueError" in text
    assert "MemoryError: no memory" in text
    assert "refused: footfall.errors.BadRequest; the disk is full" in text
    assert "does not fit" in text
    assert "in raised" in text


def test_of_libraries_only_warnings_are_told_and_nothing_that_they_quote() -> None:
    """Lines of other loggers begin at warning and end where they begin to quote; they have no facts of their own."""
    stream = io.StringIO()
    configure("debug", "console", stream)
    logging.getLogger("httpx").info("HTTP Request: GET https://shop.example")
    failure = f"Task exception was never retrieved\nfuture: <Task exception=ValueError('{CANARY}')>"
    logging.getLogger("asyncio").error(failure, extra={"whose": CANARY})
    logging.getLogger("sqlalchemy").warning("[parameters: %s]", CANARY)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"value '{CANARY}' is odd", stacklevel=1)
    lines = stream.getvalue().splitlines()
    assert lines[0].endswith("asyncio  Task exception was never retrieved")
    assert lines[1].endswith("sqlalchemy  ")
    assert "UserWarning: value" in lines[2]
    assert CANARY not in stream.getvalue()
    assert len(lines) == 3


def test_what_nobody_catches_becomes_a_line() -> None:
    """An error that ends a thread, and one in a finalizer, are told like any other."""
    stream = io.StringIO()
    configure("info", "json", stream)

    def dies() -> None:
        raise KeyError(CANARY)

    class Finalized:
        def __del__(self) -> None:
            raise KeyError(CANARY)

    thread = threading.Thread(target=dies)
    thread.start()
    thread.join()
    Finalized()
    died, finalizer = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert (died["level"], died["message"]) == ("error", "a thread has died")
    assert "in dies" in died["exception"]
    assert "in __del__" in finalizer["exception"]
    assert CANARY not in stream.getvalue()


def test_nobody_can_forge_a_console_line() -> None:
    """Line breaks and control characters in messages and facts are written out."""
    stream = io.StringIO()
    configure("info", "console", stream)
    log = logging.getLogger("footfall.test")
    log.info("a\nERROR forged\x1b[31m", extra={"name_": "b\r\nc", "route": "/x  status=200", "ids": ["d", "e"]})
    log.error("c", exc_info=OSError("d\n2026-11-21T12:30:01.250Z INFO forged"))
    first, second, *traceback = stream.getvalue().splitlines()
    assert r"a\nERROR forged\x1b[31m" in first
    assert r'name_="b\r\nc"  route="/x  status=200"  ids=d,e' in first
    assert second.endswith("  c")
    assert traceback
    assert all(line.startswith("    ") for line in traceback)


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


def test_a_method_that_nobody_knows_is_not_repeated(tmp_path: Path) -> None:
    """A client may write anything where the method stands."""
    stream = io.StringIO()
    with fake_node(tmp_path) as node, Client(assemble(node), node.token) as client:
        configure("debug", "json", stream)
        client.ask("ALICE", "/health")
    assert '"method": "other"' in stream.getvalue()
    assert "ALICE" not in stream.getvalue()


def test_a_door_that_fails_is_told_with_the_id_of_the_request(tmp_path: Path) -> None:
    """The client of a defect has the id by which the log says where it was, and not what was sent."""
    stream = io.StringIO()

    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        REQUEST_ID.set("r-3")
        raise KeyError(CANARY)

    with fake_node(tmp_path) as node, Client(Front(failing, failing), node.token) as client:
        configure("info", "json", stream)
        answer = client.ask("POST", "/v1/events", content=b"[]")
    (line,) = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert (answer.status_code, answer.headers["X-Request-Id"], line["request_id"]) == (500, "r-3", "r-3")
    assert "in failing" in line["exception"]
    assert CANARY not in stream.getvalue()
