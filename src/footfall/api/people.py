"""`/v1/people`: pages of people, searched and sorted, and one with all that is known of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from footfall.api.asked import Definition, ScopeQuery, answered, definition_of, ground_of, read_choice
from footfall.api.cursors import MOST_ID_CHARACTERS, Cursor, Limit, Whole
from footfall.api.ports import Node, NodeOf, Tables
from footfall.api.questions import After, QuestionsOf
from footfall.api.shapes import EventItem, SessionItem, event_fields, icon_of, session_fields, why
from footfall.api.values import Money, Time, money_text
from footfall.cursors import read_cursor, write_cursor
from footfall.errors import NotFound
from footfall.events.consent import Mode
from footfall.events.linking import USER, VISITOR, Decision
from footfall.events.time import write_time
from footfall.people.routes import DecisionItem, decision_item
from footfall.privacy.resolving import Hiding, meant
from footfall.store.access import Permission
from footfall.store.days import Days
from footfall.store.guard import ProjectOf, needs

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from footfall.engines.plans import Keep
    from footfall.metrics.asked import Ground
    from footfall.metrics.persons import Place, Question
    from footfall.sessions.classes import Classes

router = APIRouter(prefix="/v1/people", tags=["read"], dependencies=[needs(Permission.READ)])

_MOST_SESSIONS = 100

Who = Annotated[
    str,
    Path(max_length=MOST_ID_CHARACTERS, description="As the pages list it; or an e-mail address or telephone number."),
]


class PersonItem(BaseModel):
    """One person, with what they did in the range asked for."""

    who: str = Field(description="`u:` + user id, else `v:` + visitor id, else `s:` + session id.")
    visitor_class: str = Field(description="Class of the newest session.")
    icon: str
    first_seen: Time = Field(description="First event that counts.")
    last_seen: Time
    events: int = Field(description="Events that count.")
    sessions: int
    purchases: int = Field(description="Of one order in a session only the first.")
    revenue: Money


class PeoplePage(BaseModel):
    """People in the order asked for."""

    definition: Definition
    items: list[PersonItem]
    next: str | None = Field(description="Cursor of the next page; null on the last one.")
    currency: str = Field(description="Currency of all amounts.")


class KnownId(BaseModel):
    """One id by which events named the person."""

    kind: str = Field(description="`user` or `visitor`.")
    id: str
    first_seen: Time


class PersonConsent(BaseModel):
    """What a person agreed to: the strictest of what is known of any of their ids."""

    mode: Mode
    said: Time = Field(description="When that was said.")


class Join(BaseModel):
    """The first event that says that an id is a user's."""

    id: str = Field(description="`v:` or `u:` and the id.")
    user: str = Field(description="Whose it is: `u:` and the id.")
    because: Literal["seen", "alias"] = Field(description="The visitor was seen with the user, or an `alias` said it.")
    event_id: str
    at: Time


class PersonDetail(BaseModel):
    """One person, whole."""

    person: PersonItem
    why: list[str] = Field(description="The clauses that decided the class, that of the newest session, in words.")
    ids: list[KnownId] = Field(description="Ids that are joined in the person, the oldest first; at most 100.")
    consent: PersonConsent | None = Field(description="What they agreed to; null when they never said.")
    joins: list[Join] = Field(description="Which events say that an id is the person's, the oldest first; at most 100.")
    decisions: list[DecisionItem] = Field(description="What was decided of these ids, the oldest first.")
    traits: dict[str, Any] = Field(description="Properties of `identify` events; the newest value of each.")
    sessions: list[SessionItem] = Field(
        description="Newest first, at most 100; their classes, read backwards, are the person's class history."
    )
    events: list[EventItem] = Field(description="The time line: all events, newest first, passive ones too.")
    next: str | None = Field(description="Cursor of older events; null when there are none.")
    currency: str = Field(description="Currency of all amounts without one of their own.")


