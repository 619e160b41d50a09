"""What becomes of an image's address: an event, and a GIF that no cache keeps."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall import errors
from tests.collect.door_client import PAGE, ask, open_door, stored
from tests.collect.protocols.samples import AGENT

PATH = "/v1/pixel.gif"


def test_an_image_is_an_event() -> None:
    """Fields are columns under any of their names, all else properties; the key is kept nowhere."""
    query = b"key=open-key&event=email_open&userId=u1&value=2.5&campaign=autumn&page_title=Gr%C3%BC%C3%9Fe"
    with open_door() as (door, journal):
        answer = ask(door, method="GET", path=PATH, query=query, headers={"user-agent": AGENT})
        assert (answer.status, answer.headers["content-type"]) == (200, "image/gif")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.body.startswith(b"GIF89a")
        ((event,), rejected) = stored(journal)
        assert (event.name, event.user_id, event.value, event.page_title) == ("email_open", "u1", 2.5, "Grüße")
        assert json.loads(event.properties or "") == {"campaign": "autumn"}
        assert "open-key" not in f"{event}{rejected}"


def test_an_image_alone_is_a_view_of_the_page_that_shows_it() -> None:
    """Without a name; the visitor is told without cookies."""
    headers = {"user-agent": AGENT, "referer": f"{PAGE}/p/7"}
    with open_door() as (door, journal):
        for _ in range(2):
            assert ask(door, method="GET", path=PATH, query=b"key=public-key", headers=headers).status == 200
        first, second = stored(journal)[0]
        assert (first.name, first.page_url) == ("page_view", f"{PAGE}/p/7")
        assert first.visitor_id
        assert first.visitor_id == second.visitor_id
        assert first.event_id != second.event_id


@pytest.mark.parametrize(
    ("referrer", "status"),
    [
        (f"{PAGE}/p/7", 200),
        (PAGE.upper(), 200),
        ("", 200),
        ("android-app://com.mail/", 200),
        ("https://evil.example/", 403),
        (f"{PAGE}.evil.example/", 403),
        (f"https://evil.example/?{PAGE}", 403),
    ],
)
def test_a_page_that_the_key_does_not_allow_has_no_events(referrer: str, status: int) -> None:
    """An image's request has no origin; the page that shows it is told by the referrer, where there is one."""
    with open_door() as (door, journal):
        query = b"key=public-key&user_id=u"
        answer = ask(door, method="GET", path=PATH, query=query, headers={"referer": referrer} if referrer else {})
        assert answer.status == status
        assert len(stored(journal)[0]) == (status == 200)


def test_a_bad_field_is_kept_with_its_reason() -> None:
    """The image is shown all the same; no address and no key is kept with what was sent."""
    with open_door() as (door, journal):
        query = b"key=open-key&user_id=u&value=lots&ip=198.51.100.9"
        assert ask(door, method="GET", path=PATH, query=query, headers={}).status == 200
        _, (rejected,) = stored(journal)
        assert (rejected.reason, rejected.source) == ("bad-number", "pixel")
        assert json.loads(rejected.body) == {"user_id": "u", "value": "lots"}


@pytest.mark.parametrize(("query", "status"), [(b"", 401), (b"key=wrong", 401)])
def test_without_a_valid_key_nothing_is_kept(query: bytes, status: int) -> None:
    """The answer says so in words, to whoever tries the address."""
    with open_door() as (door, journal):
        answer = ask(door, method="GET", path=PATH, query=query, headers={})
        assert (answer.status, answer.json()["status"]) == (status, status)
        assert journal.end() == {0: 0}


def test_under_pressure_nothing_is_shown() -> None:
    """What is not durable is not acknowledged, not even by a point."""
    error = errors.Overloaded("behind", retry_after=2)
    with open_door(pressure=lambda: error) as (door, journal):
        assert ask(door, method="GET", path=PATH, query=b"key=open-key", headers={}).status == 429
        assert journal.end() == {0: 0}


@given(st.binary(max_size=200))
def test_any_parameters_are_answered(query: bytes) -> None:
    """Whatever stands behind the `?`: an image, or a 4xx."""
    with open_door() as (door, _):
        answer = ask(door, method="GET", path=PATH, query=b"key=open-key&" + query, headers={"user-agent": AGENT})
        assert answer.status == 200 or 400 <= answer.status < 500
