"""Visitors of whom a file tells no more than address and agent: their ids, a keyed hash that holds for one day.

As at the doors, nobody is followed from one UTC day into the next, and no address can be read out of an id without the
key. The key comes from the data folder's secret, so that a log that is imported piece by piece keeps its visitors.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from footfall.events.time import DAY_US

_REMEMBERED: Final = 65_536
_DAYS: Final = 64
_HEX_DIGITS: Final = 32


def visitor_key(secret: bytes, project_id: str) -> str:
    """The key of one project's visitors, in hex; `secret` is the data folder's and can't be found from it."""
    return hmac.new(secret, f"footfall visitor 1\0{project_id}".encode(), hashlib.sha256).hexdigest()


def row_key(secret: bytes, project_id: str) -> Callable[[str], str]:
    """What makes other ids of a project's rows, 32 hex digits each, which nobody can without the folder's `secret`."""
    key = hmac.new(secret, f"footfall row 1\0{project_id}".encode(), hashlib.sha256).digest()
    return lambda row_id: hmac.digest(key, row_id.encode(), "sha256").hex()[:_HEX_DIGITS]


class Visitors:
    """Ids of visitors by address, agent and day.

    >>> visitors = Visitors("00" * 32)
    >>> morning, evening, tomorrow = 0, DAY_US - 1, DAY_US
    >>> visitors("203.0.113.9", "curl", morning) == visitors("203.0.113.9", "curl", evening)
    True
    >>> visitors("203.0.113.9", "curl", morning) == visitors("203.0.113.9", "curl", tomorrow)
    False
    """

    def __init__(self, key: str) -> None:
        """`key` is `visitor_key`'s."""
        secret = bytes.fromhex(key)

        @lru_cache(_DAYS)
        def key_of(day: int) -> bytes:
            return hmac.new(secret, day.to_bytes(8, "little", signed=True), hashlib.sha256).digest()

        @lru_cache(_REMEMBERED)
        def hashed(address: str, agent: str, day: int) -> str:
            text = f"{address}\0{agent}".encode(errors="replace")
            return hmac.new(key_of(day), text, hashlib.sha256).hexdigest()[:_HEX_DIGITS]

        self._hashed = hashed

    def __call__(self, address: str, agent: str, ts_us: int) -> str:
        """128 bits in hex for who came from `address` with `agent` on the day of `ts_us`."""
        return self._hashed(address, agent, ts_us // DAY_US)
