"""Class rules over HTTP from a real node: shown, tried on the past, changed while it runs, by who may."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from footfall.api.app import assemble
from footfall.events.event import Event
from footfall.events.time import write_time
from footfall.node.node import Node
from footfall.settings import Settings
from footfall.store.access import Role
from tests.api.client import Client
from tests.api.shop import Shop, open_shop, visit
from tests.crash.server import until
from tests.live.passes import journalled
from tests.live.test_processor import visit as event
from tests.sessions.streams import HOUR_US

MINUTE_US = 60_000_000
LATE_US = 60 * HOUR_US
NAMES = ("page_view", "product_view", "add_to_cart", "purchase", "scroll_depth", "wishlist", "identify")
Classes = dict[str, str]


def world(seed: int, visitors: int = 150) -> list[Event]:
    """Visits of all classes, some a bot's, in order of arrival; a few events come two days after all others."""
    dice = random.Random(seed)
    events: list[Event] = []
    for number in range(visitors):
        at = dice.randrange(0, 20 * HOUR_US)
        said: dict[str, Any] = {"visitor_id": f"v{number}", "is_bot": dice.random() < 0.05}
        said["session_id"] = f"s{number}" if dice.random() < 0.3 else None
        for place in range(dice.choice([1, 1, 2, 4, 9, 11, 14, 31, 40])):
            at += dice.randrange(0, dice.choice([MINUTE_US // 2, 3 * MINUTE_US, 40 * MINUTE_US]))
            name = dice.choice(NAMES)
            said |= {"event_id": f"{number}-{place}", "product_id": f"p{place % 4}"}
            said["amount_micros"] = 5_000_000 if name == "purchase" else None
            events.append(event(name, at, at + (LATE_US if dice.random() < 0.02 else 0), **said))
    return sorted(events, key=lambda one: (one.received_us, one.event_id))


def filled(node: Node, seed: int) -> int:
    """A world in the node; the sessions of late events have left the memory by then. The offset to wait for."""
    events = world(seed)
    behind = events[0].received_us + LATE_US
    live = node._live
    assert live is not None
    last = [event("click", LATE_US, LATE_US, visitor_id="last", event_id=f"last {number}") for number in range(2)]
    for some in ([one for one in events if one.received_us < behind], last[:1], last[1:]):
        assert live.processor.wait_for(journalled(node._journal, some), timeout=60)
        live.processor.flush(timeout=60)
    return journalled(node._journal, [one for one in events if one.received_us >= behind])


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("rules")) as made:
        with made.client() as first:
            assert classes_of(first, after=filled(made.node, 1))
        yield made


@pytest.fixture
def client(shop: Shop) -> Iterator[Client]:
    with shop.client() as made:
        yield made


def classes_of(client: Client, **asked: object) -> Classes:
    """{session: class} of all sessions, as readers see them."""
    found: Classes = {}
    while True:
        page = client.get("/v1/sessions", limit=1000, **asked).json()
        found |= {item["session_id"]: item["visitor_class"] for item in page["items"]}
        if page["next"] is None:
            return found
        asked["cursor"] = page["next"]


@contextmanager
def open_again(folder: Path) -> Iterator[Shop]:
    """A shop on a folder that was open before."""
    node = Node.open(folder, Settings())
    try:
        yield Shop(node, assemble(node), (folder / "admin-token").read_text().strip())
    finally:
        node.close()


def rebuilt(client: Client) -> dict[str, Any]:
    """The rebuild's last word, once it is done."""
    assert client.post("/v1/rebuild", {}).status_code == 202
    until(lambda: client.get("/v1/rebuild").json()["state"] != "running", 60)
    status: dict[str, Any] = client.get("/v1/rebuild").json()
    assert status["state"] == "done", status
    return status


def matrix(before: Classes, after: Classes) -> Counter[tuple[str | None, str | None]]:
    """How many sessions went from which class to which."""
    return Counter((before.get(one), after.get(one)) for one in before.keys() | after.keys())


def told(preview: dict[str, Any]) -> Counter[tuple[str | None, str | None]]:
    """The same, as a preview has it."""
    return Counter({(cell["present"], cell["then"]): cell["sessions"] for cell in preview["cells"]})


CHANGES: list[dict[str, dict[str, Any]]] = [
    {"thresholds": {"engaged_shopper.total_events": 12, "browser.total_events": 2}},
    {"kinds": {"wishlist": "cart", "product_view": "passive"}},
    {"thresholds": {"power_user.session_duration_minutes": 12.5}, "kinds": {"scroll_depth": "other"}},
]


def test_a_preview_is_what_a_rebuild_makes_of_it(tmp_path: Path) -> None:
    """One change after the other, with and without a rebuild between: cell by cell the sessions that really moved."""
    with open_shop(tmp_path) as shop, shop.client() as client:
        before = classes_of(client, after=filled(shop.node, 2))
        for number, change in enumerate(CHANGES):
            preview = client.post("/v1/classes/preview", change).json()
            assert client.ask("PATCH", "/v1/classes/rules", json={"number": number, **change}).status_code == 200
            if number != 1:
                assert rebuilt(client)["differing"] >= preview["changed"] > 0
                after = classes_of(client)
                assert told(preview) == matrix(before, after)
                assert (preview["sessions"], preview["changed"]) == (
                    len(before.keys() | after.keys()),
                    sum(before.get(one) != after.get(one) for one in before.keys() | after.keys()),
                )
            assert client.get("/v1/classes/rules").json()["rebuild_due"] == (number == 1)
            before = classes_of(client)


def test_the_rules_tell_thresholds_advice_and_kinds(client: Client) -> None:
    """Best class first, each clause with the id by which it is changed; the last class has none."""
    found = client.get("/v1/classes/rules").json()
    assert [rule["name"] for rule in found["classes"]] == ["power_user", "engaged_shopper", "browser", "bouncer"]
    assert all(rule["advice"] for rule in found["classes"])
    assert found["classes"][1]["any_of"][1] == [
        {"id": "engaged_shopper.purchase_count", "figure": "purchase_count", "at_least": 2}
    ]
    assert found["classes"][3]["any_of"] == []
    assert (found["kinds"]["add_to_cart"], found["number"], found["fixed"], found["history"]) == ("cart", 0, [], [])
    assert not found["rebuild_due"]


def test_a_preview_changes_nothing(client: Client) -> None:
    """The rules in force are the same, and so is every session."""
    before, rules = classes_of(client), client.get("/v1/classes/rules").json()
    assert client.post("/v1/classes/preview", {"thresholds": {"browser.total_events": 20}}).json()["changed"] > 0
    assert (classes_of(client), client.get("/v1/classes/rules").json()) == (before, rules)


def test_without_a_change_only_late_events_move_sessions(client: Client) -> None:
    """A preview of nothing tells what a rebuild would do anyway."""
    preview = client.post("/v1/classes/preview", {}).json()
    late = client.post("/v1/sql", {"sql": "SELECT count(*) FROM events WHERE late AND NOT is_bot"}).json()["rows"][0][0]
    assert 0 < preview["changed"] <= late
    assert 0 < preview["owners_anew"] <= late


def test_examples_are_sessions_that_are_there_with_that_class(client: Client) -> None:
    """Each can be opened, and has the class that it is said to have now; unmoved ones are not listed."""
    present = classes_of(client)
    cells = client.post("/v1/classes/preview", {"thresholds": {"browser.total_events": 20}}).json()["cells"]
    for cell in cells:
        if cell["present"] is None or cell["present"] == cell["then"]:
            assert cell["examples"] == []
        else:
            assert len(cell["examples"]) == min(cell["sessions"], 100)
            assert {present[one] for one in cell["examples"]} == {cell["present"]}


def test_ranges_part_the_sessions(client: Client) -> None:
    """What begins before an instant, and what begins later, are together all, cell by cell."""
    change = {"thresholds": {"engaged_shopper.total_events": 12}, "kinds": {"wishlist": "cart"}}
    whole = told(client.post("/v1/classes/preview", change).json())
    at = client.post("/v1/sql", {"sql": "SELECT median(session_start)::BIGINT FROM sessions"}).json()["rows"][0][0]
    middle = write_time(at)
    first = told(client.post("/v1/classes/preview", {**change, "before": middle}).json())
    second = told(client.post("/v1/classes/preview", {**change, "from": middle}).json())
    assert first
    assert second
    assert first + second == whole


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"thresholds": {"browser.total_events": -3}}, "browser.total_events = -3: write a whole number"),
        ({"thresholds": {"browser.total_events": "9"}}, "thresholds.browser.total_events"),
        ({"thresholds": {"browser.total_event": 9}}, "did you mean 'browser.total_events'?"),
        ({"thresholds": {"browser.purchase_count": 2}}, "is engaged_shopper already"),
        ({"kinds": {"wishlist": "basket"}}, "kinds.wishlist"),
        ({"kinds": {"": "cart"}}, "can't be the name of an event"),
        ({"treshold": {}}, "treshold"),
    ],
    ids=["negative", "text", "unknown", "out of order", "no kind", "no name", "unknown field"],
)
def test_what_can_not_be_is_said_and_not_done(client: Client, body: dict[str, Any], says: str) -> None:
    """Tried or changed, the answer names what was wrong with it."""
    for answer in (
        client.post("/v1/classes/preview", body),
        client.ask("PATCH", "/v1/classes/rules", json={"number": 0, **body}),
    ):
        assert answer.status_code in {400, 422}, answer.text
        assert says in answer.text
    assert client.get("/v1/classes/rules").json()["number"] == 0


