"""What every journal must do. A test module subclasses one of the contracts and says how its journal is opened."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from footfall import errors
from footfall.journal.base import Entry, Journal, Lag

EVERYTHING = 1 << 40


def payloads(journal: Journal, after: int = 0) -> list[bytes]:
    """All payloads after an offset."""
    return [entry.payload for entry in journal.read(after, max_bytes=EVERYTHING)]


class JournalContract:
    """The contract of `footfall.journal.base.Journal`."""

    survives: ClassVar[bool] = False

    def open_in(self, folder: Path) -> Journal:
        """Open the journal in a folder, with segments small enough to turn over in a test."""
        raise NotImplementedError

    @pytest.fixture
    def journal(self, tmp_path: Path) -> Iterator[Journal]:
        journal = self.open_in(tmp_path / "journal")
        yield journal
        journal.close()

    def test_an_empty_journal_stands_at_zero(self, journal: Journal) -> None:
        """Nothing to read, nothing behind, and both ends before the first offset."""
        assert journal.read(0, max_bytes=EVERYTHING) == []
        assert journal.end() == journal.start() == dict.fromkeys(journal.partitions, 0)
        assert journal.lag({}) == Lag(0, 0, 0)

    def test_offsets_count_commits_from_one(self, journal: Journal) -> None:
        """Every append gets the next whole number, and `end` is the last of them."""
        assert [journal.append(b"x", 1) for _ in range(5)] == [1, 2, 3, 4, 5]
        assert journal.end()[0] == 5

    def test_entries_come_back_whole_and_in_order(self, journal: Journal) -> None:
        """What was appended is read, byte for byte, with its count; an empty payload too."""
        written = [b"", b"\x00\xff" * 3, b"last"]
        for number, payload in enumerate(written):
            journal.append(payload, number)
        assert journal.read(0, max_bytes=EVERYTHING) == [
            Entry(0, number + 1, number, payload) for number, payload in enumerate(written)
        ]

    def test_reading_begins_behind_the_offset(self, journal: Journal) -> None:
        """`after` itself is not read again, and nothing lies after the end or beyond it."""
        for letter in b"abc":
            journal.append(bytes([letter]), 1)
        assert payloads(journal, 1) == [b"b", b"c"]
        assert payloads(journal, 3) == payloads(journal, 9) == []

    def test_a_read_keeps_to_its_bound(self, journal: Journal) -> None:
        """As many whole entries as fit into `max_bytes`, but always one, so that a reader never gets stuck."""
        for _ in range(4):
            journal.append(b"x" * 100, 1)
        assert [len(journal.read(0, max_bytes=bound)) for bound in (0, 99, 100, 199, 200, 399, 400)] == [
            1, 1, 1, 1, 2, 3, 4
        ]  # fmt: skip

    def test_wait_is_true_at_once_when_something_is_there(self, journal: Journal) -> None:
        """No time passes when there is an entry above the offset, and none is invented when there is not."""
        journal.append(b"x", 1)
        assert journal.wait(0, timeout=0)
        assert not journal.wait(1, timeout=0.01)

    def test_an_append_wakes_a_waiting_reader(self, journal: Journal) -> None:
        """A reader that waits long returns as soon as an entry is durable."""
        with ThreadPoolExecutor() as pool:
            woken = pool.submit(journal.wait, 0, timeout=60)
            journal.append(b"x", 1)
            assert woken.result(timeout=10)

    def test_close_wakes_a_waiting_reader(self, journal: Journal) -> None:
        """A stopping server does not wait for its readers' timeouts."""
        with ThreadPoolExecutor() as pool:
            woken = pool.submit(journal.wait, 0, timeout=60)
            journal.close()
            assert not woken.result(timeout=10)

    def test_a_closed_journal_says_so(self, journal: Journal) -> None:
        """Appending and reading after `close` is refused in words; closing twice is not."""
        journal.close()
        journal.close()
        with pytest.raises(errors.Unavailable, match="closed"):
            journal.append(b"x", 1)
        with pytest.raises(errors.Unavailable, match="closed"):
            journal.read(0, max_bytes=1)

    def test_lag_counts_what_lies_above_a_position(self, journal: Journal) -> None:
        """Commits, events and bytes above the position; none at the end or beyond."""
        for number in (1, 2, 3):
            journal.append(b"x" * 10 * number, number)
        assert journal.lag({}) == Lag(3, 6, 60)
        assert journal.lag({0: 1}) == Lag(2, 5, 50)
        assert journal.lag({0: 3}) == journal.lag({0: 99}) == Lag(0, 0, 0)

    def test_forgetting_never_takes_more_than_allowed(self, journal: Journal) -> None:
        """Everything above the offset stays readable, and offsets go on counting."""
        for number in range(1, 41):
            journal.append(bytes([number]) * 1000, 1)
        journal.forget({0: 30})
        assert journal.start()[0] <= 30
        assert [entry.offset for entry in journal.read(30, max_bytes=EVERYTHING)] == list(range(31, 41))
        assert journal.append(b"x", 1) == 41

    def test_forgetting_frees_space(self, journal: Journal) -> None:
        """A journal that is forgotten as it grows stays small."""
        sizes = []
        for _ in range(8):
            for _ in range(30):
                journal.append(b"x" * 1000, 1)
            journal.forget(journal.end())
            sizes.append(journal.size())
        assert journal.start()[0] > 0
        assert max(sizes[4:]) <= 2 * max(sizes[:4])

    def test_reading_what_was_forgotten_is_refused(self, journal: Journal) -> None:
        """A reader that fell behind learns it; it is not served what comes later as if nothing were missing."""
        for _ in range(40):
            journal.append(b"x" * 1000, 1)
        journal.forget(journal.end())
        start = journal.start()[0]
        assert start > 0
        with pytest.raises(errors.Conflict, match="forgotten"):
            journal.read(start - 1, max_bytes=EVERYTHING)
        assert len(journal.read(start, max_bytes=EVERYTHING)) == 40 - start

    def test_forgetting_beyond_the_end_forgets_no_offset_to_come(self, journal: Journal) -> None:
        """A careless `forget` takes only what is there."""
        journal.append(b"x", 1)
        journal.forget({0: 1000})
        assert journal.append(b"y", 1) == 2
        assert payloads(journal, 1) == [b"y"]

    def test_an_unknown_partition_is_refused(self, journal: Journal) -> None:
        """Every call that names a partition says which ones there are."""
        calls: list[Callable[[], object]] = [
            lambda: journal.append(b"x", 1, partition=99),
            lambda: journal.read(0, max_bytes=1, partition=99),
            lambda: journal.wait(0, timeout=0, partition=99),
            lambda: journal.forget({99: 1}),
        ]
        for call in calls:
            with pytest.raises(errors.NotFound, match="no partition 99"):
                call()

    def test_threads_append_without_loss_or_repeat(self, journal: Journal) -> None:
        """Offsets given to many threads are distinct and whole, each reads back as what its thread wrote."""

        def write(thread: int) -> dict[int, bytes]:
            mine = [f"{thread}/{number}".encode() for number in range(25)]
            return {journal.append(payload, 1): payload for payload in mine}

        with ThreadPoolExecutor(8) as pool:
            given = {offset: payload for mine in pool.map(write, range(8)) for offset, payload in mine.items()}
        assert {entry.offset: entry.payload for entry in journal.read(0, max_bytes=EVERYTHING)} == given
        assert sorted(given) == list(range(1, 201))

    def test_a_reader_follows_a_writer_and_a_forgetter(self, journal: Journal) -> None:
        """One thread reads and forgets behind itself while another appends: each entry is seen once, in order."""
        total = 300
        seen: list[int] = []

        def follow() -> None:
            until = time.monotonic() + 60
            while len(seen) < total and time.monotonic() < until:
                position = seen[-1] if seen else 0
                if journal.wait(position, timeout=1):
                    seen.extend(entry.offset for entry in journal.read(position, max_bytes=5_000))
                    journal.forget({0: seen[-1]})
                    journal.lag({0: seen[-1]})

        reader = threading.Thread(target=follow)
        reader.start()
        for _ in range(total):
            journal.append(b"x" * 700, 1)
        reader.join()
        assert seen == list(range(1, total + 1))

    def test_it_is_a_list_whose_head_may_go(self) -> None:
        """Any sequence of appends, reads, forgets and openings gives what a plain list gives."""
        contract = self

        class Machine(_AgainstAList):
            survives = self.survives

            @staticmethod
            def open_in(folder: Path) -> Journal:
                return contract.open_in(folder)

        run_state_machine_as_test(Machine, settings=settings(max_examples=30, stateful_step_count=30, deadline=None))


