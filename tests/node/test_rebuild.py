"""Refreshing owners and rebuilding: batch over the lake, compared with what readers see, mended where it differs."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from msgspec.structs import replace

from footfall.errors import QueryLimit, Unavailable
from footfall.events.kinds import DEFAULT_KINDS, Kind, Taxonomy
from footfall.events.schema import EVENTS, to_batch
from footfall.journal.memory import MemoryJournal
from footfall.lake.lake import Lake
from footfall.live.processor import Processor
from footfall.node import comparison, refresh
from footfall.node.comparison import DIFFERING, Comparing, Progress, task_of
from footfall.node.live import LivePass
from footfall.node.rebuild import rebuild
from footfall.node.refresh import refresh_owners
from footfall.sessions.classes import Classes, Clause, Rule
from footfall.settings import Settings
from tests.live.passes import KEY, journalled, readable
from tests.live.test_processor import visit
from tests.node.processes import children
from tests.sessions import oracle
from tests.sessions.equality import assert_same
from tests.sessions.streams import HOUR_US

SETTINGS = Settings()
PROJECTS = ["default"]


class Running:
    """A live pass with its threads on a folder, beside a journal in memory."""

    def __init__(self, folder: Path, settings: Settings = SETTINGS) -> None:
        self.folder = folder
        self.journal = MemoryJournal()
        self.start(settings)

    def start(self, settings: Settings) -> None:
        """Begin from the checkpoint."""
        lake = Lake.open(self.folder / "lake")
        self.live = LivePass(self.folder, journal=self.journal, lake=lake, settings=settings, key=KEY)
        self.live.start()

    @property
    def processor(self) -> Processor:
        """The one that works."""
        return self.live.processor

    def caught_up(self) -> None:
        """Wait until all of the journal is in the state."""
        assert self.processor.wait_for(self.journal.end()[0], timeout=20)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """A live pass that ends with the test."""
    started = Running(tmp_path)
    yield started
    assert started.live.stop(flush=False)


SHOPPING = [
    visit("view", 0, 0, user_id="u"),
    visit("purchase", 60_000_000, 70_000_000, amount_micros=5_000_000, order_id="o"),
    visit("view", 3 * HOUR_US, 3 * HOUR_US),
    visit("cart", 3 * HOUR_US, 3 * HOUR_US, visitor_id=None, session_id="s"),
]


def test_a_rebuild_agrees_with_the_live_state(running: Running) -> None:
    """Open and closed sessions, in tail and lake: nothing differs."""
    journalled(running.journal, SHOPPING)
    running.caught_up()
    report = rebuild(running.processor, SETTINGS, PROJECTS)
    assert (report.agreed, report.sessions, report.events, report.differing) == (True, 3, 4, 0)


def test_a_rebuild_takes_late_events_in(running: Running) -> None:
    """What came too late for the live pass joins its session, and the next rebuild finds nothing more to mend."""
    journalled(running.journal, [SHOPPING[0]])
    journalled(running.journal, [visit("view", 50 * HOUR_US, 50 * HOUR_US, visitor_id="w")])
    running.caught_up()
    running.processor.flush(timeout=20)
    assert running.processor.call(lambda: None).result(5) is None
    late = visit("cart", 1_000_000, 51 * HOUR_US)
    journalled(running.journal, [late])
    running.caught_up()
    report = rebuild(running.processor, SETTINGS, PROJECTS)
    assert (report.differing, report.late) == (1, 1)
    assert rebuild(running.processor, SETTINGS, PROJECTS).agreed
    (row,) = (row for row in readable(running.processor.snapshot(), "sessions") if row["owner"] == "v:v")
    assert row["cart_count"] == 1


def test_a_rebuild_applies_a_changed_taxonomy_to_the_past(tmp_path: Path) -> None:
    """After `view` became a passive name, sessions of views alone vanish, and live goes on from the new state."""
    running = Running(tmp_path)
    journalled(running.journal, SHOPPING)
    running.caught_up()
    assert running.live.stop(flush=True)
    kinds = {**DEFAULT_KINDS, Kind.VIEW: (), Kind.PASSIVE: (*DEFAULT_KINDS[Kind.PASSIVE], "view")}
    changed = Settings(taxonomy=Taxonomy(kinds))
    running.start(changed)
    assert running.processor.definition != running.live.definition
    assert not rebuild(running.processor, changed, PROJECTS).agreed
    assert running.processor.definition == running.live.definition
    names = {"purchase": "purchase", "cart": "cart", "view": "passive"}
    more = replace(SHOPPING[2], event_id="more", name="cart")
    journalled(running.journal, [more])
    running.caught_up()
    expected = oracle.sessions([*SHOPPING, more], kinds=names)
    assert_same(readable(running.processor.snapshot(), "sessions"), expected, names=("live", "oracle"))
    assert rebuild(running.processor, changed, PROJECTS).agreed
    assert running.live.stop(flush=False)


def test_errors_of_pages_leave_the_figures_of_an_older_folder_with_a_rebuild(tmp_path: Path) -> None:
    """Where `page_error` counted, errors alone were a visit; the folder is told apart, and a rebuild takes them out."""
    listed = tuple(name for name in DEFAULT_KINDS[Kind.PASSIVE] if name != "page_error")
    older = Settings(taxonomy=Taxonomy({**DEFAULT_KINDS, Kind.PASSIVE: listed}))
    running = Running(tmp_path, older)
    failed = replace(SHOPPING[0], event_id="failed", name="page_error", visitor_id="alone", session_id=None)
    journalled(running.journal, [*SHOPPING, failed])
    running.caught_up()
    assert "v:alone" in {row["owner"] for row in readable(running.processor.snapshot(), "sessions")}
    assert running.live.stop(flush=True)
    running.start(SETTINGS)
    assert running.processor.definition != running.live.definition
    rebuild(running.processor, SETTINGS, PROJECTS)
    assert "v:alone" not in {row["owner"] for row in readable(running.processor.snapshot(), "sessions")}
    assert rebuild(running.processor, SETTINGS, PROJECTS).agreed
    assert running.live.stop(flush=False)


def test_a_rebuild_applies_changed_class_rules_to_the_past(tmp_path: Path) -> None:
    """A new threshold is told apart from the old one, and after a rebuild every session stands under the new rules."""
    running = Running(tmp_path)
    journalled(running.journal, SHOPPING)
    running.caught_up()
    assert running.live.stop(flush=True)
    wanted = Classes(
        (Rule("buyer", ((Clause("purchase_count", 1),),), 10, "B", 1, ()), Rule("other", (), 5, "O", 2, ()))
    )
    changed = Settings(classes=wanted)
    running.start(changed)
    assert running.processor.definition != running.live.definition
    assert not rebuild(running.processor, changed, PROJECTS).agreed
    assert running.processor.definition == running.live.definition
    rows = readable(running.processor.snapshot(), "sessions")
    assert {row["rules_version"] for row in rows} == {wanted.version}
    assert sorted(str(row["visitor_class"]) for row in rows) == ["buyer", "other", "other"]
    assert running.live.stop(flush=False)


def test_refreshed_owners_have_imported_events_and_go_on_live(running: Running) -> None:
    """Rows that never were in the journal join an open session, and the next live event finds them there."""
    journalled(running.journal, [SHOPPING[0]])
    running.caught_up()
    imported = visit("cart", 60_000_000, 60_000_000, event_id="imported")
    rows = pa.Table.from_batches([to_batch([imported], EVENTS)])
    assert running.processor.view.commit_rows("events", rows, app_id="import:x", version=0)
    assert not running.processor.view.commit_rows("events", rows, app_id="import:x", version=0)
    report = refresh_owners(running.processor, SETTINGS, "default", pa.array(["v:v"]))
    assert (report.owners, report.sessions, report.vanished) == (1, 1, 0)
    after = visit("view", 120_000_000, 120_000_000)
    journalled(running.journal, [after])
    running.caught_up()
    expected = oracle.sessions([SHOPPING[0], imported, after])
    assert_same(readable(running.processor.snapshot(), "sessions"), expected, names=("live", "oracle"))
    assert rebuild(running.processor, SETTINGS, PROJECTS).agreed


def test_owners_are_refreshed_in_slices_of_events(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """However few events a slice may have, each owner is computed from all of its own, one of them from none."""
    monkeypatch.setattr(refresh, "_EVENTS_OF_A_SLICE", 2)
    imported = [
        visit("view", 1_000_000 * at, 0, event_id=f"{at}", visitor_id=f"v{at % 5}", user_id=f"u{at}")
        for at in range(20)
    ]
    rows = pa.Table.from_batches([to_batch(imported, EVENTS)])
    running.processor.view.commit_rows("events", rows, app_id="import:x", version=0)
    slices: list[int] = []
    compute = refresh._refresh

    def noted(processor: Processor, settings: Settings, project_id: str, owners: pa.Array) -> tuple[int, int]:
        slices.append(len(owners))
        return compute(processor, settings, project_id, owners)

    monkeypatch.setattr(refresh, "_refresh", noted)
    owners = pa.array([*(f"v:v{n}" for n in range(5)), "v:nobody"])
    report = refresh_owners(running.processor, SETTINGS, "default", owners)
    assert (report.owners, report.sessions, report.vanished) == (6, 5, 0)
    assert slices == [1] * 6
    found = readable(running.processor.snapshot(), "sessions")
    assert_same(found, oracle.sessions(imported), names=("live", "oracle"))


def test_a_processor_that_is_held_up_is_said(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits too long is told what to do, not shown a defect."""
    monkeypatch.setattr(refresh, "_PATIENCE_SECONDS", 0.01)
    free = threading.Event()
    held = running.processor.call(lambda: free.wait(20))
    with pytest.raises(Unavailable, match="were not computed anew within"):
        refresh_owners(running.processor, SETTINGS, "default", pa.array(["v:v"]))
    free.set()
    assert held.result(20)


