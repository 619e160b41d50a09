"""Names and values to choose from over HTTP, from a real node: those that its events have, and no bot's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from footfall.events.time import write_time
from tests.api.client import Client
from tests.api.shop import START_US, open_shop

EVENTS: list[dict[str, Any]] = [
    {"name": "product_view", "visitor_id": "ann", "country": "DE", "price": "4.50"},
    {"name": "product_view", "visitor_id": "bob", "country": "FR", "price": "4.50"},
    {"name": "odd [name]", "visitor_id": "bob", "country": "DE", "properties": {"a plan": 1, "plan": {"deep": 2}}},
    {"name": "identify", "visitor_id": "bob", "user_id": "bob", "properties": {"age": 33}},
    {"name": "crawled", "visitor_id": "bot", "country": "XX", "is_bot": True, "properties": {"hidden": 1}},
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder: Path = tmp_path_factory.mktemp("vocabulary")
    with open_shop(folder) as shop:
        offset = shop.send([{"timestamp": write_time(START_US), "event_id": f"{n}", **e} for n, e in enumerate(EVENTS)])
        with shop.client() as made:
            assert made.get("/v1/report/events", after=offset).status_code == 200
            yield made


def test_events_are_named_with_what_they_mean(client: Client) -> None:
    """The most frequent first, equal ones by name; those of bots are nobody's."""
    told = client.get("/v1/vocabulary").json()["events"]
    assert [(one["name"], one["kind"], one["events"]) for one in told] == [
        ("product_view", "view", 2),
        ("identify", "passive", 1),
        ("odd [name]", "other", 1),
    ]


def test_properties_are_written_as_filters_write_them(client: Client) -> None:
    """Columns, and the keys of what was sent; each of them can be asked for."""
    told = client.get("/v1/vocabulary").json()["properties"]
    names = [one["name"] for one in told]
    assert {"country", "class", "person.first_seen"} < set(names)
    assert [name for name in names if "." in name] == [
        "person.first_seen",
        "person.last_seen",
        'properties."a plan"',
        "properties.plan",
        "person.age",
    ]
    assert {one["name"]: one["type"] for one in told}["price"] == "an amount of money"
    for name in names:
        assert client.get("/v1/trends", where=f"{name} exists").status_code == 200, name


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("country", [("DE", 2), ("FR", 1)]),
        ("price", [("4.50", 2)]),
        ("kind", [("view", 2), ("other", 1), ("passive", 1)]),
        ("class", [("bouncer", 3)]),
        ("ts", []),
        ("person.age", []),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_values_are_told_the_most_frequent_first(client: Client, name: str, values: list[tuple[str, int]]) -> None:
    """As a split tells them; none of a time, nor of what only people have."""
    told = client.get("/v1/vocabulary/values", property=name).json()["values"]
    assert [(one["value"], one["events"]) for one in told] == values


def test_a_property_that_there_is_not_is_told(client: Client) -> None:
    """With the nearest one that there is."""
    answer = client.get("/v1/vocabulary/values", property="contry")
    assert (answer.status_code, "did you mean 'country'?" in answer.json()["detail"]) == (400, True)
