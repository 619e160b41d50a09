"""Work that `heavy` has done in tests: it says its process id, then does what the task asks for.

`python -m tests.lake.heavy_work` as an owner (argument `own`) starts that work, says the worker's id, and waits.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator

import msgspec
from msgspec import Struct

from footfall.errors import Conflict
from footfall.lake.heavy import Given, Heavy, serve

MODULE = "tests.lake.heavy_work"


class Asked(Struct):
    """What to do."""

    deed: str
    number: int = 0


class Said(Struct):
    """What it says of it."""

    number: int


def work(given: Given) -> Iterator[Struct]:
    """Say the process id, do the deed, say the memory."""
    asked = msgspec.json.decode(given.task, type=Asked)
    yield Said(os.getpid())
    match asked.deed:
        case "wait":
            threading.Event().wait()
        case "hoard":
            yield Said(len(bytearray(asked.number)))
        case "write":
            os.write(given.files[0], b"written by another process")
        case "refuse":
            raise Conflict("it is not possible: do something else")
        case "print":
            sys.stdout.write("a library's remark\n")
            sys.stdout.flush()
        case "crash":
            raise RuntimeError("a defect")
    yield Said(given.memory_bytes)


def own() -> None:
    """Be the owner of work that never ends."""
    for line in Heavy(MODULE, memory_bytes=1 << 20).run(Asked("wait")):
        sys.stdout.write(f"{msgspec.json.decode(line, type=Said).number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    own() if sys.argv[1:] == ["own"] else serve(work)
