"""As many people as a number says stand behind it: every number of every answer, over random events of a real node."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from footfall.engines import duckdb as engine
from footfall.engines.plans import Plans
from footfall.events.time import read_time, write_time
from footfall.metrics.splits import parted
from tests.api.client import Client
from tests.api.drilling import cells
from tests.api.shop import Shop, open_shop

pytestmark = pytest.mark.timeout(300)

CHANGE = "from=2025-10-25&before=2025-10-28&zone=Europe/Berlin"
"""Two days on which the clocks are changed, and one beside them."""
FIRST, LATER = "step=page_view&step=*", "step=kind:view&step=kind:cart&step=kind:purchase"
QUESTIONS = {
    "events": f"trends?figure=events&split=country&{CHANGE}",
    "people by the hour": "trends?figure=people&unit=hour&from=2025-10-26&before=2025-10-26T04:00&zone=Europe/Berlin",
    "revenue, now": "trends?figure=revenue&split=brand&unit=quarter&from=2025-10-01",
    "sessions": f"trends?figure=sessions&of=kind:view&split=country&{CHANGE}",
    "bounces, by class": f"trends?figure=bounce_share&split=class&{CHANGE}",
    "average, by session": f"trends?figure=average&property=price&by=session&split=brand&{CHANGE}",
    "funnel": f"funnel?{LATER}&within=2d&unit=day&split=country&{CHANGE}",
    "strict funnel": f"funnel?{FIRST}&order=strict&split=brand&within=30m",
    "funnel by session": f"funnel?{FIRST}&by=session&split=class&unit=day&{CHANGE}",
    "retention": f"retention?unit=day&periods=1&split=country&{CHANGE}",
    "retention, now": "retention?unit=quarter&periods=2&from=2025-10-01&back=kind:view",
    "cohorts that earn": f"retention?unit=day&periods=1&money=true&split=brand&cohorts=active&{CHANGE}",
    "paths": "paths?depth=2&top=1",
    "paths over events": f"paths?over=events&depth=3&top=2&end=kind:purchase&{CHANGE}",
    "paths of sessions": "paths?over=events&start=kind:view&depth=2&top=1&by=session",
    "pages": "breakdown/pages?where=country%20%3D%20%22DE%22",
    "products": f"breakdown/products?{CHANGE}",
    "categories": "breakdown/categories",
    "channels": f"breakdown/channels?top=2&{CHANGE}",
    "classes": "breakdown/classes",
}
STARTED_US = time.time_ns() // 1000
HOUR_US = 3_600_000_000
INSTANTS = [
    *(read_time(text) for text in ("2025-10-25T22:00:00Z", "2025-10-26T00:30:00Z", "2025-10-26T01:30:00Z")),
    *(read_time(text) for text in ("2025-10-26T01:30:00.000001Z", "2025-10-26T01:45:00Z", "2025-10-27T09:00:00Z")),
    *(STARTED_US - 30 * HOUR_US, STARTED_US - HOUR_US),
]
NAMES = [
    "page_view",
    "product_view",
    "product_view",
    "add_to_cart",
    "purchase",
    "refund",
    "scroll_depth",
    "identify",
    "alias",
]
OWNERS = [
    {"visitor_id": "v1"},
    {"visitor_id": "v1", "user_id": "ann"},
    {"visitor_id": "v2"},
    {"visitor_id": "v2", "user_id": "bob"},
    {"visitor_id": "v2", "user_id": "ann"},
    {"user_id": "ann"},
    {"session_id": "s1"},
    {"visitor_id": "v3", "session_id": "s1"},
]
ODD = [None, "?", "+", "=", "a&b=ä"]


@st.composite
def happened(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Few people, many at one instant, joined and not, bots among them, with ids in any order."""
    few = st.sampled_from
    ids = draw(st.permutations(range(draw(st.integers(1, 30)))))
    return [
        {
            **draw(few(OWNERS)),
            "event_id": f"e{number}",
            "name": draw(few(NAMES)),
            "timestamp": write_time(draw(few(INSTANTS))),
            "country": draw(few([None, "DE", "FR", "IT"])),
            "brand": draw(few(ODD)),
            "channel": draw(few([None, "paid", "mail"])),
            "product_id": draw(few([None, "tea", "cup"])),
            "product_category": draw(few([None, "drinks"])),
            "page_path": draw(few([None, "/", "/tea"])),
            "order_id": draw(few([None, "o1"])),
            "price": draw(few([None, "2.50"])),
            "properties": draw(few([None, {"previous_id": "ann"}, {"previous_id": "v3"}])),
            "is_bot": draw(few([False, False, False, True])),
        }
        for number in ids
    ]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Splits tell two values apart, so that there is always something *other*."""
    with pytest.MonkeyPatch.context() as patch, open_shop(tmp_path_factory.mktemp("shop")) as made:
        defaults = parted.__kwdefaults__
        assert defaults is not None
        patch.setitem(defaults, "most", 2)
        patch.setattr("footfall.metrics.kernels.asked.MOST_SPLITS", 2)
        patch.setattr(engine, "_PLANS", Plans())
        yield made


@pytest.fixture(scope="module")
def client(shop: Shop) -> Iterator[Client]:
    with shop.client() as made:
        yield made


def asked(client: Client, path: str, **parameters: object) -> Any:
    route, _, query = path.partition("?")
    answer = client.ask(
        "GET", f"/v1/{route}", params=parse_qs(query) | {name: str(value) for name, value in parameters.items()}
    )
    assert answer.status_code == 200, (path, parameters, answer.text)
    return answer.json()


@pytest.mark.parametrize("path", QUESTIONS.values(), ids=QUESTIONS)
@example(events=[])
@given(events=happened())
@settings(max_examples=1, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_every_number_opens_to_as_many(shop: Shop, client: Client, path: str, events: list[dict[str, Any]]) -> None:
    """Of any events, each cell of the answer gives the people (or sessions) that it counts, each once."""
    project = uuid4().hex
    shop.node.store.create_project(project)
    offset = shop.send(events, project=project) if events else None
    found = asked(client, path, project=project, **({} if offset is None else {"after": offset}))
    opens = found["people"]["path"].removeprefix("/v1/")
    for cell in cells(found):
        query = f"{opens}?{path.partition('?')[2]}"
        behind = asked(client, query, project=project, limit=1000, **cell.parameters)
        listed = [person["who"] for person in behind["items"]]
        assert (behind["count"], len(set(listed)), len(listed)) == (cell.number,) * 3, (path, cell)
