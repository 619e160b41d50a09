"""`/v1/people.csv` and `/v1/people/{who}/….csv`: what the routes of people tell, whole, for spreadsheets."""

from __future__ import annotations

import io
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel

from footfall.api.people import PeopleFilter, PersonDetail, PersonItem, Who, person_detail, read_people
from footfall.api.ports import NodeOf, Tables
from footfall.api.questions import After, QuestionsOf
from footfall.api.shapes import EventItem, SessionItem
from footfall.api.tables import write_csv
from footfall.store.access import Permission
from footfall.store.guard import ProjectOf, needs

MEDIA = "text/csv; charset=utf-8"
_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
router = APIRouter(prefix="/v1", tags=["read"], dependencies=[needs(Permission.READ)])


class Table(StrEnum):
    """What of a person is told."""

    PROFILE = "profile"
    """One line: figures, class and why, ids, traits."""
    SESSIONS = "sessions"
    """A line a session, the newest first."""
    CLASSES = "classes"
    """The class history: a line a session, the oldest first."""
    EVENTS = "events"
    """The time line: a line an event, the newest first."""


_PROFILE = (*PersonItem.model_fields, "why", "ids", "traits", "currency")
_HISTORY = ("session_start", "session_end", "session_id", "visitor_class", "score", "icon", "rules_version")


@router.get("/people.csv", response_class=Response, responses=_CSV, summary="List people as CSV")
async def people_table(
    node: NodeOf, questions: QuestionsOf, project: ProjectOf, query: Annotated[PeopleFilter, Query()]
) -> Response:
    """Everybody whom `GET /v1/people` finds, in its order. More than `query_rows` people are refused."""

    def table(tables: Tables) -> Response:
        rows = read_people(tables, node, project, query, limit=node.settings.query_rows)
        return _answer(rows, tuple(PersonItem.model_fields))

    return await questions.read(project, query.after, table)


@router.get("/people/{who:path}/{table}.csv", response_class=Response, responses=_CSV, summary="A person as CSV")
async def person_table(
    *,
    node: NodeOf,
    questions: QuestionsOf,
    project: ProjectOf,
    who: Who,
    table: Annotated[Table, Path(description="What of the person.")],
    after: After = None,
) -> Response:
    """A person's `profile`, `sessions`, `classes` (the class history) or `events` (the time line).

    More than `query_rows` lines are refused.
    """

    def told(tables: Tables) -> Response:
        most = node.settings.query_rows
        events = most if table is Table.EVENTS else 1
        sessions = most + 1 if table in {Table.SESSIONS, Table.CLASSES} else 1  # one more is refused, not left out
        detail = person_detail(tables, node, project, who, events=events, sessions=sessions)
        match table:
            case Table.PROFILE:
                return _answer([_profile(detail)], _PROFILE)
            case Table.SESSIONS:
                return _answer(detail.sessions, tuple(SessionItem.model_fields))
            case Table.CLASSES:
                return _answer(detail.sessions[::-1], _HISTORY)
            case Table.EVENTS:
                return _answer(detail.events, tuple(EventItem.model_fields))

    return await questions.read(project, after, told)


def _profile(detail: PersonDetail) -> dict[str, Any]:
    told = detail.model_dump(mode="json")
    return {**told["person"], **{name: told[name] for name in ("why", "ids", "traits", "currency")}}


def _answer(rows: Sequence[BaseModel | dict[str, Any]], fields: Sequence[str]) -> Response:
    out = io.StringIO()
    write_csv((row if isinstance(row, dict) else row.model_dump(mode="json") for row in rows), fields, out)
    return Response(out.getvalue(), media_type=MEDIA)
