"""What readers give, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from footfall.imports.rows import Block, Broken, Piece, Row


def one_by_one(pieces: Iterable[Piece]) -> Iterator[Row | Broken]:
    """The rows of all pieces, in order."""
    for piece in pieces:
        if isinstance(piece, Block):
            yield from piece.rows(np.ones(len(piece), np.bool_))
        else:
            yield piece
