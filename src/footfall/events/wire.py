"""What is sent becomes an Event, or a Rejected with its reason: the one set of checks for every door and for files.

It is given a mapping of names to values, however they arrived; how JSON is read fast is `footfall.events.lanes`.

* Null and empty text are as good as absent; so are blanks where a field is not free text. Names and ids lose blanks
  around them and are else taken as they are: "Add To Cart" stays that, and has no kind unless the taxonomy lists it.
* Nothing is lost: what stands under an unknown name, and what was sent twice under two names, is kept in `properties`
  (where a name is taken there, under the name with a `_` behind it).
* A missing time is the time of arrival; `sent_at` corrects the sender's clock.
* What a public key may not state (`Name.claim`) is kept in `context` under `claimed`, unread. A raw address is never
  kept, and only hashed when it comes from a server key.
* An `alias` by a public key joins a visitor to a user, never two users: its `previous_id` is kept, and read, as
  `previous_visitor_id`.
* What the door knows of the request, or finds out about what was stated, stands in where an event says nothing
  (`footfall.events.surroundings`).
* Personal data are hidden (`footfall.events.hiding`) before anything else is read, in what is refused as well.
* Money of another currency that has a rate becomes the project's own; the context says under `converted` what it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

import msgspec
from msgspec import Raw, Struct

from footfall.events.event import Event, Rejected
from footfall.events.hiding import Hiding
from footfall.events.ids import new_id
from footfall.events.kinds import Kind, Taxonomy
from footfall.events.linking import ALIAS, PREVIOUS, PREVIOUS_VISITOR
from footfall.events.money import MAX_MICROS, MAX_UNITS, write_money
from footfall.events.names import ADDRESSES, BY_SPELLING, Form, Name
from footfall.events.nesting import DEPTH
from footfall.events.reasons import Reason
from footfall.events.surroundings import NO_AGENT, NO_LOOKUPS, NOWHERE, Agent, Lookups, Place, surround
from footfall.events.time import DAY_US, write_time
from footfall.events.values import READERS, Refused, read_name, read_object, shown, write_json

AHEAD_US: Final = DAY_US
"""How far ahead of its arrival an event's time may lie."""
OLD_US: Final = 400 * DAY_US
"""How old an event may be, where `Source.allow_old` does not say otherwise."""

NAME_BYTES: Final = 200
PROPERTY_BYTES: Final = 65_536
BODY_BYTES: Final = 65_536
"""UTF-8 bytes of what was sent that are kept with a rejected event."""

_DETAIL: Final = 500
_EXACT: Final = (("ts_us", "timestamp"), ("price_micros", "price"), ("amount_micros", "amount"))
"""(exact field, its everyday form): when both are sent the exact one counts."""
_STORED_AS: Final = {"price": "price_micros", "amount": "amount_micros"}
_MONEY: Final = {exact: everyday for everyday, exact in _STORED_AS.items()}
_YEAR_2_US: Final = -62_104_060_800_000_000
_YEAR_5138_US: Final = 10**17
MONEY_KINDS: Final = (Kind.PURCHASE, Kind.REFUND)
"""Kinds of event whose amount is price × quantity when it is not sent."""
_IDENTIFY: Final = "identify"
"""What every protocol calls the event by which somebody says who they are."""
OBJECTS: Final = ("properties", "context", "metadata")