def test_no_number_is_refused_as_such(client: Client) -> None:
    """JSON has none, but some libraries write it."""
    body, headers = b'{"thresholds": {"browser.total_events": NaN}}', {"Content-Type": "application/json"}
    answer = client.ask("POST", "/v1/classes/preview", content=body, headers=headers)
    assert (answer.status_code, "browser.total_events = nan" in answer.text) == (400, True)


def test_the_second_editor_is_told(tmp_path: Path) -> None:
    """What the first one saved stays; the history says who that was."""
    with open_shop(tmp_path) as shop, shop.client() as client:
        first = {"number": 0, "thresholds": {"browser.total_events": 4}}
        assert client.ask("PATCH", "/v1/classes/rules", json=first).json()["number"] == 1
        answer = client.ask("PATCH", "/v1/classes/rules", json={"number": 0, "kinds": {"wishlist": "cart"}})
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
        found = client.get("/v1/classes/rules").json()
        assert "wishlist" not in found["kinds"]
        (change,) = found["history"]
        assert (change["number"], change["thresholds"]) == (1, {"browser.total_events": 4})
        assert change["changed_by"] in {token["id"] for token in client.get("/v1/tokens").json()["items"]}


def test_changed_rules_hold_at_once_and_after_a_restart(tmp_path: Path) -> None:
    """The next event is judged by them, a question knows the new kind, and so it is when the server comes back."""
    change = {"number": 0, "thresholds": {"browser.total_events": 2}, "kinds": {"wish": "cart"}}
    with open_shop(tmp_path) as shop, shop.client() as client:
        assert client.ask("PATCH", "/v1/classes/rules", json=change).status_code == 200
        (wish,) = visit("v", begins=0, views=1)
        (found,) = client.get("/v1/sessions", after=shop.send([wish | {"name": "wish"}])).json()["items"]
        assert (found["cart_count"], found["visitor_class"]) == (1, "browser")
        (trail,) = client.get("/v1/trails", session=found["session_id"]).json()["items"]
        assert [one["kind"] for one in trail["events"]] == ["cart"]
    with open_again(tmp_path) as shop, shop.client() as client:
        rules = client.get("/v1/classes/rules").json()
        assert (rules["number"], rules["kinds"]["wish"]) == (1, "cart")
        offset = shop.send(visit("w", begins=500, views=2))
        (found,) = client.get("/v1/sessions", after=offset, owner="v:w").json()["items"]
        assert found["visitor_class"] == "browser"


def test_only_who_manages_everything_changes_rules(shop: Shop) -> None:
    """A project's admin and a reader may look and try; the rules are all projects'."""
    shop.node.store.create_project("mine")
    for role, project in ((Role.READER, None), (Role.ADMIN, "mine")):
        _, token = shop.node.store.create_token("t", role, project_id=project)
        with shop.client(token) as client:
            assert client.get("/v1/classes/rules").status_code == 200
            assert client.post("/v1/classes/preview", {}).status_code == 200
            answer = client.ask("PATCH", "/v1/classes/rules", json={"number": 0, "kinds": {"w": "cart"}})
            assert answer.status_code == 403


def test_a_preview_sees_its_own_project_alone(shop: Shop) -> None:
    """Another project's sessions are in no cell and no example."""
    shop.node.store.create_project("lone")
    offset = shop.send(visit("lone visitor", begins=0, views=4), project="lone")
    _, token = shop.node.store.create_token("t", Role.READER, project_id="lone")
    with shop.client(token) as client:
        client.get("/v1/sessions", after=offset)
        preview = client.post("/v1/classes/preview", {"thresholds": {"browser.total_events": 5}}).json()
        assert (preview["sessions"], preview["rebuild_events"]) == (1, 4)
