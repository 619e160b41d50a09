"""Asks the API from beside the event loop, one question at a time, and never longer than a few seconds."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final, TypeVar

from footfall.cli.client import Client
from footfall.errors import Unavailable

T = TypeVar("T")
PATIENCE_SECONDS: Final = 10.0


class Asker:
    """A thread of its own for a client that blocks; a server that hangs keeps nobody from leaving."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._questions: queue.SimpleQueue[tuple[Callable[[Client], Any], Future[Any]]] = queue.SimpleQueue()
        threading.Thread(target=self._answer, name="footfall-top-asks", daemon=True).start()

    async def ask(self, question: Callable[[Client], T]) -> T:
        """What `question` makes of the client. Raises what it raises, and `Unavailable` when it takes too long."""
        answer: Future[T] = Future()
        self._questions.put((question, answer))
        try:
            return await asyncio.wait_for(asyncio.wrap_future(answer), PATIENCE_SECONDS)
        except TimeoutError:
            raise Unavailable(f"the server has not answered within {PATIENCE_SECONDS:.0f} s") from None

    def _answer(self) -> None:
        while True:
            question, answer = self._questions.get()
            if not answer.set_running_or_notify_cancel():
                continue
            try:
                answer.set_result(question(self._client))
            except Exception as error:  # noqa: BLE001 - raised where it was asked
                answer.set_exception(error)
