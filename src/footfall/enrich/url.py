"""The parts of a page's address: host, path and query, read leniently, for whatever senders take for one has a page."""

from __future__ import annotations

from typing import NamedTuple


class Url(NamedTuple):
    """Host in lower case, path and query as they were written; empty where there is none."""

    host: str
    path: str
    query: str


NO_URL = Url("", "", "")


def read_url(text: str) -> Url:
    """The parts of an address, with or without what stands before its path.

    >>> read_url("https://Shop.example:8443/tea?size=2#top")
    Url(host='shop.example', path='/tea', query='size=2')
    >>> read_url("/tea"), read_url("https://shop.example?a=1").path, read_url("tea")
    (Url(host='', path='/tea', query=''), '/', Url(host='', path='', query=''))
    """
    text, _, query = text.strip().partition("#")[0].partition("?")
    before, found, after = text.partition("//")
    if not found or (before and before[-1] != ":"):
        return Url("", text if text.startswith("/") else "", query)
    authority, slash, path = after.partition("/")
    return Url(_host(authority), slash + path if slash or not authority else "/", query)


def _host(authority: str) -> str:
    """The host, without who asks and without a port."""
    named = authority.rpartition("@")[2]
    if named.startswith("["):
        host, closed, _ = named[1:].partition("]")
        return host.lower() if closed else ""
    return named.partition(":")[0].lower().removesuffix(".")
