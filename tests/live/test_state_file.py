"""The checkpoint's file: whatever was saved in blocks and rows, in whatever turn, the newest of each owner is read."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.errors import Unavailable
from footfall.events.event import Event
from footfall.live.state_file import Checkpoint, StateFile
from footfall.sessions.classes import Classes
from footfall.sessions.open import OpenSessions
from footfall.sessions.saved import Interval, SavedOwner
from tests.sessions.live import columns, event
from tests.sessions.streams import deduplicated, streams

REPLACED = SavedOwner(elsewhere=(Interval(1, 2, 3),))


@settings(max_examples=60)
@given(streams(), st.lists(st.sampled_from(["block", "fold", "replace", "reopen"]), max_size=12), st.randoms())
def test_the_newest_of_each_owner_is_read(stream: list[Event], deeds: list[str], random: object) -> None:
    """Blocks, folds, replacements and restarts in any turn: a folded file says of each owner what was said last."""
    events, sessions = deduplicated(stream), OpenSessions(Classes())
    told: dict[str, SavedOwner] = {}
    with tempfile.TemporaryDirectory() as folder:
        file = StateFile(Path(folder) / "state.db")
        for revision, deed in enumerate(deeds):
            if deed == "reopen":
                file.close()
                file = StateFile(Path(folder) / "state.db")
                continue
            batch, events = events[:5], events[5:]
            if batch:
                sessions.absorb(columns(batch), revision)
            changed = sessions.save()
            some = random.sample(sorted(told), len(told) // 2) if deed == "replace" else []  # type: ignore[attr-defined]
            replaced = dict.fromkeys(some, REPLACED)
            file.save(Checkpoint(revision=revision), changed, replaced, fold=deed != "block")
            told |= replaced | changed.saved()
        file.fold()
        assert file.load(list(told)) == told
        assert set(file.owners_with_rows_due()) == {
            owner for owner, saved in told.items() if any(session.row_due for session in saved.sessions)
        }
        file.close()


def test_a_fold_says_that_it_lives(tmp_path: Path) -> None:
    """While many rows are written the caller's pulse goes on."""
    sessions, beats = OpenSessions(Classes()), []
    sessions.absorb(columns([event(0, visitor_id=f"v{n}", event_id=f"e{n}") for n in range(5_001)]), 1)
    file = StateFile(tmp_path / "state.db")
    file.save(Checkpoint(), sessions.save(), fold=True, beat=lambda: beats.append(1))
    assert len(beats) == 2
    file.close()


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    """What an older or newer Footfall wrote is not guessed at."""
    file = StateFile(tmp_path / "state.db")
    file.save(Checkpoint(version=1), OpenSessions(Classes()).save(), fold=False)
    with pytest.raises(Unavailable, match="another version"):
        file.restore()
    file.close()
