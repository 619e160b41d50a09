"""`/v1/sql`: one read-only SELECT over a project's events, sessions, alerts and rejected events."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from footfall.api.ports import NodeOf
from footfall.api.questions import After, SqlQuestionsOf
from footfall.api.values import table_json
from footfall.engines.sealed_check import MOST_CHARACTERS
from footfall.store.access import Permission
from footfall.store.guard import ProjectOf, needs

router = APIRouter(tags=["read"])


class Question(BaseModel):
    """A question in SQL."""

    sql: str = Field(
        min_length=1,
        max_length=MOST_CHARACTERS,
        description="One SELECT over the tables `events`, `sessions`, `alerts`, `rejected`, `first_events`, `books`.",
        examples=["SELECT visitor_class, count(*) FROM sessions GROUP BY 1"],
    )


class ColumnItem(BaseModel):
    """A column of the answer."""

    name: str
    type: str = Field(description="Arrow type.")


class Rows(BaseModel):
    """The answer; what JSON has no number for is null, decimals and times are text."""

    columns: list[ColumnItem]
    rows: list[list[Any]]
    row_count: int


@router.post("/v1/sql", dependencies=[needs(Permission.READ)], response_model=Rows)
async def run_sql(
    node: NodeOf, questions: SqlQuestionsOf, project: ProjectOf, question: Question, after: After = None
) -> Response:
    """Runs one SELECT: sealed off from files, network, settings and other projects; limited in time and rows."""
    body = await questions.ask(lambda: table_json(node.sql(project, question.sql, after=after)))
    return Response(body, media_type="application/json")