def test_an_earlier_imported_event_moves_the_session_and_its_old_id_is_gone(running: Running) -> None:
    """The refreshed session is known by its new id only."""
    journalled(running.journal, [SHOPPING[0]])
    running.caught_up()
    imported = visit("view", -60_000_000, 0, event_id="imported")
    rows = pa.Table.from_batches([to_batch([imported], EVENTS)])
    running.processor.view.commit_rows("events", rows, app_id="import:x", version=0)
    assert refresh_owners(running.processor, SETTINGS, "default", pa.array(["v:v"])).vanished == 1
    assert_same(
        readable(running.processor.snapshot(), "sessions"),
        oracle.sessions([SHOPPING[0], imported]),
        names=("live", "oracle"),
    )


def test_a_rebuild_tells_how_far_it_is(running: Running) -> None:
    """From nothing to all events, with the sessions computed so far; the last word is the report's."""
    running.caught_up()
    journalled(running.journal, SHOPPING)
    running.caught_up()
    told: list[Progress] = []
    report = rebuild(running.processor, SETTINGS, PROJECTS, told.append)
    assert [told[0].share, told[-1].share] == [0.0, 1.0]
    assert [each.share for each in told] == sorted(each.share for each in told)
    assert (told[-1].sessions, told[-1].events) == (report.sessions, report.events) == (3, len(SHOPPING))


