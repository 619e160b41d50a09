"""Group commit: everything that waits becomes one commit, memory is bounded, and one fault never becomes another's."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

import pytest

from footfall import errors
from footfall.journal.group import GroupCommit
from footfall.journal.memory import MemoryJournal
from footfall.journal.sqlite import SqliteJournal
from tests.journal.contract import EVERYTHING, payloads

FULL = errors.Unavailable("the disk is full", retry_after=5)


def joined(items: Sequence[str]) -> tuple[bytes, int]:
    """Words of one commit, with a space between; the word `bad` can't be encoded."""
    if "bad" in items:
        raise ValueError("bad")
    return " ".join(items).encode(), len(items)


def eventually(holds: Callable[[], object]) -> None:
    """Fail unless something becomes true within ten seconds."""
    until = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.001)


@pytest.fixture
def journal() -> Iterator[MemoryJournal]:
    journal = MemoryJournal()
    yield journal
    journal.close()


@pytest.fixture
def group(journal: MemoryJournal) -> Iterator[GroupCommit[str]]:
    group = GroupCommit(journal, joined, max_pending_bytes=100, max_commit_bytes=40)
    yield group
    journal.resume()
    group.close()


def occupied(journal: MemoryJournal, group: GroupCommit[str]) -> Future[int]:
    """Let the writer hang in a commit of one word, so that what is submitted next has to wait."""
    journal.stall()
    first = group.submit("first", size=1)
    eventually(lambda: group.healthy() is None and not group._waiting)
    return first


def test_what_waits_becomes_one_commit(journal: MemoryJournal, group: GroupCommit[str]) -> None:
    """While one commit is written, everything else gathers for the next, in order, with its count."""
    first = occupied(journal, group)
    others = [group.submit(word, size=1) for word in ("a", "b", "c")]
    journal.resume()
    assert first.result(10) == 1
    assert [other.result(10) for other in others] == [2, 2, 2]
    assert [(entry.count, entry.payload) for entry in journal.read(0, max_bytes=EVERYTHING)] == [
        (1, b"first"),
        (3, b"a b c"),
    ]


def test_a_single_item_does_not_linger(journal: MemoryJournal, group: GroupCommit[str]) -> None:
    """With nothing else to do, an item is written at once."""
    assert group.submit("alone", size=1).result(10) == 1
    assert group.pending_bytes == 0


def test_a_group_ends_at_its_bound(journal: MemoryJournal, group: GroupCommit[str]) -> None:
    """No commit is over `max_commit_bytes`, except that of one item which is by itself."""
    first = occupied(journal, group)
    sizes = {"a": 20, "b": 20, "c": 1, "d": 50}
    others = [group.submit(word, size=size) for word, size in sizes.items()]
    journal.resume()
    wait([first, *others], timeout=10)
    assert payloads(journal) == [b"first", b"a b", b"c", b"d"]


def test_too_much_at_once_is_refused_not_hoarded(journal: MemoryJournal, group: GroupCommit[str]) -> None:
    """Over `max_pending_bytes` the answer is to come back later; what was accepted is written all the same."""
    occupied(journal, group)
    accepted = group.submit("a", size=90)
    with pytest.raises(errors.Overloaded) as refusal:
        group.submit("b", size=10)
    assert refusal.value.retry_after is not None
    assert refusal.value.retry_after >= 1
    assert group.pending_bytes == 91
    journal.resume()
    assert accepted.result(10) == 2
    eventually(lambda: group.pending_bytes == 0)
    assert group.submit("b", size=10).result(10) == 3


def test_an_item_that_never_fits_is_refused_for_good(group: GroupCommit[str]) -> None:
    """Coming back later would not help, so the answer is another one."""
    with pytest.raises(errors.TooLarge):
        group.submit("x", size=101)


def test_a_failed_append_is_every_waiters_answer(journal: MemoryJournal, group: GroupCommit[str]) -> None:
    """All items of the group get the same error, the next group is tried afresh, and health tells of it meanwhile."""
    first = occupied(journal, group)
    others = [group.submit(word, size=1) for word in ("a", "b")]
    journal.fail_next(FULL, times=2)
    journal.resume()
    assert first.exception(10) is FULL
    assert [other.exception(10) for other in others] == [FULL, FULL]
    assert group.healthy() == "the last append failed: the disk is full"
    assert group.failures == 2
    assert group.submit("c", size=1).result(10) == 1
    eventually(lambda: group.healthy() is None)
    assert group.pending_bytes == 0


def test_an_item_that_cannot_be_encoded_fails_alone(journal: MemoryJournal, group: GroupCommit[str]) -> None:
    """Its neighbours are stored, once and in order, and the thread lives on."""
    occupied(journal, group)
    words = ["a", "b", "bad", "c", "d", "e", "bad", "f"]
    futures = [group.submit(word, size=1) for word in words]
    journal.resume()
    wait(futures, timeout=10)
    assert [word for word, future in zip(words, futures, strict=True) if future.exception()] == ["bad", "bad"]
    assert b" ".join(payloads(journal)).split() == [b"first", b"a", b"b", b"c", b"d", b"e", b"f"]
    assert group.healthy() is None


def test_a_dead_writer_is_told_and_leaves_nobody_waiting(journal: MemoryJournal) -> None:
    """Whatever ends the thread, everyone who waits gets an answer and health says that it is over."""
    stop = threading.Event()

    def fatal(items: Sequence[str]) -> tuple[bytes, int]:
        stop.wait()
        raise SystemExit("the end")

    group = GroupCommit(journal, fatal)
    futures = [group.submit(word, size=1) for word in ("a", "b")]
    stop.set()
    for future in futures:
        assert isinstance(future.exception(10), errors.Unavailable)
    eventually(group.healthy)
    assert "has stopped" in str(group.healthy())
    with pytest.raises(errors.Unavailable, match="has stopped"):
        group.submit("c", size=1)


