"""The test double keeps the contract, and its faults do what they say."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from footfall import errors
from footfall.journal.base import Journal
from footfall.journal.memory import MemoryJournal
from tests.journal.contract import JournalContract, payloads


class TestContract(JournalContract):
    """In memory; nothing survives it."""

    def open_in(self, folder: Path) -> Journal:
        return MemoryJournal()


def test_a_failing_append_writes_nothing_and_takes_no_offset() -> None:
    """As many appends fail as were asked for; the next one is as if they had never been."""
    journal = MemoryJournal()
    journal.fail_next(errors.Unavailable("the disk is full"), times=2)
    for _ in range(2):
        with pytest.raises(errors.Unavailable, match="disk is full"):
            journal.append(b"lost", 1)
    assert journal.append(b"kept", 1) == 1
    assert payloads(journal) == [b"kept"]


def test_a_stalled_append_ends_when_it_may() -> None:
    """Nothing is acknowledged or readable while the journal hangs; afterwards it is."""
    journal = MemoryJournal()
    journal.stall()
    with ThreadPoolExecutor() as pool:
        offset = pool.submit(journal.append, b"x", 1)
        assert not journal.wait(0, timeout=0.05)
        assert not offset.done()
        journal.resume()
        assert offset.result(timeout=10) == 1
    assert payloads(journal) == [b"x"]


def test_a_slow_append_takes_its_time() -> None:
    """The time asked for is the least that an append takes, until it is set back."""
    journal = MemoryJournal()
    journal.slow(0.05)
    began = time.monotonic()
    journal.append(b"x", 1)
    assert time.monotonic() - began >= 0.05


def test_partitions_count_apart() -> None:
    """Each partition has offsets, ends and forgetting of its own; lag is the sum."""
    journal = MemoryJournal(partitions=2)
    journal.append(b"a", 1, partition=0)
    journal.append(b"b", 2, partition=1)
    assert journal.append(b"c", 3, partition=1) == 2
    assert journal.end() == {0: 1, 1: 2}
    assert journal.lag({0: 1, 1: 1}) == (1, 3, 1)
    journal.forget({1: 1})
    assert journal.start() == {0: 0, 1: 1}
