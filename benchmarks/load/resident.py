"""What the system says that a server's processes hold: a page that several of them share counts once."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks.load.servers import Serving

_PSS = re.compile(r"^Pss:\s+(\d+) kB$", re.MULTILINE)


def resident_mb(server: Serving) -> float:
    """Proportional set size of all processes of a server."""
    kilobytes = 0
    for pid in server.processes():
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            found = _PSS.search(Path(f"/proc/{pid}/smaps_rollup").read_text())
            kilobytes += int(found[1]) if found else 0
    return kilobytes * 1024 / 1e6


@contextmanager
def each_second(server: Serving) -> Iterator[list[float]]:
    """While the block runs, what is resident once a second."""
    found, ended = [resident_mb(server)], threading.Event()

    def look() -> None:
        while not ended.wait(1.0):
            found.append(resident_mb(server))

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    try:
        yield found
    finally:
        ended.set()
        looking.join()