@pytest.mark.parametrize("least", [1, 4], ids=["by the plan", "when it was too little"])
def test_little_memory_makes_more_shares_and_the_same_sessions(
    running: Running, monkeypatch: pytest.MonkeyPatch, least: int
) -> None:
    """The owners are gone through in parts, more of them where memory does not do; each is looked at once."""
    journalled(running.journal, [visit("view", at, at, visitor_id=f"v{at % 40}") for at in range(400)])
    running.caught_up()
    snapshot, shared = running.processor.snapshot(), Comparing._share

    def share(self: Comparing, project_id: str, number: int, of: int) -> tuple[int, pa.Table]:
        if of < least:
            raise QueryLimit("too little")
        return shared(self, project_id, number, of)

    monkeypatch.setattr(Comparing, "_share", share)
    monkeypatch.setattr(comparison, "_EVENT_BYTES", 350_000)
    task = task_of(snapshot, PROJECTS, taxonomy=SETTINGS.taxonomy, classes=SETTINGS.classes, gap_us=1)
    with pa.ipc.new_stream(sink := pa.BufferOutputStream(), DIFFERING) as writer:
        told = list(Comparing(task, snapshot, 100_000_000).all(writer))
    owners = pa.ipc.open_stream(sink.getvalue()).read_all()["owner"].to_pylist()
    assert sorted(owners) == sorted(f"v:v{number}" for number in range(40))
    assert told[-1].sessions == 400
    assert len(told) == 2 + max(2, least)


def test_a_rebuild_that_is_killed_mends_nothing(running: Running) -> None:
    """Whoever kills the process that compares, amid its work: it failed, says so, and no session has changed."""
    running.caught_up()
    changed = replace(SETTINGS, taxonomy=Taxonomy({**DEFAULT_KINDS, Kind.VIEW: ("looked",)}))
    journalled(running.journal, SHOPPING)
    running.caught_up()
    before = readable(running.processor.snapshot(), "sessions")

    others = children()

    def killed(_: Progress) -> None:
        (pid,) = children(but=others)
        os.kill(pid, signal.SIGKILL)

    with pytest.raises(Unavailable, match="was killed by signal 9"):
        rebuild(running.processor, changed, PROJECTS, killed)
    assert readable(running.processor.snapshot(), "sessions") == before
    assert not rebuild(running.processor, changed, PROJECTS).agreed
