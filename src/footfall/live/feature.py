"""What a feature hands to the live pass: a pure step of its own, with state by key, saved with the same checkpoint.

The pass knows nothing of what is in a state, and a feature nothing of journals, checkpoints and threads.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, Protocol, TypeAlias, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from footfall.sessions.columns import Columns

V = TypeVar("V")


class Part(NamedTuple):
    """What a checkpoint keeps of one key."""

    key: str
    until_us: int
    whole: bool
    body: bytes


class Kept(NamedTuple):
    """The states of some keys, as columns with a row a key."""

    keys: Sequence[str]
    until_us: NDArray[np.int64]
    """Arrivals after this time have no use for it."""
    whole: NDArray[np.bool_]
    """Whether its bytes replace what was kept of the key; else they are added at the end."""
    sizes: NDArray[np.int64]
    """Bytes of each."""
    body: bytes
    """All bytes one after the other."""
    width: int
    """The bytes are rows of this size, which are kept as columns: so they take less room."""

    def parts(self) -> Iterator[Part]:
        """Key by key."""
        cuts = pairwise([0, *np.cumsum(self.sizes).tolist()])
        columns = zip(self.keys, self.until_us.tolist(), self.whole.tolist(), cuts, strict=True)
        return (Part(key, until, whole, self.body[begin:end]) for key, until, whole, (begin, end) in columns)


class Notice(NamedTuple):
    """Some messages of one kind that whoever listens to a project is told at once."""

    project_id: str
    kind: str
    messages: int
    make: Callable[[], Sequence[object]]
    """What JSON can hold of each; asked only when somebody reads it."""


Telling: TypeAlias = Callable[[Collection[str]], Sequence[Notice]]
"""What a batch has to tell those who listen to some projects; it stays the same whatever comes afterwards."""


def tell_nothing(projects: Collection[str]) -> Sequence[Notice]:
    """A `Telling` of a batch of which there is nothing to tell."""
    del projects
    return ()


class Feature(Protocol[V]):
    """A step beside the sessions'; called by one thread. No clock, no I/O, no randomness inside.

    A key whose state is not held is asked for (`lacks`) and handed to `step` as it was last saved. States of rows of
    a table (with `revision` and `deleted`) are handed over with `close`; until then readers see those of `due`.
    """

    @property
    def name(self) -> str:
        """Under which its states are saved; it never changes."""
        ...

    def view(self, events: pa.Table, columns: Columns) -> V:
        """What the step needs of a batch of at least one event; changes nothing."""
        ...

    def lacks(self, view: V) -> list[str]:
        """Keys whose saved state must be handed to `step`."""
        ...

    def step(
        self, view: V, kept: NDArray[np.bool_], past: Mapping[str, bytes], *, revision: int, clock_us: int
    ) -> Telling:
        """Take in the rows where `kept` holds: events that came for the first time, and no bot's."""
        ...

    def due(self) -> Mapping[str, Callable[[], pa.Table]]:
        """{table: makes the newest states of rows that the lake has not been handed}, as of now; in any thread."""
        ...

    def close(self) -> Mapping[str, pa.Table]:
        """What `due` says, which the lake takes from here on."""
        ...

    def save(self) -> Kept:
        """What of the states changed since the last `save`."""
        ...

    @property
    def bytes(self) -> int:
        """Bytes of memory that the states held take, more or less."""
        ...

    @property
    def most_bytes(self) -> int:
        """What `bytes` may come to before states that may be of use should leave."""
        ...

    def leaving(self, idle_before_us: int) -> int:
        """The arrival before which states should leave: idle ones, and older ones while all do not fit."""
        ...

    def evict(self, before_us: int) -> None:
        """Let go of saved states that nothing arrived for since then."""
        ...

    def forget(self, keys: Sequence[str]) -> None:
        """Let go of the states of `keys`, saved or not, and of rows of them that are due."""
        ...


AnyFeature = Feature[Any]
