"""A part of the index: events of one project and UTC day as flat arrays. How it is made and kept stands beside this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from mmap import MADV_DONTNEED, mmap
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from footfall.events.hashing import Hashes

DAY_BITS: Final = 37
"""Bits that the microseconds of a day take."""
WITHIN_DAY: Final = np.uint64((1 << DAY_BITS) - 1)
MOST_WHO: Final = 1 << (63 - DAY_BITS)
CODED: Final = ("country", "device", "browser", "os", "channel", "page_path", "product_category", "utm_campaign")
"""Columns of text that are kept as codes."""
PAGE: Final = "page"
"""The column that tells an event's page: its path, else its address, else its title."""
MOST_TEXTS: Final = (1 << 16) - 1
"""A column with more different texts in a day is left out of its part."""

Codes: TypeAlias = NDArray[np.uint8] | NDArray[np.uint16]


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A text column: code 0 is null, code n the n-th of `texts`."""

    texts: tuple[str, ...]
    codes: Codes
    """One an event; of no more than one byte in all when every event has the same."""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Part:
    """n events of one project and day, passive ones too; those of bots are left out.

    They are sorted by name, then by who, then by time.
    """

    day: int
    """UTC days since the epoch."""
    names: tuple[str, ...]
    bounds: NDArray[np.int64]
    """Events of `names[i]` stand at `bounds[i]` up to `bounds[i + 1]`."""
    keys: NDArray[np.uint64]
    """n: who << `DAY_BITS` | µs of the day."""
    places: NDArray[np.uint32]
    """n: each event's place among the part's by (time, event id)."""
    columns: Mapping[str, Column]
    """By name; `PAGE` only where it tells more than `page_path`."""
    who: Hashes
    """Hash of each who: what an event says of its person (`metrics.people`), before visitors and users are joined."""
    known: NDArray[np.uint32]
    """Shape (2, m): a visitor's who, and the who of a user that the visitor was seen with; each pair once."""
    said: NDArray[np.uint64]
    """Shape (6, k): of each statement that an id means a user (`events.linking`) the hash of the user, in two halves,
    and that of the id as a visitor's, and as a user's: zeros where it can be a visitor's alone."""
    late: NDArray[np.int64]
    """µs since the epoch of every event that came too late to correct its session at once, rising."""
    bots: NDArray[np.int64]
    """µs since the epoch of every event of a bot, rising."""
    mapping: mmap | None = None
    """The file in which the arrays lie; None where they are in memory."""

    is_silent: bool = False
    """Whether it only tells of who was there: its events are left out."""

    def __len__(self) -> int:
        return len(self.keys)

    def silent(self) -> Part:
        """The same without its events: who was there, and who is who."""
        return replace(
            self,
            names=(),
            bounds=np.zeros(1, np.int64),
            keys=np.zeros(0, np.uint64),
            places=np.zeros(0, np.uint32),
            columns={name: Column((), np.zeros(0, np.uint8)) for name in CODED},
            late=np.zeros(0, np.int64),
            bots=np.zeros(0, np.int64),
            is_silent=True,
        )

    def let_go(self) -> None:
        """Keep nothing of the file in memory; what is looked at comes back by itself."""
        if self.mapping is not None:
            self.mapping.madvise(MADV_DONTNEED)

    def column(self, name: str) -> Column | None:
        """A text column, or `PAGE`; None when it has too many texts, or is none of `CODED`."""
        return self.columns.get("page_path" if name == PAGE and PAGE not in self.columns else name)

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        arrays = (self.bounds, self.keys, self.places, *self.who, self.known, self.said, self.late, self.bots)
        return sum(array.nbytes for array in (*arrays, *(column.codes for column in self.columns.values())))
