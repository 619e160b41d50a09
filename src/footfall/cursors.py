"""Cursors: where a page ended, as text that only the next request has to understand."""

from __future__ import annotations

import base64
from typing import TypeVar

import msgspec

from footfall.errors import BadRequest

T = TypeVar("T")


def write_cursor(place: object) -> str:
    """The cursor for what stands after `place`."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def read_cursor(text: str, kind: type[T]) -> T:
    """The place that `write_cursor` was given; raises `errors.BadRequest` for any other text."""
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=kind)
    except (ValueError, msgspec.DecodeError) as error:
        raise BadRequest("this cursor was not given by this page; begin without one") from error
