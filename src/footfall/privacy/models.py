"""Who is to be erased, what became of it, and the receipt that says so."""

from __future__ import annotations

from msgspec import Struct

from footfall.sessions.columns import owner_key


class Person(Struct, frozen=True, kw_only=True):
    """One person of a project by all the ids under which data of theirs is stored."""

    project_id: str
    who: str
    """As `GET /v1/people` lists them: `u:` + user id, else `v:` + visitor id, else `s:` + session id."""
    users: tuple[str, ...] = ()
    visitors: tuple[str, ...] = ()
    """Whose events without a user are this person's."""
    sessions: tuple[str, ...] = ()
    """Whose events without a user and a visitor are this person's."""

    @property
    def subjects(self) -> tuple[str, ...]:
        """The ids as alerts name them."""
        ids = (("u:", self.users), ("v:", self.visitors), ("s:", self.sessions))
        return tuple(mark + each for mark, some in ids for each in some)

    @property
    def keys(self) -> list[str]:
        """`subjects` as states are kept by."""
        return [owner_key(self.project_id, subject) for subject in self.subjects]


class Removed(Struct, frozen=True, kw_only=True):
    """How much of a person was taken out of what is stored."""

    events: int = 0
    sessions: int = 0
    """States of sessions, in memory and in the lake; of those that others have a part in, new ones were made."""
    alerts: int = 0
    rejected: int = 0
    journal_bytes: int = 0
    """Of the journal's segments that were deleted whole: the events of others in them are in the lake."""

    def __add__(self, other: Removed) -> Removed:
        return Removed(**{name: getattr(self, name) + getattr(other, name) for name in self.__struct_fields__})


class Request(Struct, frozen=True, kw_only=True):
    """An erasure that was asked for and is not finished: it is gone on with after any crash."""

    erasure_id: str
    person: Person
    asked_us: int
    asked_by: str
    """The token's id."""
    begun: int = 0
    """How often it was begun; more than once after a crash."""
    owners: tuple[str, ...] = ()
    """Owners of sessions (`v:…`) that events were taken from by now."""
    removed: Removed = Removed()


class Receipt(Struct, frozen=True, kw_only=True):
    """What was erased, for the one who asked and for those who check; it names nobody."""

    erasure_id: str
    project_id: str
    person: str
    """Keyed hash of the person's id: who knows the id can have it compared, nobody can read it back."""
    asked: str
    asked_by: str
    finished: str
    """ISO 8601, UTC."""
    begun: int
    """How often it was begun. After a crash `removed` counts what was noted before it and what came after it."""
    removed: Removed
    remains: tuple[str, ...]
    """What may still hold data of the person and is not in Footfall's hands."""


class Signed(Struct, frozen=True, kw_only=True):
    """A receipt and its signature by the data folder."""

    receipt: Receipt
    signature: str
