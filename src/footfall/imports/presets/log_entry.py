"""How web servers write a request down: the common and the combined form, and JSON as nginx, Caddy and Traefik have it.

Source: Apache's `mod_log_config`, nginx's `ngx_http_log_module`, and the log documentation of Caddy and Traefik. What
a request means is not asked here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import msgspec

from footfall.events.nesting import DEPTH, nested_deeper

_QUOTED: Final = r'"((?:[^"\\]|\\.)*)"'
_CUT: Final = _QUOTED[:-1] + r'(?:"|\Z)'
"""Servers cut long agents, with their closing quote."""
_LINE: Final = re.compile(
    rf"(?:(\S+:[0-9]{{1,5}}) )?(\S+) \S+ (\S+|\S.{{0,200}}?\S) \[([^\]]{{10,40}})\] {_QUOTED} ([0-9]{{3}}) ([0-9]+|-)"
    rf"(?: {_QUOTED} {_CUT})?(?: .*)?",
    re.DOTALL | re.ASCII,
)
"""host:port of a virtual host, address, user, time, request, status, bytes, referrer, agent; more may follow."""
_REQUEST: Final = re.compile(r"([A-Z]{1,20}) (\S.*?)(?: HTTP/[0-9.]+)?", re.DOTALL)
_ESCAPED: Final = re.compile(r'\\(?:(["\\])|x(22|5[Cc]))')
_MOMENT: Final = re.compile(
    r"([0-9]{2})/([A-Z][a-z]{2})/([0-9]{4}):([0-9]{2}:[0-9]{2}:[0-9]{2}) ([+-][0-9]{2})([0-9]{2})", re.ASCII
)
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LONGEST_COUNT: Final = 18

_read: Final = msgspec.json.Decoder(dict[str, object]).decode

# Under which names JSON logs have it, the surest first.
_ADDRESS: Final = (
    *("remote_addr", "remote_ip", "client_ip", "clientip", "request.client_ip", "request.remote_ip"),
    *("request.remote_addr", "ClientHost", "ip"),
)
_USER: Final = ("remote_user", "user", "ClientUsername", "user_id")
_WHEN: Final = ("time_iso8601", "StartUTC", "timestamp", "@timestamp", "time_local", "time", "msec", "ts")
_METHOD: Final = ("request_method", "method", "request.method", "RequestMethod")
_TARGET: Final = ("request_uri", "uri", "request.uri", "RequestPath", "path", "url")
_STATUS: Final = ("status", "DownstreamStatus", "response")
_SIZE: Final = ("body_bytes_sent", "bytes_sent", "bytes", "size", "DownstreamContentSize")
_REFERRER: Final = (
    "http_referer",
    "http_referrer",
    "referer",
    "referrer",
    "request.headers.Referer",
    "request_Referer",
)
_AGENT: Final = ("http_user_agent", "user_agent", "agent", "request.headers.User-Agent", "request_User-Agent")
_HOST: Final = ("http_host", "host", "server_name", "vhost", "request.host", "RequestHost")


class Entry(NamedTuple):
    """One request; empty text is nothing."""

    address: str
    user: str
    when: str
    """In a form that `footfall.events.time.read_time` knows, if in any."""
    method: str
    target: str
    """What was asked for: path and query, seldom a whole address."""
    request: str
    """The request's line where it could not be parted, as of a client that speaks no HTTP."""
    status: int
    size: int | None
    """Bytes that were sent."""
    referrer: str
    agent: str
    host: str


def read_entry(line: str) -> Entry:
    """The request that `line` tells. Raises ValueError when it is in no known form."""
    return _json(line) if line.lstrip()[:1] == "{" else _plain(line)


def _plain(line: str) -> Entry:
    found = _LINE.fullmatch(line.strip())
    if found is None:
        raise ValueError("it is in neither the common nor the combined form, nor JSON")
    host, address, user, when, request, status, size, referrer, agent = found.groups()
    method, target, rest = _parted(_plain_text(request))
    return Entry(
        address=_said(address),
        user=_said(user),
        when=_moment(when),
        method=method,
        target=target,
        request=rest,
        status=int(status),
        size=_count(size),
        referrer=_said(_plain_text(referrer or "")),
        agent=_said(_plain_text(agent or "")),
        host=host or "",
    )


def _json(line: str) -> Entry:
    text = line.encode(errors="replace")
    if nested_deeper(text, DEPTH):
        raise ValueError(f"it is nested deeper than {DEPTH} levels")
    said = _flat(_read(text))
    method, target, rest = _parted(_first(said, ("request",)))
    status = _count(_first(said, _STATUS))
    if status is None:
        raise ValueError(f"it is JSON without a status (looked for {', '.join(_STATUS)})")
    return Entry(
        address=_first(said, _ADDRESS),
        user=_first(said, _USER),
        when=_moment(_first(said, _WHEN)),
        method=_first(said, _METHOD) or method,
        target=_first(said, _TARGET) or target,
        request=rest,
        status=status,
        size=_count(_first(said, _SIZE)),
        referrer=_first(said, _REFERRER),
        agent=_first(said, _AGENT),
        host=_first(said, _HOST),
    )


def _flat(said: Mapping[str, object]) -> dict[str, object]:
    """Members under their whole names: `request.headers.Referer`; of a list its first element."""

    def members(prefix: str, value: object) -> Iterator[tuple[str, object]]:
        if isinstance(value, dict):
            for name, member in value.items():
                yield from members(f"{prefix}.{name}", member)
        elif isinstance(value, list):
            yield from members(prefix, value[0] if value else None)
        else:
            yield prefix, value

    return {name: one for key, value in said.items() for name, one in members(key, value)}


def _first(said: Mapping[str, object], names: tuple[str, ...]) -> str:
    """The first of these members that says something."""
    return next((text for name in names if (text := _said(str(said.get(name) or "")))), "")


def _parted(request: str) -> tuple[str, str, str]:
    """Method and target of a request's line, or else the line itself."""
    found = _REQUEST.fullmatch(request)
    return (found[1], found[2], "") if found else ("", "", _said(request))


def _plain_text(quoted: str) -> str:
    """What stands between quotes, without the signs that escape quotes; other escapes stay as they are."""
    return _ESCAPED.sub(lambda found: found[1] or ('"' if found[2] == "22" else "\\"), quoted)


def _said(text: str) -> str:
    return "" if text == "-" else text


def _count(digits: str) -> int | None:
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_COUNT else None


def _moment(when: str) -> str:
    """`17/May/2015:10:05:03 +0000` as ISO 8601; any other text as it is."""
    found = _MOMENT.fullmatch(when)
    if found is None or found[2] not in _MONTHS:
        return when
    day, month, year, clock, hours, minutes = found.groups()
    return f"{year}-{_MONTHS.index(month) + 1:02}-{day}T{clock}{hours}:{minutes}"
