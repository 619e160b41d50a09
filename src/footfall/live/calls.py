"""Work that other threads have done by the one that may do it, each piece with a future for its outcome."""

from __future__ import annotations

import queue
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")


class _Call(NamedTuple):
    run: Callable[[], None]
    future: Future[Any]


class Calls:
    """What waits to be done. `put` from any thread, `run` from the one whose work it is."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[_Call] = queue.SimpleQueue()

    def put(self, work: Callable[[], T]) -> Future[T]:
        """Have `work` done; the future gets what it returns or raises."""
        future: Future[T] = Future()

        def run() -> None:
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001 - it is the asker's, who gets it
                future.set_exception(error)

        self._waiting.put(_Call(run, future))
        return future

    def run(self) -> None:
        """Do what waits."""
        while not self._waiting.empty():
            self._waiting.get_nowait().run()

    def refuse(self, refusal: Exception) -> None:
        """Do none of what waits."""
        with suppress(queue.Empty):
            while True:
                self._waiting.get_nowait().future.set_exception(refusal)