class Source(Struct, frozen=True, kw_only=True):
    """Where events come from, and what is believed of them: all that a check needs beside the event itself."""

    project_id: str
    received_us: int
    """When they arrived: µs since the epoch."""
    door: str
    """Door or file, for rejected events."""
    taxonomy: Taxonomy
    currency: str
    """The project's own currency, in upper case."""
    medium: str | None = None
    """`source` of an event that does not state its own: web, server, import, …"""
    may_state: bool = False
    """Whether place, address, user agent and `is_bot` are believed: server keys and files."""
    allow_old: bool = False
    """Whether a time may be over 400 days old: server keys and files."""
    needs_time: bool = False
    """Whether a missing time is a fault (files) or means now."""
    shift_us: int = 0
    """µs to add to every time: the sender's clock was found to be that much slow."""
    ip_hash: str | None = None
    """Hash of the address that the connection came from, for events that may not state one."""
    agent: Agent = NO_AGENT
    """The program that sent the request; nobody's where events may state their own."""
    place: Place = NOWHERE
    """Where the connection came from; nowhere where events may state their own."""
    lookups: Lookups = NO_LOOKUPS
    stranger: Callable[[str | None, str | None, int], str | None] | None = None
    """The visitor id of an event that names nobody: of its stated address, its stated user agent and its time.

    None where it can't be told. Without such a function these events are refused."""
    hiding: Hiding | None = None
    """What hides personal data; without it they are kept as they were sent."""
    keep: Callable[[Mapping[str, object], Event], None] | None = None
    """Is given each `identify` event that may have personal data, and what was sent of it, before it was hidden."""
    hash_address: Callable[[str], str] | None = None
    """Turns a stated address into its hash, raising ValueError when it is none; without it addresses are dropped."""
    name_bytes: int = NAME_BYTES
    property_bytes: int = PROPERTY_BYTES
    """UTF-8 bytes that each of properties, context and metadata may have."""
    depth: int = DEPTH
    """Levels of nesting that an event may have, itself included."""
    fast: bool = True
    """Whether plain events may take the fast lanes; else each one goes through all checks, with the same result."""


_Sent: TypeAlias = tuple[int, str, object, Name]
"""(place among the field's names, name it was sent under, value, field): tuples, because every value becomes one."""


def check(
    fields: Mapping[str, object],
    source: Source,
    *,
    line: int | None = None,
    body: str | None = None,
    rejected_id: str | None = None,
) -> Event | Rejected:
    """The event that `fields` describe, under any of the names in `footfall.events.names`, or why it is refused.

    A value is text, an int, float, `Decimal` or bool, None, a mapping, or the `msgspec.Raw` of a JSON object.
    `line`, `body` and `rejected_id` go into a Rejected; without a body it is the JSON of `fields`.
    """
    sent = fields
    if source.hiding is not None and (hidden := source.hiding.hide(fields)) is not fields:
        fields, body = hidden, None
    given, spare = _sort(fields)
    name = given.pop("name", None)
    try:
        event = _event(name, given, spare, source)
        if source.keep is not None and event.name == _IDENTIFY:
            source.keep(sent, event)
        return event
    except Refused as fault:
        reason, detail = fault.reason, fault.detail
    except UnicodeEncodeError as error:
        reason, detail = Reason.BAD_FIELD, f"{shown(error.object)} holds half a character: it is no valid Unicode"
    return reject(
        source,
        reason,
        detail,
        line=line,
        name=name[2] if name is not None and isinstance(name[2], str) else None,
        body=_body(fields) if body is None else body,
        rejected_id=rejected_id,
    )


def reject(
    source: Source,
    reason: Reason,
    detail: str,
    *,
    line: int | None = None,
    name: str | None = None,
    body: str = "",
    rejected_id: str | None = None,
) -> Rejected:
    """What is kept of an event that was refused."""
    if source.hiding is not None:
        detail, body = source.hiding.hide_text(detail), source.hiding.hide_body(body)
        name = None if name is None else source.hiding.hide_text(name)
    return Rejected(
        project_id=source.project_id,
        rejected_id=rejected_id or new_id(source.received_us),
        received_us=source.received_us,
        reason=reason.value,
        detail=_cut(detail, _DETAIL),
        source=source.door,
        line=line,
        name=None if name is None else _cut(name, source.name_bytes),
        body=_cut(body, BODY_BYTES),
    )


