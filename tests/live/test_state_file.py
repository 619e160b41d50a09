"""The checkpoint's file: whatever was saved in blocks and rows, in whatever turn, the newest of each owner is read."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.errors import Unavailable
from footfall.events.event import Event
from footfall.live.feature import Kept, Part
from footfall.live.kept import decode_kept, encode_kept
from footfall.live.state_file import Checkpoint, StateFile
from footfall.sessions.classes import Classes
from footfall.sessions.open import OpenSessions
from footfall.sessions.saved import Interval, SavedOwner
from tests.sessions.live import columns, event
from tests.sessions.streams import deduplicated, streams

WIDTH = 5
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


PARTS = st.builds(
    Part,
    st.sampled_from(["a", "a\0", "a\0b", "é", "v:shop/1"]),
    st.integers(0, 9),
    st.booleans(),
    st.lists(st.binary(min_size=WIDTH, max_size=WIDTH), min_size=1, max_size=3).map(b"".join),
)
SAVES = st.lists(PARTS, max_size=4, unique_by=lambda part: part.key)


def kept(parts: list[Part]) -> Kept:
    """These parts as a feature hands them over."""
    return Kept(
        keys=[part.key for part in parts],
        until_us=np.array([part.until_us for part in parts], np.int64),
        whole=np.array([part.whole for part in parts], np.bool_),
        sizes=np.array([len(part.body) for part in parts], np.int64),
        body=b"".join(part.body for part in parts),
        width=WIDTH,
    )


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(["block", "fold", "reopen"]), SAVES, SAVES), max_size=9), st.integers(0, 9))
def test_a_state_is_what_was_kept_whole_and_all_that_was_added_since(
    saves: list[tuple[str, list[Part], list[Part]]], clock_us: int
) -> None:
    """Of each feature by itself, in blocks or rows, before or after a restart; what has no use any more goes."""
    nobody = OpenSessions(Classes()).save()
    told: dict[tuple[str, str], bytes] = {}
    until: dict[tuple[str, str], int] = {}
    with tempfile.TemporaryDirectory() as folder:
        file = StateFile(Path(folder) / "state.db")
        for deed, one, other in saves:
            if deed == "reopen":
                file.close()
                file = StateFile(Path(folder) / "state.db")
            states = {"one": kept(one), "other": kept(other)}
            assert {name: list(known.parts()) for name, known in decode_kept(encode_kept(states)).items()} == {
                "one": one,
                "other": other,
            }
            file.save(Checkpoint(), nobody, kept=states, fold=deed == "fold")
            for feature, parts in (("one", one), ("other", other)):
                for part in parts:
                    name = feature, part.key
                    told[name] = (b"" if part.whole else told.get(name, b"")) + part.body
                    until[name] = part.until_us
        file.fold()
        for known in (told, _useful(told, until, clock_us)):
            for feature in ("one", "other"):
                keys = [key for of, key in told if of == feature]
                assert file.load_kept(feature, keys) == {key: known[of, key] for of, key in known if of == feature}
            file.shrink(0, clock_us=clock_us)
        file.close()


def _useful(
    told: dict[tuple[str, str], bytes], until: dict[tuple[str, str], int], clock_us: int
) -> dict[tuple[str, str], bytes]:
    return {name: body for name, body in told.items() if until[name] >= clock_us}


def test_what_has_expired_gives_its_place_back(tmp_path: Path) -> None:
    """A file that a burst made large becomes small again once its states have no use any more."""
    path, nobody = tmp_path / "state.db", OpenSessions(Classes()).save()
    file = StateFile(path)
    states = [Part(f"v:{number}", 10, True, np.random.default_rng(number).bytes(500)) for number in range(5_000)]
    file.save(Checkpoint(), nobody, kept={"fraud": kept(states)}, fold=True)
    file.close()
    large, file = path.stat().st_size, StateFile(path)
    file.shrink(0, clock_us=11)
    file.close()
    assert path.stat().st_size < large / 10


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