class DurableContract(JournalContract):
    """The same, for a journal whose entries are there again after it was closed and opened."""

    survives = True

    def test_entries_are_there_after_opening_again(self, tmp_path: Path) -> None:
        """What was appended in one life is read in the next, and offsets go on."""
        for life in range(3):
            journal = self.open_in(tmp_path / "journal")
            assert journal.append(f"life {life}".encode(), 1) == life + 1
            journal.close()
        journal = self.open_in(tmp_path / "journal")
        assert payloads(journal) == [b"life 0", b"life 1", b"life 2"]
        assert journal.lag({0: 1}) == Lag(2, 2, 12)
        journal.close()


class _AgainstAList(RuleBasedStateMachine):
    survives: ClassVar[bool]

    @staticmethod
    def open_in(folder: Path) -> Journal:
        raise NotImplementedError

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.journal = self.open_in(Path(self.folder.name))
        self.model: list[tuple[int, bytes]] = []
        self.forgotten = 0

    @rule(size=st.sampled_from([0, 1, 100, 3_000, 9_000]), count=st.integers(0, 5), fill=st.integers(0, 255))
    def append(self, size: int, count: int, fill: int) -> None:
        payload = bytes([fill]) * size
        self.model.append((count, payload))
        assert self.journal.append(payload, count) == len(self.model)

    @rule(data=st.data(), bound=st.integers(0, 20_000))
    def read(self, data: st.DataObject, bound: int) -> None:
        start = self.journal.start()[0]
        after = data.draw(st.integers(0, len(self.model) + 1))
        if after < start:
            with pytest.raises(errors.Conflict):
                self.journal.read(after, max_bytes=bound)
            return
        entries = self.journal.read(after, max_bytes=bound)
        expected = self.model[after : after + len(entries)]
        assert [(entry.count, entry.payload) for entry in entries] == expected
        assert [entry.offset for entry in entries] == list(range(after + 1, after + 1 + len(expected)))
        assert bool(entries) == (after < len(self.model))
        following = self.model[after : after + len(entries) + 1]
        assert len(entries) <= 1 or sum(len(payload) for _, payload in expected) <= bound
        assert following == expected or sum(len(payload) for _, payload in following) > bound

    @rule(data=st.data())
    def forget(self, data: st.DataObject) -> None:
        upto = data.draw(st.integers(0, len(self.model) + 1))
        self.journal.forget({0: upto})
        self.forgotten = max(self.forgotten, min(upto, len(self.model)))

    @precondition(lambda self: self.survives)
    @rule()
    def open_again(self) -> None:
        self.journal.close()
        self.journal = self.open_in(Path(self.folder.name))

    @invariant()
    def both_ends_agree(self) -> None:
        assert self.journal.end()[0] == len(self.model)
        assert self.journal.start()[0] <= self.forgotten
        assert self.journal.wait(self.journal.start()[0], timeout=0) == bool(self.model[self.journal.start()[0] :])
        assert not self.journal.wait(len(self.model), timeout=0)

    @invariant()
    def lag_is_what_is_left_to_read(self) -> None:
        left = self.model[self.journal.start()[0] :]
        assert self.journal.lag({}) == Lag(
            len(left), sum(count for count, _ in left), sum(len(payload) for _, payload in left)
        )

    def teardown(self) -> None:
        self.journal.close()
        self.folder.cleanup()