def _event(name: _Sent | None, given: Mapping[str, _Sent], spare: Mapping[str, object], source: Source) -> Event:
    values: dict[str, object] = {
        "project_id": source.project_id,
        "received_us": source.received_us,
        "name": _name(name, source),
        "source": source.medium,
        "ip_hash": None if source.may_state else source.ip_hash,
    }
    is_owned = "visitor_id" in given or "user_id" in given or "session_id" in given
    if not is_owned and source.stranger is None:
        raise Refused(Reason.NO_OWNER, "the event has none of visitor_id, user_id and session_id")
    claims: dict[str, object] = {}
    for field, (_, key, value, known) in given.items():
        if known.claim and not source.may_state:
            if value is not False:  # `is_bot: false` claims nothing
                claims[field] = value
        else:
            values[_STORED_AS.get(field, field)] = READERS[known.form](key, value)
    values["ts_us"] = moment = _time(values, source)
    if not is_owned:
        values["visitor_id"] = _stranger(values, moment, source)
    _settle_money(values, source)
    surround(values, source)
    _settle_place(values, source)
    _keep_surroundings(values, claims)
    if spare:
        values["properties"] = _merged(values.get("properties"), spare)
    if values["name"] == ALIAS and not source.may_state:
        values["properties"] = _of_visitor(values.get("properties"))
    _refuse_large_objects(values, source)
    if "event_id" not in values:
        values["event_id"] = new_id(source.received_us)
    return msgspec.convert(values, Event)


def _stranger(values: Mapping[str, object], moment: int, source: Source) -> str:
    """Who sent an event that names nobody."""
    address, user_agent = values.get("ip"), values.get("user_agent")
    found = source.stranger and source.stranger(
        address if isinstance(address, str) else None, user_agent if isinstance(user_agent, str) else None, moment
    )
    if not found:
        raise Refused(
            Reason.NO_OWNER,
            "the event has none of visitor_id, user_id and session_id, and without them a visitor is only known "
            "by an address, within two days",
        )
    return found


def _sort(fields: Mapping[str, object]) -> tuple[dict[str, _Sent], dict[str, object]]:
    """{field: what counts for it}, and {name: value} of all else that was sent."""
    given: dict[str, _Sent] = {}
    spare: dict[str, object] = {}
    for key, value in fields.items():
        known = BY_SPELLING.get(key)
        if known is None:
            spare[key] = value
        elif not _absent(value, known[0]):
            name, place = known
            other = given.get(name.field)
            if other is not None and other[0] < place:
                spare[key] = value
                continue
            given[name.field] = (place, key, value, name)
            if other is not None:
                spare[other[1]] = other[2]
    for exact, everyday in _EXACT:
        if exact in given and everyday in given:
            _, key, value, _ = given.pop(everyday)
            spare[key] = value
    return given, spare


def _absent(value: object, name: Name) -> bool:
    if isinstance(value, str):
        return not value or (name.form is not Form.TEXT and value.isspace())
    return value is None


def _name(sent: _Sent | None, source: Source) -> str:
    if sent is None:
        raise Refused(Reason.NO_NAME, "the event has no name, or a blank one")
    _, key, value, _ = sent
    name = read_name(key, value)
    if len(name.encode()) > source.name_bytes:
        raise Refused(Reason.NAME_TOO_LONG, f"{key} is {shown(name)}: it is over {source.name_bytes} bytes")
    return name


def _time(values: dict[str, object], source: Source) -> int:
    """When it happened, by the clock of the server; takes what was sent of it out of `values`."""
    everyday, exact, sent_at = values.pop("timestamp", None), values.pop("ts_us", None), values.pop("sent_at", None)
    sent = everyday if exact is None else exact
    if not isinstance(sent, int):
        if source.needs_time:
            raise Refused(Reason.BAD_TIME, "the event has no time")
        return source.received_us
    moment = sent + (source.received_us - sent_at if isinstance(sent_at, int) else source.shift_us)
    if moment > source.received_us + AHEAD_US:
        raise Refused(Reason.IN_THE_FUTURE, f"the event's time {_told(moment)} is over 24 hours ahead of its arrival")
    if moment < source.received_us - OLD_US and not source.allow_old:
        raise Refused(Reason.TOO_OLD, f"the event's time {_told(moment)} is over 400 days before its arrival")
    if moment < 0:
        raise Refused(Reason.BAD_TIME, f"the event's time {_told(moment)} is before 1970")
    return moment


def _told(us: int) -> str:
    return write_time(us) if _YEAR_2_US < us < _YEAR_5138_US else f"{us:,} µs"


