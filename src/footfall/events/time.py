"""How a time is read: ISO 8601 text, or a count of seconds, milliseconds or microseconds since the epoch.

Inside Footfall a time is whole microseconds since the epoch, UTC. What finer digits say is cut off, never rounded
into the next microsecond. Whether a time is plausible is not asked here (`footfall.events.wire`).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import ROUND_FLOOR, Context, Decimal
from typing import Final

SECOND_US: Final = 1_000_000
HOUR_US: Final = 3_600 * SECOND_US
DAY_US: Final = 24 * HOUR_US

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

_UNITS: Final = ((10**11, 6), (10**14, 3), (10**17, 0))
"""(below this magnitude, power of ten that makes it µs): seconds, milliseconds, microseconds.

Read so, seconds reach to the year 5138, and milliseconds and microseconds begin in March 1973.
"""

_EXACT: Final = Context(prec=60, rounding=ROUND_FLOOR)
_COUNT: Final = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,20})?", re.ASCII)
_BASIC_DATE: Final = re.compile(r"[0-9]{8}", re.ASCII)
_DATE_LENGTH: Final = len("2019-10-01")
_MOST_CHARACTERS: Final = 100
"""A longer text is no time. Looking through it for what may stand behind blanks takes as long as its square."""
_ZONE_NAME: Final = re.compile(r"\s*(UTC|GMT|Z)$", re.IGNORECASE)
_GAP_BEFORE_OFFSET: Final = re.compile(r"\s+(?=[+-][0-9]{2}:?[0-9]{2}$)")
_PLAIN: Final = frozenset(("-T", "- ", "-t"))
"""What stands behind the year and between date and time, in what `datetime.fromisoformat` may be given at once."""


def read_time(value: object) -> int:
    """µs since the epoch of a time in any of the accepted forms.

    Text is ISO 8601 with any offset (without one it is UTC; `Z`, `UTC` and `GMT` are known; a space may stand for the
    `T`), or the digits of a count; but eight digits are a date (20191001). A count may have a fraction and is told by
    its size: below 10¹¹ seconds, below 10¹⁴ milliseconds, below 10¹⁷ microseconds.
    Raises ValueError when it is none of these.

    >>> read_time("2019-10-01 00:00:00 UTC") == read_time(1569888000) == read_time("1569888000000.0")
    True
    >>> read_time("2019-10-01T02:00:00.123456+02:00")
    1569888000123456
    """
    if isinstance(value, str):
        if value[4:11:6] not in _PLAIN or value[-1] == "C":
            return _read_odd_text(value)
        try:
            return _read_iso(value)
        except ValueError:
            return _read_odd_text(value)
    if isinstance(value, bool):
        raise ValueError("true and false are no times")
    if isinstance(value, float):
        return _read_count(Decimal(repr(value)))
    if isinstance(value, int | Decimal):
        return _read_count(value)
    raise ValueError("lists and objects are no times")


def write_time(us: int) -> str:
    """ISO 8601 text of `us`, in UTC; with a fraction only when there is one.

    >>> write_time(1569888000000000), write_time(1569888000120000)
    ('2019-10-01T00:00:00Z', '2019-10-01T00:00:00.120000Z')
    """
    return (_EPOCH + us * _MICROSECOND).isoformat().replace("+00:00", "Z")


def _read_iso(text: str) -> int:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // _MICROSECOND


def _read_odd_text(text: str) -> int:
    text = text.strip()
    if len(text) > _MOST_CHARACTERS:
        raise ValueError("this is longer than any time")
    if _BASIC_DATE.fullmatch(text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    elif _COUNT.fullmatch(text):
        return _read_count(Decimal(text))
    if len(text) != _DATE_LENGTH and text[4:11:6] not in _PLAIN:
        raise ValueError("this is neither ISO 8601 nor the digits of a count")
    return _read_iso(_GAP_BEFORE_OFFSET.sub("", _ZONE_NAME.sub("+00:00", text)))


def _read_count(count: int | Decimal) -> int:
    if isinstance(count, Decimal):
        if not count.is_finite():
            raise ValueError("a time is a finite number")
        size: int | Decimal = count.copy_abs()
    else:
        size = abs(count)
    for bound, power in _UNITS:
        if size < bound:
            if isinstance(count, int):
                return count * int(10**power)
            return int(count.quantize(Decimal(1).scaleb(-power), context=_EXACT).scaleb(power, _EXACT))
    raise ValueError("the number is too large for a time")
