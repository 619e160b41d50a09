"""What sets apart those who went on from one step of a funnel, over HTTP from a real node."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from footfall.events.time import write_time
from tests.api.client import Client
from tests.api.shop import MINUTE_US, START_US, open_shop

STEPS = ["signed_up", "ordered"]


def crowd(country: str, people: int, went: int) -> list[dict[str, Any]]:
    """So many people of a country who signed up, of whom so many ordered an hour later."""
    return [
        {
            "name": name,
            "visitor_id": f"{country}-{number}",
            "event_id": f"{name} {country}-{number}",
            "timestamp": write_time(START_US + minute * MINUTE_US),
            "country": country,
        }
        for number in range(people)
        for name, minute in [("signed_up", 0), *([("ordered", 60)] if number < went else [])]
    ]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with open_shop(tmp_path_factory.mktemp("shop")) as shop:
        offset = shop.send([*crowd("NL", 60, 45), *crowd("BE", 60, 20), *crowd("LU", 20, 9)])
        with shop.client() as made:
            assert made.get("/v1/report/events", after=offset).status_code == 200
            yield made


def asked(client: Client, path: str = "/v1/funnel/apart", **params: Any) -> Any:
    """The answer to the funnel's question."""
    answer = client.ask("GET", path, params={"step": STEPS, **params})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_what_chance_does_not_explain_is_told(client: Client) -> None:
    """Values with their groups and interval, the surest first; too few people are no value; what all share is none."""
    found = asked(client, property="country")
    (best, worst) = found["items"]
    assert (best["property"], best["value"], worst["value"]) == ("country", "NL", "BE")
    assert best["having"] == {"people": 60, "went_on": 45, "rate": 75.0}
    assert best["others"] == {"people": 80, "went_on": 29, "rate": 36.25}
    assert best["low"] < best["lift"] == 38.75 < best["high"]
    assert worst["low"] < worst["lift"] < worst["high"] < 0
    assert (found["judged"], found["few"]) == (2, 1)
    assert (found["before"], found["step"]) == tuple(STEPS)
    assert {item["property"] for item in asked(client)["items"]} == {"country"}


def test_both_groups_open_to_their_people(client: Client) -> None:
    """Who had the value and took the step, and who had it and left."""
    (best, _) = asked(client, property="country")["items"]
    behind = {"split": best["property"], "value": best["value"], "at": 2}
    went = asked(client, "/v1/funnel/people", **behind)["count"]
    left = asked(client, "/v1/funnel/people", **behind, dropped=True)["count"]
    assert (went, went + left) == (best["having"]["went_on"], best["having"]["people"])


def test_more_values_make_wider_intervals(client: Client) -> None:
    """Whoever looks at more of them needs more evidence of each."""
    (alone, _) = asked(client, property="country")["items"]
    (beside, _) = asked(client, property=["country", "visitor_id", "name"])["items"]
    assert beside["low"] <= alone["low"] < alone["high"] <= beside["high"]


@pytest.mark.parametrize(("wrong", "said"), [({"at": 3}, "steps 2 to 2"), ({"property": "contry"}, "'country'")])
def test_what_cannot_be_asked_says_so(client: Client, wrong: dict[str, Any], said: str) -> None:
    """A step that there is not, and a property that there is not."""
    answer = client.ask("GET", "/v1/funnel/apart", params={"step": STEPS, **wrong})
    assert answer.status_code == 400
    assert said in answer.text
