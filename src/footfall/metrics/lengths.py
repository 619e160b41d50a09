"""Lengths of time as people write them: `30s`, `90m`, `36h`, `7d`, `2w`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from footfall.errors import BadRequest

_UNITS_US: Final[Mapping[str, int]] = {
    "w": 7 * 86_400_000_000,
    "d": 86_400_000_000,
    "h": 3_600_000_000,
    "m": 60_000_000,
    "s": 1_000_000,
}
_FORM: Final = re.compile(r"([0-9]{1,9})\s*([smhdw])", re.ASCII)


def read_length(text: str) -> int:
    """µs of a length; raises `errors.BadRequest` for any other text.

    >>> read_length("7d") == 7 * 24 * 3_600 * 1_000_000
    True
    """
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise BadRequest(f"{text[:100]!r} is no length of time; write 30s, 90m, 36h, 7d or 2w")
    return int(found[1]) * _UNITS_US[found[2]]


def write_length(us: int) -> str:
    """The shortest text that `read_length` reads back; parts of a second as a decimal fraction.

    >>> write_length(7 * 86_400_000_000), write_length(5_400_000_000), write_length(1_500_000)
    ('1w', '90m', '1.5s')
    """
    for unit, size in _UNITS_US.items():
        if us % size == 0:
            return f"{us // size}{unit}"
    return f"{us / 1_000_000:g}s"
