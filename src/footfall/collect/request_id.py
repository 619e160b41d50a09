"""The id by which the log lines of one request are found, from the door or the API to the lake's commit."""

from __future__ import annotations

import itertools
import os
import re
from contextvars import ContextVar
from typing import Final

HEADER: Final = b"x-request-id"
"""Carries the id in and out."""
REQUEST_ID: Final[ContextVar[str | None]] = ContextVar("request_id", default=None)
"""The id of the request that is being answered in this context."""

_FORM: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_LIFE: Final = os.urandom(8).hex()
_NUMBERS: Final = itertools.count(10**15)


def request_id(stated: bytes | None) -> str:
    """What the client stated when that has the form of an id, else one that no other request has.

    Of its 32 digits half are this process's own, half a running number: a tenth of the price of a random one, and
    nobody gains anything by guessing it.
    """
    if stated is not None and _FORM.fullmatch(stated):
        return bytes(stated).decode("ascii")
    return _LIFE + str(next(_NUMBERS))
