"""The plan of memory: one number, `memory_bytes`, and what each part of a server may hold of it.

Every bound here is kept by the part that it names; how that is done stands there. Processes that work for a while
beside the server (SQL, rebuilds) have limits of their own and are not in the number.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

_MB: Final = 1_000_000
LEAST_BYTES: Final = 384 * _MB
MOST_BY_ITSELF: Final = 4_000 * _MB
"""No more is taken unless somebody asks for it."""
BASE_BYTES: Final = 200 * _MB
"""The interpreter, the libraries, and the batch that is under way: what is there whatever the plan says."""
LEAST_QUESTION: Final = 50 * _MB
_ROOMY_QUESTION: Final = 100 * _MB
"""Rather fewer questions at once than smaller ones."""
_MOST_QUESTIONS: Final = 4
_MOST_COMMIT_ROWS, _LEAST_COMMIT_ROWS, _ROW_BYTES = 50_000, 1_000, 1_000
SEALED_SHARE: Final = 4
"""The tail is sealed when what it got since the last sealing is one in so many of its bound."""
OPEN_SHARE: Final = 2
"""And no more is read when it is one in so many: what was sealed before may be as much, and is still being written."""
STAYING_SHARE: Final = 0.75
"""Sessions and trails leave when they fill so much of their bounds; the rest is for what comes meanwhile."""
_LIMITS: Final = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


class Part(NamedTuple):
    """One row of the plan."""

    setting: str
    percent: int
    """Of what is left beside `BASE_BYTES`."""
    least: int
    most: int | None
    """More would bring nothing."""
    holds: str
    entry: str
    """Bytes an entry."""
    at_the_bound: str

    def of(self, rest: int) -> int:
        """Its bytes of `rest`, whole megabytes."""
        share = max(self.least, rest * self.percent // 100 // _MB * _MB)
        return share if self.most is None else min(share, self.most)


PARTS: Final = (
    Part(
        "query_memory_bytes",
        47,
        LEAST_QUESTION,
        None,
        "questions, `query_concurrency` of them at once",
        "—",
        "the question is refused (400); further ones wait, then get 503",
    ),
    Part(
        "tail_memory_bytes",
        14,
        _MB,
        None,
        "events and rows that the lake has yet to write",
        "about 600 an event",
        "a quarter of it is written at once; with all of it the journal is read no further until the lake has written",
    ),
    Part(
        "deduplication_memory_bytes",
        10,
        _MB,
        None,
        "filters and fences over the ids seen lately",
        "2.75 an id; 20 more on disk, mapped",
        "filters become half as dense: more ids are looked up in the mapped files, each answer as exact as before",
    ),
    Part(
        "sessions_memory_bytes",
        8,
        _MB,
        None,
        "sessions that may still change",
        "about 600 a session of a dozen events",
        "those that nothing came for the longest wait in `state.db` for their next event; the journal waits meanwhile",
    ),
    Part(
        "trails_memory_bytes",
        6,
        _MB,
        None,
        "trails of the fraud rules",
        "46 an event, about 400 a person",
        "as sessions",
    ),
    Part(
        "max_inflight_bytes",
        7,
        12 * _MB,
        256 * _MB,
        "bodies at the door",
        "the body",
        "the request is asked to wait (429)",
    ),
    Part(
        "journal_pending_bytes",
        2,
        12 * _MB,
        64 * _MB,
        "events that wait for the journal's sync",
        "the event as it was sent",
        "the request is refused for a while (503)",
    ),
    Part(
        "feed_memory_bytes",
        2,
        _MB,
        64 * _MB,
        "what listeners to the live feed may still read",
        "1,024 a message and its texts",
        "the oldest messages go; who had not read them is told of a gap",
    ),
)
"""What is planned. What is left is for the caches of `state.db` and for copies made in passing."""


def planned(memory: int, given: Mapping[str, object] = {}) -> dict[str, int]:
    """{setting: value} of everything that follows from `memory` bytes, except for what is `given`."""
    rest = max(memory, LEAST_BYTES) - BASE_BYTES
    sizes = {part.setting: part.of(rest) for part in PARTS}
    tail, questions = _size(given, "tail_memory_bytes", sizes), sizes["query_memory_bytes"]
    concurrency = min(_MOST_QUESTIONS, max(1, questions // _ROOMY_QUESTION))
    concurrency = _size(given, "query_concurrency", {"query_concurrency": concurrency})
    sizes |= {
        "query_concurrency": concurrency,
        "query_memory_bytes": max(LEAST_QUESTION, questions // concurrency // _MB * _MB),
        "lake_commit_rows": max(_LEAST_COMMIT_ROWS, min(_MOST_COMMIT_ROWS, tail // SEALED_SHARE // _ROW_BYTES)),
    }
    return {name: size for name, size in sizes.items() if name not in given}


def _size(given: Mapping[str, object], name: str, otherwise: Mapping[str, int]) -> int:
    value = given.get(name)
    return value if isinstance(value, int) else otherwise[name]


PLANNED: Final = tuple(planned(LEAST_BYTES))
"""Settings that follow from `memory_bytes`."""


def share_of(there: int) -> int:
    """Bytes that a server takes by itself where `there` are: half, within limits.

    >>> share_of(2_000_000_000), share_of(500_000_000), share_of(64_000_000_000)
    (1000000000, 384000000, 4000000000)
    """
    return min(MOST_BY_ITSELF, max(LEAST_BYTES, there // 2 // _MB * _MB))


def memory_there() -> int:
    """Bytes that the machine has, or this control group or process may take, whichever is least."""
    bounds = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    said = [path.read_text().strip() for path in _LIMITS if path.exists()]
    bounds += [int(text) for text in said if text.isdigit()]
    address_space = resource.getrlimit(resource.RLIMIT_AS)[0]
    return min(bounds if address_space == resource.RLIM_INFINITY else [*bounds, address_space])
