"""Errors as a log may tell them: where and of which kind, and what they say only when that quotes no visitor."""

from __future__ import annotations

import sqlite3
import traceback
from collections.abc import Iterator

from footfall.errors import FootfallError

_OF_THE_MACHINE = (OSError, MemoryError, sqlite3.Error)
"""They speak of files, memory and tables."""
_OF_THE_CODE = {AttributeError, ImportError, ModuleNotFoundError, NameError, RecursionError, TypeError}
"""They speak of names in the code; what libraries derive from them may quote values."""
_LEFT_OUT = " (what it says is left out, it may quote a visitor)"


def told(error: BaseException) -> list[str]:
    """Lines from the first cause to `error` itself: the frames of each, then its kind and what it may say."""
    lines: list[str] = []
    for link in reversed(list(_causes(error))):
        lines += ["Traceback (most recent call last):"] if link.__traceback__ else []
        lines += "".join(traceback.format_tb(link.__traceback__)).splitlines()
        lines.append(_kind(link) + (f": {link}" if _harmless(link) else _LEFT_OUT))
        for member in link.exceptions if isinstance(link, BaseExceptionGroup) else ():
            lines += (f"  | {line}" for line in told(member))
    return lines


def _causes(error: BaseException) -> Iterator[BaseException]:
    """`error`, what it was raised from or while handling, and so on."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def said(error: BaseException) -> str:
    """What `error` says, or only its kind when it may quote a visitor."""
    return str(error) if _harmless(error) else _kind(error)


def _kind(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _harmless(error: BaseException) -> bool:
    if isinstance(error, FootfallError):
        return error.status >= 500  # below that it tells a client of what the client sent
    return isinstance(error, _OF_THE_MACHINE) or type(error) in _OF_THE_CODE
