"""Clients from npm, unmodified, against a real server: all their calls, bursts, and a server that dies meanwhile."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, TypeAlias

import pytest

from footfall.events.time import read_time
from tests import required
from tests.collect.protocols.clients import SteadyServer, steadily_serving
from tests.collect.protocols.conformance import proves
from tests.collect.protocols.npm_clients import (
    Outcome,
    Stand,
    bundled,
    in_node,
    in_page,
    opened,
    relayed,
    stored_numbers,
    told,
)
from tests.crash.server import until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

Row: TypeAlias = tuple[str, Mapping[str, object]]
"""An event's name, and what its columns hold beside that."""

WHEN: Final = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
WHEN_US: Final = read_time(WHEN.isoformat())
PATIENCE_SECONDS: Final = 100
PAGE: Final = {"page_url": "https://shop.example/p/7", "page_title": "Shoe"}
HERE: Final = {"page_url": "STAND/p/7"}
PRODUCT: Final = {"product_id": "a", "price_micros": 19_990_000, "quantity": 1}
SOLD: Final = {"order_id": "o-1", "amount_micros": 25_990_000}
FIRST: Final = {"order_id": "o-1", **PRODUCT}
SECOND: Final = {"order_id": "o-1", "product_id": "b", "price_micros": 3_000_000, "quantity": 2}


def shop(common: Mapping[str, object] = {}) -> list[Row]:
    """A product in the cart, and an order of two."""
    rows = (("add_to_cart", PRODUCT), ("purchase", SOLD), ("order_item", FIRST), ("order_item", SECOND))
    return [(name, {**common, **columns}) for name, columns in rows]


SNOWPLOW_NAMES: Final = (
    *("click", "form_submit", "change_form", "search_query", "social_share", "share", "quote_request"),
    *("ad_impression", "ad_click", "ad_conversion", "consent_granted", "consent_withdrawn"),
)
"""Self-describing and structured events without page, product and money."""

NODE: Final[Mapping[str, tuple[str, list[Row]]]] = {
    "@segment/analytics-node": (
        "server",
        [
            *(("identify", {}), ("page_view", PAGE), ("screen_view", {"page_title": "Cart"})),
            *(("add_to_cart", PRODUCT | PAGE), *shop()[1:], ("group", {}), ("alias", {"visitor_id": None})),
        ],
    ),
    "posthog-node": (
        "server",
        [
            *(("page_view", PAGE), *shop(), ("now", {}), ("$ai_generation", {}), ("$ai_span", {})),
            *([("identify", {})] * 4),
            *(("alias", {"user_id": "v0"}), ("alias", {"user_id": "v00"}), ("group", {}), ("group", {})),
            *(("page_error", {}), ("page_error", {}), ("experiment_exposure", {})),
        ],
    ),
    "@umami/node": (
        "public",
        [
            *(("page_view", PAGE), ("add_to_cart", PAGE | {"product_id": "a", "quantity": 2})),
            *(("purchase", PAGE | {"amount_micros": 25_990_000}), ("signup", {"user_id": None})),
            *(("identify", {"user_id": None}), ("sent", {}), ("web_vitals", {})),
        ],
    ),
    "@snowplow/node-tracker": (
        "server",
        [
            *(("page_view", PAGE), ("time_on_page", PAGE), ("screen_view", {"page_title": "Cart"})),
            *(*shop()[:3], ("remove_from_cart", PRODUCT)),
            *((name, {}) for name in SNOWPLOW_NAMES),
        ],
    ),
}
"""{client in Node: kind of key, what its calls become}; each is of user `u1` where nothing else is said."""
VISITORS: Final = {"@segment/analytics-node": "v1", "@snowplow/node-tracker": "v1"}
"""Clients that name a visitor beside the user."""
WITHOUT_TIME: Final = {
    "posthog-node": {"identify", "alias", "group", "page_error", "experiment_exposure"},
    "@umami/node": {"signup", "identify", "sent", "web_vitals"},
}
"""Calls that take no time, which are then of now."""

