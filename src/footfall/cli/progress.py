"""The progress bar of commands that take long: on a terminal, on standard error; nothing where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from footfall.cli.show import console


class Show(Protocol):
    """Moves the bar."""

    def __call__(
        self, done: float, size: float | None, /, *, count: int | None = None, doing: str | None = None
    ) -> None:
        """So much is done of `size` (None: nobody knows); `count` units are told, `done` itself without one."""
        ...


@contextmanager
def progress_bar(doing: str, unit: str) -> Iterator[Show]:
    """A bar that says what is done, how many of `unit`, and how long the rest may take; it is gone in the end."""
    out = console(errors=True)
    if not out.is_terminal:
        yield _nothing
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    told = TextColumn(f"{{task.fields[count]:,}} {unit}")
    columns = (TextColumn("{task.description}"), BarColumn(), told, TimeRemainingColumn())
    with Progress(*columns, console=out, transient=True) as bars:
        task = bars.add_task(doing, total=None, count=0)

        def show(done: float, size: float | None, /, *, count: int | None = None, doing: str | None = None) -> None:
            told_of = int(done) if count is None else count
            bars.update(task, completed=done, total=size, count=told_of, description=doing)

        yield show


def _nothing(_done: float, _size: float | None, /, *, count: int | None = None, doing: str | None = None) -> None:
    """Nobody looks."""
