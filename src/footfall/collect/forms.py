"""In which form events stand in a body: one object, an array, an envelope around an array, or NDJSON."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec
from msgspec import Raw, Struct

from footfall.errors import BadRequest, TooLarge
from footfall.events.lanes import Reading, mend_escapes, read_array, read_texts
from footfall.events.values import Refused, read_when, scalar
from footfall.events.wire import Source

_FIRST: Final = re.compile(rb"\s*([^\s])")
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class _Envelope(Struct, gc=False):
    """An object around an array of events, in any spelling; an event is read as one with nothing in it."""

    events: Raw = Raw()
    batch: Raw = Raw()
    sent_at: Raw = Raw()
    sentAt: Raw = Raw()  # noqa: N815 - as it is sent
    write_key: Raw = Raw()
    writeKey: Raw = Raw()  # noqa: N815 - as it is sent


_open_envelope: Final = msgspec.json.Decoder(_Envelope).decode
_open_array: Final = msgspec.json.Decoder(list[Raw]).decode


class Sent(NamedTuple):
    """What a body holds: an array in one piece, or texts of one event each; and what an envelope says of them."""

    array: bytes | None = None
    texts: Sequence[bytes] = ()
    sent_at: object = None
    write_key: str | None = None

    def read(self, source: Source, *, max_events: int) -> Reading:
        """The events. Raises what `read_array` and `read_texts` raise."""
        if self.array is not None:
            return read_array(self.array, source, max_events=max_events)
        return read_texts(self.texts, source)

    def sent_us(self) -> int | None:
        """When the client says that it sent this, µs since the epoch by its own clock. Raises `BadRequest`."""
        if self.sent_at is None or self.sent_at == "":
            return None
        try:
            return read_when("sent_at", self.sent_at)
        except Refused as fault:
            raise BadRequest(fault.detail) from None


def recognise(body: bytes, *, lines: bool, max_events: int) -> Sent:
    """Tell the form of `body`; `lines` when its content type says NDJSON.

    Raises `BadRequest` when it is no JSON in UTF-8, and `TooLarge` for more lines than `max_events`.
    """
    body = body.removeprefix(_BYTE_ORDER_MARK)
    found = _FIRST.match(body)
    first = found[1] if found else b""
    if first == b"[" and not (lines and _begins_with_a_line(body)):
        return Sent(array=body)
    if lines and first:
        return Sent(texts=_lines(body, max_events))
    if first != b"{":
        what = "is empty" if not first else "is neither a JSON object, nor an array, nor NDJSON"
        raise BadRequest(f"the body {what}: send an event, an array of events, or one event a line")
    return _object(body, max_events)


def _object(body: bytes, max_events: int) -> Sent:
    try:
        str(body, "utf-8")
        envelope = _open_envelope(body)
    except RecursionError:
        raise BadRequest("the body is nested too deep") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        if _looks_like_lines(body):
            return Sent(texts=_lines(body, max_events))
        mended = mend_escapes(body)
        if mended != body:
            return _object(mended, max_events)
        raise BadRequest(f"the body is not JSON: {error}") from None
    for events in (envelope.events, envelope.batch):
        array = bytes(events)
        if array[:1] == b"[":
            key = _scalar(envelope.write_key, envelope.writeKey)
            return Sent(
                array=array,
                sent_at=_scalar(envelope.sent_at, envelope.sentAt),
                write_key=key if isinstance(key, str) else None,
            )
    return Sent(texts=(body,))


def _looks_like_lines(body: bytes) -> bool:
    """Whether the first of several lines is a JSON object by itself."""
    first, _, rest = body.lstrip().partition(b"\n")
    if not rest.strip():
        return False
    try:
        _open_envelope(mend_escapes(first))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _begins_with_a_line(body: bytes) -> bool:
    """Whether the first of several lines is an array by itself: no event, and no reason to refuse its neighbours."""
    first, _, rest = body.lstrip().partition(b"\n")
    try:
        _open_array(first)
    except (msgspec.DecodeError, RecursionError):
        return False
    return bool(rest.strip())


def _lines(body: bytes, max_events: int) -> list[bytes]:
    if body.count(b"\n") > 2 * max_events:
        raise _too_many(max_events)
    texts = [line for line in body.split(b"\n") if not line.isspace() and line]
    if len(texts) > max_events:
        raise _too_many(max_events)
    return texts


def _scalar(*raws: Raw) -> object:
    return next((scalar(raw) for raw in raws if bytes(raw)), None)


def _too_many(most: int) -> TooLarge:
    return TooLarge(f"the body has more than {most:,} lines: send them in several requests")
