"""Whose data it is: from the id of a person to all ids that are theirs, and nobody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Protocol

from fastapi import Path

from footfall.errors import BadRequest, Conflict
from footfall.events.values import ID_BYTES
from footfall.metrics.tables import Tables
from footfall.privacy.models import Person

if TYPE_CHECKING:
    import ibis.expr.types as ir

Who = Annotated[
    str,
    Path(
        max_length=ID_BYTES + 2,
        description="The person, as the pages of people list it; or an e-mail address or telephone number of theirs.",
    ),
]
"""The parameter of a path that says whom a request is about."""
_KINDS: Final = {"u": "user_id", "v": "visitor_id", "s": "session_id"}
_MOST: Final = 1_000_000
"""Ids that one person may have."""
_MOST_TOLD: Final = 3


class Hiding(Protocol):
    """How personal data of one project are stored (`footfall.enrich.personal.ProjectHiding`)."""

    def hide_id(self, who: str) -> str: ...
    def contact(self, text: str) -> str | None: ...


def meant(tables: Tables, hiding: Hiding, who: str) -> str:
    """Whom somebody means: an id with its mark as it is stored, or the one person with this address or number.

    An e-mail address or a telephone number is looked for as user, as visitor, and in all that events carry. Raises
    `Conflict` when several people have it. What is no address passes as it is.
    """
    if who.partition(":")[0] in _KINDS and ":" in who:
        return hiding.hide_id(who)
    contact = hiding.contact(who)
    if contact is None:
        return who
    found = _people_with(tables, contact, who.strip())
    if len(found) > 1:
        raise Conflict(f"several people have this address or number: {', '.join(found)}; name the one you mean")
    return found[0] if found else f"u:{contact}"


def _people_with(tables: Tables, contact: str, plain: str) -> list[str]:
    """Some people in whose events the hash of a contact stands, or it itself as the user's id."""
    from footfall.metrics.people import ever, joined, with_person

    named = with_person(tables.events, joined(ever(tables.events, tables.first_events), tables.links))
    is_theirs = (named.user_id.lower() == plain.lower()) | (named.user_id == contact) | (named.visitor_id == contact)
    for carried in (named.properties, named.context, named.metadata):
        is_theirs |= carried.contains(contact)
    people = named.filter(is_theirs.fill_null(False)).select("who").distinct().order_by("who").limit(_MOST_TOLD)
    found: list[str] = tables.run(people)["who"].to_pylist()
    return found


def person_of(tables: Tables, project_id: str, who: str) -> Person:
    """The person `who` with the visitors and sessions that are theirs alone; someone of whom nothing is known, too.

    A visitor's events without a user are one person's (`metrics.people`). Events that name a session alone are
    theirs if every other event of this session that names anybody names them. Bots' events count like others'.
    Raises `BadRequest` for what can't be a person, and `Conflict` for an id that is part of another person.
    """
    import ibis

    from footfall.metrics.people import ever, joined, with_person

    kind, _, name = who.partition(":")
    if kind not in _KINDS or not name:
        raise BadRequest(f"{who!r} names nobody: a person is u: + user id, v: + visitor id, or s: + session id")
    every = ever(tables.events, tables.first_events)
    named = with_person(every, joined(every, tables.links))
    theirs, other = named.who == who, named.who != who
    nameless = named.user_id.isnull()
    by_visitor = named.filter(named.visitor_id.notnull()).group_by("visitor_id")
    visitors = by_visitor.aggregate(
        theirs=theirs.sum(), others=(other & nameless).sum(), nameless=(theirs & nameless).sum(), any_other=other.any()
    )
    alone = nameless & named.visitor_id.isnull()
    sessions = named.filter(named.session_id.notnull()).group_by("session_id")
    in_sessions = sessions.aggregate(theirs=theirs.sum(), others=(other & ~alone).sum())
    users = named.filter(theirs & named.user_id.notnull()).select(id="user_id").distinct()
    own = visitors.filter(
        visitors.theirs > 0, visitors.others == 0, (visitors.nameless > 0) | ~visitors.any_other
    ).select(id="visitor_id")
    held = in_sessions.filter(in_sessions.theirs > 0, in_sessions.others == 0).select(id="session_id")
    tagged = [table.mutate(kind=ibis.literal(mark)) for mark, table in (("u", users), ("v", own), ("s", held))]
    rows = tables.run(ibis.union(*tagged), max_rows=_MOST).to_pylist()
    ids = {mark: {row["id"] for row in rows if row["kind"] == mark} for mark in _KINDS}
    if not any(ids.values()):
        _refuse_another(tables, named, kind, who, name)
    ids[kind].add(name)
    return Person(
        project_id=project_id,
        who=who,
        users=tuple(sorted(ids["u"])),
        visitors=tuple(sorted(ids["v"])),
        sessions=tuple(sorted(ids["s"])),
    )


def _refuse_another(tables: Tables, named: ir.Table, kind: str, who: str, name: str) -> None:
    """Raise `Conflict` when the id stands in events, all of which are another person's."""
    found = tables.run(named.filter(named[_KINDS[kind]] == name).select("who").distinct().order_by("who").limit(3))
    others = found["who"].to_pylist()
    if others:
        raise Conflict(f"all that is known of {who} belongs to {', '.join(others)}: erase or export that")
