"""Many sessions as columns, as they stand at one moment: what a checkpoint writes of those that changed."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
from msgspec import Struct
from numpy.typing import NDArray

from footfall.sessions.figures import AGGREGATES
from footfall.sessions.saved import Interval, Sale, SavedOwner, SavedSession

NUMBERS = (*AGGREGATES, "received", "user_ts", "revision", "row_due")
"""Rows of `ChangedSessions.numbers`."""
_SIZE_BYTES = 8


class DistinctValues(NamedTuple):
    """The hashes of all sessions' distinct values one after the other, and how many each session has."""

    counts: NDArray[np.int64]
    values: NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class ChangedSessions:
    """n sessions, always all of an owner; nothing here changes any more. `place` is a session's place among the n."""

    owners: list[str]
    """Owner key of each session."""
    numbers: NDArray[np.int64]
    """`NUMBERS` × n."""
    user_ids: list[str | None]
    user_event_ids: pa.Array
    """Empty where no event named a user."""
    users: dict[int, list[str]]
    """{place: all users} of sessions that have several."""
    sales: dict[int, dict[str, Sale]]
    """{place: sales by order} of sessions that have some."""
    distinct: list[DistinctValues]
    elsewhere: Mapping[str, tuple[Interval, ...]] = field(default_factory=dict)
    """{owner: extents of its older sessions} where there are some."""

    def __len__(self) -> int:
        return len(self.owners)

    def saved(self, *, but: Container[str] = ()) -> dict[str, SavedOwner]:
        """The same by owner, without the owners in `but`."""
        sessions: dict[str, list[SavedSession]] = {}
        hashes = [each.values.astype("<u8").tobytes() for each in self.distinct]
        ends = [[0, *(8 * np.cumsum(each.counts)).tolist()] for each in self.distinct]
        event_ids = self.user_event_ids.to_pylist()
        places = [place for place, owner in enumerate(self.owners) if owner not in but]
        for place, numbers in zip(places, self.numbers[:, places].T.tolist(), strict=True):
            mine = tuple(all_[end[place] : end[place + 1]] for all_, end in zip(hashes, ends, strict=True))
            sessions.setdefault(self.owners[place], []).append(self._session(place, numbers, event_ids[place], mine))
        return {owner: SavedOwner(tuple(each), self.elsewhere.get(owner, ())) for owner, each in sessions.items()}

    def _session(self, place: int, numbers: list[int], event_id: str, hashes: tuple[bytes, ...]) -> SavedSession:
        *aggregates, received, user_ts, revision, row_due = numbers
        user = self.user_ids[place]
        return SavedSession(
            aggregates=tuple(aggregates),
            received_us=received,
            revision=revision,
            user_id=user,
            user_ts_us=user_ts,
            user_event_id=event_id,
            users=tuple(self.users.get(place, () if user is None else (user,))),
            distinct=hashes,
            sales=self.sales.get(place, {}),
            row_due=bool(row_due),
        )

    def encode(self) -> bytes:
        """All of it as bytes, compressed."""
        wire = _Wire(
            owners=self.owners,
            numbers=self.numbers.astype("<i8").tobytes(),
            user_ids=self.user_ids,
            user_event_ids=self.user_event_ids.to_pylist(),
            users=self.users,
            sales=self.sales,
            distinct=[
                (each.counts.astype("<i8").tobytes(), each.values.astype("<u8").tobytes()) for each in self.distinct
            ],
            elsewhere=dict(self.elsewhere),
        )
        return packed(_ENCODER.encode(wire))


class _Wire(Struct, array_like=True):
    owners: list[str]
    numbers: bytes
    user_ids: list[str | None]
    user_event_ids: list[str]
    users: dict[int, list[str]]
    sales: dict[int, dict[str, Sale]]
    distinct: list[tuple[bytes, bytes]]
    elsewhere: dict[str, tuple[Interval, ...]]


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_Wire)


def packed(plain: bytes) -> bytes:
    """`plain`, not empty, with its size in front and compressed."""
    compressed: bytes = pa.compress(plain, codec="lz4_raw", asbytes=True)
    return len(plain).to_bytes(_SIZE_BYTES, "little") + compressed


def unpacked(body: bytes) -> bytes:
    """What `packed` was given."""
    size = int.from_bytes(body[:_SIZE_BYTES], "little")
    plain: bytes = pa.decompress(body[_SIZE_BYTES:], decompressed_size=size, codec="lz4_raw", asbytes=True)
    return plain


def decode_changed(body: bytes) -> ChangedSessions:
    """What `ChangedSessions.encode` wrote."""
    wire = _DECODER.decode(unpacked(body))
    return ChangedSessions(
        owners=wire.owners,
        numbers=np.frombuffer(wire.numbers, "<i8").astype(np.int64).reshape(len(NUMBERS), -1),
        user_ids=wire.user_ids,
        user_event_ids=pa.array(wire.user_event_ids, pa.large_string()),
        users=wire.users,
        sales=wire.sales,
        distinct=[
            DistinctValues(
                np.frombuffer(counts, "<i8").astype(np.int64), np.frombuffer(values, "<u8").astype(np.uint64)
            )
            for counts, values in wire.distinct
        ],
        elsewhere=wire.elsewhere,
    )
