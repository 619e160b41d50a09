"""Ids that Footfall gives itself: UUIDv7, sortable by the moment they were made."""

from __future__ import annotations

import os
import random
import threading
from typing import Final

_RANDOM_BITS: Final = 62
_COUNTER_BITS: Final = 12
_VERSION: Final = 7 << 76
_VARIANT: Final = 2 << 62


class Uuid7:
    """Makes UUIDv7 (RFC 9562, method 1): ids of one maker grow strictly, also when the clock stands or goes back.

    48 bits of milliseconds, a counter of 12 bits that borrows the next millisecond when it runs over, 62 random bits.
    """

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()
        self._random = random.Random()  # noqa: S311 - ids must be unlike, not secret
        os.register_at_fork(after_in_child=self._random.seed)

    def new(self, now_us: int) -> str:
        """The next id, made at `now_us` (µs since the epoch)."""
        with self._lock:
            self._last = moment = max(self._last + 1, (max(now_us, 0) // 1_000) << _COUNTER_BITS)
        milliseconds, counter = moment >> _COUNTER_BITS, moment & 0xFFF
        value = (milliseconds << 80) | _VERSION | (counter << 64) | _VARIANT | self._random.getrandbits(_RANDOM_BITS)
        text = f"{value:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


new_id: Final = Uuid7().new
"""The process's own maker: `new_id(now_us)`."""
