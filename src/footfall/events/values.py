"""How one sent value becomes one field of the Event: a reader for each form of `footfall.events.names`.

Every reader raises `Refused`, with the reason and with a text that names what was sent and why it won't do.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

import msgspec
from msgspec import Raw

from footfall.events.money import MAX_MICROS, MAX_UNITS, read_decimal, read_money
from footfall.events.names import Form
from footfall.events.nesting import DEPTH, nested_deeper
from footfall.events.reasons import Reason
from footfall.events.time import read_time

TEXT_BYTES: Final = 8_192
"""UTF-8 bytes that any text field may have."""
ID_BYTES: Final = 512
"""UTF-8 bytes that an id may have; ids stay in memory for as long as their session does."""

_SHOWN: Final = 60
_LONGEST_COUNT: Final = 40
_FLAGS: Final = {"true": True, "1": True, "false": False, "0": False}
_INT64: Final = 1 << 63

_encode: Final = msgspec.json.Encoder(decimal_format="number").encode
read_object: Final = msgspec.json.Decoder(dict[str, Raw]).decode
_read_any: Final = msgspec.json.Decoder().decode


class Refused(Exception):
    """An event's fault: the reason, and in words what was wrong and where."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def write_json(value: object) -> bytes:
    """JSON of a value; numbers keep their digits, and what is no finite number is null, as JSON has none.

    >>> write_json({"a": Decimal("1.50"), "b": [Decimal("-NaN"), "NaN"]})
    b'{"a":1.50,"b":[null,"NaN"]}'
    """
    text = _encode(value)
    return _encode(_finite(value)) if b"NaN" in text or b"Infinity" in text else text


