"""Cursors: where a page ended, as text that only the next request has to understand."""

from __future__ import annotations

import base64
from typing import Annotated, TypeVar

import msgspec
from fastapi import Query

from footfall.errors import BadRequest
from footfall.events.values import ID_BYTES

T = TypeVar("T")

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


def write_cursor(place: object) -> str:
    """The cursor for what stands after `place`."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def read_cursor(text: str, kind: type[T]) -> T:
    """The place that `write_cursor` was given; raises `errors.BadRequest` for any other text."""
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=kind)
    except (ValueError, msgspec.DecodeError) as error:
        raise BadRequest("this cursor was not given by this page; begin without one") from error
