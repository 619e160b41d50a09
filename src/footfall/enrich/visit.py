"""How somebody came to a page, as its address and its referrer tell: the path, the UTM parameters, the channel."""

from __future__ import annotations

from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl

from footfall.enrich.channel import CLICKS, MOST_CHARACTERS, channel_of
from footfall.enrich.url import NO_URL, read_url
from footfall.events.surroundings import NO_VISIT, Visit

_REMEMBERED: Final = 8_192
"""Addresses are long: so many take some 10 MB."""
_MARKS: Final = ("utm_", *CLICKS)
_UTM: Final = tuple(name for name in Visit._fields if name.startswith("utm_"))


@lru_cache(_REMEMBERED)
def read_visit(page_url: str | None, referrer: str | None, utm_medium: str | None, utm_source: str | None) -> Visit:
    """What the fields of an event tell; `utm_medium` and `utm_source` are those that it states itself.

    >>> read_visit("https://shop.example/tea?utm_source=news&utm_medium=email", None, None, None)[:4]
    ('/tea', 'email', 'news', 'email')
    >>> read_visit("https://shop.example/tea", "https://www.google.com/", None, None)[:3]
    ('/tea', 'organic', None)
    """
    if not (page_url or referrer or utm_medium or utm_source):
        return NO_VISIT
    page = read_url(page_url) if page_url else NO_URL
    stated = _stated(page.query[:MOST_CHARACTERS]) if page.query else {}
    found = channel_of(
        page.host,
        referrer or "",
        (utm_medium or stated.get("utm_medium", "")).lower(),
        (utm_source or stated.get("utm_source", "")).lower(),
        clicked=not CLICKS.isdisjoint(stated),
    )
    return Visit(page.path or None, None if found is None else found.value, *(stated.get(name) for name in _UTM))


def _stated(query: str) -> dict[str, str]:
    """The parameters of a query that say something; {} for most queries, which say nothing of this."""
    if not any(mark in query for mark in _MARKS):
        return {}
    return {name: value.strip() for name, value in parse_qsl(query, errors="replace") if value.strip()}
