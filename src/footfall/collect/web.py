"""What the protocols of small web trackers share: they set no cookies, send events singly, and name goals as titles.

What their messages mean is said by each protocol.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Final, NamedTuple, Self

import msgspec
from msgspec import Raw

from footfall.collect.commerce import NAMES
from footfall.collect.request import Request
from footfall.collect.translation import Message, Native, members, sound
from footfall.errors import BadRequest, TooLarge
from footfall.events.kinds import Kind, Taxonomy
from footfall.events.nesting import DEPTH, more_elements, nested_deeper
from footfall.events.wire import Source

_LONGEST_ADDRESS: Final = 45
_split: Final = msgspec.json.Decoder(list[Raw]).decode
_read: Final = msgspec.json.Decoder(dict[str, object], float_hook=Decimal).decode
_DEPTH: Final = DEPTH - 4
"""Levels that an object within a text may have: as many as leave room for what it is put into."""


class Sender(NamedTuple):
    """What a request's headers say of who sends it."""

    agent: str
    forwarded_for: str
    """For whom a server sends: believed of a server key only."""

    @classmethod
    def of(cls, request: Request) -> Self:
        """The sender of `request`."""
        forwarded = request.header(b"x-forwarded-for").partition(",")[0].strip()
        return cls(request.header(b"user-agent"), forwarded[:_LONGEST_ADDRESS])


UNKNOWN: Final = Sender("", "")
"""Of whom no more is known."""


def as_array(body: bytes) -> bytes:
    """The JSON array of what a body holds, one message or an array of them, `sound`. Raises `BadRequest`."""
    body = sound(body).strip()
    if body.startswith(b"["):
        return body
    if not body.startswith(b"{"):
        raise BadRequest("the body is neither a JSON object nor an array of them")
    return b"[%b]" % body


def key_among(array: bytes, said: Callable[[Message], object], *, most: int) -> str | None:
    """The write key that the first object of `array` states, where `said` looks for it.

    Raises `BadRequest` when the array is none, `TooLarge` when it has more than `most` elements.
    """
    if more_elements(array, most, mark=b","):
        raise TooLarge(f"the body has more than {most:,} events: send them in several requests")
    try:
        for element in _split(array):
            if bytes(element).startswith(b"{"):
                key = said(_read(element))
                return key if isinstance(key, str) else None
    except RecursionError:
        raise BadRequest("the body is nested too deep") from None
    except (msgspec.DecodeError, InvalidOperation) as error:
        raise BadRequest(f"the body is not JSON: {error}") from None
    return None


def name_sender(event: Native, source: Source, sender: Sender) -> None:
    """Say of an event that a server sends for whom it does: a visitor without cookies is told by that."""
    if source.may_state:
        for field, value in (("user_agent", sender.agent), ("ip", sender.forwarded_for)):
            if value:
                event.setdefault(field, value)


def goal(name: object, taxonomy: Taxonomy) -> object:
    """A goal's name as the kind's that it spells; any other as it was sent.

    "Add to cart" is `add_to_cart`, and so is "Product Added", which the e-commerce spec calls it.
    """
    if not isinstance(name, str):
        return name
    known = name.strip().lower()
    spelt = NAMES.get(known, known.replace(" ", "_").replace("-", "_"))
    return name if taxonomy.kind(spelt) is Kind.OTHER else spelt


def unpacked(message: Message, name: str) -> Message:
    """The object under `name`, or in a text there, taken out of `message`. Raises what `members` raises."""
    value = message.get(name)
    if isinstance(value, str) and value.strip():
        try:
            text = value.encode()
            if not nested_deeper(text, _DEPTH):
                message[name] = _read(text)
        except (msgspec.DecodeError, InvalidOperation, UnicodeEncodeError):
            pass  # the text is then refused as it is
    return members(message, name)
