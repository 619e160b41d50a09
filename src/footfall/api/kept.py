"""Questions as data: each is checked and answered by the code of its own route, for whatever keeps and repeats it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple

from pydantic import BaseModel, ValidationError

from footfall.api.asked import ScopeQuery
from footfall.api.breakdown import BreakdownQuery, show_breakdown
from footfall.api.funnel import FunnelQuery, show_funnel
from footfall.api.paths import PathQuery, show_paths
from footfall.api.ports import Node
from footfall.api.questions import Questions
from footfall.api.retention import RetentionQuery, show_retention
from footfall.api.trends import TrendQuery, show_trends
from footfall.dashboards.models import Kind, Params, Question
from footfall.errors import BadRequest
from footfall.store.days import USUAL

_ASKERS: Final = ("project", "after")
"""Parameters of whoever asks, which no question keeps."""


class _Way(NamedTuple):
    query: type[ScopeQuery]
    show: Callable[..., Awaitable[BaseModel]]


_WAYS: Final = {
    Kind.TRENDS: _Way(TrendQuery, show_trends),
    Kind.FUNNEL: _Way(FunnelQuery, show_funnel),
    Kind.RETENTION: _Way(RetentionQuery, show_retention),
    Kind.PATHS: _Way(PathQuery, show_paths),
    Kind.BREAKDOWN: _Way(BreakdownQuery, show_breakdown),
}


def checked(question: Question) -> Params:
    """The parameters as the route reads them: those that were given, numbers as numbers. Raises what it would."""
    query, dimension = _read(question)
    query.question(**dimension, days=USUAL)  # type: ignore[attr-defined]  # every question's query has it
    given: Params = query.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)
    return {name: given[name] for name in sorted(given)} | dimension


def asking(node: Node) -> Callable[[str, Question], dict[str, Any]]:
    """Asks a question of a project and waits for the answer, as JSON: for threads that nobody's page waits for.

    Their questions have a place of their own.
    """

    def ask(project_id: str, question: Question) -> dict[str, Any]:
        answer = asyncio.run(Answerer(node, Questions(node, 1)).answer(project_id, question))
        return answer.model_dump(mode="json")

    return ask


class Answerer:
    """Answers questions of one node, as many at once as its `questions` let through."""

    def __init__(self, node: Node, questions: Questions) -> None:
        self._node = node
        self._questions = questions

    async def answer(self, project_id: str, question: Question, **range_: str) -> BaseModel:
        """What the question's route answers; `range_` (from, before, zone) holds where the question says nothing."""
        asked = Question(kind=question.kind, params={**range_, **question.params})
        query, dimension = _read(asked)
        show = _WAYS[question.kind].show
        return await show(node=self._node, questions=self._questions, project=project_id, query=query, **dimension)


def _read(question: Question) -> tuple[ScopeQuery, dict[str, Any]]:
    """The route's query, and its dimension if it has one."""
    params = dict(question.params)
    for name in _ASKERS:
        if name in params:
            raise BadRequest(f"a question is kept without {name!r}: whoever asks it says that")
    dimension = {}
    if question.kind is Kind.BREAKDOWN:
        if "dimension" not in params:
            raise BadRequest("a breakdown needs its `dimension`, such as pages, products or channels")
        dimension = {"dimension": str(params.pop("dimension"))}
    try:
        return _WAYS[question.kind].query.model_validate(params), dimension
    except ValidationError as error:
        told = [f"{'.'.join(str(part)[:100] for part in fault['loc'])}: {fault['msg']}" for fault in error.errors()]
        raise BadRequest("; ".join(told)) from error
