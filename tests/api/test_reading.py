"""Reading over HTTP from a real node: sessions, classes, rejected events, SQL."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest

from footfall.api.figures import FIGURES, family_of
from tests.api.client import Client
from tests.api.shop import Shop, open_shop, visit

VISITS = [
    *visit("ann", begins=0, views=6, carts=1),
    *visit("bob", begins=0, views=10, carts=3, bought=["19.99", "0.000001"]),
    *visit("cleo", begins=3, views=1),
    *visit("dan", begins=5, views=20, carts=12),
    *visit("eve", begins=2, views=1, bought=["100"]),
    *visit("eve", begins=300, views=2),
]
BROKEN = [{"visitor_id": "x"}, {"name": "purchase", "visitor_id": "x", "amount": "much"}, "nothing", {"name": "lost"}]
SORTS = ["session_start", "total_events", "total_amount", "engagement_rate", "session_duration_minutes"]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("shop")) as made:
        yield made


@pytest.fixture(scope="module")
def client(shop: Shop) -> Iterator[Client]:
    offset = shop.send([*VISITS, *BROKEN])
    with shop.client() as made:
        assert made.get("/v1/sessions", after=offset).status_code == 200
        yield made


def pages(client: Client, path: str, **parameters: object) -> Iterator[list[dict[str, Any]]]:
    """The items of every page, from the first to the last."""
    cursor: dict[str, object] = {}
    while True:
        page = client.get(path, **parameters, **cursor).json()
        yield page["items"]
        if page["next"] is None:
            return
        cursor = {"cursor": page["next"]}


def ids(client: Client, **parameters: object) -> list[str]:
    """Whose sessions are found."""
    return [item["owner"].removeprefix("v:") for item in client.get("/v1/sessions", **parameters).json()["items"]]


def test_sessions_come_newest_first_with_figures_and_class(client: Client) -> None:
    """The contract's figures, money as exact text, times as text, nulls where nothing can be said."""
    items = client.get("/v1/sessions").json()["items"]
    assert [item["owner"] for item in items] == ["v:eve", "v:dan", "v:cleo", "v:eve", "v:ann", "v:bob"]
    bob, cleo = items[5], items[2]
    assert (bob["total_events"], bob["view_count"], bob["cart_count"], bob["purchase_count"]) == (15, 10, 3, 2)
    assert bob["total_amount"] == "19.990001"
    assert (bob["visitor_class"], bob["icon"], bob["score"]) == ("engaged_shopper", "🟢", 75)
    assert (bob["session_start"], bob["session_end"]) == ("2026-01-05T10:00:00Z", "2026-01-05T10:14:00Z")
    assert (bob["user_id"], bob["users"]) == ("user of bob", ["user of bob"])
    assert (cleo["total_amount"], cleo["engagement_rate"], cleo["visitor_class"]) == (None, None, "bouncer")
    assert "project_id" not in bob


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("sort", SORTS)
def test_pages_hold_every_session_once_in_order(client: Client, sort: str, sign: str) -> None:
    """Page by page gives the same as all at once, whatever the sort, nulls last."""
    whole = client.get("/v1/sessions", sort=sign + sort).json()["items"]
    paged = list(pages(client, "/v1/sessions", sort=sign + sort, limit=2))
    assert [len(page) for page in paged] == [2, 2, 2]
    assert [item for page in paged for item in page] == whole
    values = [item[sort] for item in whole]
    known = [Decimal(value) if sort == "total_amount" else value for value in values if value is not None]
    assert values[len(known) :] == [None] * (len(values) - len(known))
    assert known == sorted(known, reverse=bool(sign))


