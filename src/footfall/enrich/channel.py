"""The channel by which somebody came to a page, from UTM parameters, click ids and the referrer.

What was said on purpose counts before what is guessed: `utm_medium`, then a click id of an advertiser, then
`utm_source`, then the referrer's host. Source of the order and of the words: what the analytics products that sites
are tagged for take them to mean (Google's "default channel group").
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final

from footfall.enrich.referrers import BRANDS, BY_NAME, HOSTS, Medium, site_of
from footfall.enrich.url import read_url

_REMEMBERED: Final = 16_384
MOST_CHARACTERS: Final = 2_000
"""Texts are read so far: nothing that tells stands behind."""


class Channel(StrEnum):
    """How somebody came."""

    ORGANIC = "organic"
    """From a search engine's results."""
    PAID = "paid"
    """By an advertisement, wherever it stood."""
    SOCIAL = "social"
    EMAIL = "email"
    CHATBOT = "chatbot"
    """From the answer of an assistant."""
    REFERRAL = "referral"
    """By a link on any other site."""
    DIRECT = "direct"
    """From nowhere that is known: typed, a bookmark, an app."""


_BY_MEDIUM: Final = {
    Medium.SEARCH: Channel.ORGANIC,
    Medium.PAID: Channel.PAID,
    Medium.SOCIAL: Channel.SOCIAL,
    Medium.EMAIL: Channel.EMAIL,
    Medium.CHATBOT: Channel.CHATBOT,
}
_PAID_MEDIUM: Final = re.compile(
    r"(.*(^|[^a-z])(cp[acmv]|ppc|paid|retargeting|remarketing)([^a-z]|$).*|paid.*|display|banners?|ads?|affiliates?)"
)
_SOCIAL_MEDIUM: Final = re.compile(r"(sm|social([^a-z].*|network|media)?)")
_EMAIL_MEDIUM: Final = re.compile(r"(e[-_ ]?mails?|newsletters?|mailings?)")
CLICKS: Final = frozenset(("gclid", "gbraid", "wbraid", "dclid", "msclkid", "ttclid", "twclid", "li_fat_id", "yclid"))
"""Parameters that advertisers add to the address of a page when their advertisement was clicked."""


def channel_of(
    page_host: str, referrer: str, utm_medium: str, utm_source: str, *, clicked: bool = False
) -> Channel | None:
    """The channel of one event; None when it does not tell: its referrer is the site itself.

    `page_host` and the UTM values are in lower case, `referrer` is as the browser gave it; empty is none. `clicked` is
    whether the address of the page has an advertiser's click id (`CLICKS`).

    >>> channel_of("shop.example", "https://www.google.de/", "cpc", "").value
    'paid'
    >>> channel_of("shop.example", "https://www.google.de/", "", "").value
    'organic'
    >>> channel_of("shop.example", "https://shop.example/", "", "") is None
    True
    """
    if utm_medium and (said := _said(utm_medium[:MOST_CHARACTERS], utm_source)):
        return said
    if clicked:
        return Channel.PAID
    if utm_source and (said := _by_source(utm_source)):
        return said
    return _referred(page_host, _host(referrer[:MOST_CHARACTERS]))


def _said(medium: str, source: str) -> Channel | None:
    """What `utm_medium` means; None for words of the site's own."""
    if _PAID_MEDIUM.fullmatch(medium):
        return Channel.PAID
    if _EMAIL_MEDIUM.fullmatch(medium):
        return Channel.EMAIL
    if _SOCIAL_MEDIUM.fullmatch(medium):
        return Channel.SOCIAL
    if medium in ("organic", "referral"):
        return _by_source(source) or Channel(medium)
    return None


def _by_source(source: str) -> Channel | None:
    """The channel of a source that is named as people name it (`google`) or by its host."""
    if _EMAIL_MEDIUM.fullmatch(source):
        return Channel.EMAIL
    found = BRANDS.get(source) or medium_of(source)
    return _BY_MEDIUM[found] if found is not None else None


@lru_cache(_REMEMBERED)
def _referred(page_host: str, host: str) -> Channel | None:
    if not host:
        return Channel.DIRECT
    if page_host and site_of(host) == site_of(page_host):
        return None
    found = medium_of(host)
    return Channel.REFERRAL if found is None else _BY_MEDIUM[found]


@lru_cache(_REMEMBERED)
def medium_of(host: str) -> Medium | None:
    """What kind of site `host` is; None for one like any other.

    >>> medium_of("www.google.co.uk"), medium_of("mail.google.com"), medium_of("tea.example")
    (<Medium.SEARCH: 'search'>, <Medium.EMAIL: 'email'>, None)
    """
    name = host
    while name:
        if name in HOSTS:
            return HOSTS[name]
        name = name.partition(".")[2]
    named = next((medium for pattern, medium in BY_NAME if pattern.match(host)), None)
    return named or BRANDS.get(site_of(host).partition(".")[0])


@lru_cache(_REMEMBERED)
def _host(referrer: str) -> str:
    return read_url(referrer).host
