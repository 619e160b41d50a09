"""What the door adds to events: programs, places, channels, money; and from whom it takes an address."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from footfall.enrich.entrance import Entrance, Terms
from footfall.events.event import Event
from tests.collect.door_client import PUBLIC, ask, open_door, stored
from tests.required import data

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.4 Mobile/15E148 Safari/604.1"
)
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
BOXFORD = "2.125.160.216"
VIEW = {"name": "page_view", "visitor_id": "v"}


def events_of(*requests: tuple[dict[str, Any], dict[str, str]], client: str = BOXFORD, **terms: Any) -> list[Event]:
    """What is stored of requests, each an event and the headers that it is sent with."""
    with open_door(entrance=Entrance(b"s" * 32, Terms(**terms))) as (door, journal):
        for event, headers in requests:
            assert ask(door, json.dumps(event).encode(), headers=headers, client=client).json()["accepted"] == 1
        return stored(journal)[0]


def places() -> str:
    """A small database of places."""
    return str(data() / "geoip_referer" / "GeoLite2-City-Test.mmdb")


def from_server(**fields: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """An event with a server key, from a program on a server."""
    return {**VIEW, **fields}, {"authorization": "Bearer server-key", "user-agent": "python-requests/2.32"}


def test_a_page_s_events_have_the_program_and_the_place_of_the_request() -> None:
    """Without the event saying anything; what it says of the program counts before that."""
    headers = PUBLIC | {"user-agent": IPHONE}
    plain, stated = events_of((VIEW, headers), ({**VIEW, "browser": "Shop app"}, headers), places_file=places())
    assert (plain.device, plain.browser, plain.os, plain.is_bot) == ("mobile", "Mobile Safari", "iOS", False)
    assert (plain.country, plain.region, plain.city) == ("GB", "England", "Boxford")
    assert (plain.latitude, plain.longitude) == (51.75, -1.25)
    assert (stated.device, stated.browser) == ("mobile", "Shop app")


def test_bots_are_marked() -> None:
    """A crawler that runs scripts is one; a program of the operator's own is none, nor can a page deny that it is."""
    crawler, denied, own = events_of(
        (VIEW, PUBLIC | {"user-agent": GOOGLEBOT}),
        ({**VIEW, "is_bot": False}, PUBLIC | {"user-agent": GOOGLEBOT}),
        (VIEW, PUBLIC | {"user-agent": "curl/8.5.0"}),
    )
    assert [event.is_bot for event in (crawler, denied, own)] == [True, True, False]


def test_a_server_s_events_have_what_it_states_of_the_visitor() -> None:
    """Its own program and place are nobody's; a place that is stated in part is not filled up from another source."""
    unstated, visitor, bot, abroad, no_bot = events_of(
        from_server(),
        from_server(user_agent=IPHONE, ip=BOXFORD),
        from_server(user_agent=GOOGLEBOT),
        from_server(ip=BOXFORD, country="FR"),
        from_server(user_agent=GOOGLEBOT, is_bot=False),
        places_file=places(),
    )
    assert (unstated.device, unstated.browser, unstated.country, unstated.is_bot) == (None, None, None, False)
    assert (visitor.os, visitor.city) == ("iOS", "Boxford")
    assert (bot.is_bot, no_bot.is_bot) == (True, False)
    assert (abroad.country, abroad.city, abroad.latitude) == ("FR", None, None)


@pytest.mark.parametrize(("proxies", "city"), [((), None), (("10.0.0.0/8",), "Boxford")], ids=["nobody", "a proxy"])
def test_forwarded_addresses_are_believed_of_trusted_proxies(proxies: tuple[str, ...], city: str | None) -> None:
    """Place and hash are then those of the address behind; else the header is text that anybody can send."""
    forwarded = PUBLIC | {"x-forwarded-for": f"198.51.100.1, {BOXFORD}"}
    (event,) = events_of((VIEW, forwarded), client="10.0.0.1", places_file=places(), trusted_proxies=proxies)
    (direct,) = events_of((VIEW, PUBLIC), client=BOXFORD if proxies else "10.0.0.1")
    assert (event.city, event.ip_hash) == (city, direct.ip_hash)


def test_addresses_of_pages_tell_path_and_channel() -> None:
    """What is sent of them counts; what is not is read from the address and the referrer."""
    page = {**VIEW, "page_url": "https://shop.example/tea?utm_source=news&utm_medium=email"}
    plain, stated, found = events_of(
        (page, PUBLIC),
        ({**page, "page_path": "/t", "utm_medium": "cpc", "channel": "x"}, PUBLIC),
        ({**VIEW, "referrer": "https://www.google.com/"}, PUBLIC),
    )
    assert (plain.page_path, plain.channel, plain.utm_source, plain.utm_medium) == ("/tea", "email", "news", "email")
    assert (stated.page_path, stated.channel, stated.utm_source, stated.utm_medium) == ("/t", "x", "news", "cpc")
    assert (found.page_path, found.channel) == (None, "organic")


def test_money_is_converted_by_the_operator_s_rates(tmp_path: Path) -> None:
    """Exactly, with what was sent beside it; without a rate it stays apart."""
    rates = tmp_path / "rates.csv"
    rates.write_text("currency,rate\nUSD,0.9\n")
    sale = {"name": "purchase", "visitor_id": "v", "price": "19.99", "quantity": 3, "context": {"page": "till"}}
    dollars, francs = events_of(
        ({**sale, "currency": "usd"}, PUBLIC), ({**sale, "currency": "CHF"}, PUBLIC), rates_file=str(rates)
    )
    assert (dollars.price_micros, dollars.amount_micros, dollars.currency) == (17_991_000, 53_973_000, None)
    converted = {"currency": "USD", "price": 19.99, "amount": 59.97}
    assert json.loads(dollars.context or "") == {"page": "till", "converted": converted}
    assert (francs.price_micros, francs.amount_micros, francs.currency) == (19_990_000, 59_970_000, "CHF")


def test_no_raw_address_is_stored_wherever_it_came_from() -> None:
    """Neither the connection's, nor a forwarded one, nor a stated one."""
    with open_door(entrance=Entrance(b"s" * 32, Terms(trusted_proxies=("10.0.0.1",)))) as (door, journal):
        forwarded = PUBLIC | {"x-forwarded-for": "203.0.113.9", "forwarded": "for=203.0.113.9"}
        ask(door, json.dumps(VIEW).encode(), headers=forwarded, client="10.0.0.1")
        ask(door, json.dumps({**VIEW, "ip": "203.0.113.9"}).encode())
        ask(door, json.dumps({**VIEW, "ip": "203.0.113.9", "price": "x"}).encode())
        assert len(stored(journal)[0]) == 2
        assert all(b"203.0.113.9" not in entry.payload for entry in journal.read(0, max_bytes=1 << 30))
