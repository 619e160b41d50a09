"""Background tasks of rooms above the node: a server starts them, health tells of them, they end before the node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol


class Task(Protocol):
    """Such a task, as `footfall.notices.Notices` is one."""

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def problems(self) -> Sequence[tuple[str, str]]: ...
    def advice(self) -> Sequence[str]: ...
    def counters(self) -> Mapping[str, int | float]: ...


class Attended:
    """All of one node, by name; who comes with the same name takes the other's place."""

    def __init__(self) -> None:
        self._tasks: dict[str, Task] = {}

    def add(self, name: str, task: Task) -> None:
        """Tell of it from now on."""
        self._tasks[name] = task

    def start(self) -> None:
        """Begin: only a server does; a command that has opened the folder leaves before anything would be due."""
        for task in self._tasks.values():
            task.start()

    def close(self) -> None:
        """End all."""
        for task in self._tasks.values():
            task.stop()

    def problems(self) -> list[tuple[str, str]]:
        """(role, reason) of those that do not do their work."""
        return [problem for task in self._tasks.values() for problem in task.problems()]

    def advice(self) -> list[str]:
        """What people should know of them."""
        return [told for task in self._tasks.values() for told in task.advice()]

    def counters(self) -> dict[str, int | float]:
        """Numbers for monitoring."""
        return {name: number for task in self._tasks.values() for name, number in task.counters().items()}
