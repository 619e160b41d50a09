"""What the door logs of a request, and the id by which its lines are found."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from footfall.collect.access_log import AccessLog
from footfall.collect.request_id import request_id
from footfall.journal.traces import traces_of
from tests.collect.door_client import SERVER, ask, open_door

BODY = json.dumps([{"name": "view", "visitor_id": "v1"}, {"name": "view"}]).encode()
LOGGER = "footfall.collect"


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """The facts of what was told."""
    return [vars(record) for record in caplog.records if record.name.startswith(LOGGER)]


def test_the_id_goes_in_and_out() -> None:
    """A well-formed id comes back; in the place of another one, or of none, there is a new one, never twice."""
    with open_door() as (door, _):
        given, *made = [
            ask(door, BODY, headers=SERVER | more).headers["x-request-id"]
            for more in ({"x-request-id": "checkout-1._x"}, {}, {"x-request-id": "a b"})
        ]
        refused = ask(door, BODY, headers={"x-request-id": "r-1"})
        preflight = ask(door, method="OPTIONS")
    assert given == "checkout-1._x"
    assert all(len(one) == 32 and one.isalnum() for one in made)
    assert len(set(made)) == 2
    assert (refused.status, refused.headers["x-request-id"]) == (401, "r-1")
    assert preflight.headers["x-request-id"]


@pytest.mark.parametrize(
    "stated",
    [b"", b"a" * 65, b"a\nb", b"ann@shop.example", "ü".encode(), b"a b"],
    ids=["empty", "long", "broken", "mail", "umlaut", "space"],
)
def test_what_has_not_the_form_of_an_id_is_none(stated: bytes) -> None:
    """Only letters, digits, dots, dashes and underscores, at most 64, can stand in a line as they are."""
    assert request_id(stated).encode() != stated


def test_an_answer_is_told_with_its_offset(caplog: pytest.LogCaptureFixture) -> None:
    """At debug: status, offset, counts, bytes; the journal's commit is remembered under the same id."""
    with caplog.at_level(logging.DEBUG), open_door() as (door, journal):
        ask(door, BODY, headers=SERVER | {"x-request-id": "r-1"})
        (line,) = lines(caplog)
        assert traces_of(journal).between(line["offset"], line["offset"]) == ["r-1"]
    told = {name: line[name] for name in ("message", "levelname", "method", "route", "status", "accepted", "rejected")}
    assert told == {
        "message": "answered",
        "levelname": "DEBUG",
        "method": "POST",
        "route": "/v1/events",
        "status": 202,
        "accepted": 1,
        "rejected": 1,
    }
    assert line["bytes"] == len(BODY)


def test_at_info_the_door_is_quiet_but_for_refusals(caplog: pytest.LogCaptureFixture) -> None:
    """A success has no line; a refusal has one with its code, and without what was sent."""
    with caplog.at_level(logging.INFO), open_door() as (door, _):
        ask(door, BODY)
        assert lines(caplog) == []
        ask(door, b'{"ann": ', query=b"ann=1", headers=SERVER | {"user-agent": "ann", "x-request-id": "r-1"})
        ask(door, BODY, method="ANN")
    bad, method = lines(caplog)
    assert (bad["levelname"], bad["status"], bad["code"], bad["bytes"]) == ("INFO", 400, "bad-request", 8)
    assert (method["status"], method["method"]) == (405, "other")
    assert "ann" not in str(bad).lower()


class Clock:
    """Stands until it is told to go on."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_flood_of_refusals_is_no_flood_of_lines(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    """One a second of each status is told, and the next one says how many were not."""
    log = AccessLog(clock)
    with caplog.at_level(logging.INFO):
        for _ in range(1_000):
            log.answered(429, 0.0, dict)
            log.answered(503, 0.0, dict)
        clock.now = 1.0
        log.answered(429, 0.0, dict)
    assert [(line["status"], line["levelname"], line.get("untold")) for line in lines(caplog)] == [
        (429, "INFO", None),
        (503, "WARNING", None),
        (429, "INFO", 999),
    ]


def test_what_was_slow_is_told_though_it_succeeded(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    """An answer after a second or more has a line at info, with its time."""
    log = AccessLog(clock)
    with caplog.at_level(logging.INFO):
        log.answered(202, 0.999, dict)
        log.answered(202, 1.5, lambda: {"offset": 3})
    (line,) = lines(caplog)
    assert (line["levelname"], line["ms"], line["offset"]) == ("INFO", 1500.0, 3)
