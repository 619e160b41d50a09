"""What a journal is: a durable, ordered, replayable log of opaque payloads.

A journal knows nothing of events. A payload is what one commit holds; `count` is how many events the
writer says are in it, so that lag can be told in events. Offsets are per partition, start at 1 and grow
by one a commit; 0 stands before everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

Offsets = Mapping[int, int]
"""{partition: offset of the last entry meant}. A partition that is missing stands at 0."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One commit as it is read back."""

    partition: int
    offset: int
    count: int
    payload: bytes


class Lag(NamedTuple):
    """How much lies behind a position: commits, events and bytes of payload."""

    commits: int
    events: int
    bytes: int


class Journal(Protocol):
    """Every implementation passes `tests/journal/contract.py`.

    All methods may be called from any thread. Asking for a partition that there is not raises `errors.NotFound`,
    using a journal after `close` raises `errors.Unavailable`, and so does a medium that refuses to be read.
    """

    @property
    def partitions(self) -> tuple[int, ...]:
        """The partitions there are; embedded journals have one, 0."""
        ...

    def append(self, payload: bytes, count: int, *, partition: int = 0) -> int:
        """Write one commit and return its offset once it is durable.

        Raises `errors.Unavailable` when the medium refuses (full disk, failed sync); then nothing of
        the commit is ever read back, and the next append starts clean. Raises `errors.TooLarge` for a payload
        that no commit can hold.
        """
        ...

    def read(self, after: int, *, max_bytes: int, partition: int = 0) -> list[Entry]:
        """Entries with an offset above `after`, in order, at least one if there is any, up to `max_bytes` of payload.

        Only durable entries are ever returned. Raises `errors.Conflict` when entries above `after` have been forgotten.
        Offsets follow each other without a hole, unless the medium has lost entries: then those that are left are
        served, and the implementation reports the hole.
        """
        ...

    def wait(self, after: int, *, timeout: float, partition: int = 0) -> bool:
        """Block until an entry above `after` is there (True), or `timeout` seconds or the journal's life are over."""
        ...

    def end(self) -> dict[int, int]:
        """The last durable offset of every partition."""
        ...

    def start(self) -> dict[int, int]:
        """The last forgotten offset of every partition: reading after it is possible."""
        ...

    def lag(self, position: Offsets) -> Lag:
        """What lies above `position` and has not been forgotten; cheap enough to ask several times a second."""
        ...

    def forget(self, upto: Offsets) -> None:
        """Allow everything up to and with these offsets to be dropped; whole segments go, later ones stay."""
        ...

    def rotate(self) -> None:
        """Let the next commit begin a new segment, so that `forget` can drop everything that is there by then."""
        ...

    def size(self) -> int:
        """Bytes held on the medium."""
        ...

    def close(self) -> None:
        """Release files and threads; waiting readers return. Closing again does nothing."""
        ...
