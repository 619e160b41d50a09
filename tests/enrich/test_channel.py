"""Where visitors come from: what tags say, what referrers tell, and what can't break it."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.enrich.channel import Channel
from footfall.enrich.visit import read_visit
from tests.required import data

PAGE = "https://shop.example/tea"
MEDIUMS = {
    "search": Channel.ORGANIC,
    "social": Channel.SOCIAL,
    "email": Channel.EMAIL,
    "paid": Channel.PAID,
    "chatbot": Channel.CHATBOT,
}


def channel(
    *, page_url: str | None, referrer: str | None, utm_medium: str | None = None, utm_source: str | None = None
) -> Channel | None:
    """The channel of a visit."""
    found = read_visit(page_url, referrer, utm_medium, utm_source).channel
    return None if found is None else Channel(found)


def test_known_referrers_have_their_channel() -> None:
    """Every one of the 118 that a public list of expected answers names."""
    with gzip.open(data() / "geoip_referer" / "referer-tests.json.gz") as file:
        cases = json.load(file)
    wrong = [
        (case["uri"], found)
        for case in cases
        if (found := channel(page_url=PAGE, referrer=case["uri"])) is not MEDIUMS[case["medium"]]
    ]
    assert len(cases) == 118
    assert not wrong


@pytest.mark.parametrize(
    ("query", "referrer", "expected"),
    [
        ("", None, Channel.DIRECT),
        ("", "https://blog.example.org/post", Channel.REFERRAL),
        ("", "https://maps.google.com/", Channel.REFERRAL),
        ("", "https://www.shop.example/", None),
        ("", "not an address", Channel.DIRECT),
        ("", "http://[broken", Channel.DIRECT),
        ("", "android-app://com.google.android.gm/", Channel.EMAIL),
        ("?utm_medium=CPC", "https://www.google.com/", Channel.PAID),
        ("?utm_medium=paid-social", "https://www.facebook.com/", Channel.PAID),
        ("?utm_medium=social", None, Channel.SOCIAL),
        ("?utm_medium=E-Mail&utm_source=spring", None, Channel.EMAIL),
        ("?utm_medium=organic", None, Channel.ORGANIC),
        ("?utm_medium=referral&utm_source=facebook", None, Channel.SOCIAL),
        ("?utm_medium=qr", "https://www.google.com/", Channel.ORGANIC),
        ("?utm_source=newsletter", None, Channel.EMAIL),
        ("?utm_source=google", None, Channel.ORGANIC),
        ("?gclid=abc", "https://www.google.com/", Channel.PAID),
        ("?fbclid=abc", "https://www.facebook.com/", Channel.SOCIAL),
        ("?utm_medium=scpm", None, Channel.DIRECT),
    ],
)
def test_what_is_said_counts_before_what_is_guessed(query: str, referrer: str | None, expected: Channel | None) -> None:
    """Medium, then an advertiser's click id, then source, then the referrer; the site itself is no referrer."""
    assert channel(page_url=PAGE + query, referrer=referrer) is expected


def test_utm_values_of_the_event_count_before_those_of_its_address() -> None:
    """A tag manager may send them apart."""
    found = channel(page_url=PAGE + "?utm_medium=email", referrer=None, utm_medium="cpc", utm_source="google")
    assert found is Channel.PAID


def test_an_event_about_no_page_has_no_channel() -> None:
    """A server's event says nothing of how somebody came."""
    assert channel(page_url=None, referrer=None) is None


@given(st.one_of(st.none(), st.text()), st.one_of(st.none(), st.text()), st.text(), st.text())
def test_nothing_that_is_sent_breaks_it(page: str | None, referrer: str | None, medium: str, source: str) -> None:
    """Any text gives a channel or none."""
    found = channel(page_url=page, referrer=referrer, utm_medium=medium, utm_source=source)
    assert found is None or found in Channel