def test_a_disk_that_does_not_answer_is_unhealthy(
    journal: MemoryJournal, group: GroupCommit[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit that hangs is told while it hangs, and no longer once it is through."""
    monkeypatch.setattr("footfall.journal.group._HANGING_SECONDS", 0.01)
    first = group.submit("first", size=1)
    assert first.result(10) == 1
    journal.stall()
    group.submit("second", size=1)
    eventually(group.healthy)
    assert "has not answered" in str(group.healthy())
    journal.resume()
    eventually(lambda: group.healthy() is None)


def test_close_writes_what_waits(journal: MemoryJournal, group: GroupCommit[str]) -> None:
    """Everything accepted before `close` is durable after it; nothing is accepted any more."""
    futures = [group.submit(str(number), size=1) for number in range(50)]
    group.close()
    assert all(future.result(0) for future in futures)
    with pytest.raises(errors.Unavailable, match="stopping"):
        group.submit("late", size=1)


def test_close_does_not_wait_forever(journal: MemoryJournal, group: GroupCommit[str]) -> None:
    """What a hanging disk does not take in time is refused, and never stored later."""
    first = occupied(journal, group)
    second = group.submit("second", size=1)
    group.close(timeout=0.05)
    assert isinstance(second.exception(0), errors.Unavailable)
    journal.resume()
    assert first.result(10) == 1
    assert payloads(journal) == [b"first"]


def test_a_loop_is_woken_once_a_commit(journal: MemoryJournal) -> None:
    """However many requests wait for a commit, the writer's thread disturbs their event loop a single time."""
    group = GroupCommit(journal, joined)
    wakings = 0

    async def requests() -> list[int]:
        nonlocal wakings
        loop = asyncio.get_running_loop()
        original = loop.call_soon_threadsafe

        def counted(*arguments: object, **context: object) -> object:
            nonlocal wakings
            wakings += 1
            return original(*arguments, **context)  # type: ignore[arg-type]

        loop.call_soon_threadsafe = counted  # type: ignore[assignment, method-assign]
        journal.stall()
        waiting = [asyncio.ensure_future(group.commit(str(number), size=1)) for number in range(500)]
        await asyncio.sleep(0)
        journal.resume()
        return await asyncio.gather(*waiting)

    offsets = asyncio.run(requests())
    group.close()
    assert len(offsets) == 500
    assert wakings == len(set(offsets)) <= 2


def test_a_cancelled_request_disturbs_nobody(journal: MemoryJournal, group: GroupCommit[str]) -> None:
    """A client that hangs up is no longer answered; its neighbours are, and its item may be stored."""

    async def requests() -> int:
        journal.stall()
        gone = asyncio.ensure_future(group.commit("gone", size=1))
        stays = asyncio.ensure_future(group.commit("stays", size=1))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
        journal.resume()
        return await stays

    assert asyncio.run(requests()) in (1, 2)
    assert b" ".join(payloads(journal)).split() == [b"gone", b"stays"]


def test_a_closed_loop_does_not_stop_the_writer(journal: MemoryJournal, group: GroupCommit[str]) -> None:
    """A loop that ended while its requests waited costs nobody else anything."""

    async def leave() -> None:
        journal.stall()
        request = asyncio.ensure_future(group.commit("a", size=1))
        await asyncio.sleep(0)
        request.cancel()

    asyncio.run(leave())
    journal.resume()
    assert group.submit("b", size=1).result(10)
    assert group.healthy() is None


def test_32_threads_on_a_real_journal(tmp_path: Path) -> None:
    """Each word is stored once, in the commit whose offset its thread was given, in far fewer commits than words."""
    journal = SqliteJournal(tmp_path, segment_bytes=100_000)
    group = GroupCommit(journal, joined)

    def write(thread: int) -> dict[str, int]:
        return {word: group.submit(word, size=len(word)).result(30) for word in (f"{thread}/{n}" for n in range(50))}

    with ThreadPoolExecutor(32) as pool:
        given = {word: offset for mine in pool.map(write, range(32)) for word, offset in mine.items()}
    group.close()
    stored = {
        word.decode(): entry.offset for entry in journal.read(0, max_bytes=EVERYTHING) for word in entry.payload.split()
    }
    assert stored == given
    assert len(given) == 32 * 50
    assert journal.end()[0] < len(given) / 2
    assert journal.lag({}).events == len(given)
    journal.close()


def test_a_slow_journal_bounds_what_waits(journal: MemoryJournal) -> None:
    """Pushed far beyond what the disk takes, the group holds no more than its bound and stores what it accepted."""
    journal.slow(0.02)
    group = GroupCommit(journal, joined, max_pending_bytes=1_000, max_commit_bytes=100)
    accepted: list[Future[int]] = []
    refused = highest = 0
    until = time.monotonic() + 1
    while time.monotonic() < until:
        try:
            accepted.append(group.submit(random.choice("abc"), size=10))
        except errors.Overloaded:
            refused += 1
        highest = max(highest, group.pending_bytes)
    journal.slow(0)
    group.close()
    assert highest <= 1_000
    assert refused
    assert all(future.result(0) for future in accepted)
    assert journal.lag({}).events == len(accepted)
