"""Days, hours and weeks of a question that names none are the project's, whichever way it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.client import Client
from tests.api.shop import Shop, open_shop, visit

RANGE = {"from": "2026-01-03", "before": "2026-01-06"}
NAMED = {"zone": "Asia/Tokyo", "week_starts": "sunday"}
QUESTIONS: dict[str, dict[str, Any]] = {
    "/v1/trends": {"unit": "week", **RANGE},
    "/v1/trends/people": {"unit": "week", **RANGE},
    "/v1/funnel": {"step": "kind:view", "unit": "day", **RANGE},
    "/v1/retention": {"unit": "week", "periods": 1, **RANGE},
    "/v1/paths": RANGE,
    "/v1/breakdown/products": RANGE,
    "/v1/people": RANGE,
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One project in Tokyo and one that was left as it was made, with the same events."""
    with open_shop(tmp_path_factory.mktemp("days")) as made:
        made.node.store.create_project("plain")
        with made.client() as client:
            assert client.ask("PATCH", "/v1/projects/default", json=NAMED).status_code == 200
            for project in ("default", "plain"):
                events = [*visit("ann", begins=0, views=3, carts=1), *visit("bob", begins=-1_800, views=2)]
                client.get("/v1/trends", after=made.send(events, project=project), project=project)
        yield made


@pytest.fixture(scope="module")
def client(shop: Shop) -> Iterator[Client]:
    with shop.client() as made:
        yield made


def answer(client: Client, path: str, **parameters: object) -> dict[str, Any]:
    """What a question is answered."""
    found = client.get(path, **QUESTIONS[path], **parameters)
    assert found.status_code == 200, found.text
    told: dict[str, Any] = found.json()
    return told


@pytest.mark.parametrize("path", QUESTIONS)
def test_a_question_that_names_no_days_has_the_projects(client: Client, path: str) -> None:
    """The answer is the one that names the project's zone and weekday, and where days matter not that of UTC."""
    unnamed = answer(client, path)
    assert unnamed == answer(client, path, **NAMED)
    other = answer(client, path, project="plain")
    assert other == answer(client, path, project="plain", zone="UTC", week_starts="monday")
    if path in {"/v1/trends", "/v1/funnel", "/v1/retention"}:
        assert unnamed["definition"]["question"]["scope"] != other["definition"]["question"]["scope"]


def test_periods_begin_at_the_projects_midnight_and_weekday(client: Client) -> None:
    """A week of the Tokyo project begins on Sunday, 4 January, at its midnight: 15:00 UTC of the day before."""
    (line,) = client.get("/v1/trends", unit="week", **{"from": "2026-01-05", "before": "2026-01-06"}).json()["rows"]
    assert [point["begin"] for point in line["points"]] == ["2026-01-03T15:00:00Z"]


def test_refused_events_are_counted_by_the_projects_days(client: Client) -> None:
    """The counts name the project's zone, and their range begins at its midnight."""
    counts = client.get("/v1/rejected/counts").json()
    assert (counts["zone"], counts["begin"][11:]) == ("Asia/Tokyo", "15:00:00Z")
    assert client.get("/v1/rejected/counts", zone="UTC").json()["begin"].endswith("T00:00:00Z")
    day = client.get("/v1/rejected/counts", **{"from": "2026-01-05", "before": "2026-01-06"}).json()
    assert (day["begin"], day["end"]) == ("2026-01-04T15:00:00Z", "2026-01-05T15:00:00Z")
