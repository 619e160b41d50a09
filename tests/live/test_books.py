"""The books of what arrives are exact: whatever crashed on the way, each arrival is in them once."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from footfall.events.event import Event, Rejected
from footfall.journal.memory import MemoryJournal
from footfall.lake.books import FATES, SLOT_US, slot_of
from footfall.live.books import Books, Fates
from footfall.live.state_file import StateFile
from footfall.node.live import STATE
from tests.live.passes import DEEDS, Deed, HandDriven, journalled, rows
from tests.sessions.streams import BEGIN_US, HOUR_US, streams

Booked = dict[tuple[str, int], tuple[int, ...]]
"""{(project, quarter of an hour): a number for each of `FATES`}."""


def booked(driven: HandDriven) -> Booked:
    """What readers see, parts of one quarter added up."""
    found: dict[tuple[str, int], list[int]] = {}
    for row in rows(driven.processor.snapshot(), "books").to_pylist():
        assert row["way"] == "doors"
        counts = found.setdefault((row["project_id"], row["begin_us"]), [0] * len(FATES))
        for place, fate in enumerate(FATES):
            counts[place] += row[fate]
    return {key: tuple(counts) for key, counts in found.items()}


def counted_by_hand(stream: Sequence[Event], refused: Sequence[Rejected], late: Iterable[tuple[str, str]]) -> Booked:
    """The same of what was journalled; `late` are (project, id) of events that were kept as late."""
    seen: set[tuple[str, str]] = set()
    too_late = set(late)
    fates: dict[str, Counter[tuple[str, int]]] = {fate: Counter() for fate in FATES}
    for one in refused:
        for fate in ("received", "rejected"):
            fates[fate][one.project_id, slot_of(one.received_us)] += 1
    for event in stream:
        at, identity = (event.project_id, slot_of(event.received_us)), (event.project_id, event.event_id)
        fates["received"][at] += 1
        if identity in seen:
            fates["duplicates"][at] += 1
        elif event.is_bot:
            fates["bots"][at] += 1
        elif identity in too_late:
            fates["late"][at] += 1
        seen.add(identity)
    return {at: tuple(fates[fate][at] for fate in FATES) for at in fates["received"]}


def refusal(project_id: str, number: int, received_us: int) -> Rejected:
    """Some event that was refused."""
    return Rejected(
        project_id=project_id,
        rejected_id=str(number),
        received_us=received_us,
        reason="no-name",
        detail="",
        source="http",
    )


@settings(max_examples=40, deadline=None)
@given(streams(), DEEDS, st.integers(1, 7), st.lists(st.booleans(), max_size=8), st.sets(st.integers(0, 60)))
def test_a_crash_at_any_step_changes_no_count(
    stream: list[Event], plan: list[Deed], size: int, refusals: list[bool], bots: set[int]
) -> None:
    """Killed between any two steps of a sealing, any number of times: what a plain count says, before and after."""
    stream = [replace(event, is_bot=place in bots) for place, event in enumerate(stream)]
    batches = [stream[begin : begin + size] for begin in range(0, len(stream), size)]
    refused = [
        [refusal(batch[0].project_id, number, batch[-1].received_us)] if wanted else []
        for number, (batch, wanted) in enumerate(zip(batches, refusals, strict=False))
    ]
    refused += [[] for _ in batches[len(refused) :]]
    journal = MemoryJournal()
    with tempfile.TemporaryDirectory() as folder:
        driven = HandDriven(Path(folder), journal)
        deeds = iter(plan)
        for batch, turned_away in zip(batches, refused, strict=True):
            journalled(journal, batch, turned_away)
            deed, steps = next(deeds, ("none", 0))
            if deed == "none":
                continue
            driven.work_off()
            if deed != "work":
                driven.seal(steps=steps) if deed == "crash" else driven.seal()
            if deed == "crash":
                driven.close()
                driven = HandDriven(Path(folder), journal)
        driven.work_off()
        kept = rows(driven.processor.snapshot(), "events").to_pylist()
        late = [(row["project_id"], row["event_id"]) for row in kept if row["late"]]
        expected = counted_by_hand(stream, [one for some in refused for one in some], late)
        assert booked(driven) == expected
        driven.seal()
        assert booked(driven) == expected
        driven.close()
        driven = HandDriven(Path(folder), journal)
        assert booked(driven) == expected
        assert driven.live.processor._state.books.since_us == 0
        driven.close()


def test_a_quarter_that_is_over_is_one_row_of_the_lake(tmp_path: Path) -> None:
    """However many batches and sealings it took; one that goes on is in no file."""
    journal = MemoryJournal()
    driven = HandDriven(tmp_path, journal)
    for number in range(6):
        at_us = BEGIN_US + number * SLOT_US // 4
        journalled(journal, [event(str(number), at_us)])
        driven.work_off()
        driven.seal()
    tail = driven.processor.snapshot().tail["books"].to_pylist()
    assert [(row["begin_us"], row["received"]) for row in tail] == [(BEGIN_US + SLOT_US, 2)]
    files = driven.processor.snapshot().files["books"]
    assert [file.rows for file in files] == [1]
    driven.close()


def test_a_checkpoint_from_before_the_books_opens_and_they_begin_then(tmp_path: Path) -> None:
    """Nothing of the past is made up: the books say from when on they count."""
    journal = MemoryJournal()
    driven = HandDriven(tmp_path, journal)
    journalled(journal, [event("old", BEGIN_US)])
    driven.work_off()
    driven.seal()
    driven.close()
    without_books(tmp_path / STATE)
    driven = HandDriven(tmp_path, journal)
    began_us = driven.live.processor._state.books.since_us
    assert began_us > BEGIN_US
    journalled(journal, [event("new", began_us + HOUR_US)] * 2)
    driven.work_off()
    driven.seal()
    driven.close()
    driven = HandDriven(tmp_path, journal)
    assert driven.live.processor._state.books.since_us == began_us
    assert booked(driven)["default", slot_of(began_us + HOUR_US)] == (2, 1, 0, 0, 0)
    driven.close()


def test_books_of_a_new_folder_hold_everything_though_it_was_killed_before_its_first_checkpoint(tmp_path: Path) -> None:
    """The lake has events and the checkpoint is not there yet: that is no folder of an earlier version."""
    journal = MemoryJournal()
    driven = HandDriven(tmp_path, journal)
    journalled(journal, [event("first", BEGIN_US)])
    driven.work_off()
    driven.seal(steps=3)
    driven.close()
    driven = HandDriven(tmp_path, journal)
    driven.work_off()
    assert driven.live.processor._state.books.since_us == 0
    assert booked(driven) == {("default", BEGIN_US): (1, 0, 0, 0, 0)}
    driven.close()


def test_batches_of_several_projects_and_quarters_are_counted_apart() -> None:
    """The way that nearly every batch takes and the general one say the same."""
    projects = pa.array(["a", "b", "a", "b", "a"]).dictionary_encode()
    received = np.array([0, 0, SLOT_US, 2 * SLOT_US, SLOT_US + 1])
    flags = np.array([True, False, False, True, True])
    none = np.zeros(5, np.bool_)
    together, apart = Books(), Books()
    together.take(projects, received, Fates(flags, none, ~flags))
    for place in range(5):
        one = slice(place, place + 1)
        apart.take(
            projects[one].cast(pa.string()).dictionary_encode(),
            received[one],
            Fates(flags[one], none[one], ~flags[one]),
        )
    assert together.rows() == apart.rows()
    assert together.rows().num_rows == 4


def event(event_id: str, received_us: int) -> Event:
    """An event of visitor v that arrived as it happened."""
    return Event(
        project_id="default",
        event_id=event_id,
        name="view",
        ts_us=received_us,
        received_us=received_us,
        visitor_id="v",
    )


def without_books(path: Path) -> None:
    """Make the checkpoint one of a version of Footfall that kept no books."""
    file = StateFile(path)
    old = msgspec.to_builtins(file.restore())
    del old["books"]
    file._writing.execute("REPLACE INTO meta VALUES ('checkpoint', ?)", [msgspec.json.encode(old)])
    file._writing.execute("DELETE FROM meta WHERE name = 'books'")
    assert file.restore().books == []
    file.close()
