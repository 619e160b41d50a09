"""Alerts by HTTP: pages of them, one with its events, the risk that they add up to, and other thresholds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from footfall.api.app import assemble
from footfall.events.time import read_time, write_time
from footfall.store.access import GRANTS, Permission, Role
from tests.api.client import Client
from tests.api.fakes import fake_node
from tests.api.shop import START_US, Shop, open_shop

SECOND_US = 1_000_000
ODD = "a/nn@x: é?#%2F😀"
FIELDS = {
    *("alert_id", "rule", "severity", "icon", "subject", "user_id", "visitor_id", "first", "last", "count", "peak"),
    *("message", "revision"),
}
LONG_AGO = {"days": 3650}


def burst(number: int, *, second: int = 0, **said: object) -> list[dict[str, object]]:
    """So many events of somebody, one a second."""
    return [
        {"name": "view", "event_id": f"{said} {second + at}", "timestamp": at_second(second + at), **said}
        for at in range(number)
    ]


def at_second(second: int) -> str:
    return write_time(START_US + second * SECOND_US)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Ann is fast twice, Ben buys dearly, a visitor and a session move; what is told of the past is told of nobody."""
    with open_shop(tmp_path_factory.mktemp("shop"), lake_commit_seconds=0.2) as made:
        offset = made.send(
            [
                *burst(8, user_id="ann"),
                *burst(6, second=3600, user_id="ann"),
                *burst(9, user_id=ODD),
                *burst(1, visitor_id="ben", name="purchase", amount="1700.50"),
                *burst(1, session_id="cy", country="DE"),
                *burst(1, second=60, session_id="cy", country="AU"),
                *burst(20, user_id="past", source="import"),
                *burst(2, user_id="quiet"),
            ]
        )
        with made.client() as waiting:
            waiting.get("/v1/alerts", after=offset)
        yield made


@pytest.fixture(scope="module")
def client(shop: Shop) -> Iterator[Client]:
    with shop.client() as asking:
        yield asking


def listed(client: Client, **parameters: object) -> list[dict[str, Any]]:
    """The alerts of a page."""
    items: list[dict[str, Any]] = client.get("/v1/alerts", **parameters).json()["items"]
    return items


def one(client: Client, alert_id: str, **parameters: object) -> dict[str, Any]:
    """One alert with its events."""
    answer = client.get("/v1/alerts/" + quote(alert_id, safe=""), **parameters)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_an_alert_is_told_whole(client: Client) -> None:
    """Every field that is promised, in words and in numbers; those that fired last come first."""
    items = listed(client)
    assert [set(item) for item in items] == [FIELDS] * 5
    assert [read_time(item["last"]) for item in items] == sorted((read_time(i["last"]) for i in items), reverse=True)
    newest = items[0]
    assert newest.pop("revision") >= 0
    assert newest == {
        "alert_id": f"HIGH_VELOCITY:u:ann@{START_US + 3604 * SECOND_US}",
        "rule": "HIGH_VELOCITY",
        "severity": "high",
        "icon": "🔴",
        "subject": "u:ann",
        "user_id": "ann",
        "visitor_id": None,
        "first": at_second(3604),
        "last": at_second(3605),
        "count": 2,
        "peak": 6,
        "message": "User has 6 events in the last minute",
    }
    said = {(item["icon"], item["subject"], item["message"]) for item in items}
    assert ("🟠", "v:ben", "Visitor made a purchase of 1700.50") in said
    assert ("🔴", "s:cy", "Session appeared in another country within 1 hour") in said


@pytest.mark.parametrize(
    ("wanted", "subjects"),
    [
        ({"rule": "HIGH_VELOCITY"}, ["u:ann", f"u:{ODD}", "u:ann"]),
        ({"severity": "medium"}, ["v:ben"]),
        ({"subject": "u:ann"}, ["u:ann", "u:ann"]),
        ({"subject": "u:nobody"}, []),
        ({"from": at_second(60)}, ["u:ann", "s:cy"]),
        ({"before": at_second(1)}, ["v:ben"]),
        ({"from": at_second(0), "before": at_second(0)}, []),
        ({"rule": "HIGH_VELOCITY", "before": at_second(8), "severity": "high"}, ["u:ann"]),
    ],
    ids=["rule", "severity", "subject", "nobody", "from", "before", "nothing", "all"],
)
def test_only_some(client: Client, wanted: dict[str, str], subjects: list[str]) -> None:
    """Everything that is asked for holds; times are of the last firing, and the end is left out."""
    assert [item["subject"] for item in listed(client, **wanted)] == subjects


def test_pages_are_the_whole_list(client: Client) -> None:
    """One after the other, without a gap and without a repetition."""
    seen: list[dict[str, Any]] = []
    page = client.get("/v1/alerts", limit=2).json()
    while page["next"]:
        seen += page["items"]
        page = client.get("/v1/alerts", limit=2, cursor=page["next"]).json()
    assert seen + page["items"] == listed(client)


def test_the_events_behind_an_alert(client: Client) -> None:
    """Those that made it fire, in order of time, page by page; its id may have any character."""
    for item in listed(client, rule="HIGH_VELOCITY"):
        detail = one(client, item["alert_id"], limit=5)
        assert (detail["alert"], detail["complete"]) == (item, True)
        rest = one(client, item["alert_id"], cursor=detail["next"])
        assert rest["next"] is None
        events = detail["events"] + rest["events"]
        assert len(events) == item["peak"]
        assert {event["user_id"] for event in events} == {item["user_id"]}
        times = [event["timestamp"] for event in events]
        assert times == sorted(times)
        assert events[-1]["timestamp"] == item["last"]


