"""States of features as blocks of bytes, for a checkpoint to add, and the newest of each key of many blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

import msgspec
import numpy as np
from msgspec import Struct

from footfall.live.feature import Kept, Part
from footfall.sessions.changed import packed, unpacked


class _Block(Struct, array_like=True):
    """`Kept`, each column as little-endian bytes."""

    keys: list[str]
    until_us: bytes
    whole: bytes
    sizes: bytes
    body: bytes
    width: int


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(dict[str, _Block])
_NUMBER = np.dtype("<i8")


def encode_kept(kept: Mapping[str, Kept]) -> bytes:
    """One block."""
    return packed(_ENCODER.encode({feature: _block(states) for feature, states in kept.items()}))


def decode_kept(block: bytes) -> dict[str, Kept]:
    """What `encode_kept` was given."""
    return {feature: _kept(states) for feature, states in _DECODER.decode(unpacked(block)).items()}


def newest_parts(several: Iterable[Kept]) -> Iterator[Part]:
    """Of one feature's states, given in the order in which they were saved, what they come to for each key, by key.

    Each is made when it is asked for: all at once would take many times the memory of the blocks.
    """
    blocks = [kept for kept in several if len(kept.keys)]
    if not blocks:
        return
    numbers = {key: number for number, key in enumerate(sorted({key for kept in blocks for key in kept.keys}))}
    whose = np.array([numbers[key] for kept in blocks for key in kept.keys])
    del numbers
    order = np.argsort(whose, kind="stable")
    cuts = [*np.flatnonzero(np.diff(whose[order], prepend=-1)).tolist(), len(order)]
    lengths = [len(kept.keys) for kept in blocks]
    columns = (
        np.repeat(np.arange(len(blocks)), lengths),
        np.concatenate([np.arange(length) for length in lengths]),
        np.concatenate([np.cumsum(kept.sizes) - kept.sizes for kept in blocks]),
        np.concatenate([np.cumsum(kept.sizes) for kept in blocks]),
        np.concatenate([kept.whole for kept in blocks]),
    )
    block, place, start, stop, whole = (column[order].tolist() for column in columns)
    for begin, end in pairwise(cuts):
        replacing = next((row for row in range(end - 1, begin - 1, -1) if whole[row]), None)
        rows = range(begin if replacing is None else replacing, end)
        newest = blocks[block[end - 1]]
        yield Part(
            newest.keys[place[end - 1]],
            int(newest.until_us[place[end - 1]]),
            replacing is not None,
            b"".join([blocks[block[row]].body[start[row] : stop[row]] for row in rows]),
        )


def _block(kept: Kept) -> _Block:
    return _Block(
        keys=list(kept.keys),
        until_us=_turned(kept.until_us.astype(_NUMBER).tobytes(), _NUMBER.itemsize),
        whole=kept.whole.tobytes(),
        sizes=_turned(kept.sizes.astype(_NUMBER).tobytes(), _NUMBER.itemsize),
        body=_turned(kept.body, kept.width),
        width=kept.width,
    )


def _kept(block: _Block) -> Kept:
    return Kept(
        keys=block.keys,
        until_us=np.frombuffer(_turned_back(block.until_us, _NUMBER.itemsize), _NUMBER),
        whole=np.frombuffer(block.whole, np.bool_),
        sizes=np.frombuffer(_turned_back(block.sizes, _NUMBER.itemsize), _NUMBER),
        body=_turned_back(block.body, block.width),
        width=block.width,
    )


def _turned(body: bytes, width: int) -> bytes:
    """Rows of `width` bytes as columns of bytes, in which what is alike stands together."""
    return np.frombuffer(body, np.uint8).reshape(-1, width).T.tobytes()


def _turned_back(body: bytes, width: int) -> bytes:
    return np.frombuffer(body, np.uint8).reshape(width, -1).T.tobytes()
