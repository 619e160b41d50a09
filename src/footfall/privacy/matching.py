"""Which rows are a person's: a mask for each table of the lake, over Arrow rows. What becomes of them is not said.

An event is of whom it names; what somebody else's `alias` says of one of the person's ids is theirs, too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from footfall.events.linking import ALIAS
from footfall.events.names import NAMES
from footfall.privacy.models import Person

_OF_EVENTS: Final = ("project_id", "user_id", "visitor_id", "session_id", "name", "properties")
COLUMNS: Final = {
    "events": _OF_EVENTS,
    "sessions": ("project_id", "owner", "revision", "deleted"),
    "alerts": ("project_id", "subject"),
    "rejected": ("project_id", "body"),
    "first_events": _OF_EVENTS,
}
"""What must be known of a row, for each table."""
_DISTINCT_CHARACTERS: Final = 8
"""An id of so many characters is one wherever it stands alone; a shorter one only under a name of ids."""
_BREAKS: Final = re.compile(r"[\s\"',;:|<>(){}\[\]]+")
"""What stands between the values of text that is no JSON, or was cut off."""


def _plain(name: str) -> str:
    """`$userId`, `user-id` and `user_id` as one."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


_NAMES_OF_IDS: Final = {
    *(
        _plain(each)
        for name in NAMES
        if name.field in {"user_id", "visitor_id", "session_id"}
        for each in name.spellings
    ),
    *("alias", "previousid", "distinctid", "identity", "personid", "profileid"),
    *("uid", "nuid", "duid", "sid", "domainuserid", "domainsessionid", "gasessionid", "userpseudoid"),
}
"""Names under which the doors' protocols send ids of people."""


class Marks(msgspec.Struct, frozen=True):
    """By what rows are told: the person, and of sessions their owners and how old a state must be."""

    person: Person
    owners: tuple[str, ...] = ()
    """As the table `sessions` names them."""
    before_revision: int = 0


def mask(table: str, rows: pa.Table, marks: Marks) -> pa.BooleanArray:
    """Whether each of `rows` (with the table's `COLUMNS` at least) is one that has to go."""
    mine = pc.equal(rows["project_id"], marks.person.project_id)
    if not pc.any(mine).as_py():
        return mine
    return pc.and_(mine, _MASKS[table](rows, marks))


def owners_of(events: pa.Table) -> list[str]:
    """The owners of these events' sessions, each once."""
    owners = pc.coalesce(*(_marked(mark, events[name]) for mark, name in _OWNED_BY))
    found: list[str] = pc.unique(owners).to_pylist()
    return found


_OWNED_BY: Final = (("s:", "session_id"), ("v:", "visitor_id"), ("u:", "user_id"))


def _marked(mark: str, ids: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(mark, ids.cast(pa.string()), "")


def _events(rows: pa.Table, marks: Marks) -> pa.Array:
    person = marks.person
    user, visitor, session = (rows[name] for name in ("user_id", "visitor_id", "session_id"))
    nameless = pc.is_null(user)
    alone = pc.and_(nameless, pc.is_null(visitor))
    by_visitor = pc.and_(nameless, _among(visitor, person.visitors))
    by_session = pc.and_(alone, _among(session, person.sessions))
    own = pc.or_(_among(user, person.users), pc.or_(by_visitor, by_session))
    return pc.or_(own, _said_of(rows, {*person.users, *person.visitors}))


class _Said(msgspec.Struct):
    """What an `alias` says of another id than its own."""

    previous_id: object = None
    previous_visitor_id: object = None


def _said_of(rows: pa.Table, ids: Collection[str]) -> pa.Array:
    """Whether each is an `alias` that says of one of `ids` whose it is."""
    aliases = pc.equal(rows["name"], ALIAS)
    if not pc.any(aliases).as_py():
        return aliases
    said = pc.if_else(aliases, rows["properties"], pa.scalar(None, pa.string()))
    return pa.array([text is not None and _says_of(text, ids) for text in said.to_pylist()], pa.bool_())


def _says_of(properties: str, ids: Collection[str]) -> bool:
    try:
        said = msgspec.json.decode(properties, type=_Said)
    except msgspec.DecodeError:
        return False
    return str(said.previous_id) in ids or str(said.previous_visitor_id) in ids


def _sessions(rows: pa.Table, marks: Marks) -> pa.Array:
    old = pc.or_(pc.less(rows["revision"], marks.before_revision), rows["deleted"])
    return pc.and_(old, _among(rows["owner"], marks.owners))


def _alerts(rows: pa.Table, marks: Marks) -> pa.Array:
    return _among(rows["subject"], marks.person.subjects)


def _rejected(rows: pa.Table, marks: Marks) -> pa.Array:
    person = marks.person
    ids = {*person.users, *person.visitors, *person.sessions}
    body = rows["body"].combine_chunks()
    pattern = "|".join([r"\\u", *map(re.escape, sorted(ids))])
    likely = pc.match_substring_regex(body, pattern=pattern)
    return pa.array(
        [maybe and names(text, ids) for maybe, text in zip(likely.to_pylist(), body.to_pylist(), strict=True)],
        pa.bool_(),
    )


_MASKS: Final = {
    "events": _events,
    "sessions": _sessions,
    "alerts": _alerts,
    "rejected": _rejected,
    "first_events": _events,
}


def _among(column: pa.ChunkedArray, ids: Collection[str]) -> pa.Array:
    """False for null."""
    return pc.is_in(column, pa.array(ids, pa.string()))


def names(body: str, ids: Collection[str]) -> bool:
    """Whether what was sent, and refused, names one of `ids`: as the value of a name of ids, or anywhere if it is long.

    In text that is no JSON nobody knows what is an id, so it is enough that one stands there by itself.

    >>> names('{"userId": 7, "quantity": 7}', {"7"}), names('{"userId": 8, "quantity": 7}', {"7"})
    (True, False)
    >>> names('{"note": "for ann@example.org"', {"ann@example.org"}), names("7;view;shoe", {"7"})
    (True, True)
    """
    long = {each for each in ids if len(each) >= _DISTINCT_CHARACTERS}
    try:
        sent = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return any(each in body for each in long) or not set(_BREAKS.split(body)).isdisjoint(ids)
    return any(value in long or (value in ids and name in _NAMES_OF_IDS) for name, value in _values(sent))


def _values(sent: object) -> Iterator[tuple[str, str]]:
    """(name, value as text) of all that is no object or array, as far down as it goes."""
    waiting = [("", sent)]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(_plain(str(inner)), each) for inner, each in value.items()]
        elif isinstance(value, list):
            waiting += [(name, each) for each in value]
        elif value is not None:
            yield name, str(value).strip()
