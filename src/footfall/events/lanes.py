"""How the JSON of many events is read: fast lanes for plain events, the checks of `footfall.events.wire` for the rest.

The fast lanes decode straight into structs, of many events column by column (`footfall.events.columns`), of few one by
one (`footfall.events.plain`), and pass on what is not plain: an alias, an unknown name, anything that might be refused.
All lanes give the same events, and a bad one costs only itself. What concerns a whole body (too many events, too deep,
no JSON) is an error here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple, TypeVar

import msgspec
from msgspec import Raw, Struct

from footfall.errors import BadRequest, TooLarge
from footfall.events.columns import COMMON, ORDINARY, gather
from footfall.events.event import Event, Rejected
from footfall.events.names import ADDRESSES, BY_SPELLING
from footfall.events.nesting import more_elements, nested_deeper
from footfall.events.plain import CamelEvent, PlainEvent, complete
from footfall.events.reasons import Reason
from footfall.events.values import read_object, scalar, shown
from footfall.events.wire import Source, check, reject

_T = TypeVar("_T")

_MANY: Final = 32
"""Events that are worth columns."""
_LARGE: Final = _MANY * 512
"""Bytes of an array that is likely to hold as many."""
_SMALL: Final = 32
"""Bytes an event: a body that has no more for each event that is allowed needs no counting before it is decoded."""

_PLAIN: Final = (msgspec.json.Decoder(PlainEvent).decode, msgspec.json.Decoder(CamelEvent).decode)
_ALL_PLAIN: Final = (
    msgspec.json.Decoder(list[PlainEvent]).decode,
    msgspec.json.Decoder(list[CamelEvent]).decode,  # type: ignore[valid-type]
)
_ORDINARY: Final = tuple(msgspec.json.Decoder(struct).decode for struct in ORDINARY)
_ALL_ORDINARY: Final = tuple(
    msgspec.json.Decoder(list[struct]).decode  # type: ignore[valid-type]
    for struct in (*COMMON, *ORDINARY)
)
_split: Final = msgspec.json.Decoder(list[Raw]).decode
_read_members: Final = msgspec.json.Decoder(dict[str, object]).decode
_NO_JSON: Final = (msgspec.DecodeError, UnicodeDecodeError)

_ESCAPE: Final = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\."
)


class Reading(NamedTuple):
    """The events of one body in its order, and those refused; `Rejected.line` is the place there, counted from 1."""

    events: Sequence[Event]
    rejected: list[Rejected]


def read_array(body: bytes, source: Source, *, max_events: int) -> Reading:
    """The events of a JSON array, in UTF-8.

    Raises `BadRequest` when it is no JSON or an event is nested deeper than `source.depth`, `TooLarge` for more than
    `max_events`.
    """
    if len(body) > _SMALL * max_events and more_elements(body, max_events, mark=b"{"):
        raise _too_many(max_events)
    suspected = source.hiding is not None and source.hiding.suspects(body)
    if source.fast and len(body) < _LARGE:
        plain = _decoded(_ALL_PLAIN, body, source) or ()
        if 0 < len(plain) <= max_events:
            return _read_each(plain, lambda: _split(body), source, suspected=suspected)
    elif source.fast:
        ordinary = _decoded(_ALL_ORDINARY, body, source) or ()
        if 0 < len(ordinary) <= max_events:
            return _read_together(ordinary, lambda: _split(body), source, suspected=suspected)
    return read_texts(_elements(body, source, max_events), source)


def read_texts(texts: Sequence[bytes | Raw], source: Source) -> Reading:
    """The events that stand one each in `texts`, such as the lines of NDJSON; what is no JSON is refused alone.

    Raises `BadRequest` when one is nested deeper than `source.depth`.
    """
    if source.fast and len(texts) >= _MANY:
        ordinary = [_decoded(_ORDINARY, text, source) for text in texts]
        if any(ordinary):
            return _read_together(ordinary, lambda: texts, source, suspected=source.hiding is not None)
    return _reading(_read(text, line, source) for line, text in enumerate(texts, start=1))


def mend_escapes(text: bytes) -> bytes:
    r"""JSON with the replacement character for every escaped half of a UTF-16 pair.

    Senders cut text in the middle of an emoji; that is no reason to refuse all that came with it.

    >>> mend_escapes(rb'"\ud83d\ude00 \ud83d \\ud83d"')
    b'"\\ud83d\\ude00 \\ufffd \\\\ud83d"'
    """
    return _ESCAPE.sub(lambda found: rb"\ufffd" if found[1] else found[0], text)


def _elements(body: bytes, source: Source, max_events: int) -> list[Raw]:
    if more_elements(body, max_events, mark=b","):
        raise _too_many(max_events)
    try:
        str(body, "utf-8")
        return _split(body)
    except RecursionError:
        raise _too_deep(source) from None
    except _NO_JSON as error:
        mended = mend_escapes(body)
        if mended != body:
            return _elements(mended, source, max_events)
        raise BadRequest(f"the body is not JSON: {error}") from None


def _read_together(
    ordinary: Sequence[Struct | None],
    texts_of: Callable[[], Sequence[bytes | Raw]],
    source: Source,
    *,
    suspected: bool,
) -> Reading:
    """Take events column by column, and one by one those that are in doubt: the fast way for many.

    `suspected` is whether personal data may be among them.
    """
    odd = [place for place, event in enumerate(ordinary) if event is None]
    stand_in = next(filter(None, ordinary))
    block, doubts = gather([event or stand_in for event in ordinary], source)
    doubts.update(odd)
    if suspected:
        doubts.update(_suspects(texts_of(), source))
    if not doubts:
        return Reading(block, [])
    texts = texts_of()
    outcomes = {place: _read(texts[place], place + 1, source) for place in sorted(doubts)}
    events = {place: one if isinstance(one, Event) else None for place, one in outcomes.items()}
    return Reading(block.replaced(events), [one for one in outcomes.values() if isinstance(one, Rejected)])


def _read_each(
    plain: Sequence[PlainEvent], texts_of: Callable[[], Sequence[Raw]], source: Source, *, suspected: bool
) -> Reading:
    """Take events one by one: the fast way for few."""
    suspects = _suspects(texts_of(), source) if suspected else ()
    done = [place not in suspects and complete(event, source) for place, event in enumerate(plain)]
    if all(done):
        return Reading(plain, [])
    texts = texts_of()
    return _reading(
        event if is_done else _read_carefully(bytes(texts[place]), place + 1, source)
        for place, (event, is_done) in enumerate(zip(plain, done, strict=True))
    )


def _suspects(texts: Sequence[bytes | Raw], source: Source) -> set[int]:
    """The places of the texts in which personal data may stand."""
    hiding = source.hiding
    return set() if hiding is None else {at for at, text in enumerate(texts) if hiding.suspects(bytes(text))}


def _reading(outcomes: Iterable[Event | Rejected]) -> Reading:
    events: list[Event] = []
    rejected: list[Rejected] = []
    for one in outcomes:
        if isinstance(one, Event):
            events.append(one)
        else:
            rejected.append(one)
    return Reading(events, rejected)


def _read(text: bytes | Raw, line: int, source: Source) -> Event | Rejected:
    quick = source.fast and (source.hiding is None or not source.hiding.suspects(bytes(text)))
    event = _decoded(_PLAIN, text, source) if quick else None
    if event is not None and complete(event, source):
        return event
    return _read_carefully(bytes(text), line, source)


def _decoded(decoders: Iterable[Callable[[bytes | Raw], _T]], text: bytes | Raw, source: Source) -> _T | None:
    """What the first decoder that takes `text` makes of it; None when there is none, or it is not UTF-8."""
    try:
        str(text, "utf-8")
    except UnicodeDecodeError:
        return None
    for decode in decoders:
        try:
            return decode(text)
        except RecursionError:
            raise _too_deep(source) from None
        except msgspec.DecodeError:
            continue
    return None


def _read_carefully(sent: bytes, line: int, source: Source) -> Event | Rejected:
    if nested_deeper(sent, source.depth):
        raise _too_deep(source)
    try:
        body = str(sent, "utf-8")
        fields = _members(sent)
    except _NO_JSON as error:
        mended = mend_escapes(sent)
        if mended != sent:
            return _read_carefully(mended, line, source)
        body = sent.decode(errors="replace")
        return reject(source, Reason.NOT_AN_OBJECT, f"{shown(body)}: {error}", line=line, body=body)
    return check(fields, source, line=line, body=body if ADDRESSES.isdisjoint(fields) else None)


def _members(sent: bytes) -> dict[str, object]:
    """What `check` is given of a JSON object: known fields as exact scalars, all else as it was written."""
    raws = read_object(sent)
    try:
        texts = _read_members(sent)
    except msgspec.DecodeError:  # a number that no double can hold
        texts = {}
    members: dict[str, object] = {}
    for key, raw in raws.items():
        text = texts.get(key)
        members[key] = raw if key not in BY_SPELLING else text if isinstance(text, str) else scalar(raw)
    return members


def _too_many(most: int) -> TooLarge:
    return TooLarge(f"the body has more than {most:,} events: send them in several requests")


def _too_deep(source: Source) -> BadRequest:
    return BadRequest(f"an event is nested deeper than {source.depth} levels")