VIEWED: Final = {**HERE, "page_title": "Shoe"}
PAGES: Final[Mapping[str, list[Row]]] = {
    "@segment/analytics-next": [
        *((name, VIEWED) for name in ("identify", "page_view", "screen_view", "group", "alias", "submitted")),
        *(shop(VIEWED) + [(name, VIEWED | PRODUCT) for name in ("link", "clicked")]),
    ],
    "posthog-js": [
        *(("page_view", VIEWED), ("page_view", VIEWED), *shop(HERE)),
        *((name, HERE) for name in ("identify", "identify", "group", "page_error", "beacon", "plain", "click")),
        *(("alias", HERE | {"user_id": "v0"}), ("experiment_exposure", HERE)),
    ],
    "@plausible-analytics/tracker": [
        *(("page_view", HERE), ("page_view", HERE), ("add_to_cart", HERE | PRODUCT), ("purchase", HERE | SOLD)),
        ("Signup", {"page_url": "https://shop.example/p/7"}),
        *((name, HERE) for name in ("click_outbound", "download", "form_submit")),
    ],
    "plausible-tracker": [
        *(("page_view", HERE), ("page_view", HERE), ("add_to_cart", HERE | PRODUCT), ("click_outbound", HERE)),
    ],
    "@snowplow/browser-tracker": [
        *(("page_view", VIEWED), ("page_view", VIEWED), ("share", HERE), ("quote_request", HERE)),
    ],
}
"""{client in a page: what its calls become}."""
NAMELESS: Final = frozenset(("@plausible-analytics/tracker", "plausible-tracker"))
"""Clients that know no users: the visitor is one of the day's."""
MEASURED: Final = frozenset(("time_on_page", "scroll_depth"))
"""What pages tell as often as they will."""
MEASURING: Final = frozenset(("@plausible-analytics/tracker", "@snowplow/browser-tracker"))
"""Clients that tell how long a page was looked at."""
BATCHING: Final = ("@segment/analytics-node", "posthog-node", "@snowplow/node-tracker")

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SteadyServer]:
    """A server; each test has a project of its own."""
    required.clients()
    with steadily_serving(tmp_path_factory.mktemp("npm") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """The pages."""
    built = Stand(bundled(tmp_path_factory.mktemp("bundle")))
    yield built
    built.close()


@pytest.fixture
def project() -> str:
    """A project that nothing else has events in."""
    return f"npm-{next(_NUMBERS)}"


def rows(events: Iterable[Mapping[str, Any]], columns: Iterable[str]) -> Counter[tuple[str, ...]]:
    """How often there is an event that has this in these columns."""
    return Counter(tuple(f"{column}={event.get(column)}" for column in columns) for event in events)


def check_calls(events: Iterable[Mapping[str, Any]], wanted: Sequence[Row], user: str | None) -> None:
    """Each call is stored once, with the person, page, product and money that it told of, and no others."""
    columns = [
        "name",
        "user_id",
        *sorted({column for _, said in wanted for column in said} - {"visitor_id", "user_id"}),
    ]
    expected = [{"name": name, "user_id": user, **said} for name, said in wanted]
    assert rows((event for event in events if event["name"] not in {*MEASURED} - {n for n, _ in wanted}), columns) == (
        rows(expected, columns)
    )


def check_numbers(server: SteadyServer, project: str, outcome: Outcome) -> None:
    """What the client believes delivered is stored, as soon as it has sent it, and nothing is stored twice."""
    stored: dict[int, int] = {}

    def arrived() -> bool:
        stored.update(stored_numbers(server, project))
        return outcome.delivered <= stored.keys()

    until(arrived, PATIENCE_SECONDS, lambda: f"missing: {sorted(outcome.delivered - stored.keys())[:20]}")
    assert set(stored.values()) == {1}


def interrupt(server: SteadyServer, project: str) -> None:
    """Kill the server once it has a hundred events of the project, and start it again."""
    until(lambda: len(stored_numbers(server, project)) >= 100, PATIENCE_SECONDS)
    server.kill()
    server.start()
    server.wait_ready()


@proves("every call", of=NODE)
def test_every_call_in_node(server: SteadyServer, project: str, client: str) -> None:
    """Each call is stored once: its kind, person, page, product and money, and its time where the call takes one."""
    kind, wanted = NODE[client]
    began_us = read_time(datetime.now(UTC).isoformat())
    in_node(
        client, "calls", server.new_key(project, kind, *(["*"] * (kind == "public"))), server, when=WHEN.isoformat()
    )
    events = told(server, project)
    check_calls(events, wanted, "u1")
    visitors = {n: said.get("visitor_id", VISITORS.get(client)) for n, said in wanted if said.get("user_id", "u1")}
    assert {e["name"]: e["visitor_id"] for e in events if e["name"] in visitors} == visitors
    without = WITHOUT_TIME.get(client, set())
    assert all(abs(event["ts_us"] - WHEN_US) < 30_000_000 for event in events if event["name"] not in without)
    assert all(event["ts_us"] > began_us - 30_000_000 for event in events if event["name"] in without)


@proves("every call", of=PAGES)
def test_every_call_in_a_page(server: SteadyServer, project: str, stand: Stand, browser: Any, client: str) -> None:
    """Each call, and what the client tells by itself, is stored once; all are one visitor's, of now."""
    key, began_us = server.new_key(project, "public", stand.address), read_time(datetime.now(UTC).isoformat())
    wanted = [
        (
            name,
            {column: str(v).replace("STAND", stand.address) if isinstance(v, str) else v for column, v in said.items()},
        )
        for name, said in PAGES[client]
    ]
    named = Counter(name for name, _ in wanted)
    events: list[Mapping[str, Any]] = []

    def arrived() -> bool:
        events[:] = told(server, project)
        names = Counter(event["name"] for event in events)
        return named <= names and (client not in MEASURING or "time_on_page" in names)

    with opened(browser, stand) as page:
        in_page(page, client, "calls", key, server)
        until(arrived, PATIENCE_SECONDS, lambda: f"stored: {Counter(event['name'] for event in events)}, not {named}")
    check_calls(events, wanted, None if client in NAMELESS else "u1")
    assert len({event["visitor_id"] for event in events} - {None}) == 1
    assert all(event["ts_us"] > began_us - 30_000_000 for event in events)


@proves("a burst of 10,000", "batches", of=BATCHING)
def test_a_burst_in_node(server: SteadyServer, project: str, client: str) -> None:
    """10,000 events as fast as the client can: it believes all delivered, and they are stored, once."""
    outcome = in_node(client, "burst", server.new_key(project, "server"), server, count=10_000)
    assert outcome.delivered == set(range(10_000))
    check_numbers(server, project, outcome)


@proves("a burst of 10,000", "batches", of=["posthog-js"])
def test_a_burst_in_a_page(server: SteadyServer, project: str, stand: Stand, browser: Any, client: str) -> None:
    """The same from a page."""
    key = server.new_key(project, "public", stand.address)
    with opened(browser, stand) as page:
        outcome = in_page(page, client, "burst", key, server, count=10_000)
        assert outcome.delivered == set(range(10_000))
        check_numbers(server, project, outcome)


@proves("batches", of=["@snowplow/browser-tracker"])
def test_batches_in_a_page(server: SteadyServer, project: str, stand: Stand, browser: Any, client: str) -> None:
    """1,000 events of a client that goes through all that it holds with each event: all are stored, once."""
    with opened(browser, stand) as page:
        in_page(page, client, "burst", server.new_key(project, "public", stand.address), server, count=1_000)
        check_numbers(server, project, Outcome(1_000, set(range(1_000))))


@pytest.mark.parametrize("client", ["@umami/node", "@plausible-analytics/tracker", "plausible-tracker"])
def test_a_burst_of_single_requests(
    server: SteadyServer, project: str, stand: Stand, browser: Any, client: str
) -> None:
    """500 events of clients that make a request of each: all are stored, once.

    Of bodies that are kept alive Chromium takes 64 kB before it is sure that their answers were read.
    """
    if client in NODE:
        in_node(client, "burst", server.new_key(project, "public", "*"), server, count=500)
    else:
        with opened(browser, stand) as page:
            in_page(page, client, "burst", server.new_key(project, "public", stand.address), server, count=500)
    check_numbers(server, project, Outcome(500, set(range(500))))


@proves("server killed meanwhile", of=NODE)
def test_what_is_believed_delivered_in_node_is_stored_once(server: SteadyServer, project: str, client: str) -> None:
    """The server is killed while the client sends: what was not acknowledged is sent again, or given up."""
    key = server.new_key(project, "public", "*")
    outcome = in_node(client, "outage", key, server, meanwhile=partial(interrupt, server, project))
    assert outcome.sent - 1 in outcome.delivered, "it goes on afterwards"
    check_numbers(server, project, outcome)


@proves("server killed meanwhile", of=[client for client in PAGES if client != "plausible-tracker"])
def test_what_is_believed_delivered_in_a_page_is_stored_once(
    server: SteadyServer, project: str, stand: Stand, browser: Any, client: str
) -> None:
    """The same of a page that stays open."""
    key = server.new_key(project, "public", stand.address)
    with opened(browser, stand) as page:
        outcome = in_page(page, client, "outage", key, server, meanwhile=partial(interrupt, server, project))
        assert outcome.sent - 1 in outcome.delivered, "it goes on afterwards"
        check_numbers(server, project, outcome)


@proves("compressed", of=["posthog-node"])
def test_compressed_in_node(server: SteadyServer, project: str, client: str) -> None:
    """What went over the wire was gzip, and is stored."""
    with relayed(server) as relay:
        in_node(client, "burst", server.new_key(project, "server"), server, count=100, address=relay.address)
        check_numbers(server, project, Outcome(100, set(range(100))))
        assert relay.gzipped > 0


@proves("compressed", of=["posthog-js"])
def test_compressed_in_a_page(server: SteadyServer, project: str, stand: Stand, browser: Any, client: str) -> None:
    """The same from a page."""
    with relayed(server) as relay, opened(browser, stand) as page:
        key = server.new_key(project, "public", stand.address)
        in_page(page, client, "burst", key, server, count=100, address=relay.address)
        check_numbers(server, project, Outcome(100, set(range(100))))
        assert relay.gzipped > 0
