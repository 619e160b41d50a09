"""Questions that want to break a server: each is refused with a reason or answered in bounds, and others are served."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from footfall.events.time import write_time
from tests.api.shop import MINUTE_US, START_US, open_shop, visit
from tests.crash.server import Server, serving, until

pytestmark = pytest.mark.timeout(300)

MEMORY_BYTES = 1_000_000_000
PATIENCE_SECONDS = 120
WEEK = {"from": "2026-01-05", "before": "2026-01-12"}
CATASTROPHE = "(x+x+)+y(a|aa)*(.*)*$"
MANY = " or ".join(f'properties.k{number} matches "{CATASTROPHE}"' for number in range(100))
DEEP = "(" * 9_000 + 'country = "DE"' + ")" * 9_000
FIFTY = " or ".join(['os="a"'] * 50)
BROAD = " or ".join(['os="a"'] * 1_500)
REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "a thousand steps": ("funnel", {"step": ["page_view"] * 1_000}, "1 to 30 steps, not 1000"),
    "filtered steps": ("funnel", {"step": [f"*[{FIFTY}]"] * 30}, "1,000 values together, these with 1,500"),
    "a window of ten years": ("funnel", {"step": ["a"], "within": "3650d"}, "at most 400 days"),
    "an endless window": ("funnel", {"step": ["a"], "within": "9" * 90 + "d"}, "is no length of time"),
    "parentheses": ("trends", {"where": DEEP}, "20 levels deep"),
    "a broad filter": ("trends", {"where": BROAD}, "at most 200 comparisons"),
    "a longer list": ("trends", {"where": f"os in ({'1,' * 501}1)"}, "os"),
    "a pattern that looks back": ("trends", {"where": r'os matches "(a)\\1"'}, "no pattern of RE2"),
    "a pattern that grows": ("trends", {"where": 'os matches "((a{0,999}){0,999}){0,999}"'}, "no pattern of RE2"),
    "a year of seconds": ("trends", {"unit": "second"}, "there are minute, hour"),
    "a year of minutes": ("trends", {"unit": "minute", "from": "2025-01-01", "before": "2026-01-01"}, "2,000 are"),
    "the end of time": ("trends", {"from": "9999-12-31"}, "years 1 to 9999"),
    "a zone of nowhere": ("trends", {"zone": "Europe/Berlni"}, "did you mean 'Europe/Berlin'?"),
    "a zone that climbs": ("trends", {"zone": "../../etc/passwd"}, "no time zone"),
    "a million periods": ("retention", {"periods": 10**6}, "1 to 100 periods, not 1000000"),
    "many cells": (
        "retention",
        {"periods": 100, "unit": "day", "from": "2023-01-01", "before": "2025-01-01"},
        "50,000 are the most",
    ),
    "a billion pages": ("breakdown/pages", {"top": 10**9}, "query.top"),
    "a billion labels": ("paths", {"top": 10**9}, "1 to 100 labels"),
    "a long way": ("paths", {"depth": 10**6}, "1 to 30 places"),
    "another's project": ("trends", {"project": "x' or 1=1 --"}, "there is no project"),
    "a step of blanks": ("funnel", {"step": [" " * 19_998 + "x["]}, "is no step"),
    "a step of blanks behind": ("funnel", {"step": ["x" + " " * 19_998 + "["]}, "is no step"),
    "an odd character": ("trends", {"where": 'os = "\0"'}, "a text can't hold this character"),
}
LISTED = ", ".join(f'"{number}"' for number in range(500))
MINUTES = {"unit": "minute", "from": "2026-01-05T00:00", "before": "2026-01-06T09:00"}
DAYS = {"unit": "day", "from": "2025-01-01", "before": "2026-02-01"}
COSTLY: dict[str, tuple[str, dict[str, Any]]] = {
    "thirty steps": ("funnel", {"step": ["*"] * 30, "order": "strict", "split": "brand", "unit": "day", **WEEK}),
    "a hundred patterns": ("trends", {"where": MANY, **WEEK}),
    "a split by everything": ("trends", {"split": "event_id", **MINUTES}),
    "deep paths": ("paths", {"depth": 30, "top": 100, "over": "events", "by": "session"}),
    "long cohorts": ("retention", {"periods": 100, "cohorts": "active", "split": "event_id", **DAYS}),
    "all pages": ("breakdown/pages", {"top": 1_000}),
    "everybody": ("people", {"search": "%" * 500, "limit": 1_000}),
    "a list": ("trends", {"where": f"os in ({LISTED})", "split": "properties.id", **WEEK}),
}


def views(count: int, *, first: int = 0) -> list[dict[str, Any]]:
    """Page views of many, with an id of their own each."""
    return [
        {
            "name": "page_view",
            "visitor_id": f"v{number % 300}",
            "event_id": f"view {number}",
            "timestamp": write_time(START_US + number * MINUTE_US),
            "page_path": f"/{number}",
            "properties": {"id": number, "k7": "x" * 200},
        }
        for number in range(first, first + count)
    ]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real one, with a few thousand events."""
    folder = tmp_path_factory.mktemp("hostile") / "data"
    with serving(folder, FOOTFALL_MEMORY_BYTES=str(MEMORY_BYTES)) as made, httpx.Client(timeout=60) as client:
        offsets = [made.send(views(500, first=first), client=client).json()["offset"] for first in range(0, 3_000, 500)]
        made.get("/v1/trends", after=offsets[-1])
        yield made


