"""Traces: which requests are in which commit, as far as they are remembered, and lines that name all of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

import pytest

from footfall.errors import Unavailable
from footfall.journal.group import GroupCommit
from footfall.journal.memory import MemoryJournal
from footfall.journal.traces import Traces, tell, traces_of


def encode(items: Sequence[str]) -> tuple[bytes, int]:
    return " ".join(items).encode(), len(items)


def test_commits_are_found_by_their_offsets() -> None:
    """The first and the last offset belong to it; partitions have offsets of their own."""
    traces = Traces()
    for offset in (1, 2, 3, 4):
        traces.note(offset, [f"r{offset}"])
    traces.note(2, ["other"], partition=1)
    assert traces.between(2, 3) == ["r2", "r3"]
    assert traces.between(2, 3, partition=1) == ["other"]
    assert traces.between(5, 9) == []


def test_what_is_remembered_is_bounded() -> None:
    """The oldest commits go; one that is over the bound by itself is kept whole."""
    traces = Traces(most=3)
    traces.note(1, ["a", "b"])
    traces.note(2, ["c"])
    traces.note(3, ["d"])
    assert traces.between(1, 9) == ["c", "d"]
    traces.note(4, ["e", "f", "g", "h"])
    assert traces.between(1, 9) == ["e", "f", "g", "h"]


def test_writers_and_readers_of_a_journal_share_its_traces() -> None:
    """What is noted of one journal is found by whoever holds that journal, and by nobody else."""
    one, other = MemoryJournal(), MemoryJournal()
    traces_of(one).note(1, ["r"])
    assert traces_of(one).between(1, 1) == ["r"]
    assert traces_of(other).between(1, 1) == []


def test_every_trace_is_named_however_many_there_are(caplog: pytest.LogCaptureFixture) -> None:
    """A commit of many requests has several lines, each with the same facts and each request in one of them."""
    names = [f"r{number}" for number in range(120)]
    with caplog.at_level(logging.DEBUG, "footfall.test"):
        tell(logging.getLogger("footfall.test"), "journalled", names, offset=7)
        tell(logging.getLogger("footfall.test"), "journalled", [], offset=8)
    *named, bare = [vars(record) for record in caplog.records]
    assert len(named) == 3
    assert {facts["offset"] for facts in named} == {7}
    assert [name for facts in named for name in facts["request_ids"]] == names
    assert bare["offset"] == 8
    assert "request_ids" not in bare


def test_a_commit_is_told_with_its_requests(caplog: pytest.LogCaptureFixture) -> None:
    """At debug there is a line with offset, requests, events and bytes, and the requests are remembered."""
    journal = MemoryJournal()

    async def requests(group: GroupCommit[str]) -> None:
        journal.stall()
        waiting = [asyncio.ensure_future(group.commit(item, size=1, traces=[f"id-{item}"])) for item in ("a", "b")]
        await asyncio.sleep(0)
        journal.resume()
        await asyncio.gather(*waiting)

    with caplog.at_level(logging.DEBUG, "footfall.journal"):
        group = GroupCommit(journal, encode)
        asyncio.run(requests(group))
        group.close()
    lines = [vars(record) for record in caplog.records if record.message == "journalled"]
    assert sum(line["requests"] for line in lines) == sum(line["events"] for line in lines) == 2
    assert [name for line in lines for name in line["request_ids"]] == ["id-a", "id-b"]
    assert lines[-1]["offset"] == journal.end()[0]
    assert sum(line["bytes"] for line in lines) == sum(len(entry.payload) for entry in journal.read(0, max_bytes=99))
    assert traces_of(journal).between(1, 2) == ["id-a", "id-b"]


def test_an_item_may_stand_for_several_requests(caplog: pytest.LogCaptureFixture) -> None:
    """What a collector has encoded is one item, and its commit names every request that it is made of."""
    caplog.set_level(logging.DEBUG, "footfall.journal.group")
    journal = MemoryJournal()
    group = GroupCommit(journal, encode)
    asyncio.run(group.commit("a", size=1, traces=["r1", "r2"]))
    group.close()
    (told,) = [vars(record) for record in caplog.records]
    assert (told["requests"], told["request_ids"]) == (2, ["r1", "r2"])
    assert traces_of(journal).between(1, 1) == ["r1", "r2"]


def test_nothing_is_remembered_that_nobody_reads() -> None:
    """Above debug a commit leaves no trace."""
    journal = MemoryJournal()
    logging.getLogger("footfall.journal").setLevel(logging.INFO)
    group = GroupCommit(journal, encode)
    asyncio.run(group.commit("a", size=1, traces=["r"]))
    group.close()
    logging.getLogger("footfall.journal").setLevel(logging.NOTSET)
    assert traces_of(journal).between(1, 1) == []


def test_a_disk_that_refuses_has_one_line_until_it_stores_again(caplog: pytest.LogCaptureFixture) -> None:
    """However many groups are refused, above debug their trouble is told when it begins and when it ends."""

    class Full(MemoryJournal):
        refuses = True

        def append(self, payload: bytes, count: int, *, partition: int = 0) -> int:
            if self.refuses:
                raise Unavailable("the disk is full")
            return super().append(payload, count, partition=partition)

    journal = Full()
    with caplog.at_level(logging.INFO, "footfall.journal"):
        group = GroupCommit(journal, encode)
        for _ in range(3):
            assert isinstance(group.submit("a", size=1).exception(10), Unavailable)
        journal.refuses = False
        assert group.submit("a", size=1).result(10) == 1
        group.close()
    assert [record.message for record in caplog.records] == [
        "1 items could not be stored: the disk is full",
        "the journal stores again",
    ]
