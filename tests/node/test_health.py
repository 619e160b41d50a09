"""A node tells the truth about its roles: a dead or stalled processor is seen within two seconds, and recovers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from footfall.errors import BadRequest, FolderOwned, Unavailable
from footfall.live.processor import Processor
from footfall.node.lock import read_owner
from footfall.node.node import Node
from footfall.settings import Settings
from tests.live.passes import journalled
from tests.sessions.live import event

SETTINGS = Settings(query_seconds=3.0)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    """A node on a fresh folder."""
    opened = Node.open(tmp_path / "data", SETTINGS)
    yield opened
    opened.close()


def until(condition: Callable[[], Any], seconds: float) -> float:
    """How many seconds it took for `condition` to hold."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, f"not within {seconds} s"
        time.sleep(0.01)
    return time.monotonic() - began


def sessions(node: Node) -> int:
    """How many sessions a reader sees that has waited for all that is journalled."""
    with node.read("default", after=node._journal.end()[0]) as tables:
        return len(tables.run(tables.sessions.select("session_id")))


def test_a_killed_processor_is_reported_and_replaced(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not ready within two seconds, with the reason; then ready again, with every acknowledged event."""
    journalled(node._journal, [event(0)])
    assert sessions(node) == 1
    taking = Processor._take
    seen: list[str] = []

    def dies(self: Processor, entries: Any) -> None:
        if not seen:
            seen.append("once")
            raise RuntimeError("pulled the plug")
        taking(self, entries)

    monkeypatch.setattr(Processor, "_take", dies)
    journalled(node._journal, [event(200)])
    problems: list[str] = []

    def red() -> bool:
        health = node.health()
        problems.extend(problem.reason for problem in health.problems)
        return not health.ready

    until(red, 2.0)
    assert any("RuntimeError" in problem for problem in problems)
    until(lambda: node.health().ready, 10.0)
    assert sessions(node) == 2


def test_a_stalled_processor_is_reported_and_recovers(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that hangs in a batch turns readiness red within two seconds; let go, all is well."""
    until(lambda: node.health().ready, 5.0)
    hold = threading.Event()
    taking = Processor._take

    def hangs(self: Processor, entries: Any) -> None:
        hold.wait(20)
        taking(self, entries)

    monkeypatch.setattr(Processor, "_take", hangs)
    journalled(node._journal, [event(0)])
    until(lambda: any("stalled" in problem.reason for problem in node.health().problems), 2.0)
    assert node.health().lag.events == 1
    assert node.counters()["lag_events"] == 1
    with pytest.raises(Unavailable, match="not been processed"), node.read("default", after=1):
        pass
    with pytest.raises(BadRequest, match="beyond the journal's end"), node.read("default", after=99):
        pass
    hold.set()
    until(lambda: node.health().ready, 5.0)
    assert sessions(node) == 1


def test_too_much_lag_is_pressure_at_the_door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above `max_lag_events` the door is told to ask senders to wait; below it is not."""
    hold = threading.Event()
    taking = Processor._take

    def hangs(self: Processor, entries: Any) -> None:
        hold.wait(20)
        taking(self, entries)

    monkeypatch.setattr(Processor, "_take", hangs)
    node = Node.open(tmp_path / "data", Settings(max_lag_events=1_000))
    journalled(node._journal, [event(i / 100, event_id=str(i)) for i in range(1_001)])
    pressure = node.pressure()
    assert pressure is not None
    assert pressure.status == 429
    assert pressure.retry_after
    hold.set()
    until(lambda: node.pressure() is None, 10.0)
    node.close()


def test_one_process_owns_a_folder(node: Node) -> None:
    """A second opening is refused and told where the owner answers."""
    node.announce("http://127.0.0.1:1")
    owner = read_owner(node.folder)
    assert owner is not None
    with pytest.raises(FolderOwned, match="owned by process") as refused:
        Node.open(node.folder, SETTINGS)
    assert refused.value.address == owner.address == "http://127.0.0.1:1"


def test_a_closed_node_leaves_nothing_to_replay(tmp_path: Path) -> None:
    """After a clean end the checkpoint stands at the journal's end, and the next start reads the same sessions."""
    first = Node.open(tmp_path / "data", SETTINGS)
    secrets = first.first_start
    assert secrets is not None
    journalled(first._journal, [event(0), event(100)])
    first.close()
    again = Node.open(tmp_path / "data", SETTINGS)
    assert again.first_start is None
    assert again._live is not None
    assert again._live.checkpoint.offsets == {0: 1}
    assert sessions(again) == 2
    again.close()


def test_a_live_session_whose_id_holds_an_at_sign_is_found(node: Node) -> None:
    """A client's own session id may look like a visitor's session; asked for alone, it is there all the same."""
    offset = journalled(node._journal, [event(0, session_id="jo@shop.example")])
    with node.read("default", after=offset, session_id="s:jo@shop.example") as tables:
        assert tables.run(tables.session("s:jo@shop.example")).num_rows == 1


def test_a_new_folder_is_for_its_owner_alone(node: Node) -> None:
    """Events are personal data: nobody else on the machine can enter the folder that holds them."""
    assert node.folder.stat().st_mode & 0o777 == 0o700
