"""One owner's sessions as bytes: what a checkpoint keeps of them, and what is loaded when a late event needs it."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from footfall.sessions.figures import AGGREGATES

_START, _END = list(AGGREGATES).index("session_start"), list(AGGREGATES).index("session_end")
LAYOUT = ",".join(AGGREGATES)
"""Order of `SavedSession.aggregates`; a checkpoint of another layout can't be used."""


class Sale(Struct, array_like=True, frozen=True, gc=False):
    """The purchase that counts for one order: the first by (ts_us, event_id)."""

    ts_us: int
    event_id: str
    money: int


class SavedSession(Struct, array_like=True, frozen=True):
    """All that is needed to go on with a session. Distinct values: little-endian 64-bit hashes, one string a column."""

    aggregates: tuple[int, ...]
    received_us: int
    revision: int
    user_id: str | None
    user_ts_us: int
    user_event_id: str
    users: tuple[str, ...]
    distinct: tuple[bytes, ...]
    sales: dict[str, Sale]
    row_due: bool
    """Whether its newest state has not been handed to the lake."""

    def extent(self) -> Interval:
        """From its first to its last event."""
        return Interval(self.aggregates[_START], self.aggregates[_END], self.received_us)


class Interval(Struct, array_like=True, frozen=True, gc=False):
    """A session of which only the extent is known: its events are in the lake."""

    start_us: int
    end_us: int
    received_us: int


class SavedOwner(Struct, array_like=True, frozen=True):
    """Everything known of one owner's past."""

    sessions: tuple[SavedSession, ...] = ()
    elsewhere: tuple[Interval, ...] = ()

    def forgetting(self, before_us: int) -> SavedOwner:
        """The same, with only the extents of sessions whose last event arrived before `before_us`.

        A session whose row is due stays whole: the lake has yet to get it.
        """
        alive = tuple(session for session in self.sessions if session.received_us >= before_us or session.row_due)
        old = tuple(session.extent() for session in self.sessions if session not in alive)
        return SavedOwner(alive, self.elsewhere + old)


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(SavedOwner)


def encode_owner(owner: SavedOwner) -> bytes:
    """The bytes of one owner."""
    return _ENCODER.encode(owner)


def decode_owner(body: bytes) -> SavedOwner:
    """What `encode_owner` wrote."""
    return _DECODER.decode(body)
