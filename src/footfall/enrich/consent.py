"""What people agreed to, honoured in what comes of them: a door, an import and a replay ask here before they store.

People are known by keyed hashes of their ids alone, so what is remembered of them survives an erasure and names nobody.
Where that is kept stands elsewhere.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import structs

from footfall.events.block import Block
from footfall.events.consent import STATEMENT, Mode, Statement, mode_of
from footfall.events.contact import Contact
from footfall.events.event import Event, Rejected
from footfall.events.reasons import Reason
from footfall.events.schema import EVENTS, REJECTED, to_batch, to_rows
from footfall.events.time import DAY_US

_NAMING: Final = frozenset(("identify", "group", "alias"))
"""Events that say who somebody is, and nothing else."""
_WITHDRAWN: Final = "the person agreed to no such data being kept"
_DAY: Final = "day-"
_HEX_DIGITS: Final = 32
_DIGEST_BYTES: Final = 16
_LONGEST_ID: Final = 1_000
_BREAKS: Final = re.compile(r"[\s\"',;|<>(){}\[\]]+")
"""What stands between the values of text that is no JSON, or was cut off."""
_USER, _VISITOR = "u:", "v:"


class Honoured(NamedTuple):
    """What may be stored."""

    events: Sequence[Event]
    rejected: Sequence[Rejected]
    contacts: Sequence[Contact] = ()


class Consents:
    """Safe to use from any thread.

    Args:
        secret: the data folder's; what is remembered of people lasts as long as it does.
        withdrawn: project → who there does not agree to everything.
        day_key: the key of a day, counted from the epoch; None for days whose key is not there (any more).
    """

    def __init__(
        self,
        secret: bytes,
        withdrawn: Callable[[str], Mapping[bytes, Mode] | None],
        day_key: Callable[[int], bytes | None],
    ) -> None:
        self._key = hmac.digest(secret, b"footfall consent 1", "sha256")
        self._withdrawn = withdrawn
        self._day_key = day_key

    def digest(self, project_id: str, who: str) -> bytes:
        """By what a person's id, `u:…` or `v:…`, is known."""
        text = f"{project_id}\0{who}".encode(errors="replace")
        return hashlib.blake2b(text, key=self._key, digest_size=_DIGEST_BYTES).digest()

    def honoured(
        self,
        project_id: str,
        events: Sequence[Event],
        rejected: Sequence[Rejected],
        contacts: Sequence[Contact] = (),
        *,
        door: str,
    ) -> Honoured:
        """What may be stored of these: of who agreed to nothing a rejection without content, of others less.

        `contacts` are those that came with the events; of people who do not agree to everything none is kept.
        """
        withdrawn = self._withdrawn(project_id)
        if not withdrawn:
            return Honoured(events, rejected, contacts)
        ask = _Asking(self, project_id, withdrawn)
        modes = ask.modes(*_ids_of(events))
        kept = [_emptied(one) if one.body and ask.names(one.body) else one for one in rejected]
        if not modes:
            return Honoured(events, kept, contacts)
        theirs = dict(_at(events, modes))
        outcomes = {at: self._reduced(event, modes[at], door) for at, event in theirs.items()}
        kept += [one for one in outcomes.values() if isinstance(one, Rejected)]
        ids = {event.event_id for event in theirs.values()}
        return Honoured(
            _replaced(events, {at: one if isinstance(one, Event) else None for at, one in outcomes.items()}),
            kept,
            [one for one in contacts if one.event_id not in ids],
        )

    def honoured_rows(
        self, project_id: str, events: pa.Table, rejected: pa.Table, *, door: str
    ) -> tuple[pa.Table, pa.Table]:
        """The same of rows; the rejection of a row has the same id each time."""
        withdrawn = self._withdrawn(project_id)
        if not withdrawn:
            return events, rejected
        ask = _Asking(self, project_id, withdrawn)
        modes = ask.modes(events["user_id"].to_pylist(), events["visitor_id"].to_pylist())
        met = pa.array([at in modes for at in range(len(events))], pa.bool_())
        theirs = to_rows(events.filter(met), Event)
        some, kept, _ = self.honoured(project_id, theirs, to_rows(rejected, Rejected), door=door)
        rest = events.filter(pc.invert(met))
        return (
            pa.concat_tables([rest, pa.Table.from_batches([to_batch(some, EVENTS)])]),
            pa.Table.from_batches([to_batch(kept, REJECTED)]),
        )

    def _reduced(self, event: Event, mode: Mode, door: str) -> Event | Rejected:
        """What may be stored of an event whose person agrees to no more than `mode`."""
        if event.name == STATEMENT and (said := mode_of(event.properties)) is not None:
            return Event(
                project_id=event.project_id,
                event_id=event.event_id,
                name=event.name,
                ts_us=event.ts_us,
                received_us=event.received_us,
                visitor_id=event.visitor_id,
                user_id=event.user_id,
                properties=f'{{"mode":"{said}"}}',
            )
        key = self._day_key(event.ts_us // DAY_US)
        if mode is Mode.NONE or key is None or event.name in _NAMING:
            return self._refused(event, door)
        person = f"{event.project_id}\0{event.user_id or event.visitor_id}".encode(errors="replace")
        stranger = _DAY + hmac.digest(key, person, "sha256").hex()[:_HEX_DIGITS]
        return structs.replace(
            event, visitor_id=stranger, user_id=None, session_id=None, ip_hash=None, context=None, metadata=None
        )

    def _refused(self, event: Event, door: str) -> Rejected:
        """What is kept of an event whose person did not agree to it: that there was one."""
        return Rejected(
            project_id=event.project_id,
            rejected_id=self.digest(event.project_id, f"e:{event.event_id}").hex(),
            received_us=event.received_us,
            reason=Reason.NO_CONSENT,
            detail=_WITHDRAWN,
            source=door,
        )


class _Asking:
    """Asks for the ids of one project."""

    def __init__(self, consents: Consents, project_id: str, withdrawn: Mapping[bytes, Mode]) -> None:
        self._consents = consents
        self._project_id = project_id
        self._withdrawn = withdrawn

    def modes(self, users: Sequence[str | None], visitors: Sequence[str | None]) -> dict[int, Mode]:
        """{place of an event: the stricter of what its user and visitor agree to}, where that is not everything."""
        of_users, of_visitors = self._among(_USER, users), self._among(_VISITOR, visitors)
        modes: dict[int, Mode] = {}
        if of_users or of_visitors:
            for at, ids in enumerate(zip(users, visitors, strict=True)):
                said = (of_users.get(ids[0]), of_visitors.get(ids[1]))
                mode = Mode.NONE if Mode.NONE in said else said[0] or said[1]
                if mode is not None:
                    modes[at] = mode
        return modes

    def _among(self, mark: str, ids: Iterable[str | None]) -> dict[str | None, Mode]:
        """{id: what they agree to} of those of `ids` who do not agree to everything."""
        known = {own_id: self._mode(mark + own_id) for own_id in set(ids) if own_id is not None}
        return {own_id: mode for own_id, mode in known.items() if mode is not None}

    def _mode(self, who: str) -> Mode | None:
        return self._withdrawn.get(self._consents.digest(self._project_id, who))

    def names(self, body: str) -> bool:
        """Whether what was sent, and refused, holds an id of somebody who withdrew."""
        try:
            texts = set(_texts(msgspec.json.decode(body)))
        except (msgspec.DecodeError, RecursionError):
            texts = set(_BREAKS.split(body))
        return any(self._mode(mark + text) is not None for text in texts for mark in (_USER, _VISITOR))


def statements(events: pa.Table, consents: Consents) -> list[Statement]:
    """What people say in these events, of the user and of the visitor that each names."""
    said = pc.equal(events["name"], STATEMENT)
    if not pc.any(said).as_py():
        return []
    found: list[Statement] = []
    for row in events.filter(said).select(["project_id", "user_id", "visitor_id", "ts_us", "properties"]).to_pylist():
        mode = mode_of(row["properties"])
        if mode is not None:
            project_id, people = row["project_id"], ((_USER, row["user_id"]), (_VISITOR, row["visitor_id"]))
            found += [
                Statement(project_id, consents.digest(project_id, mark + own_id), mode, row["ts_us"])
                for mark, own_id in people
                if own_id is not None
            ]
    return found


def _emptied(one: Rejected) -> Rejected:
    return structs.replace(one, reason=Reason.NO_CONSENT.value, detail=_WITHDRAWN, name=None, body="")


def _ids_of(events: Sequence[Event]) -> tuple[list[str | None], list[str | None]]:
    """The users, and the visitors, of all of them."""
    if isinstance(events, Block):
        return list(events.texts("user_id")), list(events.texts("visitor_id"))
    return [event.user_id for event in events], [event.visitor_id for event in events]


def _at(events: Sequence[Event], places: Iterable[int]) -> Iterator[tuple[int, Event]]:
    wanted = set(places)
    return ((at, event) for at, event in enumerate(events) if at in wanted)


def _replaced(events: Sequence[Event], outcomes: Mapping[int, Event | None]) -> Sequence[Event]:
    if isinstance(events, Block):
        return events.replaced(outcomes)
    return [one for at, event in enumerate(events) if (one := outcomes.get(at, event)) is not None]


def _texts(sent: object) -> Iterator[str]:
    """All that may be an id in what was sent, as far down as it goes."""
    waiting = [sent]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, str | int) and not isinstance(value, bool):
            text = str(value).strip()
            if len(text) <= _LONGEST_ID:
                yield text
