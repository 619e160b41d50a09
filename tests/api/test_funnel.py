"""Funnels, retention and paths over HTTP from a real node: figures, who stands behind each, errors that help."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from footfall.events.time import write_time
from footfall.store.access import Role
from tests.api.client import Client
from tests.api.shop import MINUTE_US, START_US, Shop, open_shop, visit

DAY = 24 * 60


def page_view(who: str, minute: int, page: str, **fields: object) -> dict[str, Any]:
    """A page seen by a visitor."""
    when = write_time(START_US + minute * MINUTE_US)
    return {
        "name": "page_view",
        "visitor_id": who,
        "timestamp": when,
        "event_id": f"{who} saw {minute}",
        "page_path": page,
        **fields,
    }


EVENTS = [
    *visit("ann", begins=0, views=6, carts=1),
    *visit("bob", begins=0, views=2, carts=1, bought=["19.99"]),
    *visit("bob", begins=DAY, views=1, carts=1, bought=["5"]),
    page_view("cleo", 5, "/", country="DE"),
    page_view("cleo", 6, "/tea", country="DE"),
    page_view("cleo", 7, "/tea", country="DE"),
    page_view("dan", 7, "/"),
    page_view("dan", DAY + 7, "/tea", country="FR"),
    page_view("crawler", 9, "/", is_bot=True),
    page_view("bob", DAY + 90, "/returns", name="refund", amount="4.99", user_id="user of bob"),
]
RANGE = {"from": "2026-01-05", "before": "2026-01-07"}
STEPS = "step=product_view&step=add_to_cart&step=kind:purchase"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("shop")) as made:
        yield made


@pytest.fixture(scope="module")
def client(shop: Shop) -> Iterator[Client]:
    offset = shop.send(EVENTS)
    with shop.client() as made:
        assert made.get("/v1/report/events", after=offset).status_code == 200
        yield made


def asked(client: Client, path: str, **parameters: object) -> httpx.Response:
    """The answer to `path`, which may hold parameters of its own (a parameter may stand there several times)."""
    return client.ask("GET", f"{path}{'&' if '?' in path else '?'}{urlencode(parameters)}")


def whole(client: Client, path: str, **parameters: object) -> Any:
    answer = asked(client, path, **parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_funnel(client: Client) -> None:
    """Two looked and carted, one bought; how long it took, who was left out, and the question as it was understood."""
    found = whole(client, f"/v1/funnel?{STEPS}", within="1h")
    assert found["definition"]["text"] == "funnel of product_view → add_to_cart → kind:purchase within 1h"
    assert found["definition"]["question"]["within_us"] == 60 * MINUTE_US
    assert found["noted"] == {"events": 20, "people": 4, "bot_events": 1, "late_events": 0}
    ((looked, carted, bought),) = [row["steps"] for row in found["rows"]]
    assert [step["people"] for step in (looked, carted, bought)] == [2, 2, 1]
    assert (bought["of_first"], bought["of_before"], bought["dropped"]) == (50, 50, 1)
    assert (looked["median_seconds"], bought["median_seconds"], bought["p90_seconds_since_before"]) == (None, 120, 60)


def test_a_funnel_says_how_long_each_waited(client: Client) -> None:
    """The time since the step before, in bins from the first to the last with somebody; everybody is in one."""
    ((looked, carted, _),) = [row["steps"] for row in whole(client, f"/v1/funnel?{STEPS}", within="1h")["rows"]]
    assert looked["waits"] == []
    assert carted["waits"] == [{"from_seconds": 60.0, "before_seconds": 120.0, "people": 2}]


def test_a_funnel_split_and_over_time(client: Client) -> None:
    """Days of the range, each with those who began in it; parts by the value at the first step."""
    found = whole(client, "/v1/funnel?step=page_view&step=page_view", split="country", unit="day", **RANGE)
    assert [(row["value"], [step["people"] for step in row["steps"]]) for row in found["rows"]] == [
        ("DE", [1, 1]),
        (None, [1, 1]),
    ]
    assert [(day["label"], day["entered"], day["rate"]) for day in found["rows"][1]["trend"]] == [
        ("2026-01-05", 1, 100.0),
        ("2026-01-06", 0, None),
    ]


def test_retention(client: Client) -> None:
    """Four came on the first day, two of them on the second; what they brought; the third day has nobody new."""
    found = whole(client, "/v1/retention", unit="day", periods=2, money=True, **RANGE)
    assert found["currency"] == "EUR"
    (part,) = found["rows"]
    assert [(cohort["label"], cohort["size"]) for cohort in part["cohorts"]] == [("2026-01-05", 4), ("2026-01-06", 0)]
    first = part["cohorts"][0]["cells"]
    assert [(cell["people"], cell["share"]) for cell in first] == [(4, 100.0), (2, 50.0), (0, 0.0)]
    assert [cell["money"]["revenue"] for cell in first] == ["19.99", "5.00", "0.00"]
    assert [cell["money"]["lifetime"] for cell in first] == ["5.00", "5.00", "5.00"]
    assert [cell["money"]["refunds"] for cell in first] == ["0.00", "4.99", "0.00"]
    assert [cell["share"] for cell in part["overall"]] == [100.0, 50.0, 0.0]


def test_paths(client: Client) -> None:
    """Home, then tea, loops folded; ways to an event are counted backwards."""
    found = whole(client, "/v1/paths", depth=2)
    assert [(node["place"], node["label"], node["people"], node["ended"]) for node in found["nodes"]] == [
        (0, "/", 2, 0),
        (1, "/tea", 2, 2),
    ]
    (link,) = found["links"]
    assert (link["source"], link["target"], link["people"]) == ("/", "/tea", 2)
    back = whole(client, "/v1/paths", over="events", end="kind:purchase", depth=1, by="session")
    assert [(link["place"], link["source"], link["target"]) for link in back["links"]] == [
        (-1, "add_to_cart", "purchase")
    ]


def cells(client: Client) -> Iterator[tuple[str, int]]:
    """(the route of the people behind a number, the number) of some answers, as each answer says how to ask."""
    funnel = (
        "step=product_view&step=kind:purchase&split=product_id&unit=day&from=2026-01-05&before=2026-01-06&within=1h"
    )
    for row in whole(client, f"/v1/funnel?{funnel}")["rows"]:
        part = f"value={row['value']}" if row["value"] else "unknown=true"
        for step in row["steps"]:
            yield f"/v1/funnel/people?{funnel}&{part}&at={step['number']}", step["people"]
            if step["dropped"] is not None:
                yield f"/v1/funnel/people?{funnel}&{part}&at={step['number']}&dropped=true", step["dropped"]
        for day in row["trend"]:
            yield f"/v1/funnel/people?{funnel}&{part}&at=1&period={day['begin']}", day["entered"]
    retention = "unit=day&periods=1&money=true&from=2026-01-05&before=2026-01-06"
    for cohort in whole(client, f"/v1/retention?{retention}")["rows"][0]["cohorts"]:
        yield f"/v1/retention/people?{retention}&cohort={cohort['begin']}", cohort["size"]
        for cell in cohort["cells"]:
            where = f"/v1/retention/people?{retention}&cohort={cohort['begin']}&period={cell['period']}"
            yield where, cell["people"]
            yield f"{where}&buyers=true", cell["money"]["buyers"]
    paths = "over=events&depth=3&top=1"
    found = whole(client, f"/v1/paths?{paths}")
    for node in found["nodes"]:
        part = "other=true" if node["is_other"] else f"value={node['label']}"
        yield f"/v1/paths/people?{paths}&place={node['place']}&{part}", node["people"]
        yield f"/v1/paths/people?{paths}&place={node['place']}&{part}&ended=true", node["ended"]
    for link in found["links"]:
        part = "other=true" if link["source_is_other"] else f"value={link['source']}"
        target = "target_other=true" if link["target_is_other"] else f"target={link['target']}"
        yield f"/v1/paths/people?{paths}&place={link['place']}&{part}&{target}", link["people"]
    for step in found["transitions"]:
        yield f"/v1/paths/people?{paths}&value={step['source']}&target={step['target']}", step["people"]


def test_the_people_behind_every_number(client: Client) -> None:
    """Each number opens to as many people, as the answer says how to ask."""
    told = list(cells(client))
    assert len(told) > 20
    for path, number in told:
        page = whole(client, path)
        assert (page["count"], len({person["who"] for person in page["items"]})) == (number, number), path


def test_pages_of_people_go_on_where_the_last_one_ended(client: Client) -> None:
    """One at a time, everybody once, in order."""
    path = "/v1/retention/people?unit=day&from=2026-01-05&before=2026-01-06&cohort=2026-01-05"
    page = whole(client, path, limit=1)
    listed = [person["who"] for person in page["items"]]
    while page["next"]:
        page = whole(client, path, limit=1, cursor=page["next"])
        listed += [person["who"] for person in page["items"]]
    assert listed == ["u:user of ann", "u:user of bob", "v:cleo", "v:dan"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/v1/funnel?step=view&within=soon", "within: 'soon' is no length"),
        ("/v1/funnel?step=view&order=strikt", "did you mean 'strict'?"),
        ("/v1/funnel?step=kind:vew", "did you mean 'view'?"),
        ("/v1/funnel?step=view&split=contry", "did you mean 'country'?"),
        ("/v1/funnel?" + "&".join(["step=view"] * 31), "1 to 30 steps"),
        ("/v1/funnel?step=view&unit=minute&from=2025-01-01&before=2026-01-01", "2,000"),
        ("/v1/funnel/people?step=view&at=2", "steps 1 to 1"),
        ("/v1/retention?unit=fortnight", "unit: there is no 'fortnight'"),
        ("/v1/retention?unit=hour", "day, week"),
        ("/v1/retention?periods=101", "1 to 100 periods"),
        ("/v1/retention/people?cohort=2026-01-05T01:00", "no cohort"),
        ("/v1/paths?over=page", "did you mean 'pages'?"),
        ("/v1/paths?start=view&end=view", "not both"),
        ("/v1/paths?depth=31", "1 to 30 places"),
        ("/v1/paths/people?target=a&target_other=true", "exclude each other"),
        ("/v1/paths?dept=3", "did you mean 'depth'?"),
    ],
)
def test_what_can_not_be_asked_is_named(client: Client, path: str, said: str) -> None:
    """A 400 that names the parameter, the limit, or the nearest right word."""
    answer = asked(client, path)
    assert answer.status_code == 400, answer.text
    assert said in answer.json()["detail"]


@pytest.mark.parametrize("question", ["funnel?step=page_view", "retention?unit=day", "paths?depth=1"])
def test_a_project_sees_its_own_alone(shop: Shop, client: Client, question: str) -> None:
    """Another project's token sees none of this one's people; nobody sees anything without a token."""
    name = question.partition("?")[0]
    shop.node.store.create_project(name)
    _, token = shop.node.store.create_token(name, Role.READER, project_id=name)
    with shop.client(token) as theirs:
        assert whole(theirs, f"/v1/{question}")["noted"]["events"] == 0
        assert asked(theirs, f"/v1/{question}", project="default").status_code == 403
    with Client(shop.app) as nobody:
        assert asked(nobody, f"/v1/{question}").status_code == 401
        assert nobody.get(f"/v1/{name}/people").status_code == 401