class PeopleFilter(ScopeQuery):
    """Which people: those with an event in the range for which the filter holds."""

    search: str | None = Field(
        default=None,
        max_length=500,
        description="Part of the person's id; an e-mail address is looked for by its hash.",
    )
    visitor_class: str | None = Field(default=None, max_length=500, description="Class of the newest session.")
    sort: str = Field(
        default="last_seen",
        max_length=100,
        description="`last_seen`, `first_seen`, `events`, `sessions`, `purchases`, `revenue`: the greatest first.",
    )

    def question(self, hiding: Hiding, days: Days) -> Question:
        """The same, as the metric wants it; `days` are the project's.

        An address or number is looked for as it is stored.
        """
        from footfall.metrics.persons import Question, Sort

        return Question(
            scope=self.scope(days),
            search=self.search and (hiding.contact(self.search) or self.search),
            visitor_class=self.visitor_class,
            sort=read_choice("sort", self.sort, Sort),
        )


class PeopleListQuery(PeopleFilter):
    """The same, a page of them."""

    limit: Limit = 100
    cursor: Cursor = None


@router.get("")
async def list_people(
    node: NodeOf, questions: QuestionsOf, project: ProjectOf, query: Annotated[PeopleListQuery, Query()]
) -> PeoplePage:
    """People with their figures and class, those seen last first unless sorted otherwise."""

    def page(tables: Tables) -> PeoplePage:
        from footfall.metrics import persons

        question = query.question(node.hiding(project), node.store.days(project))
        place = read_cursor(query.cursor, persons.Place) if query.cursor else None
        rows = _people(tables, node, question, limit=query.limit, place=place)
        more = len(rows) > query.limit
        return PeoplePage(
            definition=definition_of(f"people by {question.sort}", question),
            items=[_person(row, node.settings.classes) for row in rows[: query.limit]],
            next=write_cursor(persons.place_of(rows[query.limit - 1], question.sort)) if more else None,
            currency=node.settings.currency_of(project, node.store.currency(project)),
        )

    return await questions.read(project, query.after, page)


def read_people(tables: Tables, node: Node, project: str, query: PeopleFilter, *, limit: int) -> list[PersonItem]:
    """All whom the query finds, in its order; raises `errors.QueryLimit` when they are more than `limit`."""
    rows = _people(
        tables, node, query.question(node.hiding(project), node.store.days(project)), limit=limit, place=None
    )
    return [_person(row, node.settings.classes) for row in rows]


def _people(tables: Tables, node: Node, question: Question, *, limit: int, place: Place | None) -> list[dict[str, Any]]:
    """At most `limit` rows behind `place`, and one more where there are more."""
    from footfall.metrics import persons

    return answered(
        *(tables, ground_of(tables, node), question),
        lambda at, _: {"page": persons.page(at, question, limit=limit + 1, after=place)},
        *(limit, place),
    )["page"]


@router.get("/{who:path}")
async def show_person(
    *,
    node: NodeOf,
    questions: QuestionsOf,
    project: ProjectOf,
    who: Who,
    limit: Limit = 100,
    cursor: Cursor = None,
    after: After = None,
) -> PersonDetail:
    """One person: ids, traits, figures, sessions with their classes, and the time line of events."""
    place = read_cursor(cursor, tuple[Whole, str]) if cursor else None

    def detail(tables: Tables) -> PersonDetail:
        return person_detail(tables, node, project, who, events=limit, sessions=_MOST_SESSIONS, place=place)

    return await questions.read(project, after, detail)


def person_detail(
    tables: Tables,
    node: Node,
    project: str,
    who: str,
    *,
    events: int,
    sessions: int,
    place: tuple[int, str] | None = None,
) -> PersonDetail:
    """One person, with their newest `sessions`, and their newest `events` behind `place`; raises `errors.NotFound`."""
    ground, whom = ground_of(tables, node), meant(tables, node.hiding(project), who)
    told = _told(tables, ground, whom, events=events, sessions=sessions, place=place)
    if not told["person"] and (another := _named_now(tables, ground, whom)):
        whom = another
        told = _told(tables, ground, whom, events=events, sessions=sessions, place=place)
    if not told["person"]:
        raise NotFound("the project has no person with this id; GET /v1/people lists them")
    classes, taxonomy = node.settings.classes, node.settings.taxonomy
    (found,), visits, happened = told["person"], told["sessions"], told["events"]
    last = happened[events - 1] if len(happened) > events else None
    return PersonDetail(
        person=_person(found, classes),
        why=why(max(visits, key=lambda row: (row["session_start"], row["session_id"])), classes),
        ids=[KnownId(kind=row["kind"], id=row["id"], first_seen=write_time(row["first_us"])) for row in told["ids"]],
        consent=_consent(node, project, told["ids"]),
        joins=[_join(row) for row in told["joins"]],
        decisions=_decisions(node.decisions.made(project), {whom, *(_marked(row) for row in told["ids"])}),
        traits=_traits(told["traits"]),
        sessions=[SessionItem.model_validate(session_fields(row, classes)) for row in visits],
        events=[EventItem.model_validate(event_fields(event, taxonomy)) for event in happened[:events]],
        next=write_cursor((last["ts_us"], last["event_id"])) if last else None,
        currency=node.settings.currency_of(project, node.store.currency(project)),
    )