def test_the_two_ends_of_a_journey(client: Client) -> None:
    """Where it began, too."""
    (item,) = listed(client, rule="RAPID_LOCATION_CHANGE")
    assert [event["country"] for event in one(client, item["alert_id"])["events"]] == ["DE", "AU"]


@pytest.mark.parametrize("alert_id", ["gone", "HIGH_VELOCITY:u:ann@1", "a/b", "%00", "x" * 5000])
def test_what_is_not_there(client: Client, alert_id: str) -> None:
    """Whatever is asked for by its id: it is not there, or the id is none."""
    answer = client.get("/v1/alerts/" + quote(alert_id, safe=""))
    assert answer.status_code in (404, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/v1/alerts", "/v1/risk", "/v1/alerts/HIGH_VELOCITY:u:ann@1"])
@pytest.mark.parametrize("cursor", ["x", "e30", "WzEsMl0", "WzEuNSwgImEiXQ"])
def test_a_cursor_of_another_page(client: Client, path: str, cursor: str) -> None:
    """It is refused in words."""
    answer = client.get(path, cursor=cursor)
    assert (answer.status_code, "cursor" in answer.json()["detail"]) == (400, True)


@pytest.mark.parametrize(
    "path", ["/v1/alerts?rule=X", "/v1/alerts?severity=low", "/v1/risk?days=0", "/v1/fraud/thresholds?from=soon"]
)
def test_what_can_not_be_asked(client: Client, path: str) -> None:
    """Values that there are none of are refused."""
    assert client.ask("GET", path).status_code in (400, 422)


def test_risk_adds_up(client: Client) -> None:
    """A score is the sum of its parts, the highest first; one can be asked for alone."""
    items = client.get("/v1/risk", **LONG_AGO).json()["items"]
    assert [(item["subject"], item["score"]) for item in items] == [
        *(("s:cy", 20), ("u:ann", 12), (f"u:{ODD}", 10), ("v:ben", 10))
    ]
    assert all(item["score"] == sum(part["points"] for part in item["parts"]) for item in items)
    ann = {"subject": "u:ann", "score": 12, "last": at_second(3605)}
    ann["parts"] = [{"rule": "HIGH_VELOCITY", "points": 12, "alerts": 2}]
    assert client.get("/v1/risk", subject="u:ann", **LONG_AGO).json() == {"items": [ann], "next": None}


def test_risk_page_by_page(client: Client) -> None:
    """Everyone stands on one page."""
    first = client.get("/v1/risk", limit=3, **LONG_AGO).json()
    rest = client.get("/v1/risk", limit=3, cursor=first["next"], **LONG_AGO).json()
    assert first["items"] + rest["items"] == client.get("/v1/risk", **LONG_AGO).json()["items"]
    assert rest["next"] is None


def test_thresholds_that_were_not_set(client: Client) -> None:
    """Whom each would have hit, imported events included, the present one among them."""
    found = client.get("/v1/fraud/thresholds", **{"from": "2026-01-01", "before": "2026-02-01"}).json()
    assert (found["from"], found["before"]) == ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z")
    assert (found["people"], found["currency"]) == (6, "EUR")
    ladders = {ladder["rule"]: ladder for ladder in found["rules"]}
    velocity = {rung["threshold"]: rung["people"] for rung in ladders["HIGH_VELOCITY"]["rungs"]}
    assert velocity == {3: 3, 5: 3, 8: 3, 10: 1, 15: 1, 25: 0, 50: 0}
    for ladder in found["rules"]:
        assert [rung["default"] for rung in ladder["rungs"]].count(True) == 1
        assert [rung["present"] for rung in ladder["rungs"]].count(True) == 1
        assert ladder["setting"].startswith("fraud_")
    assert ladders["HIGH_VELOCITY"]["condition"] == "5 events or more in the last minute"
    (now,) = [rung for rung in ladders["HIGH_VELOCITY"]["rungs"] if rung["present"]]
    assert (now["threshold"], now["share"]) == (5, 50.0)


def test_a_past_without_events(client: Client) -> None:
    """Nobody is hit, of nobody; without a range it is the last 30 days."""
    for asked in ({"before": "1970-01-01"}, {"before": "0001-01-01"}, {}):
        found = client.get("/v1/fraud/thresholds", **asked).json()
        assert found["people"] == 0
        assert {(rung["people"], rung["share"]) for ladder in found["rules"] for rung in ladder["rungs"]} == {(0, None)}


@pytest.mark.parametrize("path", ["/v1/alerts", "/v1/alerts/x", "/v1/risk", "/v1/fraud/thresholds"])
def test_who_may_read(tmp_path: Path, path: str) -> None:
    """A token that may read gets as far as the tables; without one, and with one that may not, nobody does."""
    with fake_node(tmp_path) as node:
        app = assemble(node)
        for role in Role:
            _, secret = node.store.create_token("one", role)
            with Client(app, secret) as asking:
                may = Permission.READ in GRANTS[role]
                assert asking.get(path).status_code == (503 if may else 403)
        with Client(app) as asking:
            assert asking.get(path).status_code == 401
