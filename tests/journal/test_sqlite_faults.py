"""A disk that is full or fails to sync, and a process that is killed: refused means never there, stored means kept.

Two kinds of fault: raised at the journal's own moments, in this process; and real ones, where the system refuses
the writes or the syncs of another process, or ends it. `writer.py` is that process.
"""

from __future__ import annotations

import errno
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall import errors
from footfall.journal.sqlite import Moment, SqliteJournal
from tests.disk.layer import Fault, Layer
from tests.journal.contract import EVERYTHING, payloads
from tests.journal.writer import payload

KILLS = int(os.environ.get("FOOTFALL_KILLS", "25"))
WRITER = Path(__file__).with_name("writer.py")
MOMENTS: list[Moment] = ["create", "write", "sync"]


class Disk:
    """Answers with an error at one of the journal's moments, once it is told to."""

    def __init__(self) -> None:
        self.fails: Moment | None = None
        self.code = errno.EIO

    def __call__(self, moment: Moment) -> None:
        if moment == self.fails:
            raise OSError(self.code, os.strerror(self.code))


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize(("code", "reason"), [(errno.ENOSPC, "disk is full"), (errno.EIO, "Input/output error")])
def test_a_failing_disk_is_told_and_survived(tmp_path: Path, moment: Moment, code: int, reason: str) -> None:
    """The refusal says why and when to try again; afterwards the journal goes on by itself at the next offset."""
    disk = Disk()
    with closing(SqliteJournal(tmp_path, fault=disk)) as journal:
        journal.append(b"before", 1)
        journal.rotate()
        disk.fails, disk.code = moment, code
        for _ in range(3):
            with pytest.raises(errors.Unavailable, match=reason) as refusal:
                journal.append(b"refused", 1)
            assert refusal.value.retry_after is not None
            assert payloads(journal) == [b"before"]
            assert journal.end() == {0: 1}
        disk.fails = None
        assert journal.append(b"after", 1) == 2
        assert payloads(journal) == [b"before", b"after"]
        assert not journal.recovered
    with closing(SqliteJournal(tmp_path)) as journal:
        assert payloads(journal) == [b"before", b"after"]
    assert not list(tmp_path.glob("*.damaged*"))


def test_what_was_written_but_not_synced_never_comes_back(tmp_path: Path) -> None:
    """A commit whose sync failed stands in the file; neither this life nor one that begins right then reads it."""
    disk = Disk()
    with closing(SqliteJournal(tmp_path / "journal", fault=disk)) as journal:
        journal.append(b"kept", 1)
        disk.fails = "sync"
        with pytest.raises(errors.Unavailable):
            journal.append(b"not acknowledged", 1)
        shutil.copytree(tmp_path / "journal", tmp_path / "killed now")
        assert payloads(journal) == [b"kept"]
    for folder in ("journal", "killed now"):
        with closing(SqliteJournal(tmp_path / folder)) as journal:
            assert payloads(journal) == [b"kept"]
            assert journal.append(b"next", 1) == 2


def test_even_when_the_log_could_not_be_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that refuses everything leaves the commit in the old file; the next segment's name rules it out."""
    disk = Disk()

    def refuse(_path: Path, _keep: int) -> None:
        raise OSError(errno.EIO, "no")

    monkeypatch.setattr("footfall.journal.segment.cut_log", refuse)
    with closing(SqliteJournal(tmp_path, fault=disk)) as journal:
        journal.append(b"kept", 1)
        disk.fails = "sync"
        with pytest.raises(errors.Unavailable):
            journal.append(b"not acknowledged", 1)
        assert payloads(journal) == [b"kept"]
        disk.fails = None
        assert journal.append(b"another", 1) == 2
    with closing(SqliteJournal(tmp_path)) as journal:
        assert payloads(journal) == [b"kept", b"another"]
        assert not journal.recovered


def test_an_interrupted_append_leaves_the_journal_usable(tmp_path: Path) -> None:
    """Even Ctrl-C in the middle of a commit does not make the next one fail or double."""

    def interrupt(moment: Moment) -> None:
        if moment == "sync" and interrupts:
            raise interrupts.pop()

    interrupts: list[BaseException] = []
    with closing(SqliteJournal(tmp_path, fault=interrupt)) as journal:
        journal.append(b"one", 1)
        interrupts.append(KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            journal.append(b"two", 1)
        assert journal.append(b"three", 1) == 2
        assert payloads(journal) == [b"one", b"three"]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from([None, None, *MOMENTS]), st.sampled_from([1, 5_000]), st.booleans())))
