"""`footfall alerts|alert|fraud`: as people read them, as programs do, and as they come from a real server."""

from __future__ import annotations

import csv
import io
import json
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from footfall.cli.client import listening_at
from footfall.cli.lasting import seconds
from footfall.cli.options import Wrong
from footfall.events.time import write_time
from tests.cli.terminal import Following, Ran, done, following, footfall, serving

READING = [
    ("alerts",),
    ("alerts", "--rule", "high_velocity"),
    ("alerts", "--severity", "MEDIUM", "--last", "1h"),
    ("alerts", "--subject", "u:ann", "--limit", "1"),
    ("fraud", "risk"),
    ("fraud", "risk", "--subject", "u:ann", "--days", "1"),
    ("fraud", "thresholds", "--from", "2026-01-01", "--before", "2099-01-01"),
]
FAILING = [
    (("alerts", "--rule", "nonsense"), 1, "HIGH_VELOCITY"),
    (("alerts", "--severity", "low"), 1, "medium"),
    (("alerts", "--last", "1 month"), 2, "such as 15m or 7d"),
    (("alerts", "--cursor", "x"), 1, "cursor"),
    (("alerts", "--follow", "--format", "csv"), 2, "--format json"),
    (("alert", "gone"), 1, "no alert with this id"),
    (("fraud", "thresholds", "--from", "soon"), 1, "from"),
    (("fraud", "risk", "--project", "elsewhere"), 1, "elsewhere"),
]


def events(user: str, first: int, count: int, **said: object) -> list[dict[str, object]]:
    """So many events of a user, one each millisecond until now."""
    now_us = time.time_ns() // 1000
    return [
        {
            "event_id": f"{user} {first + at}",
            "name": "view",
            "user_id": user,
            "timestamp": write_time(now_us - 1000 * (count - at)),
            **said,
        }
        for at in range(count)
    ]