def test_filters_let_through_what_fits_all_of_them(client: Client) -> None:
    """Class, user, owner, times, bounds of figures and purchases, alone and together."""
    assert ids(client, visitor_class="bouncer") == ["cleo"]
    assert ids(client, user_id="user of ann") == ["ann"]
    assert ids(client, owner="v:dan") == ["dan"]
    assert ids(client, has_purchase="true") == ["eve", "bob"]
    assert ids(client, started_from="2026-01-05T15:00:00Z") == ["eve"]
    assert ids(client, started_from="2026-01-05T12:03:00+02:00", started_before=1767607440) == ["cleo"]
    assert ids(client, at_least="total_amount:19.990001", at_most="total_amount:99.99") == ["bob"]
    assert ids(client, at_least="total_events:15", at_most="cart_count:3") == ["bob"]
    assert ids(client, owner="v:nobody") == []
    both = client.ask("GET", "/v1/sessions?visitor_class=bouncer&visitor_class=power_user").json()["items"]
    assert {item["owner"] for item in both} == {"v:cleo", "v:dan"}


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"sort": "total_evnts"}, "did you mean 'total_events'"),
        ({"at_least": "total_events:many"}, "a number"),
        ({"at_least": "total_events:inf"}, "finite"),
        ({"at_least": "total_amount:1e99"}, "number"),
        ({"at_least": "colour:3"}, "no figure 'colour'"),
        ({"at_least": "5"}, "at_least"),
        ({"started_from": "yesterday"}, "started_from"),
        ({"started_from": ""}, "started_from"),
        ({"clas": "bouncer"}, "clas"),
        ({"cursor": "bm8"}, "begin without"),
        ({"limit": "1001"}, "limit"),
    ],
)
def test_what_can_not_be_asked_is_named(client: Client, parameters: dict[str, str], says: str) -> None:
    """A wrong figure, number, time, parameter or cursor is a 4xx that names it."""
    answer = client.get("/v1/sessions", **parameters)
    assert answer.status_code in {400, 422}
    assert says in answer.json()["detail"]


def test_a_cursor_of_another_order_is_refused(client: Client) -> None:
    """A cursor goes on only in the order that it was given in."""
    cursor = client.get("/v1/sessions", sort="total_events", limit=1).json()["next"]
    answer = client.get("/v1/sessions", sort="cart_count", cursor=cursor)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-request")


def test_a_session_without_its_events_is_told_the_same(client: Client) -> None:
    """Told from memory or from what is stored: figures, class, reasons and advice are the same, and one is unknown."""
    for item in client.get("/v1/sessions").json()["items"]:
        path = "/v1/sessions/" + quote(item["session_id"], safe="")
        whole, alone = client.get(path).json(), client.get(path, limit=0).json()
        assert whole["events"]
        assert alone == whole | {"events": [], "next": None}
    assert client.get("/v1/sessions/v:nobody@1", limit=0).status_code == 404


def test_a_session_is_explained(client: Client) -> None:
    """One session comes with its events in order, the clauses that decided its class, and advice."""
    (bob,) = client.get("/v1/sessions", owner="v:bob").json()["items"]
    path = "/v1/sessions/" + quote(bob["session_id"], safe="")
    detail = client.get(path).json()
    assert detail["session"] == bob
    assert any(reason.startswith("total_events ≥ 10 (15)") for reason in detail["why"])
    assert any(reason.startswith("purchase_count ≥ 2 (2)") for reason in detail["why"])
    assert detail["advice"]
    assert detail["currency"] == "EUR"
    assert [event["event_id"] for event in detail["events"]] == [f"bob-0-{place}" for place in range(15)]
    last = detail["events"][-2]
    assert (last["kind"], last["amount"], last["timestamp"]) == ("purchase", "19.99", "2026-01-05T10:13:00Z")
    assert "price" not in last, "a field without a value is left out"
    first = client.get(path, limit=10).json()
    rest = client.get(path, limit=10, cursor=first["next"]).json()
    assert [*first["events"], *rest["events"]] == detail["events"]
    assert rest["next"] is None


def test_distribution_and_conversion_are_the_metrics(client: Client) -> None:
    """Windows newest first with shares that add up; classes best first with averages of two decimals."""
    items = client.get("/v1/classes/distribution").json()["items"]
    assert [item for page in pages(client, "/v1/classes/distribution", limit=2) for item in page] == items
    starts = [item["window_start"] for item in items]
    assert starts == sorted(starts, reverse=True)
    for start in set(starts):
        assert sum(item["share"] for item in items if item["window_start"] == start) == pytest.approx(100)
    assert client.get("/v1/classes/distribution", before=starts[-1]).json()["items"] == []
    classes = client.get("/v1/classes/conversion").json()["items"]
    assert [item["visitor_class"] for item in classes] == ["power_user", "engaged_shopper", "browser", "bouncer"]
    shopper = classes[1]
    assert (shopper["total_revenue"], shopper["avg_order_value"], shopper["icon"]) == ("19.990001", "10.00", "🟢")
    later = client.get("/v1/classes/conversion", started_from="2026-01-05T15:00:00Z").json()["items"]
    assert [(item["visitor_class"], item["total_sessions"]) for item in later] == [("browser", 1)]