def _finite(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _finite(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(one) for one in value]
    return None if isinstance(value, Decimal) and not value.is_finite() else value


def scalar(raw: Raw) -> object:
    """The text, number (a `Decimal` when it has a fraction or an exponent), truth value or null that `raw` writes.

    Objects and arrays stay `Raw`. A number keeps every digit that was sent.
    """
    text = bytes(raw)
    if text[:1] in (b"{", b"["):
        return raw
    if text[:1] in b"-0123456789":
        digits = text.decode()
        return int(digits) if len(digits) <= _LONGEST_COUNT and digits.lstrip("-").isdigit() else Decimal(digits)
    value: object = _read_any(raw)
    return value


def shown(value: object) -> str:
    """What was sent, shortened and escaped, for people to read.

    >>> shown("Jo"), shown(Decimal("1.50")), shown("x" * 70)[-4:]
    ("'Jo'", '1.50', 'xxx…')
    """
    if isinstance(value, Raw):
        text = bytes(value)[: 4 * _SHOWN].decode(errors="replace")
    else:
        text = str(value) if isinstance(value, Decimal) else repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def read_text(key: str, value: object, *, most: int = TEXT_BYTES) -> str:
    """Text as it is, or a number in digits; at most `most` bytes."""
    if isinstance(value, str):
        text = value
    elif isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        text = str(value)
    else:
        raise _fault(Reason.BAD_FIELD, key, value, "it must be text")
    if (len(text) if text.isascii() else len(text.encode())) > most:
        raise _fault(Reason.BAD_FIELD, key, value, f"it is over {most:,} bytes")
    return text


def read_name(key: str, value: object) -> str:
    """An event's name: text without blanks around it."""
    if not isinstance(value, str):
        raise _fault(Reason.BAD_FIELD, key, value, "a name is text")
    return read_text(key, value.strip())


def read_id(key: str, value: object) -> str:
    """An id: text without blanks around it, or a whole number in digits; at most `ID_BYTES`."""
    if isinstance(value, (float, Decimal)):
        raise _fault(Reason.BAD_FIELD, key, value, "an id is text or a whole number")
    return read_text(key, value, most=ID_BYTES).strip()


def read_when(key: str, value: object) -> int:
    """µs since the epoch of a time in any accepted form."""
    if not isinstance(value, (str, int, float, Decimal)):
        raise _fault(Reason.BAD_TIME, key, value, "it must be ISO 8601, or epoch seconds, ms or µs")
    try:
        return read_time(value)
    except ValueError as error:
        raise _fault(Reason.BAD_TIME, key, value, str(error)) from None


def read_microseconds(key: str, value: object) -> int:
    """A whole number of µs since the epoch."""
    return _whole(key, value, _INT64 - 1, Reason.BAD_TIME)


def read_price(key: str, value: object) -> int:
    """Micro-units of a decimal number or text."""
    if not isinstance(value, (str, int, float, Decimal)):
        raise _fault(Reason.BAD_NUMBER, key, value, "it must be a decimal number")
    try:
        return read_money(value)
    except ValueError as error:
        raise _fault(Reason.BAD_NUMBER, key, value, str(error)) from None


def read_micros(key: str, value: object) -> int:
    """A whole number of micro-units."""
    return _whole(key, value, MAX_MICROS, Reason.BAD_NUMBER)


def read_count(key: str, value: object) -> int:
    """A whole number, at most 10⁹ either way."""
    return _whole(key, value, MAX_UNITS, Reason.BAD_NUMBER)


def read_number(key: str, value: object) -> float:
    """A finite double."""
    number = _decimal(key, value, Reason.BAD_NUMBER)
    try:
        double = float(number)
    except OverflowError:
        double = math.inf
    if not math.isfinite(double):
        raise _fault(Reason.BAD_NUMBER, key, value, "it must be a finite number")
    return double


def read_flag(key: str, value: object) -> bool:
    """True or false; in text also 1 and 0."""
    if isinstance(value, bool):
        return value
    flag = _FLAGS.get(value.strip().lower()) if isinstance(value, str) else None
    if flag is None:
        raise _fault(Reason.BAD_FIELD, key, value, "it must be true or false")
    return flag


def read_address(key: str, value: object) -> str:
    """An address as text; what it was is never repeated."""
    if not isinstance(value, str):
        raise Refused(Reason.BAD_FIELD, f"{key} must be text")
    return value.strip()


def read_json_object(key: str, value: object) -> str:
    """The text of a JSON object: as it was sent, or made of a mapping."""
    if isinstance(value, Mapping):
        return write_json(value).decode()
    text = bytes(value) if isinstance(value, Raw) else value.strip().encode() if isinstance(value, str) else b""
    try:
        if text[:1] != b"{" or nested_deeper(text, DEPTH):
            raise ValueError
        if not isinstance(value, Raw):
            read_object(text)
    except (ValueError, RecursionError):
        raise _fault(Reason.BAD_FIELD, key, value, f"it must be a JSON object, at most {DEPTH} levels deep") from None
    return text.decode()


READERS: Final[Mapping[Form, Callable[[str, object], object]]] = {
    Form.NAME: read_name,
    Form.ID: read_id,
    Form.TEXT: read_text,
    Form.TIME: read_when,
    Form.MICROSECONDS: read_microseconds,
    Form.MONEY: read_price,
    Form.MICROS: read_micros,
    Form.COUNT: read_count,
    Form.NUMBER: read_number,
    Form.FLAG: read_flag,
    Form.ADDRESS: read_address,
    Form.OBJECT: read_json_object,
}
"""{form: reader}; a reader is given the name under which the value was sent, and the value."""


def _fault(reason: Reason, key: str, value: object, what: str) -> Refused:
    return Refused(reason, f"{key} is {shown(value)}: {what}")


def _decimal(key: str, value: object, reason: Reason) -> int | float | Decimal:
    if isinstance(value, str):
        try:
            return read_decimal(value)
        except ValueError as error:
            raise _fault(reason, key, value, str(error)) from None
    finite = value.is_finite() if isinstance(value, Decimal) else not isinstance(value, float) or math.isfinite(value)
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)) or not finite:
        raise _fault(reason, key, value, "it must be a finite number")
    return value


def _whole(key: str, value: object, most: int, reason: Reason) -> int:
    number = _decimal(key, value, reason)
    if not -most <= number <= most:
        raise _fault(reason, key, value, f"it must be between -{most:,} and {most:,}")
    if number != int(number):
        raise _fault(reason, key, value, "it must be a whole number")
    return int(number)