def test_any_sequence_of_faults_keeps_exactly_what_was_acknowledged(
    steps: list[tuple[Moment | None, int, bool]],
) -> None:
    """With faults at random moments and a new life now and then, the journal holds what `append` returned for."""
    kept: list[bytes] = []
    disk = Disk()
    with tempfile.TemporaryDirectory() as folder:
        journal = SqliteJournal(Path(folder), segment_bytes=15_000, fault=disk)
        for number, (fails, size, reopen) in enumerate(steps):
            disk.fails = fails
            content = bytes([number % 256]) * size
            try:
                assert journal.append(content, 1) == len(kept) + 1
            except errors.Unavailable:
                assert fails
            else:
                kept.append(content)
            if reopen:
                journal.close()
                journal = SqliteJournal(Path(folder), segment_bytes=15_000, fault=disk)
            assert payloads(journal) == kept
            assert journal.lag({}) == (len(kept), len(kept), sum(map(len, kept)))
        journal.close()


@dataclass
class Story:
    """What a writer said about its commits."""

    stored: dict[int, bytes] = field(default_factory=dict)
    started: set[bytes] = field(default_factory=set)
    refused: dict[bytes, str] = field(default_factory=dict)

    def hear(self, line: str) -> str:
        said, number, *rest = line.split(maxsplit=2)
        content = payload(int(number))
        if said == "start":
            self.started.add(content)
        elif said == "stored":
            self.stored[int(rest[0])] = content
        else:
            self.refused[content] = rest[0]
        return said

    def assert_told_by(self, folder: Path) -> None:
        """All that was stored is there; nothing that was refused is; what else is there had at least been begun."""
        with closing(SqliteJournal(folder)) as journal:
            found = {entry.offset: entry.payload for entry in journal.read(0, max_bytes=EVERYTHING)}
            assert not journal.missing
        assert list(found) == list(range(1, len(found) + 1))
        assert self.stored.items() <= found.items()
        assert not self.refused.keys() & set(found.values())
        assert set(found.values()) <= self.started
        assert len(set(found.values())) == len(found)


class RunningWriter:
    """`writer.py` at work, heard line by line."""

    def __init__(self, process: subprocess.Popen[str], story: Story) -> None:
        self.pid = process.pid
        self._process = process
        self._story = story

    def hear_until(self, said: str, times: int) -> None:
        """Listen until it has said something so many times."""
        assert self._process.stdout is not None
        for _ in range(20_000):
            if not times:
                return
            line = self._process.stdout.readline()
            assert line.endswith("\n"), f"the writer ended by itself: {line}"
            times -= self._story.hear(line) == said
        raise AssertionError(f"the writer has not said {said!r} in 20,000 lines")

    def kill(self) -> None:
        """End it at once, and hear what it had still said."""
        self._process.kill()
        rest, _ = self._process.communicate()
        for line in rest.splitlines(keepends=True):
            if line.endswith("\n"):
                self._story.hear(line)


@contextmanager
def writing(folder: Path, story: Story, **environment: str) -> Iterator[RunningWriter]:
    """Run `writer.py` on a folder; it is killed at the end."""
    command = [sys.executable, str(WRITER), str(folder), "200000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | environment) as process:
        writer = RunningWriter(process, story)
        try:
            yield writer
        finally:
            writer.kill()


@pytest.mark.parametrize(
    "kills", [3, pytest.param(KILLS, marks=[pytest.mark.crash, pytest.mark.timeout(60 + 5 * KILLS)])]
)
def test_a_killed_writer_loses_nothing_that_it_acknowledged(tmp_path: Path, kills: int) -> None:
    """Ended by kill -9 at random moments, again and again on the same folder."""
    story = Story()
    for _ in range(kills):
        with writing(tmp_path, story) as writer:
            writer.hear_until("stored", random.randrange(1, 60))
            writer.hear_until("start", random.randrange(2))
        story.assert_told_by(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets one process limit another")
@pytest.mark.parametrize("limit", [1_000, 30_000])
def test_writes_that_the_system_refuses_are_refused_until_it_takes_them(tmp_path: Path, limit: int) -> None:
    """A real limit on file size, set and lifted from outside, as a disk fills and is freed; no root needed."""
    story = Story()
    with writing(tmp_path, story) as writer:
        writer.hear_until("stored", 5)
        resource.prlimit(writer.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        writer.hear_until("refused", 20)
        resource.prlimit(writer.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        writer.hear_until("stored", 20)
    story.assert_told_by(tmp_path)
    assert all("the journal could not store a commit" in reason for reason in story.refused.values())


@pytest.mark.parametrize("killed_while_failing", [False, True])
@pytest.mark.parametrize("on", ["journal/", ".journal-wal"], ids=["everything", "logs"])
def test_syncs_that_fail_are_never_acknowledged(tmp_path: Path, on: str, killed_while_failing: bool) -> None:
    """The system takes the bytes and then fails to sync them: refused, never read back, and over when it is over."""
    story = Story()
    layer = Layer(tmp_path, under=on)
    with writing(tmp_path / "journal", story, **layer.environment) as writer:
        for _ in range(3):
            with layer.having(Fault.SYNCS_FAIL):
                writer.hear_until("refused", 5)
            writer.hear_until("stored", 5)
        if killed_while_failing:
            layer.fail(Fault.SYNCS_FAIL)
            writer.hear_until("refused", 3)
    assert len(story.refused) >= 15
    story.assert_told_by(tmp_path / "journal")
