"""Access logs of web servers: requests become page views, downloads, and what is kept but is nobody's activity.

A page that was served is a `page_view`, a file that was served is a `download`; all else that was asked for (images,
scripts, errors, forms, what programs fetch) is an `http_request`, which is passive. Visitors are told by address,
agent and day, as at the doors where there is no cookie.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from footfall.events.reasons import Reason
from footfall.events.time import read_time
from footfall.events.values import Refused, shown
from footfall.imports.presets.log_entry import Entry, read_entry
from footfall.imports.presets.preset import Fields, Preset
from footfall.imports.readers import Form
from footfall.imports.visitors import Visitors

_ENDING: Final = re.compile(r"\.([A-Za-z0-9]{1,11})$", re.ASCII)
_PARTS: Final = re.compile(
    r"css|m?js|map|json|xml|rss|atom|txt|ico|png|jpe?g|gif|svg|webp|avif|bmp|tiff?|woff2?|ttf|otf|eot|wasm|webmanifest"
)
"""Endings of what pages are made of, and of what programs ask for."""
_DOWNLOADS: Final = re.compile(
    r"pdf|zip|t?gz|bz2|xz|7z|rar|tar|exe|msi|dmg|pkg|apk|deb|rpm|iso|jar|docx?|od[tsp]|xlsx?|csv|pptx?|epub|mobi"
    r"|mp[34]|m4[av]|mov|avi|mkv|webm|og[gv]|flac|wav"
)
_PAGE_STATUS: Final = frozenset((200, 203, 304))
"""Served, or unchanged since the visitor's browser last had it."""
_FILE_STATUS: Final = frozenset((200, 203))
"""A file in parts (206) would count once for each part."""
_REMEMBERED: Final = 65_536


def translate(row: Fields, visitors: Visitors) -> Iterable[Fields]:
    """The one event of a line. Raises `Refused` for a line in no known form."""
    try:
        entry = read_entry(str(row["line"]))
    except ValueError as error:
        raise Refused(Reason.NOT_AN_OBJECT, f"not a line of an access log: {error}") from None
    try:
        ts_us = _microseconds(entry.when)
    except ValueError as error:
        raise Refused(Reason.BAD_TIME, f"the time is {shown(entry.when)}: {error}") from None
    yield _event(entry, ts_us, visitors(entry.address, entry.agent, ts_us))


ACCESS_LOG: Final = Preset(
    name="access-log",
    about="access logs of web servers: common, combined, or JSON as nginx, Caddy and Traefik write it",
    form=Form.LINES,
    translate=translate,
)


def _event(entry: Entry, ts_us: int, visitor_id: str) -> Fields:
    path = _path(entry.target)
    return {
        "ts_us": ts_us,
        "name": _name(entry, path),
        "visitor_id": visitor_id,
        "user_id": entry.user,
        "page_url": _url(entry),
        "page_path": path,
        "referrer": entry.referrer,
        "user_agent": entry.agent,
        "ip": entry.address,
        "method": entry.method,
        "status": entry.status,
        "bytes": entry.size,
        "request": entry.request,
    }


def _name(entry: Entry, path: str) -> str:
    """What it means that `path` was asked for."""
    if entry.method == "GET" and path:
        found = _ENDING.search(path)
        ending = found[1].lower() if found else ""
        if _DOWNLOADS.fullmatch(ending):
            return "download" if entry.status in _FILE_STATUS else "http_request"
        if entry.status in _PAGE_STATUS and not _PARTS.fullmatch(ending):
            return "page_view"
    return "http_request"


def _url(entry: Entry) -> str:
    """The page's address; without a host where the log names none."""
    if entry.host and entry.target.startswith("/"):
        return f"//{entry.host}{entry.target}"
    return entry.target


@lru_cache(_REMEMBERED)
def _path(target: str) -> str:
    """The path alone, of a whole address too."""
    if target.startswith("/"):
        return target.partition("?")[0].partition("#")[0]
    try:
        return urlsplit(target).path
    except ValueError:
        return ""


@lru_cache(_REMEMBERED)
def _microseconds(when: str) -> int:
    return read_time(when)
