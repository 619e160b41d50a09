"""The plan of memory: its parts never come to more than the whole, and what the operator sets himself stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.errors import BadRequest
from footfall.settings import TABLE, load
from footfall.settings.memory import (
    BASE_BYTES,
    LEAST_BYTES,
    MOST_BY_ITSELF,
    PARTS,
    PLANNED,
    memory_there,
    planned,
    share_of,
)

MB = 1_000_000
WHOLE = st.integers(LEAST_BYTES, 1 << 40)


@given(WHOLE)
def test_the_parts_fit_into_the_whole(memory: int) -> None:
    """All bounds together, questions as often as there may be some at once, leave room for what is always there."""
    plan = planned(memory)
    parts = sum(plan[part.setting] for part in PARTS if part.setting != "query_memory_bytes")
    assert BASE_BYTES + parts + plan["query_memory_bytes"] * plan["query_concurrency"] <= memory


@given(WHOLE)
def test_every_value_is_one_that_an_operator_could_set(memory: int) -> None:
    """What follows from `memory_bytes` stands within the limits of its setting, and a body fits where bodies wait."""
    plan = planned(memory)
    for name, value in plan.items():
        low, high = TABLE[name].low, TABLE[name].high
        assert low is not None
        assert high is not None
        assert low <= value <= high, name
    assert min(plan["max_inflight_bytes"], plan["journal_pending_bytes"]) >= TABLE["max_inflated_bytes"].default  # type: ignore[operator]


@given(WHOLE, WHOLE)
def test_more_memory_is_never_less_of_anything(some: int, other: int) -> None:
    """A larger whole has no smaller part; a question may become smaller where more of them run at once."""
    less, more = planned(min(some, other)), planned(max(some, other))
    assert all(less[name] <= more[name] for name in PLANNED if name != "query_memory_bytes")


@pytest.mark.parametrize("variable", ["FOOTFALL_MEMORY", "FOOTFALL_MEMORY_BYTES"])
def test_one_number_sets_all_bounds(variable: str) -> None:
    """`FOOTFALL_MEMORY` says how much; every bound follows, and says from what."""
    settings = load(None, environ={variable: "1 GB"}, there=64_000 * MB)
    assert settings.memory_bytes == 1_000 * MB
    assert {name: getattr(settings, name) for name in PLANNED} == planned(1_000 * MB)
    assert {settings.source(name) for name in PLANNED} == {"memory_bytes"}


def test_what_the_operator_sets_stays(tmp_path: Path) -> None:
    """A bound that is set itself keeps its value, and those that follow from it follow."""
    (tmp_path / "footfall.toml").write_text('query_concurrency = 2\ntail_memory_bytes = "8 MB"\n')
    settings = load(tmp_path, environ={"FOOTFALL_MEMORY": "4GB"})
    assert (settings.query_concurrency, settings.source("query_concurrency")) == (2, "footfall.toml")
    assert settings.query_memory_bytes // MB // 2 == planned(4_000 * MB)["query_memory_bytes"] // MB
    assert (settings.tail_memory_bytes, settings.lake_commit_rows) == (8 * MB, 2_000)
    assert settings.sessions_memory_bytes == planned(4_000 * MB)["sessions_memory_bytes"]


def test_too_little_is_refused() -> None:
    """Less than a server needs to begin is an error that says how much it must be."""
    with pytest.raises(BadRequest, match="384 MB"):
        load(None, environ={"FOOTFALL_MEMORY": "100 MB"})


@pytest.mark.parametrize(
    ("there", "taken"), [(500, 384), (2_000, 1_000), (7_000, 3_500), (64_000, 4_000)], ids=lambda mb: f"{mb} MB"
)
def test_without_a_number_it_is_half_of_the_machine(there: int, taken: int) -> None:
    """Half of what the machine has, within limits; the plan of that."""
    settings = load(None, environ={}, there=there * MB)
    assert settings.memory_bytes == taken * MB == share_of(there * MB)
    assert settings.trails_memory_bytes == planned(taken * MB)["trails_memory_bytes"]


def test_what_the_system_says_is_asked() -> None:
    """Where nobody says what there is, the system does: some memory, and no more than the machine has."""
    lines = Path("/proc/meminfo").read_text().splitlines() if Path("/proc/meminfo").exists() else []
    total = next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemTotal")), 1 << 62)
    assert 0 < memory_there() <= total
    assert load(None, environ={}).memory_bytes == share_of(memory_there()) <= MOST_BY_ITSELF
