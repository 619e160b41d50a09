"""A refused event read again: what was kept of it, mended, goes the way that its protocol's messages go.

What only the request told (address, program, the clock of a batch) was not kept, and is not known any more. A time
counts from the first arrival, so an event without one happened then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

import msgspec
from msgspec import structs

from footfall.collect.limits import DEFAULTS
from footfall.collect.protocols import PROTOCOLS
from footfall.collect.translation import Message, Messages, Native, Translate
from footfall.errors import FootfallError
from footfall.events.event import Event, Rejected
from footfall.events.names import BY_SPELLING
from footfall.events.reasons import Reason
from footfall.events.time import write_time
from footfall.events.values import Refused, write_json
from footfall.events.wire import BODY_BYTES, Source
from footfall.replay.mending import Mending
from footfall.replay.models import Remaining

_PROTOCOLS: Final = {protocol.name: protocol for protocol in PROTOCOLS}
_CUT: Final = BODY_BYTES - 3
"""What has so many bytes may have been cut off in a character."""
_decode: Final = msgspec.json.Decoder(dict[str, object], float_hook=Decimal).decode
_UNREADABLE: Final = (msgspec.DecodeError, ArithmeticError, RecursionError)


def came_by_file(one: Rejected) -> bool:
    """Whether it is a row of a file, which are believed as a server's."""
    return one.source not in _PROTOCOLS


def read_again(one: Rejected, mending: Mending, source: Source) -> Sequence[Event] | Remaining:
    """All events of a rejection, or why it stays one; `source` says how events of its door are believed now."""
    try:
        message = mending.mended(_sent(one))
        messages = _messages(one, message)
        sent_us = messages.sent_us()
        reading = messages._replace(translate=_finished(one, messages, mending)).read(
            structs.replace(source, shift_us=0 if sent_us is None else one.received_us - sent_us),
            max_events=DEFAULTS.events,
        )
    except Refused as fault:
        return Remaining(one.rejected_id, fault.reason, fault.detail)
    except FootfallError as error:
        return Remaining(one.rejected_id, Reason.BAD_FIELD, error.detail)
    if reading.rejected:
        first = reading.rejected[0]
        return Remaining(one.rejected_id, first.reason, first.detail)
    if not reading.events:
        return Remaining(one.rejected_id, Reason.UNSUPPORTED, "there is no event in what was sent")
    return list(reading.events)


def as_replayed(event: Event, one: Rejected, now_us: int) -> Event:
    """The event as it is stored: it arrives now, and its metadata say when it first did, and as which rejection."""
    first = {"rejected_id": one.rejected_id, "received": write_time(one.received_us)}
    metadata = _decode(event.metadata or "{}") | {"replayed": first}
    return structs.replace(event, received_us=now_us, metadata=write_json(metadata).decode())


def _sent(one: Rejected) -> Message:
    if not one.body:
        raise Refused(Reason.NOT_AN_OBJECT, "nothing was kept of what was sent")
    try:
        return _decode(one.body)
    except _UNREADABLE:
        if len(one.body.encode()) >= _CUT:
            raise Refused(Reason.NOT_AN_OBJECT, f"it was longer than the {BODY_BYTES:,} bytes that are kept") from None
        raise Refused(Reason.NOT_AN_OBJECT, "what was sent is no JSON object") from None


def _messages(one: Rejected, message: Message) -> Messages:
    text = write_json(message)
    protocol = _PROTOCOLS.get(one.source)
    return Messages(b"[%b]" % text, lambda event, _: (event,)) if protocol is None else protocol.again(text, DEFAULTS)


def _finished(one: Rejected, messages: Messages, mending: Mending) -> Translate:
    def translate(message: Message, source: Source) -> Iterable[Native]:
        return _identified(one, [mending.named(event) for event in messages.translate(message, source)])

    return translate


def _identified(one: Rejected, events: Sequence[Native]) -> Iterable[Native]:
    """Events with ids that are the same each time: the sender's, else the rejection's own.

    Raises `Refused` for a message without ids whose other events the door has stored: nobody knows which they are.
    """
    nameless = [event for event in events if not _has_id(event)]
    if len(events) > 1 and nameless and (one.name is not None or one.reason == Reason.NO_NAME):
        raise Refused(Reason.UNSUPPORTED, "it is several events without ids, of which some may be stored: send it anew")
    for number, event in enumerate(nameless):
        event["event_id"] = f"{one.rejected_id}:{number}" if len(events) > 1 else one.rejected_id
    return events


def _has_id(event: Native) -> bool:
    return any(
        key in BY_SPELLING and BY_SPELLING[key][0].field == "event_id" and str(value or "").strip()
        for key, value in event.items()
    )
