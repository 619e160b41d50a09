"""What people agree to, as words: the modes, the event that says one, and what is remembered of it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

import msgspec
from msgspec import Struct

STATEMENT: Final = "consent"
"""Name of the event by which a person says what they agree to, as the property `mode`."""


class Mode(StrEnum):
    """What a person agrees to; the first one is the strictest."""

    NONE = "none"
    COOKIELESS = "cookieless"
    FULL = "full"


Withdrawn: TypeAlias = Mapping[str, Mapping[bytes, Mode]]
"""{project: {digest of a person's id: what they agree to}}, of those who do not agree to everything."""


class Statement(NamedTuple):
    """What somebody said that they agree to."""

    project_id: str
    digest: bytes
    """Of one of their ids: nothing else is remembered of whose it is."""
    mode: Mode
    at_us: int


class _Said(Struct):
    mode: Mode | None = None


def mode_of(properties: str | None) -> Mode | None:
    """What a statement's properties say; None when they say nothing that is known.

    >>> mode_of('{"mode": "none"}'), mode_of('{"mode": "some"}')
    (<Mode.NONE: 'none'>, None)
    """
    try:
        return msgspec.json.decode(properties or "{}", type=_Said).mode
    except msgspec.DecodeError:
        return None
