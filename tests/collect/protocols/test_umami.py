"""What becomes of Umami's messages: pages, events, people, web vitals, batches, and what they are answered."""

from __future__ import annotations

import json
from typing import Any

import pytest

from footfall.events.event import Event, Rejected
from footfall.events.time import DAY_US
from tests.collect.door_client import NOW_US, ask, open_door, stored
from tests.collect.protocols.samples import AGENT


def message(kind: str = "event", **payload: Any) -> dict[str, Any]:
    """A message of the website whose id is the public key."""
    return {"type": kind, "payload": {"website": "open-key", "hostname": "shop.example", "url": "/p/7?a=1", **payload}}


def kept(*messages: object, headers: dict[str, str] | None = None) -> tuple[list[Event], list[Rejected]]:
    """What these requests are stored as, one by one."""
    with open_door() as (door, journal):
        for one in messages:
            sent = {"user-agent": AGENT} if headers is None else headers
            answer = ask(door, json.dumps(one).encode(), path="/api/send", headers=sent)
            assert answer.status == 200
            assert isinstance(answer.json()["cache"], str)
        return stored(journal)


def only(*messages: object, **more: Any) -> Event:
    """The one event that these are stored as."""
    (event,), rejected = kept(*messages, **more)
    assert not rejected
    return event


def test_a_page_view() -> None:
    """An event without a name is a page that was looked at; a path is a page of that host."""
    event = only(message(title="Shoe", referrer="https://x.example/", screen="1920x1080", language="de", tag="b"))
    assert (event.name, event.project_id, event.source) == ("page_view", "blog", "web")
    assert (event.page_url, event.page_path) == ("https://shop.example/p/7?a=1", "/p/7")
    assert (event.page_title, event.referrer) == ("Shoe", "https://x.example/")
    assert json.loads(event.context or "") == {
        "hostname": "shop.example",
        "screen": "1920x1080",
        "language": "de",
        "tag": "b",
    }
    assert event.visitor_id
    assert only(message(url="https://shop.example/x")).page_url == "https://shop.example/x"


def test_an_event_has_a_name_and_data() -> None:
    """Its data are properties, revenue and currency in them money; a name that spells a kind is that kind."""
    event = only(message(name="Add to cart", data={"revenue": 19.99, "currency": "usd", "colour": "red"}))
    assert (event.name, event.amount_micros, event.currency) == ("add_to_cart", 19_990_000, "USD")
    assert json.loads(event.properties or "") == {"colour": "red"}
    assert only(message(name="signup-button")).name == "signup-button"


def test_a_person() -> None:
    """Who identifies is the user of that message and of those that carry the id afterwards; nothing else names one."""
    (identified, later), _ = kept(message("identify", id="u1", data={"plan": "pro"}), message(id="u1"))
    assert (identified.name, identified.user_id) == ("identify", "u1")
    assert json.loads(identified.properties or "") == {"plan": "pro"}
    assert (later.name, later.user_id) == ("page_view", "u1")


def test_performance_is_web_vitals() -> None:
    """Their figures are properties; such an event counts for no activity."""
    event = only(message("performance", lcp=1200.5, cls=0.1))
    assert (event.name, event.properties) == ("web_vitals", '{"lcp":1200.5,"cls":0.1}')


def test_a_server_tells_time_address_and_agent() -> None:
    """Seconds since the epoch; address and agent of the payload count from a server key, and from a page do not."""
    then = NOW_US // 1_000_000 - 3_600
    told = message(timestamp=then, ip="198.51.100.9", userAgent="Phone/1")
    server = only(told, headers={"x-write-key": "server-key"})
    assert server.ts_us == then * 1_000_000
    page, plain = only(told), only(message())
    assert server.ip_hash != page.ip_hash
    assert (page.visitor_id, page.ip_hash) == (plain.visitor_id, plain.ip_hash)
    assert NOW_US - page.ts_us < DAY_US


def test_a_batch_counts_what_it_took() -> None:
    """The answer has the size, what was taken, and each fault at its place; the good ones are stored."""
    batch = [message(), {"type": "charge"}, message(name="x"), message() | {"payload": {"website": "other"}}]
    with open_door() as (door, journal):
        answer = ask(door, json.dumps(batch).encode(), path="/api/batch", headers={"user-agent": AGENT})
        said = answer.json()
        assert (answer.status, said["size"], said["processed"], said["errors"]) == (200, 4, 2, 2)
        assert [one["index"] for one in said["details"]] == [1, 3]
        assert "charge" in said["details"][0]["response"]["error"]["message"]
        events, rejected = stored(journal)
        assert [event.name for event in events] == ["page_view", "x"]
        assert {one.project_id for one in rejected} == {"blog"}


def test_who_names_no_agent_is_refused() -> None:
    """As by Umami, where no browser does so; what was sent is kept with that reason."""
    events, (rejected,) = kept(message(), headers={})
    assert events == []
    assert "User-Agent" in rejected.detail


@pytest.mark.parametrize(
    ("body", "status"), [(b"", 400), (b"[1", 400), (b'{"type": "event"}', 401), (b'{"payload": {"website": "x"}}', 401)]
)
def test_errors_are_told_as_umami_tells_them(body: bytes, status: int) -> None:
    """An object `error` with message, code and status."""
    with open_door() as (door, journal):
        answer = ask(door, body, path="/api/send", headers={"user-agent": AGENT})
        assert (answer.status, answer.json()["error"]["status"]) == (status, status)
        assert answer.json()["error"]["message"]
        assert journal.end() == {0: 0}
