"""Instructions are counted, the same each time, and a stage that has come to need more of them is told of."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from benchmarks.counters import Callgrind, CannotCount, Perf, counter
from benchmarks.instructions import RECORDED, Baseline, faults
from benchmarks.profile import profiled
from benchmarks.stages import STAGES
from tests import required

PROGRAM = """
import sys
from benchmarks.counters import mark

def work(times):
    for _ in range(times):
        pass

work(100_000)
counted = mark()
counted.begin()
work(int(sys.argv[1]))
counted.end()
work(100_000)
print("done")
"""


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A program whose part between the marks goes round as often as it is told."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    return str(path)


def test_emulation_counts_what_is_between_the_marks(program: str) -> None:
    """Twice as many rounds are twice as many instructions, whatever came before and after; the same each time."""
    emulation = Callgrind()
    if not emulation.works():
        required.lacking("counting by emulation needs valgrind, on an x86-64 processor")
    (few, said), (many, _), (again, _) = (emulation.count([program, times]) for times in ("20000", "40000", "20000"))
    assert said == "done\n"
    assert again == pytest.approx(few, rel=0.001)
    assert many - few == pytest.approx(few, rel=0.02)


def test_perf_counts_what_is_between_the_marks(program: str) -> None:
    """The marks reach perf through its pipes: hundred times the rounds take far longer (its clock is everywhere)."""
    clock = Perf("task-clock")
    if not clock.works():
        required.lacking("counting by the processor needs perf (Debian: linux-perf)")
    few, _ = clock.count([program, "20000"])
    many, said = clock.count([program, "20000000"])
    assert said == "done\n"
    assert many > 10 * few


def test_where_nothing_counts_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without perf and valgrind the trouble says what to install."""
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CannotCount, match="install valgrind"):
        counter()


def test_a_program_that_fails_is_not_counted(program: str) -> None:
    """What it said is in the trouble."""
    with pytest.raises(CannotCount, match="invalid literal"):
        counter().count([program, "many"])


def test_a_tenth_more_is_a_fault() -> None:
    """Less, and a little more, is none; a stage of which nothing is recorded is one; other packages are named."""
    before = Baseline({"numpy": "2.4"}, {"parse": 1000.0, "step": 1000.0, "rows": 1000.0})
    assert faults(before, Baseline({"numpy": "2.4"}, {"parse": 1099.0, "step": 500.0})) == []
    assert [
        fault.split(":")[0] for fault in faults(before, Baseline({"numpy": "2.4"}, {"parse": 1101.0, "new": 1.0}))
    ] == [
        "parse",
        "new",
    ]
    assert "numpy" in faults(before, Baseline({"numpy": "2.5"}, {"parse": 1101.0}))[-1]


def test_every_stage_is_recorded() -> None:
    """The baseline has a number for each stage, and for no other."""
    recorded = msgspec.json.decode(RECORDED.read_bytes(), type=dict[str, Baseline])
    assert recorded
    for baseline in recorded.values():
        assert baseline.stages.keys() == {stage.__name__ for stage in STAGES}


def test_a_profile_names_what_costs(tmp_path: Path) -> None:
    """The decoding of a record has its own line, in µs an event; the whole profile is kept."""
    found = profiled("decode", tmp_path)
    assert 0 < found.alone < 1000
    (cost,) = [cost for cost in found.costs if cost.function.endswith(" decode_record")]
    assert cost.function.startswith("src/footfall/events/record.py:")
    assert 0 < cost.own <= cost.with_callees
    assert (tmp_path / "decode.prof").stat().st_size