def ask(server: Server, question: str, parameters: dict[str, Any]) -> httpx.Response:
    """The answer, whatever it is; who is told to come back comes back."""
    token = (server.folder / "admin-token").read_text().strip()
    with httpx.Client(headers={"authorization": f"Bearer {token}"}, timeout=PATIENCE_SECONDS) as client:
        found: list[httpx.Response] = []

        def answered() -> bool:
            found.append(client.get(f"{server.address}/v1/{question}", params=parameters))
            return found[-1].status_code != 503

        until(answered, PATIENCE_SECONDS)
        return found[-1]


@pytest.mark.parametrize(("question", "parameters", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_too_much_is_refused_with_a_reason(
    server: Server, question: str, parameters: dict[str, Any], said: str
) -> None:
    """The limit, the place or the right word; before anything is read."""
    answer = ask(server, question, parameters)
    assert answer.status_code in {400, 404, 422}, answer.text
    assert said in answer.json()["detail"]


def test_others_are_served_meanwhile(server: Server) -> None:
    """Eight costly questions at once: events are taken, `/ready` says so, cheap questions get their answer.

    The costly ones end with an answer, or with the limit that they met; all together within the server's memory.
    """
    most, sent = 0, 3_000
    with ThreadPoolExecutor(len(COSTLY)) as pool, httpx.Client(timeout=PATIENCE_SECONDS) as client:
        asked = {name: pool.submit(ask, server, *question) for name, question in COSTLY.items()}
        while not all(answer.done() for answer in asked.values()):
            assert server.send(views(1, first=sent), client=client).status_code == 202
            sent += 1
            assert client.get(f"{server.address}/ready").status_code == 200
            cheap = ask(server, "trends", {"figure": "people", **WEEK}).json()
            assert cheap["rows"][0]["people"] == 300
            most = max(most, server.memory())
    for name, question in asked.items():
        answer = question.result()
        assert answer.status_code in {200, 422}, (name, answer.text[:500])
        if answer.status_code == 422:
            assert answer.json()["code"] == "query-limit", (name, answer.text[:500])
    assert most < MEMORY_BYTES


def test_a_question_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    """After `query_seconds` it is told so, wherever the time went."""
    with open_shop(tmp_path / "data", query_seconds=0.1) as shop:
        shop.send(visit("ann", begins=0, views=3))
        with shop.client() as client:
            step = "&".join(["step=*"] * 30)
            answer = client.ask("GET", f"/v1/funnel?{step}&order=strict&split=brand")
    assert answer.status_code == 422
    assert answer.json()["code"] == "query-limit"
    assert "longer than 0.1 s" in answer.json()["detail"]
