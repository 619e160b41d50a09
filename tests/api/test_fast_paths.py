"""Questions over HTTP with the index and without it: the same answers, of the same people."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest

from footfall.events.time import write_time
from footfall.lake.index import index as indexing
from footfall.metrics.kernels.answers import Answers
from tests.api.client import Client
from tests.api.shop import MINUTE_US, START_US, Shop, open_shop, visit

DAY = 24 * 60
PAGES = [
    {
        "name": "page_view",
        "visitor_id": f"visitor {number % 7}",
        "event_id": f"page {number}",
        "timestamp": write_time(START_US + number * 97 * MINUTE_US),
        "page_path": f"/{number % 5}",
        "country": ("DE", "FR", None)[number % 3],
        "is_bot": number % 11 == 0,
        **({"user_id": f"user {number % 4}"} if number % 4 else {}),
    }
    for number in range(80)
]
EVENTS = [*visit("ann", begins=0, views=6, carts=1), *visit("bob", begins=DAY, views=2, carts=1, bought=["9"]), *PAGES]
RANGE = "from=2026-01-05&before=2026-01-12"
QUESTIONS = {
    "funnel": "/v1/funnel?step=product_view&step=add_to_cart&step=kind:purchase",
    "funnel by country": f"/v1/funnel?step=page_view&step=*&within=2d&split=country&unit=day&{RANGE}",
    "trend": f"/v1/trends?figure=people&split=country&zone=Europe/Berlin&beside=before&{RANGE}",
    "retention": f"/v1/retention?unit=day&periods=3&{RANGE}",
    "paths": f"/v1/paths?{RANGE}",
    "strict funnel": "/v1/funnel?step=product_view&step=add_to_cart&order=strict",
    "by session": f"/v1/trends?figure=people&by=session&{RANGE}",
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("shop")) as made:
        offset = made.send(EVENTS)
        with made.client() as client:
            assert client.get("/v1/report/events", after=offset).status_code == 200
        yield made


def asked(client: Client, path: str) -> Any:
    route, _, query = path.partition("?")
    answer = client.ask("GET", route, params=parse_qs(query))
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("path", QUESTIONS.values(), ids=QUESTIONS)
def test_quick_ways_change_no_answer(shop: Shop, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the index can tell or not, the answer is the definition's, with what was left out."""
    with shop.client() as client:
        quick = asked(client, path)
        monkeypatch.setattr(Answers, "_remembered", lambda *_: None)
        assert quick == asked(client, path)


def test_the_index_answers(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the index knows is not asked of the engine: the definition is not even looked at."""

    def never(*_: object, **__: object) -> None:
        raise AssertionError("the definition was asked")

    for definition in ("funnel", "trends", "retention", "paths"):
        monkeypatch.setattr(f"footfall.metrics.{definition}.answer", never)
    with shop.client() as client:
        for name in ("funnel", "funnel by country", "trend", "retention", "paths"):
            asked(client, QUESTIONS[name])


def test_an_event_more_is_in_the_next_answer(shop: Shop) -> None:
    """What has been acknowledged and processed is counted at once, though the question was asked before."""
    path = "/v1/trends?figure=events&of=waved&from=2026-01-05&before=2026-01-06"
    with shop.client() as client:
        before = asked(client, path)["rows"][0]["total"]
        wave = {"name": "waved", "visitor_id": "ann", "timestamp": write_time(START_US), "event_id": "waved"}
        offset = shop.send([wave])
        after = asked(client, f"{path}&after={offset}")["rows"][0]["total"]
    assert (before, after) == (0, 1)


NEWEST = [*visit("ann", begins=2 * DAY, views=3, carts=1, bought=["5"]), *visit("eve", begins=DAY, views=1, carts=1)]


def test_upkeep_makes_the_index(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A running node indexes its files by itself, and answers the same; what comes later is in every answer at once."""
    monkeypatch.setattr(indexing, "LEAST_ROWS", 1)
    monkeypatch.setattr("footfall.node.upkeep._COMPACT_SECONDS", 0.1)
    folder = tmp_path_factory.mktemp("kept up")
    with open_shop(folder, lake_commit_seconds=0.1) as shop:
        offset = shop.send(EVENTS)
        with shop.client() as client:
            answer = asked(client, f"{QUESTIONS['trend']}&after={offset}")
            made, waited = folder / "lake" / "index", threading.Event()
            for _ in range(600):
                if list(made.rglob("*.index")):
                    break
                waited.wait(0.05)
            assert list(made.rglob("*.index"))
            assert asked(client, QUESTIONS["trend"]) == answer
            offset = shop.send(NEWEST)
            asked(client, f"{QUESTIONS['trend']}&after={offset}")
            quick = {name: asked(client, path) for name, path in QUESTIONS.items()}
            monkeypatch.setattr(Answers, "_remembered", lambda *_: None)
            assert quick == {name: asked(client, path) for name, path in QUESTIONS.items()}
            assert quick["trend"] != answer
