"""A program that appends until it is killed, and says what became of each commit: `writer.py FOLDER SEGMENT_BYTES`.

Lines on standard output: `start NUMBER` before, then `stored NUMBER OFFSET` or `refused NUMBER REASON`.
"""

from __future__ import annotations

import itertools
import sys
import time
from pathlib import Path

from footfall import errors
from footfall.journal.sqlite import SqliteJournal


def payload(number: int) -> bytes:
    """What commit `number` holds: of any size up to 100 kB, different from every other."""
    return f"{number}/".encode() * (1 + number * number * 7919 % 5_000)


def main(folder: Path, segment_bytes: int) -> None:
    journal = SqliteJournal(folder, segment_bytes=segment_bytes)
    for number in itertools.count(time.time_ns()):
        say("start", number)
        try:
            say("stored", number, journal.append(payload(number), 1))
        except errors.Unavailable as error:
            say("refused", number, error)


def say(*words: object) -> None:
    """One line, out at once: what is said after the kill is lost, what was said before it counts."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
