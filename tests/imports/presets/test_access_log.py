"""Lines of access logs as events: every form that servers write, and what each request means."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from footfall.events.time import read_time
from footfall.imports.presets.log_entry import read_entry
from tests.imports.presets.pieces import Made, made

COMMON = '203.0.113.9 - ann [17/May/2015:10:05:03 +0200] "GET /tea?utm_source=news HTTP/1.1" 200 2326'
COMBINED = f'{COMMON} "http://search.example/?q=tea" "Mozilla/5.0 (X11; Linux x86_64) Firefox/115.0"'
NGINX = {
    "time_iso8601": "2015-05-17T10:05:03+02:00",
    "remote_addr": "203.0.113.9",
    "remote_user": "ann",
    "request": "GET /tea?utm_source=news HTTP/1.1",
    "status": "200",
    "body_bytes_sent": "2326",
    "http_referer": "http://search.example/?q=tea",
    "http_user_agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/115.0",
}
CADDY = {
    "ts": 1431849903.0,
    "user_id": "ann",
    "size": 2326,
    "status": 200,
    "request": {
        "remote_ip": "203.0.113.9",
        "method": "GET",
        "uri": "/tea?utm_source=news",
        "headers": {
            "User-Agent": ["Mozilla/5.0 (X11; Linux x86_64) Firefox/115.0"],
            "Referer": ["http://search.example/?q=tea"],
        },
    },
}
TRAEFIK = {
    "StartUTC": "2015-05-17T08:05:03Z",
    "ClientHost": "203.0.113.9",
    "ClientUsername": "ann",
    "RequestMethod": "GET",
    "RequestPath": "/tea?utm_source=news",
    "DownstreamStatus": 200,
    "DownstreamContentSize": 2326,
    "request_Referer": "http://search.example/?q=tea",
    "request_User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/115.0",
}


def log(tmp_path: Path, *lines: str) -> Made:
    path = tmp_path / "access.log"
    path.write_text("".join(f"{line}\n" for line in lines))
    return made(path, "access-log")


def asked(request: str, status: int = 200) -> str:
    return f'203.0.113.9 - - [17/May/2015:10:05:03 +0000] "{request}" {status} 10 "-" "-"'


def test_a_line_becomes_an_event(tmp_path: Path) -> None:
    """Who, when, what, from where; what no field holds is a property, and the address is nowhere."""
    [event] = log(tmp_path, COMBINED).events
    assert len(event.pop("visitor_id")) == 32
    assert len(event.pop("event_id")) == 32
    assert json.loads(event.pop("properties")) == {"method": "GET", "status": 200, "bytes": 2326}
    assert "Firefox/115.0" in event.pop("context")
    about = ("name", "ts_us", "user_id", "page_url", "page_path", "referrer")
    assert {name: event[name] for name in about} == {
        "name": "page_view",
        "ts_us": read_time("2015-05-17T08:05:03Z"),
        "user_id": "ann",
        "page_url": "/tea?utm_source=news",
        "page_path": "/tea",
        "referrer": "http://search.example/?q=tea",
    }
    assert "203.0.113.9" not in json.dumps(event)


@pytest.mark.parametrize("form", [NGINX, CADDY, TRAEFIK], ids=["nginx", "caddy", "traefik"])
def test_json_says_the_same(form: dict[str, object], tmp_path: Path) -> None:
    """The same request gives the same event with the same id, whichever form the server writes."""
    [event] = log(tmp_path, json.dumps(form)).events
    assert event == log(tmp_path, COMBINED).events[0]


def test_a_common_line_has_no_agent(tmp_path: Path) -> None:
    """Nothing is made up for what the form does not tell; the visitor is told by the address alone."""
    [event] = log(tmp_path, COMMON).events
    assert event["name"] == "page_view"
    assert event.keys().isdisjoint(("context", "referrer", "browser"))


def test_a_virtual_host_stands_in_the_address_of_the_page(tmp_path: Path) -> None:
    """As Apache's vhost_combined has it, in front of the line."""
    [event] = log(tmp_path, f"shop.example:443 {COMBINED}").events
    assert event["page_url"] == "//shop.example:443/tea?utm_source=news"
    assert event["page_path"] == "/tea"


