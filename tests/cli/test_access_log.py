"""A real web server's log through the command line, against a plain count of its lines."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from crawlerdetect import CrawlerDetect

from tests.cli.terminal import done

PARTS = {*("css", "js", "json", "xml", "txt", "ico", "png", "jpg", "jpeg", "gif", "svg", "ttf", "woff", "eot", "bmp")}
FILES = {
    *("pdf", "zip", "gz", "tar", "tgz", "rpm", "deb", "jar", "exe", "iso", "mp3", "mp4", "avi", "ogg", "doc", "bz2")
}
GAP = timedelta(minutes=30)


class Line(NamedTuple):
    """One request, told by splitting the line."""

    visitor: tuple[str, str, str]
    """Address, agent, day."""
    at: datetime
    name: str
    is_bot: bool


@pytest.fixture(scope="module")
def log(shared_data: Path) -> Path:
    """Three days of a site's log, 10,000 lines."""
    return shared_data / "web_logs" / "apache_logs.gz"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty data folder."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def first(folder: Path, log: Path) -> dict[str, Any]:
    """What the first import says."""
    return imported(folder, log)


def imported(folder: Path, log: Path) -> dict[str, Any]:
    [outcome] = json.loads(done("import", log, "--preset", "access-log", "--format", "json", "--data", folder))
    return {name: outcome[name] for name in ("read", "stored", "duplicate", "rejected", "sessions")}


def ask(folder: Path, question: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(done("sql", question, "--format", "json", "--data", folder))
    return rows


def plain_lines(log: Path) -> list[Line]:
    """Every line, taken apart with nothing of Footfall's code."""
    with gzip.open(log, "rt", errors="replace") as file:
        return [plain_line(line) for line in file]


def plain_line(line: str) -> Line:
    address = line.split(" ", 1)[0]
    moment = datetime.strptime(re.findall(r"\[(.*?)\]", line)[0], "%d/%b/%Y:%H:%M:%S %z").astimezone(UTC)
    quoted = line.split('" ')
    method, path, _ = quoted[0].split('"', 1)[1].split(" ", 2)
    status = quoted[1].split(" ")[0]
    agent = line.rsplit(' "', 1)[1].rstrip('"\n')
    name = plain_name(method, path.split("?")[0], status)
    return Line((address, agent, str(moment.date())), moment, name, is_crawler(agent))


@cache
def is_crawler(agent: str) -> bool:
    """As the list of crawlers has it."""
    return bool(CrawlerDetect().isCrawler(agent))


def plain_name(method: str, path: str, status: str) -> str:
    ending = path.lower().rsplit(".", 1)[-1] if "." in path.rsplit("/", 1)[-1] else ""
    if method == "GET" and ending in FILES:
        return "download" if status == "200" else "http_request"
    return "page_view" if method == "GET" and ending not in PARTS and status in ("200", "304") else "http_request"


def plain_sessions(lines: list[Line]) -> int:
    """Visits with a page or a file: a visitor's requests without a gap over half an hour; bots make none."""
    visits: dict[object, list[Line]] = defaultdict(list)
    for line in lines:
        if not line.is_bot:
            visits[line.visitor].append(line)
    found = 0
    for asked in visits.values():
        asked.sort(key=lambda line: line.at)
        counts, last = False, asked[0].at
        for line in asked:
            if line.at - last > GAP:
                found += counts
                counts = False
            counts |= line.name != "http_request"
            last = line.at
        found += counts
    return found


def test_counts(first: dict[str, Any], log: Path) -> None:
    """Every line is stored, and as many sessions are made as a plain count finds visits."""
    assert first == {
        "read": 10_000,
        "stored": 10_000,
        "duplicate": 0,
        "rejected": 0,
        "sessions": plain_sessions(plain_lines(log)),
    }


def test_what_was_asked_for(folder: Path, log: Path, first: object) -> None:
    """Pages, files and all else are as many as in the log, and so are the visitors."""
    lines = plain_lines(log)
    counted = ask(folder, "SELECT name, count(*) AS n FROM events GROUP BY name")
    assert {row["name"]: row["n"] for row in counted} == Counter(line.name for line in lines)
    [visitors] = ask(folder, "SELECT count(DISTINCT visitor_id) AS n FROM events")
    assert visitors["n"] == len({line.visitor for line in lines})


def test_bots_are_marked(folder: Path, log: Path, first: object) -> None:
    """As many requests, and as many pages, are told to be bots' as the list of crawlers says; all of them are kept."""
    bots = [line for line in plain_lines(log) if line.is_bot]
    assert len(bots) > 1_000
    [row] = ask(folder, "SELECT count(*) AS n, countif(name = 'page_view') AS pages FROM events WHERE is_bot")
    assert (row["n"], row["pages"]) == (len(bots), sum(line.name == "page_view" for line in bots))


def test_no_address_is_stored(folder: Path, first: object) -> None:
    """Not in any column of any event."""
    [row] = ask(folder, "SELECT count(*) AS n FROM events WHERE to_json(events)::VARCHAR LIKE '%83.149.9.216%'")
    assert row["n"] == 0


def test_importing_again_adds_nothing(folder: Path, log: Path, first: object) -> None:
    """The same log is known, whenever it comes."""
    assert imported(folder, log) == {"read": 10_000, "stored": 0, "duplicate": 10_000, "rejected": 0, "sessions": 0}
