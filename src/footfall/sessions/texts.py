"""A column of texts by slot that is written all the time and hardly ever read: Arrow's bytes, no Python strings.

A text takes its bytes and 8 more, and half as much again until the room of those that were replaced is taken back.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Ints = NDArray[np.int64]

_NOWHERE = -1
_FEW = 16_384


class TextColumn:
    """Texts are appended; `_places` says which one is a slot's."""

    def __init__(self) -> None:
        self._chunks = [pa.array([], pa.large_string())]
        self._places = np.empty(0, np.int32)
        self._length = 0
        self._most = _FEW

    @property
    def bytes(self) -> int:
        """Bytes of memory held."""
        return int(self._places.nbytes) + sum(int(chunk.nbytes) for chunk in self._chunks)

    def put(self, slots: Ints, texts: pa.Array | Sequence[str]) -> None:
        """Note the text of each slot; none stands here twice."""
        if (most := int(slots.max(initial=-1))) >= len(self._places):
            longer = np.full(max(most + 1, len(self._places) * 5 // 4), _NOWHERE, np.int32)
            longer[: len(self._places)] = self._places
            self._places = longer
        self._places[slots] = np.arange(self._length, self._length + len(slots))
        self._length += len(slots)
        chunk = texts.cast(pa.large_string()) if isinstance(texts, pa.Array) else pa.array(texts, pa.large_string())
        while self._chunks and len(self._chunks[-1]) <= len(chunk):
            chunk = pa.concat_arrays([self._chunks.pop(), chunk])
        self._chunks.append(chunk)
        if self._length > self._most:
            self._forget_replaced()

    def take(self, slots: Ints) -> pa.Array:
        """The text of each slot, null where it has none."""
        places = np.full(len(slots), _NOWHERE, np.int32)
        known = slots < len(self._places)
        places[known] = self._places[slots[known]]
        return pa.chunked_array(self._chunks).take(pa.array(places, mask=places == _NOWHERE)).combine_chunks()

    def text(self, slot: int) -> str:
        """The text of a slot that has one."""
        text: str = self.take(np.array([slot]))[0].as_py()
        return text

    def drop(self, slots: Ints) -> None:
        """Slots have no text any more; those that had none, too."""
        self._places[slots[slots < len(self._places)]] = _NOWHERE

    def _forget_replaced(self) -> None:
        slots = np.flatnonzero(self._places >= 0)
        kept = np.zeros(self._length, np.bool_)
        kept[self._places[slots]] = True
        self._chunks = [pa.concat_arrays(self._chunks).filter(pa.array(kept))]
        self._places[slots] = (np.cumsum(kept) - 1)[self._places[slots]]
        self._length = len(slots)
        self._most = _FEW + self._length + self._length // 2
