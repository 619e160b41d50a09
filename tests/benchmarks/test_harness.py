"""Figures are medians of rounds beside those of the same round, judged by their targets; wrong counts print nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from benchmarks.harness import Disagreement, agree, apart, at_least, at_most, beside, in_turns, percentile
from benchmarks.machine import cores, machine
from benchmarks.results import Report, Result, Verdict, cells
from tests.repo.tree import ROOT

SCRIPT = """
from benchmarks.harness import Option, Report, agree, main

def measure(options):
    report = Report("how fast")
    report.add("ceiling", "events/s", [options.events] * max(1, options.rounds))
    yield report
    agree("events that can be read", options.events, options.found)

main(measure, "A test.", Option("--events", "sent", 5, 50, 500), Option("--found", "read", 5, 50, 500))
"""


def script(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A measurement that sends `--events` and finds `--found` of them."""
    path = folder / "measured.py"
    path.write_text(SCRIPT)
    return subprocess.run(
        [sys.executable, str(path), *arguments],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("size", "events", "rounds"), [("tiny", 5, 1), ("usual", 50, 3), ("full", 500, 5)])
def test_a_size_chooses_the_values_of_all_options(size: str, events: int, rounds: int, tmp_path: Path) -> None:
    """Each option has a value of its own at each size."""
    done = script(tmp_path, "--size", size, "--json")
    (figure,) = msgspec.json.decode(done.stdout, type=Result).figures
    assert figure.rounds == (events,) * rounds


def test_an_option_goes_before_its_size(tmp_path: Path) -> None:
    """What is given on the command line holds, and the others keep the size's value."""
    done = script(tmp_path, "--size", "tiny", "--json", "--events", "7", "--found", "7")
    (figure,) = msgspec.json.decode(done.stdout, type=Result).figures
    assert figure.rounds == (7,)


def test_counts_that_differ_print_no_figure(tmp_path: Path) -> None:
    """It ends with 1, says which counts differ, and the report that came of them is not there."""
    with pytest.raises(Disagreement, match="events read: 4 instead of 5"):
        agree("events read", 5, 4)
    done = script(tmp_path, "--size", "tiny", "--found", "4")
    assert done.returncode == 1
    assert "events that can be read: 4 instead of 5; no figure is printed" in done.stderr


def test_results_are_added_to_a_file(tmp_path: Path) -> None:
    """Two runs give two lines, while people still get a table."""
    results = tmp_path / "results.jsonl"
    shown = [script(tmp_path, "--size", "tiny", "--results", str(results)).stdout for _ in range(2)]
    assert [msgspec.json.decode(line, type=Result).question for line in results.read_bytes().splitlines()] == [
        "how fast",
        "how fast",
    ]
    assert all("ceiling" in one and "how fast" in one for one in shown)


def test_steps_take_turns_after_a_round_for_warming_up() -> None:
    """All steps of a round come before the next round, and what the first of several gave is not counted."""
    order: list[str] = []

    def step(name: str) -> float:
        order.append(name)
        return float(len(order))

    found = in_turns({"a": lambda: step("a"), "b": lambda: step("b")}, rounds=2)
    assert order == ["a", "b"] * 3
    assert found == {"a": [3.0, 5.0], "b": [4.0, 6.0]}
    assert in_turns({"a": lambda: step("a")}, rounds=1) == {"a": [7.0]}


def test_a_ratio_is_of_the_same_round() -> None:
    """A round in which the machine was slow for both does not move it."""
    report = Report("how fast")
    report.add("ceiling", "events/s", [100.0, 10.0, 100.0])
    report.add("ours", "events/s", [50.0, 5.0, 40.0], beside="ceiling")
    ratio = report.figures[1].ratio
    assert ratio
    assert (ratio.low, ratio.median, ratio.high) == (0.4, 0.5, 0.5)


def test_only_like_stands_beside_like() -> None:
    """A rate beside a time, or three rounds beside two, would be a ratio of nothing."""
    report = Report("how fast")
    report.add("ceiling", "events/s", [100.0, 100.0])
    with pytest.raises(AssertionError, match="ms beside events/s"):
        report.add("ours", "ms", [1.0, 1.0], beside="ceiling")
    with pytest.raises(ValueError, match="longer"):
        report.add("ours", "events/s", [1.0], beside="ceiling")


@pytest.mark.parametrize(
    ("value", "rate", "time"),
    [
        (9.9, Verdict.SHORT, Verdict.AIM),
        (10.0, Verdict.REACHED, Verdict.AIM),
        (15.0, Verdict.REACHED, Verdict.REACHED),
        (20.0, Verdict.AIM, Verdict.REACHED),
        (20.1, Verdict.AIM, Verdict.SHORT),
    ],
)
def test_a_target_is_reached_from_its_own_side(value: float, rate: Verdict, time: Verdict) -> None:
    """More of a rate and less of a time is better; what is asked for exactly is enough."""
    assert at_least(10, aim=20).verdict(value) is rate
    assert at_most(20, aim=10).verdict(value) is time


def test_the_worse_of_two_targets_counts() -> None:
    """A figure that is fast enough for itself, but not beside its ceiling, falls short; the table says all of it."""
    report = Report("how fast")
    report.add("ceiling", "events/s", [1000.0])
    report.add(
        "ours", "events/s", [300.0], beside="ceiling", target=at_least(200, aim=250), target_ratio=at_least(0.45, aim=1)
    )
    figure = report.figures[1]
    assert figure.verdict is Verdict.SHORT
    assert cells(figure)[2:] == (
        "300", "", "0.30×", "ceiling", "≥ 200, aim 250; ≥ 0.45×, aim 1×", "short",
    )  # fmt: skip


def test_a_percentile_is_a_value_that_was_measured() -> None:
    """The median of ten values is the sixth; the hundredth percentile is the greatest."""
    values = [float(value) for value in range(10, 0, -1)]
    assert [percentile(values, percent) for percent in (0, 50, 99, 100)] == [1.0, 6.0, 10.0, 10.0]


def test_processes_have_their_cores() -> None:
    """Load runs beside what is measured, not on its cores, where there are enough of them."""
    with beside(os.sched_getaffinity, 0) as result:
        load = result.result()
    assert load == set(cores().load)
    assert apart(os.sched_getaffinity, 0) == set(cores().measured)
    assert load.isdisjoint(cores().measured) == (len(os.sched_getaffinity(0)) > 2)


def test_a_machine_names_no_path_and_no_host(tmp_path: Path) -> None:
    """What a result says of the machine may be published."""
    found = msgspec.json.encode(machine(tmp_path)).decode()
    assert os.uname().nodename not in found
    assert str(tmp_path) not in found
    assert "Python" not in found or os.uname().machine in found
