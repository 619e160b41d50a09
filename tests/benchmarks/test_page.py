"""`docs/performance.md` is what the recorded results make of it: no figure by hand, or without ceiling and machine."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from benchmarks import report
from benchmarks.harness import at_least
from benchmarks.machine import machine
from benchmarks.report import PAGE, RESULTS, page, read, record
from benchmarks.results import Report, Result
from benchmarks.run import names
from tests.benchmarks.ceilings import without_ceiling


def result(benchmark: str, figure: float, here: Path) -> Result:
    """A result of two figures."""
    found = Report("how fast")
    found.add("ceiling", "events/s", [100.0])
    found.add("ours", "events/s", [figure], beside="ceiling")
    return found.result(benchmark, "tiny", datetime(2026, 1, 2, 3, 4, tzinfo=UTC), machine(here))


def lines(path: Path, *results: Result) -> Path:
    """A file of results."""
    path.write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in results))
    return path


def test_the_page_is_made_of_the_recorded_results() -> None:
    """Nobody wrote in it."""
    assert PAGE.read_text() == page(read(RESULTS)), "run: python -m benchmarks.report"


def test_every_recorded_figure_has_its_ceiling() -> None:
    """It stands beside one or is one; and its measurement still exists."""
    for one in read(RESULTS):
        assert without_ceiling(one) == [], one.question
        assert one.benchmark in names()


def test_no_figure_stands_in_prose() -> None:
    """Outside of tables, headings, commands and the lines that say when it was measured, the page has no number."""
    prose = [line for line in PAGE.read_text().splitlines() if not line.startswith(("|", "#", "*"))]
    assert [line for line in prose if re.search(r"\d", re.sub("`[^`]*`", "", line))] == []


def test_every_table_of_figures_says_when_and_where() -> None:
    """Under each question stands the date, the machine, which is described, and the size."""
    text = PAGE.read_text()
    for section in text.split("\n### ")[1:]:
        found = re.search(r"^\*\d{4}-\d\d-\d\d \d\d:\d\d UTC · machine (\d+) · size \w+\*$", section, re.MULTILINE)
        assert found, section.splitlines()[0]
        assert f"\n## Machine {found[1]}\n" in text


def test_recording_replaces_what_was_measured_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each measurement the newest results are kept; of one that failed nothing is taken."""
    monkeypatch.setattr(report, "ROOT", tmp_path)
    monkeypatch.setattr(report, "RESULTS", lines(tmp_path / "kept", *(result(name, 1.0, tmp_path) for name in "abc")))
    monkeypatch.setattr(report, "PAGE", tmp_path / "page.md")
    record(lines(tmp_path / "new", *(result(name, 2.0, tmp_path) for name in "bcd")), failed=["c"])
    kept = {one.benchmark: one.figures[1].median for one in read(tmp_path / "kept")}
    assert kept == {"a": 1.0, "b": 2.0, "c": 1.0, "d": 2.0}
    assert (tmp_path / "page.md").read_text() == page(read(tmp_path / "kept"))


def test_what_is_short_of_its_target_is_not_hidden(tmp_path: Path) -> None:
    """The page begins with every figure that has a target, and its verdict."""
    found = Report("how fast")
    found.add("ceiling", "events/s", [100.0])
    found.add("ours", "events/s", [30.0], beside="ceiling", target=at_least(200, aim=300))
    text = page([found.result("a", "tiny", datetime(2026, 1, 2, tzinfo=UTC), machine(tmp_path))])
    wanted = text.partition("## What is wanted")[2].partition("\n## ")[0]
    assert "| how fast | ours | events/s | 30 | 0.30× | ceiling | ≥ 200, aim 300 | short |" in wanted
