"""The program whose instructions are counted: `python -m benchmarks.counted STAGE` under a counter."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from benchmarks.counters import mark
from benchmarks.stages import STAGES

WARM_UP = 2
"""Calls of a stage's work before the one that is counted."""


def main(name: str) -> None:
    """Make the stage ready, call it to warm up, and have one more call counted; says how many events it is of."""
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    make = next(stage for stage in STAGES if stage.__name__ == name)
    with TemporaryDirectory() as folder:
        work, events = make(Path(folder))
        for _ in range(WARM_UP):
            work()
        marked = mark()
        gc.collect()
        gc.disable()
        marked.begin()
        work()
        marked.end()
    sys.stdout.write(f"{events}\n")


if __name__ == "__main__":
    main(sys.argv[1])