def _settle_money(values: dict[str, object], source: Source) -> None:
    """Make the amount of a sale out of price and quantity; forget a currency that is the project's own."""
    price, quantity = values.get("price_micros"), values.get("quantity", 1)
    sold = source.taxonomy.kind(str(values["name"])) in MONEY_KINDS and "amount_micros" not in values
    if sold and isinstance(price, int) and isinstance(quantity, int):
        values["amount_micros"] = amount = price * quantity
        if abs(amount) > MAX_MICROS:
            detail = f"price × quantity is {write_money(amount)}: an amount is at most {MAX_UNITS:,} units"
            raise Refused(Reason.BAD_NUMBER, detail)
    currency = values.get("currency")
    if isinstance(currency, str):
        currency = currency.strip().upper()
        values["currency"] = None if currency in ("", source.currency) else currency
        if values["currency"] is not None:
            _convert(values, currency, source)


def _convert(values: dict[str, object], currency: str, source: Source) -> None:
    """Make money of another currency the project's own, all of it or none; what was sent stays in the context."""
    sent = {field: micros for field in _MONEY if isinstance(micros := values.get(field), int)}
    moment = values["ts_us"]
    assert isinstance(moment, int)
    own = {field: source.lookups.convert(micros, currency, source.currency, moment) for field, micros in sent.items()}
    if own and None not in own.values():
        told = {_MONEY[field]: Raw(write_money(micros).encode()) for field, micros in sent.items()}
        values |= own | {"currency": None}
        values["context"] = _merged(values.get("context"), {"converted": {"currency": currency, **told}})


def _settle_place(values: dict[str, object], source: Source) -> None:
    """Turn a stated address into its hash; refuse places that are not on the globe."""
    address = values.pop("ip", None)
    if isinstance(address, str) and source.hash_address is not None:
        try:
            values["ip_hash"] = source.hash_address(address)
        except ValueError:
            raise Refused(Reason.BAD_FIELD, "ip is no IPv4 or IPv6 address") from None
    for field, most in (("latitude", 90), ("longitude", 180)):
        degrees = values.get(field)
        if isinstance(degrees, float) and abs(degrees) > most:
            raise Refused(Reason.BAD_FIELD, f"{field} is {degrees}: it must be between -{most} and {most}")


def _keep_surroundings(values: dict[str, object], claims: Mapping[str, object]) -> None:
    """Put the user agent, and what may not be believed, into the context; addresses are dropped."""
    kept = {field: values.pop(field) for field in ("user_agent",) if field in values}
    claimed = {field: value for field, value in claims.items() if field != "ip"}
    if claimed:
        kept["claimed"] = claimed
    if kept:
        values["context"] = _merged(values.get("context"), kept)


def _merged(text: object, more: Mapping[str, object]) -> str:
    """The JSON object `text` with more members; one whose name is taken gets a `_` behind it."""
    members: dict[str, object] = dict(read_object(text)) if isinstance(text, str) else {}
    for name, value in more.items():
        free = name
        while free in members:
            free += "_"
        members[free] = value
    return write_json(members).decode()


def _of_visitor(text: object) -> object:
    """The properties of an alias by whom nobody has to believe that two users are one: its other id is a visitor's."""
    members = dict(read_object(text)) if isinstance(text, str) else {}
    if PREVIOUS not in members:
        return text
    previous = members.pop(PREVIOUS)
    return _merged(write_json(members).decode(), {PREVIOUS_VISITOR: previous})


def _refuse_large_objects(values: Mapping[str, object], source: Source) -> None:
    for field in OBJECTS:
        text = values.get(field)
        if isinstance(text, str) and (size := len(text.encode())) > source.property_bytes:
            detail = f"{field} has {size:,} bytes: it may have {source.property_bytes:,}"
            raise Refused(Reason.BAD_FIELD, detail)


def _body(fields: Mapping[str, object]) -> str:
    """The JSON of what was sent, without raw addresses."""
    kept = {key: value for key, value in fields.items() if key not in ADDRESSES}
    try:
        return write_json(kept).decode()
    except UnicodeEncodeError:
        return ascii(kept)


def _cut(text: str, size: int) -> str:
    """`text` as far as it fits into `size` bytes of UTF-8; halves of characters become question marks."""
    return text[:size].encode(errors="replace")[:size].decode(errors="ignore")
