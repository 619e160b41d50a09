"""What lists that come page by page are asked with."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import Query

from footfall.events.values import ID_BYTES

Whole = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""A whole number that fits the columns."""

MOST_ID_CHARACTERS = ID_BYTES + 100
"""Longest id of a session: the longest id that an event may state, with what makes a session's id of it."""

_MOST_CURSOR_CHARACTERS = 8 * MOST_ID_CHARACTERS + 200
"""An id's worst character takes six in JSON, and base64 makes four of three."""

Cursor = Annotated[
    str | None,
    Query(max_length=_MOST_CURSOR_CHARACTERS, description="`next` of the page before; with the same filters and sort."),
]
Limit = Annotated[int, Query(ge=1, le=1000, description="Most items on the page.")]
