"""Messages of another protocol become native events, each by itself, and are then read as those are.

What a message is made into is its protocol's to say; here is that a bad one costs only itself, and is kept as it was
sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final, NamedTuple, TypeAlias

import msgspec
from msgspec import Raw

from footfall.errors import BadRequest, TooLarge
from footfall.events.event import Rejected
from footfall.events.lanes import Reading, mend_escapes, read_array
from footfall.events.names import ADDRESSES
from footfall.events.nesting import more_elements
from footfall.events.reasons import Reason
from footfall.events.values import Refused, read_when, shown, write_json
from footfall.events.wire import Source, reject

Message: TypeAlias = dict[str, object]
"""The members of one message; a number with a fraction or an exponent is a `Decimal`, so that no digit is lost."""
Native: TypeAlias = dict[str, object]
"""An event under the names of `footfall.events.names`."""
Translate: TypeAlias = Callable[[Message, Source], Iterable[Native]]
"""What one message, which it may take apart, is made into. Raises `Refused` for one that can't be taken."""

_TOGETHER: Final = 1_000_000
"""Bytes of a body whose messages are decoded at once; as objects they take some thirty times as much."""
_LARGEST: Final = 1_000_000
"""Bytes of one message; an event has far less."""
_HALF_ESCAPE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
_ADDRESSES: Final = ADDRESSES | {"$ip", "request_ip", "ip_override"}
_decode: Final = msgspec.json.Decoder(dict[str, object], float_hook=Decimal).decode
_decode_all: Final = msgspec.json.Decoder(list[dict[str, object]], float_hook=Decimal).decode
_decode_any: Final = msgspec.json.Decoder(float_hook=Decimal).decode
_split: Final = msgspec.json.Decoder(list[Raw]).decode
_REASONS: Final = {reason.value: reason for reason in Reason}
_NO_OBJECT: Final = (msgspec.DecodeError, InvalidOperation)
"""`InvalidOperation` is an exponent that no `Decimal` can hold."""


def sound(body: bytes) -> bytes:
    """`body` without what no JSON reader takes; raises `BadRequest` when it is no UTF-8."""
    try:
        str(body, "utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest(f"the body is not JSON in UTF-8: {error}") from None
    return mend_escapes(body) if _HALF_ESCAPE.search(body) else body


def members(message: Message, name: str) -> Message:
    """The object under `name`, taken out of `message`; an empty one when there is none.

    Raises `Refused` when something else stands there.
    """
    value = message.pop(name, None)
    if isinstance(value, dict):
        return value
    if value is None or value in ("", []):
        return {}
    raise Refused(Reason.BAD_FIELD, f"{name} is {shown(value)}: it must be an object")


def move(source: Message, event: Native, names: Iterable[tuple[str, str]]) -> None:
    """Move values from `source` to fields of `event`: (field, name under which it was sent)."""
    for field, name in names:
        if name in source:
            value = source.pop(name)
            if value is not None and value != "":
                event[field] = value


class Messages(NamedTuple):
    """A body of messages: a `footfall.collect.protocol.Parcel`."""

    array: bytes
    """A JSON array of what was sent, `sound`."""
    translate: Translate
    write_key: str | None = None
    sent_at: object = None
    """What the client says of when it sent them. When that can't be read it corrects nothing: clients give up on a body
    that is refused."""
    whole: Callable[[Message], Message] = dict
    """A message as its protocol reads it again by itself (`Protocol.again`), with nothing packed in it but as JSON."""
    most: int = 0
    """So many events are taken, whatever the door's limit, of a client that can't send a body in parts."""

    def sent_us(self) -> int | None:
        """When it was sent, µs since the epoch by the client's clock."""
        try:
            return None if not self.sent_at else read_when("sent_at", self.sent_at)
        except Refused:
            return None

    def read(self, source: Source, *, max_events: int) -> Reading:
        """The events. Raises `BadRequest` when it is no JSON, `TooLarge` for more than `max_events` (or `most`)."""
        max_events = max(max_events, self.most)
        events: list[Native] = []
        places: list[int] = []
        refused: list[tuple[int, Refused]] = []
        for place, message in enumerate(self._messages(max_events)):
            try:
                if isinstance(message, Refused):
                    raise message
                made = list(self.translate(message, source))
            except Refused as fault:
                refused.append((place, fault))
            else:
                events += made
                places += [place] * len(made)
        if len(events) > max_events:
            raise _too_many(max_events)
        reading = read_array(write_json(events), source, max_events=max_events) if events else Reading([], [])
        if not refused and not reading.rejected:
            return reading
        return Reading(reading.events, self._rejected(reading.rejected, places, refused, source))

    def _messages(self, most: int) -> Iterable[Message | Refused]:
        """Each message, or why it can't be read."""
        if more_elements(self.array, most, mark=b"{"):
            raise _too_many(most)
        if len(self.array) <= _TOGETHER:
            try:
                return _decode_all(self.array)
            except RecursionError:
                raise _too_deep() from None
            except _NO_OBJECT:
                pass
        if more_elements(self.array, most, mark=b","):
            raise _too_many(most)
        return map(_read, self._elements())

    def _elements(self) -> list[Raw]:
        try:
            return _split(self.array)
        except RecursionError:
            raise _too_deep() from None
        except msgspec.DecodeError as error:
            raise BadRequest(f"the body is not JSON: {error}") from None

    def _rejected(
        self,
        rejected: Iterable[Rejected],
        places: Sequence[int],
        refused: Iterable[tuple[int, Refused]],
        source: Source,
    ) -> list[Rejected]:
        """Those of both kinds in the order of the messages, each with its whole message."""
        elements = self._elements()
        faults = [(places[(one.line or 1) - 1], _REASONS[one.reason], one.detail, one.name) for one in rejected]
        faults += [(place, fault.reason, fault.detail, None) for place, fault in refused]
        faults.sort(key=lambda fault: fault[0])
        return [
            reject(source, reason, detail, line=place + 1, name=name, body=self._kept(bytes(elements[place])))
            for place, reason, detail, name in faults
        ]

    def _kept(self, sent: bytes) -> str:
        """What is kept of a refused message: no raw address, however deep, and nothing in which one could hide."""
        try:
            value = _decode_any(sent)
            plain = _plain(self.whole({**value}) if isinstance(value, dict) else value)
        except (*_NO_OBJECT, RecursionError):
            return ""
        return sent.decode() if plain == value else write_json(plain).decode()


def _plain(value: object) -> object:
    """A value with what stands in it as JSON text opened, and without what stands under the names of addresses.

    >>> _plain({"p": '{"ip": "203.0.113.9", "plan": "pro"}', "ip": "203.0.113.9"})
    {'p': {'plan': 'pro'}}
    """
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items() if name not in _ADDRESSES}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return _plain(_decode_any(value))
        except _NO_OBJECT:
            return value
    return value


def _read(element: Raw) -> Message | Refused:
    if len(bytes(element)) > _LARGEST:
        return Refused(Reason.BAD_FIELD, f"the message has over {_LARGEST:,} bytes")
    try:
        return _decode(element)
    except _NO_OBJECT as error:
        return Refused(Reason.NOT_AN_OBJECT, f"{shown(element)}: {error}")
    except RecursionError:
        raise _too_deep() from None


def _too_many(most: int) -> TooLarge:
    return TooLarge(f"the body has more than {most:,} events: send them in several requests")


def _too_deep() -> BadRequest:
    return BadRequest("the body is nested too deep")
