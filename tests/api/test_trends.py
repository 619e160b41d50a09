"""Trends over HTTP from a real node: figures, splits, an earlier time, the people behind a number, and errors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from footfall.events.time import write_time
from tests.api.client import Client
from tests.api.shop import MINUTE_US, START_US, Shop, open_shop, visit

DAY_MINUTES = 24 * 60
JANUARY = {"from": "2026-01-05", "before": "2026-01-08"}


def page_view(who: str, minute: int, **fields: object) -> dict[str, Any]:
    """A page seen by a visitor."""
    when = write_time(START_US + minute * MINUTE_US)
    return {"name": "page_view", "visitor_id": who, "timestamp": when, "event_id": f"{who} saw {minute}", **fields}


EVENTS = [
    *visit("ann", begins=0, views=6, carts=1),
    *visit("bob", begins=0, views=2, carts=1, bought=["19.99", "0.000001"]),
    *visit("bob", begins=DAY_MINUTES, views=1, bought=["30"]),
    page_view("cleo", 5, country="DE", price="2.50", properties={"plan": "pro", "seats": 3}),
    page_view("cleo", DAY_MINUTES + 5, country="DE", price="3.51", properties={"plan": "pro", "seats": 4.5}),
    page_view("dan", 7, country="FR", properties={"plan": "free"}),
    page_view("crawler", 9, is_bot=True),
    page_view("dan", 10, name="identify", user_id="dan", properties={"plan": "team"}),
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("shop")) as made:
        yield made


@pytest.fixture(scope="module")
def client(shop: Shop) -> Iterator[Client]:
    offset = shop.send(EVENTS)
    with shop.client() as made:
        assert made.get("/v1/trends", after=offset, **JANUARY).status_code == 200
        yield made


def asked(client: Client, **parameters: object) -> dict[str, Any]:
    """The answer to a question about the three days."""
    answer = client.get("/v1/trends", **JANUARY | parameters)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def values(line: dict[str, Any]) -> list[Any]:
    return [point["value"] for point in line["points"]]


def test_events_by_day(client: Client) -> None:
    """Each day has its point, the answer its definition, and what was left out."""
    answer = asked(client)
    (line,) = answer["rows"]
    assert values(line) == [14, 3, 0]
    assert (line["total"], line["people"], line["points"][0]["label"]) == (17, 4, "2026-01-05")
    assert (line["points"][0]["begin"], line["points"][0]["end"]) == ("2026-01-05T00:00:00Z", "2026-01-06T00:00:00Z")
    assert answer["noted"] == {"events": 17, "people": 4, "bot_events": 1, "late_events": 0}
    assert answer["definition"]["text"] == "events by day (UTC)"
    assert answer["definition"]["question"]["unit"] == "day"


@pytest.mark.parametrize(
    ("parameters", "wanted"),
    [
        ({"figure": "people"}, [4, 2, 0]),
        ({"figure": "people", "of": "kind:view"}, [2, 1, 0]),
        ({"figure": "purchases"}, [2, 1, 0]),
        ({"figure": "revenue"}, ["19.990001", "30.00", "0.00"]),
        ({"figure": "average_order_value"}, ["10.00", "30.00", None]),
        ({"figure": "sum", "property": "price"}, ["2.50", "3.51", "0.00"]),
        ({"figure": "average", "property": "properties.seats"}, [3.0, 4.5, None]),
        ({"figure": "sessions"}, [4, 2, 0]),
        ({"figure": "conversion"}, [25.0, 50.0, None]),
        ({"figure": "people", "where": 'properties.plan = "pro"'}, [1, 1, 0]),
        ({"figure": "people", "where": 'person.plan = "team" or class = "engaged_shopper"'}, [2, 0, 0]),
        ({"of": 'page_view[country in ("DE", "FR") and not price > 3]'}, [2, 0, 0]),
    ],
    ids=lambda value: " ".join(map(str, value.values())) if isinstance(value, dict) else "",
)
def test_every_figure(client: Client, parameters: dict[str, str], wanted: list[object]) -> None:
    """Counts are whole, money is decimal text, averages of nothing null; filters see JSON, people and classes."""
    (line,) = asked(client, **parameters)["rows"]
    assert values(line) == wanted


def test_a_split_beside_the_days_before(client: Client) -> None:
    """A line for each value, and the days before beside each day."""
    answer = asked(client, split="country", beside="before", **{"from": "2026-01-06", "before": "2026-01-07"})
    lines = {line["value"]: line for line in answer["rows"]}
    assert {value: values(line) for value, line in lines.items()} == {None: [2], "DE": [1]}
    assert [lines[value]["points"][0]["beside"] for value in (None, "DE")] == [12, 1]
    assert lines["DE"]["points"][0]["beside_label"] == "2026-01-05"


def test_the_people_behind_each_number(client: Client) -> None:
    """For every point and total of a split, those behind are as many as it says, page by page."""
    for parameters in ({"figure": "revenue"}, {"figure": "sessions"}, {"by": "session", "zone": "Asia/Tokyo"}):
        given = JANUARY | parameters | {"split": "country"}
        for line in asked(client, split="country", **parameters)["rows"]:
            part: dict[str, object] = {"value": line["value"]} if line["value"] is not None else {"unknown": True}
            found = client.get("/v1/trends/people", **given, **part).json()
            assert (found["count"], len(found["items"])) == (line["people"], line["people"])
            for point in line["points"]:
                found = client.get("/v1/trends/people", **given, **part, period=point["begin"], limit=1).json()
                assert found["count"] == point["people"]
                assert (found["next"] is None) == (point["people"] <= 1)


def test_pages_of_people(client: Client) -> None:
    """In order of their ids, each once."""
    first = client.get("/v1/trends/people", **JANUARY, limit=3).json()
    rest = client.get("/v1/trends/people", **JANUARY, limit=3, cursor=first["next"]).json()
    assert [one["who"] for one in first["items"] + rest["items"]] == [
        *("u:dan", "u:user of ann", "u:user of bob", "v:cleo"),
    ]
    assert (first["count"], rest["count"], rest["next"]) == (4, 4, None)


def test_days_are_those_of_the_zone(client: Client) -> None:
    """A day that names no zone begins at the zone's midnight; one that names its own, at that."""
    for given in (
        {"from": "2026-01-05", "before": "2026-01-06"},
        {"from": "2026-01-04T15:00Z", "before": "2026-01-06"},
    ):
        (line,) = asked(client, zone="Asia/Tokyo", **given)["rows"]
        (point,) = line["points"]
        assert (point["begin"], point["end"], point["partial"]) == (
            "2026-01-04T15:00:00Z",
            "2026-01-05T15:00:00Z",
            False,
        )


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"figure": "revenu"}, "figure: there is no 'revenu'; did you mean 'revenue'?"),
        ({"unit": "dy"}, "unit: there is no 'dy'; did you mean 'day'?"),
        ({"splt": "country"}, "there is no parameter 'splt'; did you mean 'split'?"),
        ({"split": "contry"}, "split: events have no property 'contry'; did you mean 'country'?"),
        ({"where": "country = DE"}, "where: in the filter, character 11 ('DE'): a text stands in quotes"),
        ({"where": "(" * 300}, "where: in the filter"),
        ({"where": 'page_path matches "(a"'}, "is no pattern of RE2"),
        ({"of": "kind:vew"}, "of: there is no kind 'vew'; did you mean 'view'?"),
        ({"zone": "Europe/Berln"}, "zone: there is no time zone 'Europe/Berln'; did you mean 'Europe/Berlin'?"),
        ({"unit": "minute", "before": "2027-01-01"}, "2,000 are the most"),
        ({"before": "soon"}, "before: 'soon' is no time"),
        ({"figure": "sum"}, "the figure 'sum' needs a property"),
    ],
    ids=lambda value: "-".join(value)[:20] if isinstance(value, dict) else "",
)
def test_what_can_not_be_asked_is_named(client: Client, parameters: dict[str, str], says: str) -> None:
    """A 400 that says which parameter, where in it, and the nearest right word."""
    answer = client.get("/v1/trends", **JANUARY | parameters)
    assert answer.status_code == 400, answer.text
    assert says in answer.json()["detail"]


def test_a_number_that_is_not_there(client: Client) -> None:
    """Two parts at once, a part of no split, a period that begins at no such time."""
    for parameters in (
        {"value": "DE", "other": True, "split": "country"},
        {"value": "DE"},
        {"period": "2026-01-05T01Z"},
    ):
        assert client.get("/v1/trends/people", **JANUARY, **parameters).status_code == 400


def test_without_a_token_there_is_no_answer(shop: Shop) -> None:
    """Both routes want the permission to read."""
    with Client(shop.app) as nobody:
        assert nobody.get("/v1/trends").status_code == 401
        assert nobody.get("/v1/trends/people").status_code == 401
