"""The demonstration ends by itself with a report and a verdict: everything came out as it was played."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from footfall.cli.demo.verdict import CLASSES
from tests.cli.terminal import done, footfall

PLAYED_SECONDS = 18


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def said(folder: Path) -> str:
    """What the demonstration says."""
    ran = footfall("demo", "--seconds", PLAYED_SECONDS, "--data", folder)
    assert ran.code == 0, ran
    return ran.out


def lines_of(said: str) -> dict[str, tuple[int, int, str]]:
    """{line of the verdict: played, right, its mark}."""
    found = re.findall(r"^([\w, ]+?) {2,}([\d,]+) +([\d,]+) +([✓✗])", said, re.MULTILINE)
    return {what: (number(played), number(right), mark) for what, played, right, mark in found}


def number(text: str) -> int:
    return int(text.replace(",", ""))


def test_it_shows_all_at_work(said: str) -> None:
    """The history, the address, classes as they change, alerts as they come, the report, and how quick it was."""
    assert "imported 8,000 events of the shop's last week" in said
    assert re.search(r"pages: (http://127\.0\.0\.1:\d+), API: \1/docs", said)
    assert "🟡 bouncer → browser" in said
    assert re.search(r"🔴 HIGH_VELOCITY: User has \d+ events in the last minute", said)
    assert "From looking to buying" in said
    assert re.search(r"p50 \d+ ms, p99 \d+ ms", said)


def test_everything_came_out_as_it_was_played(said: str) -> None:
    """Every class and fraud of more than one rule was played; nothing was lost, and nothing taken for another thing."""
    verdict = lines_of(said)
    assert set(verdict) >= {*CLASSES, "events of bots, set apart", "events acknowledged", "events stored"}
    assert all(played == right and mark == "✓" for played, right, mark in verdict.values())
    assert verdict["events stored"][0] > 500
    assert all(verdict[name][0] > 0 for name in ("engaged_shopper", "browser", "bouncer"))
    assert len(verdict.keys() & {"HIGH_VELOCITY", "MULTIPLE_IP", "HIGH_VALUE_PURCHASE", "RAPID_LOCATION_CHANGE"}) > 1


def test_what_it_played_stays_in_a_given_folder(folder: Path, said: str) -> None:
    """The week and the live visitors can be looked at afterwards; the counts are those of the verdict."""
    counts = "count(*) AS events, count(*) FILTER (WHERE is_bot) AS bots"
    question = f"SELECT {counts} FROM events WHERE visitor_id LIKE 'd%-%'"
    [row] = json.loads(done("sql", question, "--format", "json", "--data", folder))
    verdict = lines_of(said)
    assert row["events"] == verdict["events stored"][0]
    assert row["bots"] == verdict["events of bots, set apart"][0]
