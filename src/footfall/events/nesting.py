"""How deep a JSON text is nested and how many elements its outermost array has, told without building anything of it.

So that neither the stack nor the heap is at the sender's mercy. For valid JSON the answers are exact; for anything else
they are exact up to where it ceases to be valid, which is as far as a parser comes.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

DEPTH: Final = 64
"""Levels of nesting that an event may have when nothing else is said."""

_OPEN, _CLOSE = ord("{"), ord("}")
_BRACE_BIT = 0x20
"""With this bit set, `[` is `{` and `]` is `}`."""


class Shape(NamedTuple):
    """`depth` of nesting (a scalar has 0) and `elements` that stand directly in the outermost array or object."""

    depth: int
    elements: int


def nested_deeper(text: bytes, limit: int) -> bool:
    """Whether `text` is nested deeper than `limit`; next to nothing is spent on a text with few brackets.

    >>> nested_deeper(b'{"a": [1, "]["]}', 2), nested_deeper(b'{"a": [1, "]["]}', 1)
    (False, True)
    """
    return text.count(b"{") + text.count(b"[") > limit and shape(text).depth > limit


def more_elements(text: bytes, limit: int, *, mark: bytes) -> bool:
    """Whether the array `text` has more elements than `limit`; `mark` is a byte that each element needs.

    >>> more_elements(b"[1, [2, 3], 4]", 3, mark=b","), more_elements(b"[1, [2, 3], 4]", 2, mark=b",")
    (False, True)
    """
    return text.count(mark) >= limit and shape(text).elements > limit


def shape(text: bytes) -> Shape:
    """Depth and elements of `text`, in a few ns a byte whatever it holds.

    >>> shape(b'[{"a": [1]}, "x,y", 5]'), shape(b"[ ]")
    (Shape(depth=3, elements=3), Shape(depth=1, elements=0))
    """
    if b"\\" in text:
        text = text.replace(b"\\\\", b"__").replace(b'\\"', b"__")
    characters = np.frombuffer(text, np.uint8)
    outside = np.cumsum(characters == ord('"'), dtype=np.uint8) & 1 == 0
    folded = characters | _BRACE_BIT
    opens, closes = (folded == _OPEN) & outside, (folded == _CLOSE) & outside
    depths = np.cumsum(opens.view(np.int8) - closes.view(np.int8), dtype=np.int32)
    separators = int(np.count_nonzero((characters == ord(",")) & outside & (depths == 1)))
    filled = separators > 0 or bool(text.strip()[1:-1].strip())
    return Shape(int(depths.max(initial=0)), separators + filled)