@pytest.mark.parametrize(
    ("request_line", "status", "name"),
    [
        ("GET / HTTP/1.1", 200, "page_view"),
        ("GET /tea HTTP/1.1", 304, "page_view"),
        ("GET /tea.html HTTP/1.0", 200, "page_view"),
        ("GET /blog/v1.2-is-out HTTP/2.0", 200, "page_view"),
        ("GET /tea HTTP/1.1", 404, "http_request"),
        ("GET /tea HTTP/1.1", 301, "http_request"),
        ("HEAD /tea HTTP/1.1", 200, "http_request"),
        ("POST /tea HTTP/1.1", 200, "http_request"),
        ("GET /style.css?v=3 HTTP/1.1", 200, "http_request"),
        ("GET /LOGO.PNG HTTP/1.1", 200, "http_request"),
        ("GET /feed.xml HTTP/1.1", 200, "http_request"),
        ("GET /robots.txt HTTP/1.1", 200, "http_request"),
        ("GET /prices.pdf HTTP/1.1", 200, "download"),
        ("GET /prices.pdf HTTP/1.1", 206, "http_request"),
        (r"\x16\x03\x01", 400, "http_request"),
        ("-", 408, "http_request"),
    ],
)
def test_what_a_request_means(request_line: str, status: int, name: str, tmp_path: Path) -> None:
    """Pages and files that were served are activity; parts of pages, programs' files and errors are not."""
    [event] = log(tmp_path, asked(request_line, status)).events
    assert event["name"] == name


def test_who_is_the_same_visitor(tmp_path: Path) -> None:
    """The same address and agent on one UTC day; another address, agent or day is somebody else."""
    line = '{} - - [{}:00 +0000] "GET / HTTP/1.1" 200 10 "-" "{}"'.format
    lines = [
        line("203.0.113.9", "17/May/2015:00:00", "Firefox"),
        line("203.0.113.9", "17/May/2015:23:59", "Firefox"),
        line("203.0.113.10", "17/May/2015:00:00", "Firefox"),
        line("203.0.113.9", "17/May/2015:00:00", "Chrome"),
        line("203.0.113.9", "18/May/2015:00:00", "Firefox"),
    ]
    first, same, *others = (event["visitor_id"] for event in log(tmp_path, *lines).events)
    assert first == same
    assert len({first, *others}) == 4


@pytest.mark.parametrize(
    ("line", "reason", "detail"),
    [
        ("203.0.113.9 what is this", "not-an-object", "neither the common nor the combined form, nor JSON"),
        (COMBINED.replace("May", "Mai"), "bad-time", "the time is '17/Mai/2015:10:05:03 +0200'"),
        ('{"remote_addr": "203.0.113.9"}', "not-an-object", "JSON without a status"),
        ('{"remote_addr": "203.0.113.9"', "not-an-object", "not a line of an access log"),
        ("[" * 99 + "203.0.113.9", "not-an-object", "neither"),
        ('{"a":' * 99 + '"203.0.113.9"' + "}" * 99, "not-an-object", "deeper than 64"),
    ],
)
def test_a_broken_line_costs_itself(line: str, reason: str, detail: str, tmp_path: Path) -> None:
    """It is kept with its line and reason, without the address in it."""
    found = log(tmp_path, COMMON, line, COMMON)
    assert len(found.events) == 2
    [broken] = found.rejected
    assert (broken["line"], broken["reason"], broken["source"]) == (2, reason, "access.log")
    assert detail in broken["detail"]
    assert "203.0.113.9" not in broken["body"]
    assert "(address)" in broken["body"]


def test_escaped_quotes_are_read(tmp_path: Path) -> None:
    """Both ways in which servers escape them; other escapes stay, so that no control character is let in."""
    line = r'::1 - - [17/May/2015:10:05:03 +0000] "GET /a\"b HTTP/1.1" 200 10 "-" "a\x22b\x0ac"'
    entry = read_entry(line)
    assert (entry.target, entry.agent, entry.address) == ('/a"b', r'a"b\x0ac', "::1")


def test_an_agent_that_was_cut_is_read() -> None:
    """As far as it goes: some servers cut a long one, with its closing quote."""
    assert read_entry(COMBINED[:-3]).agent == "Mozilla/5.0 (X11; Linux x86_64) Firefox/115"
    assert read_entry(f'{COMBINED} "gzip" 0.003').agent == "Mozilla/5.0 (X11; Linux x86_64) Firefox/115.0"


def test_equal_requests_are_events_of_their_own(tmp_path: Path) -> None:
    """Two requests in one second are two, with ids that are the same again when the log is read again."""
    first = [event["event_id"] for event in log(tmp_path, COMBINED, COMBINED).events]
    assert len(set(first)) == 2
    assert [event["event_id"] for event in log(tmp_path, COMBINED, COMBINED).events] == first