def send(folder: Path, sent: Sequence[object]) -> None:
    """Send events to the server on `folder`, and wait until what they raise can be read."""
    address, key = listening_at(folder), (folder / "write-key").read_text().strip()
    token = (folder / "admin-token").read_text().strip()
    request = urllib.request.Request(
        f"{address}/v1/events",
        data=json.dumps(sent).encode(),
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        offset = json.loads(answer.read())["offset"]
    request = urllib.request.Request(
        f"{address}/v1/alerts?after={offset}", headers={"Authorization": f"Bearer {token}"}
    )
    urllib.request.urlopen(request).close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a fast user, whose name would steer a terminal, and a dear purchase."""
    folder = tmp_path_factory.mktemp("data")
    with serving(folder):
        send(folder, [*events("ann", 0, 8, product_id="tea"), *events("b\x1b[2Jn", 0, 7)])
        send(folder, events("ann", 8, 1, name="purchase", amount="1700.50"))
    return folder


@pytest.fixture(scope="module")
def alone(folder: Path) -> dict[tuple[str, ...], Ran]:
    """What each command says while nobody owns the folder."""
    asked = [*((*command, "--format", "json") for command in READING), *(command for command, _, _ in FAILING)]
    return {command: footfall(*command, "--data", folder) for command in asked}


@pytest.fixture(scope="module")
def served(folder: Path, alone: dict[tuple[str, ...], Ran]) -> Iterator[Path]:
    """The same folder, owned by a server."""
    with serving(folder):
        yield folder


def as_json(*command: object) -> Any:
    """The answer of a command to programs."""
    return json.loads(done(*command, "--format", "json"))


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_the_same_with_and_without_a_server(
    command: tuple[str, ...], alone: dict[tuple[str, ...], Ran], served: Path
) -> None:
    """To the letter, with every field; risk counts the same alerts a moment later."""
    ran = footfall(*command, "--format", "json", "--data", served)
    assert ran == alone[(*command, "--format", "json")]
    assert ran.code == 0
    assert json.loads(ran.out)


@pytest.mark.parametrize(("command", "code", "said"), FAILING, ids=[" ".join(command) for command, _, _ in FAILING])
def test_what_can_not_be_is_told_in_a_line(
    command: tuple[str, ...], code: int, said: str, alone: dict[tuple[str, ...], Ran], served: Path
) -> None:
    """What was wrong, the same with and without a server; nothing is printed."""
    ran = footfall(*command, "--data", served)
    assert ran == alone[command]
    assert (ran.code, ran.out, ran.err.count("\n")) == (code, "", 1)
    assert said in ran.err


def test_a_block_for_people(folder: Path, alone: object) -> None:
    """As the product's documents promise it; when, how often and which one below; no name steers the terminal."""
    text = done("alerts", "--data", folder)
    assert text.count("FRAUD ALERT") == 3
    assert "\x1b" not in text
    (ann,) = as_json("alerts", "--subject", "u:ann", "--rule", "HIGH_VELOCITY", "--data", folder)
    begin = "🔴 FRAUD ALERT [HIGH_VELOCITY] - HIGH SEVERITY\n   User ID: ann\n   User has 9 events in the last minute\n"
    assert begin in text
    below = text.partition(begin)[2].splitlines()[0]
    assert below.endswith(f"UTC, fired 5 times, {ann['alert_id']}")
    assert "🟠 FRAUD ALERT [HIGH_VALUE_PURCHASE] - MEDIUM SEVERITY\n" in text
    assert "there are more: --cursor " in done("alerts", "--limit", "1", "--data", folder)
    assert done("alerts", "--subject", "u:nobody", "--data", folder) == "no alerts\n"


def test_one_alert_with_its_events(folder: Path) -> None:
    """The block, then the events behind it; a page at a time."""
    (ann,) = as_json("alerts", "--subject", "u:ann", "--rule", "HIGH_VELOCITY", "--data", folder)
    lines = done("alert", ann["alert_id"], "--data", folder).splitlines()
    assert lines[0] == "🔴 FRAUD ALERT [HIGH_VELOCITY] - HIGH SEVERITY"
    assert lines[5].split() == ["time", "event", "product", "amount", "id"]
    assert len(lines[6:]) == 9
    assert lines[6].split()[2:] == ["view", "tea", "ann", "0"]
    page = as_json("alert", ann["alert_id"], "--limit", "4", "--data", folder)
    rest = as_json("alert", ann["alert_id"], "--cursor", page["next"], "--data", folder)
    assert len(page["events"] + rest["events"]) == 9
    rows = list(csv.DictReader(io.StringIO(done("alert", ann["alert_id"], "--format", "csv", "--data", folder))))
    assert [row["event_id"] for row in rows] == [event["event_id"] for event in page["events"] + rest["events"]]


def test_risk_and_thresholds_for_people(folder: Path) -> None:
    """Scores with what they are made up of; ladders with bars, on which the present threshold is marked."""
    text = done("fraud", "risk", "--data", folder)
    assert [line.split() for line in text.splitlines()[1:4]] == [
        ["20", "█" * 4, "u:ann", "10", "HIGH_VELOCITY", "(1", "alert)"],
        ["10", "HIGH_VALUE_PURCHASE", "(1", "alert)"],
        ["10", "█" * 2, "u:b·[2Jn", "10", "HIGH_VELOCITY", "(1", "alert)"],
    ]
    text = done("fraud", "thresholds", "--data", folder)
    assert text.startswith("2 people from ")
    assert "🔴 HIGH_VELOCITY  5 events or more in the last minute\n" in text
    words = [line.split() for line in text.splitlines()]
    assert ["5", "2", "100.00", "%", "█" * 20, "present", "default"] in words
    assert ["8", "1", "50.00", "%", "█" * 10] in words
    assert ["25", "0", "0.00", "%"] in words
    assert max(map(len, text.splitlines())) <= 140


def test_rows_for_programs(folder: Path) -> None:
    """CSV has a row for each alert, each score, and each rung of each ladder."""
    for command, rows in ((("alerts",), 3), (("fraud", "risk"), 2)):
        found = list(csv.DictReader(io.StringIO(done(*command, "--format", "csv", "--data", folder))))
        assert len(found) == len(as_json(*command, "--data", folder)) == rows
    ladders = as_json("fraud", "thresholds", "--data", folder)["rules"]
    found = list(csv.DictReader(io.StringIO(done("fraud", "thresholds", "--format", "csv", "--data", folder))))
    assert len(found) == sum(len(ladder["rungs"]) for ladder in ladders)


def test_how_long_back() -> None:
    """Whole numbers and a unit; nothing else."""
    assert [seconds(text) for text in ("90s", "15m", " 1 h", "7d", "2w")] == [90, 900, 3600, 604_800, 1_209_600]
    for text in ("", "1", "h", "-1h", "1.5h", "1month", "٣h"):
        with pytest.raises(Wrong):
            seconds(text)


def until(command: Following, subject: str, count: int) -> list[dict[str, Any]]:
    """Read alerts until this one has fired so often; all that was read."""
    seen: list[dict[str, Any]] = []
    while not seen or (seen[-1]["subject"], seen[-1]["count"]) != (subject, count):
        seen.append(json.loads(command.line()))
    return seen


def test_alerts_as_they_come(tmp_path: Path) -> None:
    """First those of the time that was asked for, then each new one as a block, and its growth in a line."""
    folder = tmp_path / "data"
    with serving(folder):
        send(folder, events("ann", 0, 6))
        with following("alerts", folder, "--last", "1h") as command:
            assert command.line() == "🔴 FRAUD ALERT [HIGH_VELOCITY] - HIGH SEVERITY\n"
            assert command.line() == "   User ID: ann\n"
            assert command.line() == "   User has 6 events in the last minute\n"
            assert ", fired 2 times, " in command.line()
            send(folder, events("ann", 6, 2))
            grown = command.line()
            assert grown.startswith("   ↳ HIGH_VELOCITY, User ID: ann: fired 4 times by now; User has 8 events in")
            send(folder, events("ben", 0, 1, name="purchase", amount="900"))
            assert command.line() == "🟠 FRAUD ALERT [HIGH_VALUE_PURCHASE] - MEDIUM SEVERITY\n"
            assert command.end() == (0, "")


def test_only_some_alerts_as_they_come(tmp_path: Path) -> None:
    """Others are not shown, however they come; JSON is a line an alert, and one each time it grows."""
    folder = tmp_path / "data"
    with serving(folder):
        send(folder, events("ann", 0, 5))
        with following("alerts", folder, "--last", "1h", "--rule", "high_velocity", "--format", "json") as command:
            assert len(until(command, "u:ann", 1)) == 1
            send(folder, events("ben", 0, 1, name="purchase", amount="900"))
            send(folder, events("ann", 5, 1))
            (seen,) = until(command, "u:ann", 2)
            assert seen["message"] == "User has 6 events in the last minute"
            assert command.end() == (0, "")


def test_a_restarted_server_is_followed_on(tmp_path: Path) -> None:
    """What came while nobody was told is shown when the next server answers; nothing is shown twice."""
    folder = tmp_path / "data"
    with ExitStack() as first:
        first.enter_context(serving(folder))
        send(folder, events("ann", 0, 5))
        with following("alerts", folder, "--last", "1h", "--format", "json") as command:
            assert len(until(command, "u:ann", 1)) == 1
            first.close()
            with serving(folder):
                send(folder, events("ben", 0, 6))
                assert [alert["subject"] for alert in until(command, "u:ben", 2)] == ["u:ben"]
                send(folder, events("cy", 0, 5))
                assert [alert["subject"] for alert in until(command, "u:cy", 1)] == ["u:cy"]
                assert command.end() == (0, "")


def test_without_a_server_nothing_is_followed(folder: Path, tmp_path: Path) -> None:
    """The error says so, and what to do."""
    ran = footfall("alerts", "--follow", "--data", tmp_path)
    assert (ran.code, ran.out) == (1, "")
    assert "start one, `footfall serve`" in ran.err
