"""Arrow columns made of arrays at once: ids of numbers, decimals of cents, texts by number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from footfall.generate.bulk.draws import Mask, Whole

MONEY: Final = pa.decimal128(12, 2)
TIME: Final = pa.timestamp("us", "UTC")


def numbered(prefix: str, numbers: Whole, *, digits: int) -> pa.Array:
    """`prefix` and each number in so many digits.

    >>> numbered("e-", np.array([7, 1234]), digits=4).to_pylist()
    ['e-0007', 'e-1234']
    """
    start = prefix.encode("ascii")
    width = len(start) + digits
    text = np.empty((len(numbers), width), np.uint8)
    text[:, : len(start)] = np.frombuffer(start, np.uint8)
    rest = numbers
    for place in range(width - 1, len(start) - 1, -1):
        rest, digit = np.divmod(rest, 10)
        text[:, place] = digit + ord("0")
    ends = np.arange(len(numbers) + 1, dtype=np.int32) * width
    return pa.Array.from_buffers(pa.string(), len(numbers), [None, pa.py_buffer(ends), pa.py_buffer(text)])


def money(cents: Whole, known: Mask) -> pa.Array:
    """Decimals with two places, null where not `known`."""
    words = np.empty((len(cents), 2), np.int64)
    words[:, 0] = cents
    words[:, 1] = cents >> 63  # the sign, in the upper half of 128 bits
    return pa.Array.from_buffers(MONEY, len(cents), [_validity(known), pa.py_buffer(words)])


def of(texts: Sequence[str | None], numbers: Whole) -> pa.Array:
    """The text that each number stands for; null where it is negative, or where that text is None."""
    known = [text for text in texts if text is not None]
    place = {text: number for number, text in enumerate(dict.fromkeys(known))}
    translated = np.array([-1 if text is None else place[text] for text in texts] + [-1], np.int32)[numbers]
    indices = pa.array(translated, mask=translated < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(list(place), pa.string()))


def whole(numbers: Whole, known: Mask) -> pa.Array:
    """Whole numbers, null where not `known`."""
    return pa.array(numbers, mask=~known)


def spread(values: pa.Array, numbers: Whole) -> pa.Array:
    """`values[number]` for each number; null where it is negative."""
    return values.take(pa.array(numbers, mask=numbers < 0))


def _validity(known: Mask) -> pa.Buffer:
    return pa.py_buffer(np.packbits(known, bitorder="little"))
