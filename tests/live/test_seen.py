"""Seen ids: the rule as a dictionary says it, whatever the batches, checkpoints, crashes and merges; and its files."""

from __future__ import annotations

import resource
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.errors import Unavailable
from footfall.events.hashing import HashKey
from footfall.live import id_filter, id_runs
from footfall.live import seen as seen_module
from footfall.live.id_filter import MOST_BYTES, IdFilter
from footfall.live.id_runs import DamagedRun
from footfall.live.seen import SeenIds

SECOND = 1_000_000
WINDOW = 10
KEY = HashKey(bytes(range(16)))
HALVES = [0, 1, 2, 5 << 60, 9 << 60, 2**63, 2**64 - 2, 2**64 - 1]
"""Few, so that ids come again, that different ids share a half, and that the borders of all numbers are among them."""

Row = tuple[int, int, int]
rows = st.lists(
    st.tuples(st.sampled_from(HALVES), st.sampled_from(HALVES[:3]), st.integers(-5, 25).map(lambda n: n * SECOND // 4)),
    max_size=120,
)


def arrivals(steps: Sequence[Row]) -> list[Row]:
    """Rows whose times are steps from the one before (some backwards) as rows with arrivals."""
    now, out = 1_700_000_000 * SECOND, []
    for first, second, step in steps:
        now += step
        out.append((first, second, now))
    return out


def by_the_rule(history: Sequence[Row]) -> list[bool]:
    """The rule, one row at a time, with a dictionary that forgets nothing."""
    remembered, clock, new = dict[tuple[int, int], int](), 0, []
    for first, second, received_us in history:
        clock = max(clock, received_us // SECOND)
        arrived = remembered.get((first, second))
        new.append(arrived is None or clock - arrived > WINDOW)
        if new[-1]:
            remembered[first, second] = clock
    return new


def ask(seen: SeenIds, history: Sequence[Row]) -> list[bool]:
    columns = list(zip(*history, strict=True)) or [(), (), ()]
    first, second = (np.array(column, np.uint64) for column in columns[:2])
    return [bool(new) for new in seen.first(first, second, np.array(columns[2], np.int64))]


def opened(folder: Path, names: Sequence[str], most_bytes: int = MOST_BYTES) -> SeenIds:
    return SeenIds.open(folder, names, window_us=WINDOW * SECOND, key=KEY, most_bytes=most_bytes)


def checkpoint(seen: SeenIds) -> list[str]:
    seen.write(seen.seal())
    names = seen.runs()
    seen.settle()
    return names


def distinct(count: int, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    first, second = rng.integers(0, 1 << 64, (2, count), dtype=np.uint64)
    return first, second


@given(rows, st.lists(st.integers(1, 40), max_size=20))
def test_any_split_into_batches(steps: list[Row], sizes: list[int]) -> None:
    """The first row of an id within the window is new, however the rows are cut, in memory alone."""
    history, seen, answers = arrivals(steps), SeenIds(window_us=WINDOW * SECOND), []
    begin = 0
    for size in [*sizes, len(history)]:
        answers += ask(seen, history[begin : begin + size])
        begin += size
    assert answers == by_the_rule(history)


class Life:
    """A processor in small: takes rows, makes checkpoints, dies at any of their steps, and begins again."""

    def __init__(self, folder: Path, history: Sequence[Row], most_bytes: int) -> None:
        self.folder, self.history, self.expected = folder, history, by_the_rule(history)
        self.offset, self.stored = 0, (0, list[str]())
        self.most_bytes = most_bytes
        self.seen = opened(folder, [], most_bytes)

    def take(self, count: int) -> None:
        rows = slice(self.offset, self.offset + count)
        assert ask(self.seen, self.history[rows]) == self.expected[rows]
        self.offset = min(self.offset + count, len(self.history))

    def checkpoint(self, between: int, dies_at: int) -> None:
        """`between`: rows taken after the seal; `dies_at`: 0 to 3 after that many steps, 4 not at all."""
        sealed, offset = self.seen.seal(), self.offset
        self.take(between)
        if dies_at > 0:
            self.seen.write(sealed)
        if dies_at > 1:
            self.stored = (offset, self.seen.runs())
        if dies_at > 2:
            self.seen.settle()
        if dies_at < 4:
            self.offset, names = self.stored
            self.seen = opened(self.folder, names, self.most_bytes)
            assert sorted(path.name for path in self.folder.glob("*.run")) == sorted(names)


@settings(max_examples=150, deadline=None)
@given(
    rows,
    st.lists(
        st.tuples(st.integers(0, 12), st.integers(0, 6), st.sampled_from([0, 1, 2, 3, 4, 4, 4, 4, 4])), max_size=25
    ),
    st.booleans(),
    st.sampled_from([1, 64, 256, MOST_BYTES]),
)
def test_any_crash_replays_to_the_same_answers(
    steps: list[Row], life: list[tuple[int, int, int]], slow: bool, room: int
) -> None:
    """Rows replayed from the stored offset with the stored runs get the answers that they got before.

    `slow`: merges take many checkpoints, a few ids at each, and the filter has many generations. `room`: bytes for it.
    """
    at_once, part, sizes = (1, 1, (1, 3)) if slow else (1 << 20, 1 << 18, (19, 23))
    with (
        TemporaryDirectory() as folder,
        patch.object(seen_module, "_MERGED_AT_ONCE", at_once),
        patch.object(id_runs, "_SLICE", part),
        patch.multiple(id_filter, _SMALLEST=sizes[0], _LARGEST=sizes[1]),
    ):
        processor = Life(Path(folder), arrivals(steps), room)
        for taken, between, dies_at in life:
            processor.take(taken)
            processor.checkpoint(between, dies_at)
        processor.take(len(steps))


def test_the_window_is_exact() -> None:
    """Exactly the window later is a duplicate, a second more is new, and remembered from then on."""
    seen = SeenIds(window_us=WINDOW * SECOND)
    times = [0, WINDOW * SECOND + SECOND - 1, (WINDOW + 1) * SECOND, (WINDOW + 2) * SECOND, (2 * WINDOW + 2) * SECOND]
    assert ask(seen, [(7, 7, time) for time in times]) == [True, False, True, False, True]


def test_an_arrival_before_the_clock_counts_as_now() -> None:
    """A server's clock that is set back neither revives nor forgets an id."""
    seen = SeenIds(window_us=WINDOW * SECOND)
    assert ask(seen, [(1, 1, 100 * SECOND), (2, 2, 50 * SECOND)]) == [True, True]
    assert ask(seen, [(2, 2, 109 * SECOND), (1, 1, 0), (2, 2, 111 * SECOND)]) == [False, False, True]


def test_one_arrival_for_a_batch() -> None:
    """An arrival can be given once for all rows; no rows are no answers."""
    seen, none = SeenIds(window_us=WINDOW * SECOND), np.empty(0, np.uint64)
    ids = np.array([3, 3, 4], np.uint64)
    assert seen.first(ids, ids, 5 * SECOND).tolist() == [True, False, True]
    assert seen.first(none, none, 5 * SECOND).tolist() == []


def test_a_window_of_broken_seconds_is_refused() -> None:
    """Arrivals count in seconds, so the window must."""
    with pytest.raises(ValueError, match="1500000 µs"):
        SeenIds(window_us=1_500_000)


def test_many_ids_through_files(tmp_path: Path) -> None:
    """Half a million ids over many checkpoints, merges and a restart: each is new once, and few files are left."""
    first, second = distinct(500_000)
    seen, names = opened(tmp_path, []), list[str]()
    for begin in range(0, len(first), 10_000):
        part = slice(begin, begin + 10_000)
        assert seen.first(first[part], second[part], 100 * SECOND).all()
        assert not seen.first(first[: part.stop : 7], second[: part.stop : 7], 101 * SECOND).any()
        names = checkpoint(seen)
    seen = opened(tmp_path, names)
    assert seen.held == len(first)
    assert not seen.first(first, second, 102 * SECOND).any()
    assert len(names) <= 12


@pytest.mark.parametrize("room", [8_000, 100_000, 1_000_000])
def test_the_filter_keeps_within_its_room(room: int) -> None:
    """However many ids are added, it takes no more than it may, and never overlooks one of them."""
    ids_, filter_ = distinct(400_000), IdFilter(most_bytes=room)
    for begin in range(0, 400_000, 20_000):
        order = np.argsort(ids_[0][begin : begin + 20_000])
        first, second = (half[begin : begin + 20_000][order] for half in ids_)
        filter_.add(first, second, oldest=begin, newest=begin + 1)
        assert filter_.bytes <= room
    oldest, newest = filter_.arrived(*ids_)
    when = np.repeat(np.arange(0, 400_000, 20_000), 20_000)
    assert (oldest <= when).all()
    assert (newest >= when).all()


def test_a_thin_filter_still_clears_most_new_ids() -> None:
    """With half of the room that it would take, and with a quarter: a few in a hundred new ids pass, and a few more."""
    known, new = distinct(1_000_000), distinct(100_000, seed=1)
    order = np.argsort(known[0])
    passed = []
    for bits in (20, 10, 5):
        filter_ = IdFilter(most_bytes=1_700_000 * bits // 8)
        filter_.expect(1_000_000)
        filter_.add(known[0][order], known[1][order], oldest=1, newest=2)
        oldest, newest = filter_.arrived(*new)
        passed.append(float(np.mean(oldest <= newest)))
    assert passed == sorted(passed)
    assert passed[0] < 0.01
    assert passed[1] < 0.05
    assert passed[2] < 0.35


def test_what_is_out_of_the_window_leaves(tmp_path: Path) -> None:
    """After many windows no more is held, in memory and on disk, than a few windows bring."""
    seen, in_memory = opened(tmp_path, []), SeenIds(window_us=WINDOW * SECOND)
    for second in range(40 * WINDOW):
        ids = distinct(100, seed=second)
        assert seen.first(*ids, second * SECOND).all()
        assert in_memory.first(*ids, second * SECOND).all()
        checkpoint(seen)
    assert seen.held <= 100 * 4 * WINDOW
    assert in_memory.held <= 100 * 4 * WINDOW
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 21 * 100 * 4 * WINDOW


def test_asking_and_writing_at_the_same_time(tmp_path: Path) -> None:
    """One thread asks while another writes, merges and settles: no answer is wrong for a moment."""
    first, second = distinct(60_000)
    seen, sealing, done = opened(tmp_path, []), list[seen_module.SealedIds](), threading.Event()
    handed_over = threading.Semaphore(0)

    def commit() -> None:
        while handed_over.acquire() and not done.is_set():
            seen.write(sealing[0])
            seen.runs()
            seen.settle()
            sealing.clear()

    thread = threading.Thread(target=commit)
    thread.start()
    for begin in range(0, len(first), 300):
        part = slice(begin, begin + 300)
        assert seen.first(first[part], second[part], SECOND).all()
        assert not seen.first(first[: part.stop : 41], second[: part.stop : 41], SECOND).any()
        if not sealing:
            sealing.append(seen.seal())
            handed_over.release()
    done.set()
    handed_over.release()
    thread.join()
    assert not seen.first(first, second, SECOND).any()
    assert len(seen.runs()) > 1


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """The operating system refuses to let a file grow beyond `size` bytes, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_medium_that_refuses(tmp_path: Path) -> None:
    """A refused write says so and loses nothing: the same sealed ids are written when it is tried again."""
    first, second = distinct(1000)
    seen = opened(tmp_path, [])
    assert seen.first(first, second, SECOND).all()
    sealed = seen.seal()
    with files_of_at_most(5000), pytest.raises(Unavailable, match=r"can't write seen ids to .*\.run: File too large"):
        seen.write(sealed)
    assert not list(tmp_path.iterdir())
    assert not seen.first(first, second, SECOND).any()
    seen.write(sealed)
    seen.settle()
    assert not opened(tmp_path, seen.runs()).first(first, second, SECOND).any()


def test_no_room_for_a_merge(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A merge that finds no room is given up with a warning; checkpoints go on, and it is done when there is room."""
    first, second = distinct(5000)
    seen, names = opened(tmp_path, []), list[str]()
    with files_of_at_most(25_000):
        for begin in range(0, len(first), 1000):
            part = slice(begin, begin + 1000)
            assert seen.first(first[part], second[part], SECOND).all()
            names = checkpoint(seen)
    assert len(names) == len(list(tmp_path.iterdir())) == 5
    assert "stay unmerged for now: can't write" in caplog.text
    names = checkpoint(seen)
    assert len(names) < 5
    assert not opened(tmp_path, names).first(first, second, SECOND).any()


def written(folder: Path) -> tuple[list[str], Path]:
    seen = opened(folder, [])
    seen.first(*distinct(5), SECOND)
    names = checkpoint(seen)
    return names, folder / names[0]


def test_damage_is_found(tmp_path: Path) -> None:
    """A run file with any byte changed, or cut anywhere, or gone, is refused with its name and what to do."""
    names, path = written(tmp_path)
    good = path.read_bytes()
    damaged = [good[:place] + bytes([good[place] ^ 64]) + good[place + 1 :] for place in range(len(good))]
    damaged += [good[:size] for size in range(0, len(good), 9)] + [good + b"\0"]
    for content in damaged:
        path.write_bytes(content)
        with pytest.raises(DamagedRun, match=rf"{path.name}: .*restore the data folder from a backup"):
            opened(tmp_path, names)
    path.unlink()
    with pytest.raises(DamagedRun, match=path.name):
        opened(tmp_path, names)


def test_another_key_is_refused(tmp_path: Path) -> None:
    """Hashes of another key would make every id new; they are not taken."""
    names, _ = written(tmp_path)
    with pytest.raises(DamagedRun, match="another key"):
        SeenIds.open(tmp_path, names, window_us=WINDOW * SECOND, key=HashKey(bytes(16)))


def test_names_from_outside_are_not_followed(tmp_path: Path) -> None:
    """A checkpoint can only name run files of its own folder."""
    with pytest.raises(DamagedRun, match="passwd"):
        opened(tmp_path, ["../../etc/passwd"])


def test_only_unnamed_run_files_are_deleted(tmp_path: Path) -> None:
    """Opening deletes what a crash left behind and nothing else."""
    names, _ = written(tmp_path)
    (tmp_path / "000000000099.run").write_bytes(b"half written")
    (tmp_path / "notes.run").write_text("mine")
    opened(tmp_path, names)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*names, "notes.run"])


def test_nothing_new_writes_nothing(tmp_path: Path) -> None:
    """A checkpoint without rows leaves the files as they are; one with duplicates alone keeps the clock."""
    names, _ = written(tmp_path)
    seen = opened(tmp_path, names)
    assert checkpoint(seen) == names
    assert not seen.first(*distinct(5), 5 * SECOND).any()
    again = opened(tmp_path, checkpoint(seen))
    assert again.first(np.array([1], np.uint64), np.array([1], np.uint64), SECOND).all()  # counts as second 5
    assert ask(again, [(1, 1, (5 + WINDOW) * SECOND), (1, 1, (6 + WINDOW) * SECOND)]) == [False, True]


def test_the_filter_overlooks_nothing() -> None:
    """Over several generations every id added is found, and of others less than one in fifty."""
    first, second = distinct(3_000_000)
    order = np.argsort(first)
    ids, others = IdFilter(), distinct(100_000, seed=1)
    for begin in range(0, len(first), 400_000):
        rows = order[begin : begin + 400_000]
        ids.add(first[rows], second[rows], oldest=begin, newest=begin + 9)
    oldest, newest = ids.arrived(first[order], second[order])
    came = np.arange(len(order)) // 400_000 * 400_000
    assert (oldest <= came).all()
    assert (came + 9 <= newest).all()
    oldest, newest = ids.arrived(*others)
    assert (oldest <= newest).mean() < 0.02
    ids.forget(2_400_000)
    oldest, newest = ids.arrived(first[order[2_800_000:]], second[order[2_800_000:]])
    assert (oldest <= newest).all()
