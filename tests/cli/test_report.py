"""`footfall report`: a page, rows for programs, and printed anew while events come in to a real server."""

from __future__ import annotations

import csv
import io
import json
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from footfall.cli.client import listening_at
from footfall.cli.report_page import page
from footfall.settings import load
from tests.cli.terminal import Following, done, following, footfall, serving

HEADER = "time,event,visitor,page,product,country,order,total\n"
LOG = HEADER + "".join(
    f"2026-03-0{day} 10:00:0{number},{row}\n"
    for day in (1, 2)
    for number, row in enumerate(
        [
            f"page_view,v{day},/tea,,DE,,",
            f"view,v{day},,sencha,DE,,",
            f"click,v{day},/tea,,DE,,",
            f"purchase,v{day},,sencha,DE,o{day},1234.50",
            f"purchase,v{day},,sencha,DE,o{day},1234.50",
        ]
    )
)
MAPPED = (
    "time=timestamp,event=name,visitor=visitor_id,page=page_path,product=product_id,country=country,"
    "order=order_id,total=amount"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two days of a small shop."""
    folder = tmp_path_factory.mktemp("data")
    log = tmp_path_factory.mktemp("log") / "shop.csv"
    log.write_text(LOG)
    done("import", log, "--map", MAPPED, "--data", folder)
    return folder


def as_json(*arguments: object) -> dict[str, Any]:
    """The report as the command gives it to programs."""
    found: dict[str, Any] = json.loads(done("report", *arguments, "--format", "json"))
    return found


def lines(text: str) -> list[list[str]]:
    """Its lines, as words."""
    return [line.split() for line in text.splitlines() if line.strip()]


def test_a_page_for_people(folder: Path) -> None:
    """Figures with their units in aligned sections; the zone and the currency are named once; no dump."""
    text = done("report", "--data", folder)
    assert text.startswith("Report  2026-03-01 10:00:00 to 2026-03-02 10:00:04 UTC, money in EUR\n")
    assert text.count("UTC") == 1
    words = lines(text)
    assert ["revenue", "2,469.00", "EUR"] in words
    assert ["purchases", "2"] in words
    assert ["average", "order", "value", "1,234.50", "EUR"] in words
    assert ["bought", "2", "100.00", "%", "100.00", "%", "█" * 18] in words
    assert ["sencha", "2", "0", "2", "2,469.00"] in words
    assert ["(unknown)", "10", "2", "100.00", "%", "█" * 18] in words
    assert not set(text) & set("{}\x1b")
    assert "None" not in text


def test_it_fits_a_terminal(folder: Path) -> None:
    """Long names and great numbers fold within 80 columns; nothing is cut, and no name steers the terminal."""
    report = as_json("--data", folder)
    path = "/shop/" + "long-name/" * 20
    report["pages"][0] |= {"page": path + "\x1b[2J\n", "views": 10**9, "people": 10**9}
    report["products"][0] |= {"views": 10**9, "carts": 10**9, "purchases": 10**9, "revenue": "999999999.99"}
    report["total_revenue"] = "9223372036854.775807"
    screen = io.StringIO()
    Console(file=screen, width=80, force_terminal=True, color_system=None, legacy_windows=False).print(page(report))
    shown = screen.getvalue()
    assert max(map(len, shown.splitlines())) <= 80
    assert "…" not in shown
    assert "9,223,372,036,854.78" in shown
    assert "1,000,000,000" in shown
    assert "\x1b[2J" not in shown
    folded = "".join(line.split()[0] for line in shown.partition("Most seen")[2].splitlines()[1:] if line.strip())
    assert path in folded


def test_rows_for_programs(folder: Path) -> None:
    """CSV has a row for each figure of the JSON, with its section and the name of what it is about."""
    report = as_json("--data", folder)
    found = list(csv.DictReader(io.StringIO(done("report", "--data", folder, "--format", "csv"))))
    assert {"section": "report", "name": "", "figure": "total_revenue", "value": "2469.00"} in found
    assert {"section": "products", "name": "sencha", "figure": "revenue", "value": "2469.00"} in found
    tables = [rows for rows in report.values() if isinstance(rows, list)]
    figures = sum(len(row) - 1 for rows in tables for row in rows)
    assert len(found) == len(report) - len(tables) + figures


def test_only_some_time(folder: Path) -> None:
    """A range has its own events; the last minutes of a log from long ago have none."""
    assert as_json("--from", "2026-03-02", "--data", folder)["events"] == 5
    assert as_json("--before", "2026-03-02", "--data", folder)["total_revenue"] == "1234.50"
    assert as_json("--last", "9w", "--data", folder)["events"] == 0
    assert done("report", "--last", "15m", "--data", folder).startswith("Report: no events in this time\n")


def test_short_lists(folder: Path) -> None:
    """--top bounds every list; what is first stays."""
    assert [row["name"] for row in as_json("--top", "2", "--data", folder)["mix"]] == ["purchase", "click"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--last", "1 month"], 2, "such as 15m or 7d"),
        (["--last", "1h", "--from", "2026-01-01"], 2, "leave out --from and --before"),
        (["--follow", "--format", "csv"], 2, "--format json"),
        (["--follow"], 1, "--follow needs a running server; `footfall serve --data"),
        (["--from", "soon"], 1, "from"),
        (["--project", "elsewhere"], 1, "elsewhere"),
    ],
    ids=["last", "twice", "csv", "alone", "time", "project"],
)
def test_what_can_not_be_is_told_in_a_line(folder: Path, arguments: list[str], code: int, said: str) -> None:
    """What was wrong and what to do, in one line, before anything is printed."""
    ran = footfall("report", *arguments, "--data", folder)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err
    assert ran.err.count("\n") == 1


def test_how_often_is_a_setting(tmp_path: Path) -> None:
    """STATS_INTERVAL, as the variable was always called, and Footfall's own, which is stronger."""
    assert load(tmp_path, environ={}).stats_interval == 50
    assert load(tmp_path, environ={"STATS_INTERVAL": "10"}).stats_interval == 10
    assert load(tmp_path, environ={"STATS_INTERVAL": "10", "FOOTFALL_STATS_INTERVAL": "20"}).stats_interval == 20


def until(command: Following, events: int) -> list[int]:
    """Read reports until one has so many events; how many each of them had."""
    seen: list[int] = []
    while not seen or seen[-1] < events:
        seen.append(json.loads(command.line())["events"])
    return seen


def send(folder: Path, first: int, count: int) -> None:
    """Send so many events to the server on `folder`."""
    address, key = listening_at(folder), (folder / "write-key").read_text().strip()
    events = [{"event_id": str(first + n), "name": "page_view", "visitor_id": f"v{n % 7}"} for n in range(count)]
    request = urllib.request.Request(
        f"{address}/v1/events",
        data=json.dumps(events).encode(),
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        assert json.loads(answer.read())["accepted"] == count


def test_it_is_printed_anew_as_events_come_in(tmp_path: Path) -> None:
    """At once; then when enough events are new, and not before; and on Ctrl-C it ends, without a word."""
    folder = tmp_path / "data"
    with serving(folder), following("report", folder, "--every", "10", "--format", "json") as command:
        assert until(command, 0) == [0]
        send(folder, 0, 9)
        send(folder, 9, 1)
        assert until(command, 10) == [10]
        send(folder, 10, 9)
        send(folder, 19, 25)
        seen = until(command, 44)
        assert seen[0] >= 20, "nine new events are no reason for a report"
        assert command.end() == (0, "")


def test_it_waits_for_a_server_that_restarts(tmp_path: Path) -> None:
    """While none answers it says so once; with the next one, on another port, it goes on where it was."""
    folder = tmp_path / "data"
    with ExitStack() as first:
        first.enter_context(serving(folder))
        with following("report", folder, "--every", "5", "--format", "json") as command:
            assert until(command, 0) == [0]
            send(folder, 0, 5)
            assert until(command, 5) == [5]
            first.close()
            assert command.process.stderr is not None
            assert command.process.stderr.readline().startswith("footfall: waiting for the server: ")
            with serving(folder):
                send(folder, 5, 7)
                assert until(command, 12) == [12]
                assert command.end() == (0, "")


def test_a_report_below_the_other_where_nobody_draws(tmp_path: Path) -> None:
    """Into a file the pages are plain text, one below the other, and say how often they come."""
    folder = tmp_path / "data"
    with serving(folder):
        send(folder, 0, 3)
        with following("report", folder, "--every", "3") as command:
            assert command.process.stdout is not None
            text = ""
            while "Ctrl-C ends" not in text:
                text += command.process.stdout.readline()
            send(folder, 3, 3)
            while text.count("Ctrl-C ends") < 2:
                text += command.process.stdout.readline()
            assert command.end()[0] == 0
    assert "\x1b" not in text
    assert "anew every 3 events" in text
    assert [words for words in lines(text) if words[0] == "events"] == [["events", "3"], ["events", "6"]]