def test_rejected_events_are_listed_with_reason_and_body(client: Client) -> None:
    """Each refused event is there once, with reason, meaning and place; its body stands on its own page."""
    items = client.get("/v1/rejected").json()["items"]
    assert {item["reason"] for item in items} == {"no-name", "bad-number", "not-an-object", "no-owner"}
    assert {item["line"] for item in items} == {len(VISITS) + place for place in (1, 2, 3, 4)}
    assert all(item["meaning"] and "body" not in item for item in items)
    assert [item for page in pages(client, "/v1/rejected", limit=3) for item in page] == items
    (number,) = client.get("/v1/rejected", reason="bad-number").json()["items"]
    assert "much" in client.get(f"/v1/rejected/{number['rejected_id']}").json()["body"]
    assert client.get("/v1/rejected", source="nowhere").json()["items"] == []


def test_sql_is_answered_and_sealed(client: Client) -> None:
    """A SELECT over the three tables is answered; anything else is a 4xx that shows no file's path."""
    query = "SELECT name, count(*) AS n FROM events GROUP BY 1 ORDER BY 2 DESC LIMIT 1"
    assert client.post("/v1/sql", {"sql": query}).json()["rows"] == [["product_view", 40]]
    for attack in ("DROP TABLE events", "SELECT * FROM '/etc/passwd'", "SELEC", "SELECT * FROM projects"):
        answer = client.post("/v1/sql", {"sql": attack})
        assert 400 <= answer.status_code < 500, attack
        assert "/lake/" not in answer.text


def test_a_read_waits_for_its_own_write(shop: Shop, client: Client) -> None:
    """With `?after=` every read sees what that 202 acknowledged, each time."""
    for round_ in range(5):
        offset = shop.send(visit(f"guest {round_}", begins=600, views=1))
        assert ids(client, owner=f"v:guest {round_}", after=offset) == [f"guest {round_}"]


def test_the_longest_ids_are_pages_and_sessions_too(shop: Shop, client: Client) -> None:
    """Whatever id the door takes, its session can be opened and the pages go on behind it."""
    owners = ["z" * 500, "\x01" * 500]
    offset = shop.send([event for owner in owners for event in visit(owner, begins=900, views=1)])
    found = [item for page in pages(client, "/v1/sessions", limit=1, after=offset) for item in page]
    long = {item["owner"]: item["session_id"] for item in found if len(item["owner"]) > 400}
    assert set(long) == {f"v:{owner}" for owner in owners}
    for owner, session_id in long.items():
        assert client.get(f"/v1/sessions/{quote(session_id)}").json()["session"]["owner"] == owner
        assert client.get("/v1/sessions", owner=owner).json()["items"]


def test_what_is_not_there_is_not_found(client: Client) -> None:
    """A session or a rejected event that does not exist is a 404, whatever its id looks like."""
    for name in ("s:none", "v:bob@1", "'", "%2e%2e", "a%00b", "ü" * 100):
        assert client.get(f"/v1/sessions/{name}").status_code == 404, name
        assert client.get(f"/v1/rejected/{name}").status_code == 404, name


def test_every_counter_of_the_node_is_a_documented_figure(shop: Shop, client: Client) -> None:
    """`/metrics` has all counters of a real node, each with its meaning, answers of the door by status."""
    text = client.get("/metrics").text
    families = {family_of(name) for name in shop.node.counters()}
    assert families <= set(FIGURES)
    assert all(text.count(f"# HELP footfall_{family} {FIGURES[family]}\n") == 1 for family in families)
    assert 'footfall_door_answers_total{status="202"} ' in text


@pytest.mark.parametrize("visitor", ["a/b", "a//b/", "?x=1#y", "ä %2F"])
def test_an_id_may_hold_any_character(shop: Shop, client: Client, visitor: str) -> None:
    """What a page lists can be asked for, slashes and all."""
    offset = shop.send([{"name": "view", "visitor_id": visitor}])
    [item] = client.get("/v1/sessions", owner=f"v:{visitor}", after=offset).json()["items"]
    found = client.get(f"/v1/sessions/{quote(item['session_id'], safe='')}")
    assert found.status_code == 200
    assert found.json()["session"]["owner"] == f"v:{visitor}"
