"""What it costs to hash ids and to ask whether they were seen, with 1M, 10M and (`--most`) 100M of them held.

A Python set of the ids' texts stands beside it: exact too, but gone after a crash, and never out of the window.
"""

from __future__ import annotations

import argparse
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa

from benchmarks.harness import Report, agree, apart, in_turns, main, taken
from footfall.events.hashing import Hashes, HashKey, hash_text
from footfall.live.seen import SeenIds

BATCH = 10_000
SEALED_EVERY = 20
ASKED = 500_000
WINDOW_US = 86_400_000_000
START_US = 1_700_000_000_000_000
KEY = HashKey(bytes(range(32)))


def random_ids(rows: int, *, seed: int) -> Iterator[Hashes]:
    """Batches of ids, as hashes, none twice."""
    rng = np.random.default_rng(seed)
    for _ in range(rows // BATCH):
        first, second = rng.integers(0, 1 << 64, (2, BATCH), dtype=np.uint64)
        yield first, second


def resident_mb() -> tuple[int, int]:
    """Resident memory of this process in MB: its own, and pages of mapped files, which the system may take back."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    own, mapped = (int(status[name].split()[0]) // 1024 for name in ("RssAnon", "RssFile"))
    return own, mapped


def microseconds(work: Callable[[], object], events: int) -> float:
    """µs an event."""
    return taken(work) / events * 1e6


def seen_ids(held: int) -> Report:
    """Fill files with `held` ids as the processor does; then ask for new ones and for old ones."""
    bare, _ = resident_mb()
    with TemporaryDirectory() as name:
        folder = Path(name)
        seen = SeenIds.open(folder, [], window_us=WINDOW_US, key=KEY)
        written = 0.0
        for number, ids in enumerate(random_ids(held, seed=0)):
            seen.first(*ids, START_US + number * (WINDOW_US * 9 // 10 // (held // BATCH)))
            if number % SEALED_EVERY == SEALED_EVERY - 1:
                written += microseconds(lambda: checkpoint(seen), held)
        now_us = START_US + WINDOW_US * 9 // 10
        fresh = list(random_ids(ASKED, seed=1))
        new = microseconds(lambda: [seen.first(*ids, now_us) for ids in fresh], ASKED)
        own, mapped = resident_mb()
        again = [ids for ids, _ in zip(random_ids(held, seed=0), range(20), strict=False)]
        answers: list[np.ndarray] = []
        old = microseconds(lambda: answers.extend(seen.first(*ids, now_us) for ids in again), len(again) * BATCH)
        agree("duplicates taken for new", 0, int(np.concatenate(answers).sum()))
        names = checkpoint(seen)
        opened = microseconds(lambda: SeenIds.open(folder, names, window_us=WINDOW_US, key=KEY), 1_000_000)
    report = Report(f"SeenIds with {held:,} held, in {len(names)} files")
    report.add("a new event", "µs", [new])
    report.add("a duplicate of the oldest", "µs", [old])
    report.add("work of the writing thread", "µs an event", [written])
    report.add("memory of its own", "MB", [own - bare])
    report.add("pages of mapped files", "MB", [mapped])
    report.add("opening", "s", [opened])
    return report


def checkpoint(seen: SeenIds) -> list[str]:
    """What the committer does, without a transaction."""
    seen.write(seen.seal())
    names = seen.runs()
    seen.settle()
    return names


def python_set(held: int) -> Report:
    """The same with texts in a set, a loop over the rows."""
    bare, _ = resident_mb()
    seen = {f"{number:036x}" for number in range(held)}
    own, _ = resident_mb()
    fresh = [f"{number:036x}" for number in range(held, held + ASKED)]

    def ask() -> int:
        new = 0
        for each in fresh:
            if each not in seen:
                seen.add(each)
                new += 1
        return new

    report = Report(f"a Python set with {held:,} held")
    report.add("a new event", "µs", [microseconds(ask, ASKED)])
    report.add("memory", "MB", [own - bare])
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
            step = partial(hash_text, pa.array(values[:rows]), KEY)
            found = in_turns({what: partial(microseconds, step, rows)}, rounds=5 * rounds)
            report.add(f"{rows:,} ids of {what}", "µs an id", found[what])
    return report


def measure(options: argparse.Namespace) -> Iterator[Report]:
    """Every report by a process of its own, so that its memory is its own."""
    yield apart(hashing, options.rounds)
    for held in (1_000_000, 10_000_000, *((100_000_000,) if options.most else ())):
        yield apart(seen_ids, held)
        if held <= 10_000_000:
            yield apart(python_set, held)


if __name__ == "__main__":
    main(
        measure,
        __doc__,
        ("--most", {"action": "store_true", "help": "also with 100 million ids held (a minute, 2 GB of disk)"}),
    )