def _told(
    tables: Tables, ground: Ground, whom: str, *, events: int, sessions: int, place: tuple[int, str] | None
) -> Mapping[str, list[dict[str, Any]]]:
    """The rows of all that is told of a person; none of `person` when there is no such."""
    from footfall.metrics import persons
    from footfall.metrics.asked import Scope

    everybody = persons.Question(scope=Scope())

    def ask(at: Ground, keep: Keep) -> Mapping[str, ir.Table]:
        found, theirs = persons.people(at, everybody), keep(persons.events_of(at, whom))
        return {
            "person": found.filter(found.who == whom),
            "ids": persons.ids_of(theirs),
            "joins": persons.joins_of(at, theirs, whom),
            "traits": persons.traits_of(theirs),
            "sessions": persons.sessions_of(at, whom, limit=sessions),
            "events": persons.newest_events(theirs, limit=events + 1, before=place),
        }

    return answered(tables, ground, everybody, ask, whom, events, sessions, place)


def _named_now(tables: Tables, ground: Ground, whom: str) -> str | None:
    """Who somebody is of whom nothing is told under this id."""
    from footfall.metrics import persons
    from footfall.metrics.asked import EVERYTHING

    rows = answered(tables, ground, EVERYTHING, lambda at, _: {"now": persons.named_now(at, whom)}, "now", whom)["now"]
    return rows[0]["who"] if rows else None


def _person(row: Mapping[str, Any], classes: Classes) -> PersonItem:
    return PersonItem(
        who=row["who"],
        visitor_class=row["visitor_class"],
        icon=icon_of(row["visitor_class"], classes),
        first_seen=write_time(row["first_us"]),
        last_seen=write_time(row["last_us"]),
        events=row["events"],
        sessions=row["sessions"],
        purchases=row["purchases"],
        revenue=money_text(row["revenue_micros"]) or "",
    )


def _consent(node: Node, project: str, ids: list[dict[str, Any]]) -> PersonConsent | None:
    """What is known of the ids that are shown."""
    digests = [node.consents.digest(project, f"{row['kind'][0]}:{row['id']}") for row in ids]
    said = node.store.consents.said(project, digests)
    return None if said is None else PersonConsent(mode=said[0], said=write_time(said[1]))


def _join(row: Mapping[str, Any]) -> Join:
    because: Literal["seen", "alias"] = "alias" if row["is_alias"] else "seen"
    return Join(id=row["id"], user=row["user"], because=because, event_id=row["event_id"], at=write_time(row["ts_us"]))


def _marked(known: Mapping[str, Any]) -> str:
    """An id as decisions have it."""
    return (USER if known["kind"] == "user" else VISITOR) + str(known["id"])


def _decisions(made: Iterable[Decision], ids: Collection[str]) -> list[DecisionItem]:
    return [decision_item(one) for one in made if one.who in ids or one.into in ids]


def _traits(rows: list[dict[str, str]]) -> dict[str, Any]:
    """What was told, later values in the place of earlier ones; what is no JSON object tells nothing."""
    traits: dict[str, Any] = {}
    for row in rows:
        try:
            traits |= msgspec.json.decode(row["properties"], type=dict[str, Any])
        except (msgspec.DecodeError, RecursionError):
            continue
    return traits
