"""Rules that change while events come in: what was before them stays, what comes is theirs, crash or not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

from footfall.errors import Unavailable
from footfall.events.event import Event
from footfall.events.kinds import Kind
from footfall.node.rebuild import rebuild
from footfall.sessions.thresholds import with_thresholds
from footfall.settings import Settings
from tests.live.passes import journalled, readable
from tests.live.test_processor import visit
from tests.node.test_rebuild import PROJECTS, Running
from tests.sessions import oracle
from tests.sessions.equality import assert_same

GIVEN = Settings()
CHANGED = Settings(
    taxonomy=GIVEN.taxonomy.changed({"wishlist": Kind.CART}),
    classes=with_thresholds(GIVEN.classes, {"browser.total_events": 2}),
)
MINUTE_US = 60_000_000


def wishes(first: int, count: int) -> list[Event]:
    """One a second, of three visitors."""
    return [
        visit("wishlist", at * 1_000_000, at * 1_000_000, event_id=f"{at}", visitor_id=f"v{at % 3}")
        for at in range(first, first + count)
    ]


def carts(rows: Iterable[Mapping[str, object]]) -> dict[str, int]:
    """What everybody has in their carts."""
    return {str(row["owner"]): int(str(row["cart_count"])) for row in rows}


@pytest.mark.parametrize("ends", ["goes on", "is shut", "is killed"])
def test_each_event_is_read_by_the_kinds_of_its_time(tmp_path: Path, ends: str) -> None:
    """Whether the pass goes on, is shut, or dies and replays: carts are the wishes after the change, and only they."""
    running = Running(tmp_path)
    before, after = wishes(0, 30), wishes(30, 30)
    journalled(running.journal, before)
    running.caught_up()
    running.live.adopt(CHANGED, lambda: None, timeout=20)
    journalled(running.journal, after)
    running.caught_up()
    if ends != "goes on":
        assert running.live.stop(flush=ends == "is shut")
        running.start(CHANGED)
        running.caught_up()
    as_read = [*before, *(replace(one, name="add_to_cart") for one in after)]
    rows = readable(running.processor.snapshot(), "sessions")
    assert carts(rows) == carts(oracle.sessions(as_read))
    assert {row["rules_version"] for row in rows} == {CHANGED.classes.version}
    assert running.processor.definition != running.live.definition
    assert not rebuild(running.processor, CHANGED, PROJECTS).agreed
    assert running.processor.definition == running.live.definition
    assert rebuild(running.processor, CHANGED, PROJECTS).agreed
    rows = readable(running.processor.snapshot(), "sessions")
    assert sum(carts(rows).values()) == 60
    assert running.live.stop(flush=False)


def test_open_sessions_are_judged_anew_at_once_and_closed_ones_by_a_rebuild(tmp_path: Path) -> None:
    """Who is still here has the class of the new rules; who left keeps theirs until then."""
    running = Running(tmp_path)
    two = [visit("click", at, at, visitor_id="gone", event_id=f"g{at}") for at in (0, 1)]
    later = [visit("click", 3 * 60 * MINUTE_US + at, 3 * 60 * MINUTE_US + at, event_id=f"h{at}") for at in (0, 1)]
    journalled(running.journal, [*two, *later])
    running.caught_up()
    running.processor.flush(timeout=20)
    running.live.adopt(CHANGED, lambda: None, timeout=20)

    def classes() -> dict[str, str]:
        return {
            str(row["owner"]): str(row["visitor_class"]) for row in readable(running.processor.snapshot(), "sessions")
        }

    assert classes() == {"v:gone": "bouncer", "v:v": "browser"}
    assert rebuild(running.processor, CHANGED, PROJECTS).differing == 1
    assert classes() == {"v:gone": "browser", "v:v": "browser"}
    assert running.live.stop(flush=False)


def test_going_back_leaves_the_sessions_between_for_a_rebuild(tmp_path: Path) -> None:
    """Though the rules are those of the beginning, what was read meanwhile was read by others."""
    running = Running(tmp_path)
    running.live.adopt(CHANGED, lambda: None, timeout=20)
    journalled(running.journal, wishes(0, 9))
    running.caught_up()
    running.live.adopt(GIVEN, lambda: None, timeout=20)
    assert running.processor.definition != running.live.definition
    assert not rebuild(running.processor, GIVEN, PROJECTS).agreed
    expected = oracle.sessions(wishes(0, 9))
    assert_same(readable(running.processor.snapshot(), "sessions"), expected, names=("live", "oracle"))
    assert running.live.stop(flush=False)


def test_rules_that_can_not_be_kept_are_not_in_force(tmp_path: Path) -> None:
    """Neither when the control database fails, nor when the pass does not come to it in time, even later."""
    running = Running(tmp_path)

    def fails() -> None:
        raise Unavailable("the control database can't be used")

    with pytest.raises(Unavailable, match="control database"):
        running.live.adopt(CHANGED, fails, timeout=20)
    kept: list[str] = []
    running.processor.call(lambda: running.live._journal.wait(0, timeout=0.5))
    with pytest.raises(Unavailable, match="could not be changed in time"):
        running.live.adopt(CHANGED, lambda: kept.append("kept"), timeout=0.01)
    assert running.processor.call(lambda: None).result(20) is None
    assert kept == []
    with running.processor.still() as state:
        assert state.sessions.table.classes.version == GIVEN.classes.version
    assert running.live.stop(flush=False)
