"""What it costs to hash ids and to ask whether they were seen, with many of them held, and with little memory for it.

Beside it stands what no filter can do without: sorting the ids, and fetching one word for each from memory as large.
A Python set of the ids' texts is exact too, but gone after a crash, and never out of the window. Times are the
thread's processor time.
"""

from __future__ import annotations

import argparse
import os
import time
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa

from benchmarks.harness import Option, Report, agree, apart, at_most, in_turns, main, taken
from footfall.events.hashing import Hashes, HashKey, hash_text
from footfall.live.id_runs import ENTRY_BYTES
from footfall.live.seen import SeenIds
from footfall.settings import Settings

BATCH = 10_000
SEALED_EVERY = 20
ASKED = 500_000
WINDOW_US = 86_400_000_000
START_US = 1_700_000_000_000_000
NOW_US = START_US + WINDOW_US * 9 // 10
THIN = 4
"""How many times less memory than the filter wants there is for it in the last report."""
SET_HELD = 10_000_000
KEY = HashKey(bytes(range(32)))


def random_ids(rows: int, *, seed: int) -> Iterator[Hashes]:
    """Batches of ids, as hashes, none twice."""
    rng = np.random.default_rng(seed)
    for _ in range(rows // BATCH):
        first, second = rng.integers(0, 1 << 64, (2, BATCH), dtype=np.uint64)
        yield first, second


def resident_mb() -> tuple[float, float]:
    """Resident memory of this process in MB: its own, and pages of mapped files, which the system may take back."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    own, mapped = (int(status[name].split()[0]) * 1024 / 1e6 for name in ("RssAnon", "RssFile"))
    return own, mapped


def microseconds(work: Callable[[], object], events: int) -> float:
    """µs an event."""
    return taken(work, clock=time.thread_time) / events * 1e6


def checkpoint(seen: SeenIds) -> list[str]:
    """What the committer does, without a transaction."""
    seen.write(seen.seal())
    names = seen.runs()
    seen.settle()
    return names


class Held:
    """`held` ids, as the processor would have seen them over nine tenths of the window, and what is asked of them."""

    def __init__(self, folder: Path, held: int, most_bytes: int) -> None:
        self._open = partial(SeenIds.open, folder, window_us=WINDOW_US, key=KEY, most_bytes=most_bytes)
        self._folder = folder
        self._held = held
        self._seed = 0
        self._memory = np.ones(max(BATCH, held * 20 // 64), np.uint64)
        self._bare = resident_mb()
        self.seen = self._open([])
        self.written = 0.0
        for number, ids in enumerate(random_ids(held, seed=0)):
            self.seen.first(*ids, START_US + number * (WINDOW_US * 9 // 10 // (held // BATCH)))
            if number % SEALED_EVERY == SEALED_EVERY - 1:
                self.written += microseconds(lambda: checkpoint(self.seen), held)

    def ceiling(self) -> float:
        """µs an event of the least that is done."""
        fresh, most = self._fresh(), np.uint64((1 << 64) // len(self._memory) + 1)
        return microseconds(lambda: [self._memory[np.sort(first) // most] for first, _ in fresh], ASKED)

    def new(self) -> float:
        """µs an event, of new ones."""
        return self._asked(self._fresh(), new=True)

    def old(self) -> float:
        """µs an event, of those that came first."""
        return self._asked([ids for ids, _ in zip(random_ids(self._held, seed=0), range(20), strict=False)], new=False)

    def _fresh(self) -> list[Hashes]:
        self._seed += 1
        return list(random_ids(ASKED, seed=self._seed))

    def _asked(self, some: list[Hashes], *, new: bool) -> float:
        answers: list[np.ndarray] = []
        figure = microseconds(
            lambda: answers.extend(self.seen.first(*ids, NOW_US) for ids in some), sum(len(first) for first, _ in some)
        )
        agree("ids that are new", {new}, set(np.concatenate(answers).tolist()))
        return figure

    def resident_mb(self) -> tuple[float, float]:
        """All that is resident for it, and what of that is memory of its own."""
        own, mapped = (now - before for now, before in zip(resident_mb(), self._bare, strict=True))
        return own + mapped, own

    def written_plainly(self) -> float:
        """µs an id to write and sync its bytes."""
        block = os.urandom(ENTRY_BYTES * BATCH)

        def write() -> None:
            with (self._folder / "plain").open("wb") as file:
                for _ in range(ASKED // BATCH):
                    file.write(block)
                file.flush()
                os.fsync(file.fileno())

        return microseconds(write, ASKED)

    def opened(self) -> tuple[float, float]:
        """Seconds to read the files once, and to open them."""
        names = checkpoint(self.seen)
        del self.seen
        reading = taken(lambda: [(self._folder / name).read_bytes() for name in names])
        return reading, taken(lambda: self._open(names))


def seen_ids(held: int, most_bytes: int, rounds: int, *, wanted: bool) -> Report:
    """All of one number of ids; `wanted`: whether there are targets."""
    with TemporaryDirectory() as name:
        filled = Held(Path(name), held, most_bytes)
        found = in_turns({"ceiling": filled.ceiling, "new": filled.new, "old": filled.old}, rounds=rounds)
        resident, own = filled.resident_mb()
        plainly = filled.written_plainly()
        reading, opening = filled.opened()
    least, ids, written, read = "sort, and a word each from memory", "the ids alone", "write and sync", "read the files"
    in_time, in_memory = (at_most(0.6, aim=0.4), at_most(512, aim=400)) if wanted else (None, None)
    report = Report(f"SeenIds with {held:,} held and {most_bytes / 1e6:.3g} MB for finding them")
    report.add(least, "µs an event", found["ceiling"])
    report.add("a new id", "µs an event", found["new"], beside=least, target=in_time)
    report.add("a duplicate of the oldest", "µs an event", found["old"], beside=least)
    report.add(written, "µs an id", [plainly])
    report.add("work of the writing thread", "µs an id", [filled.written], beside=written)
    report.add(ids, "MB", [held * ENTRY_BYTES / 1e6])
    report.add("resident, pages of mapped files too", "MB", [resident], beside=ids, target=in_memory)
    report.add("memory of its own", "MB", [own], beside=ids)
    report.add(read, "s", [reading])
    report.add("open them", "s", [opening], beside=read)
    return report


def python_set(held: int) -> Report:
    """The same with texts in a set, a loop over the rows."""
    texts = [f"{number:036x}" for number in range(ASKED)]
    report, loop, alone = Report(f"a Python set with {held:,} held"), "a loop over the texts", "the texts alone"
    bare, _ = resident_mb()
    kept = [f"{number:036x}" for number in range(held)]
    listed, _ = resident_mb()
    seen = set(kept)
    both, _ = resident_mb()
    fresh = [f"{number:036x}" for number in range(held, held + ASKED)]

    def ask() -> None:
        for each in fresh:
            if each not in seen:
                seen.add(each)

    def go_through() -> None:
        for _ in texts:
            pass

    report.add(loop, "µs an event", [microseconds(go_through, ASKED)])
    report.add("a new event", "µs an event", [microseconds(ask, ASKED)], beside=loop)
    report.add(alone, "MB", [listed - bare])
    report.add("with the set", "MB", [both - bare], beside=alone)
    return report


def hashing(rounds: int) -> Report:
    """Both halves of the hash of columns of ids."""
    uuids = [str(uuid.UUID(int=number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % (1 << 128))) for number in range(100_000)]
    bounds = list(pairwise([0, *np.cumsum(np.arange(100_000) % 64 + 1).tolist()]))
    text = "0123456789abcdef" * 210_000
    columns = {"36 bytes": uuids, "1 to 64 bytes": [text[begin:end] for begin, end in bounds]}
    report = Report("hash_text, both halves")
    for what, values in columns.items():
        for rows in (1_600, 16_000, 100_000):
            ids, read = pa.array(values[:rows]), f"{rows:,} ids of {what}, their bytes added up"
            octets = np.frombuffer(ids.buffers()[2], np.uint8)
            steps = {
                read: partial(microseconds, lambda octets=octets: octets.sum(), rows),
                f"{rows:,} ids of {what}": partial(microseconds, partial(hash_text, ids, KEY), rows),
            }
            for name, figures in in_turns(steps, rounds=5 * rounds).items():
                report.add(name, "µs an id", figures, beside=None if name == read else read)
    return report


def measure(options: argparse.Namespace) -> Iterator[Report]:
    """Every report by a process of its own, so that its memory is its own."""
    yield apart(hashing, options.rounds)
    usual, most = Settings().deduplication_memory_bytes, options.held[-1]
    for held in options.held:
        yield apart(seen_ids, held, usual, options.rounds, wanted=True)
    yield apart(seen_ids, most, most * 20 // 8 // THIN, options.rounds, wanted=False)
    yield apart(python_set, min(most, SET_HELD))


if __name__ == "__main__":
    main(
        measure,
        __doc__,
        Option("--held", "ids held", tiny=(200_000,), usual=(10_000_000,), full=(10_000_000, 100_000_000)),
    )
