"""Where questions are worked on: in threads, a bounded number at once, the rest told to come back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Query, Request

from footfall.api.ports import Node, Tables
from footfall.errors import Unavailable

T = TypeVar("T")

After = Annotated[
    int | None,
    Query(ge=0, le=2**63 - 1, description="Journal offset that a 202 answered: wait until what it acknowledged is in."),
]


class Questions:
    """Runs work that takes processor time, `at_once` pieces at a time; as many again may wait."""

    def __init__(self, node: Node, at_once: int) -> None:
        self._node = node
        self._limiter = CapacityLimiter(at_once)
        self._most = 2 * at_once
        self._open = 0

    async def ask(self, work: Callable[[], T]) -> T:
        """What `work` returns; raises `errors.Unavailable` at once when too much is waiting already."""
        if self._open >= self._most:
            raise Unavailable(f"{self._open} questions are being worked on or wait; ask again shortly", retry_after=1)
        self._open += 1
        try:
            return await to_thread.run_sync(work, limiter=self._limiter)
        finally:
            self._open -= 1

    async def read(
        self, project_id: str, after: int | None, work: Callable[[Tables], T], *, session_id: str | None = None
    ) -> T:
        """What `work` makes of one project's tables, once everything up to the offset `after` is in them.

        `session_id` says that only this session is looked at.
        """

        def reading() -> T:
            with self._node.read(project_id, after=after, session_id=session_id) as tables:
                return work(tables)

        return await self.ask(reading)


def _questions_of(request: Request) -> Questions:
    questions: Questions = request.app.state.questions
    return questions


def _sql_questions_of(request: Request) -> Questions:
    questions: Questions = request.app.state.sql_questions
    return questions


QuestionsOf = Annotated[Questions, Depends(_questions_of)]
SqlQuestionsOf = Annotated[Questions, Depends(_sql_questions_of)]
"""Questions that strangers write have places of their own, so that slow ones hold up nobody's page."""
