"""Ctrl-C as a wish that is asked for, where an exception in the middle of a wait would break what waits."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """While this lasts, the first Ctrl-C is only noted; yields what tells whether it came. The second one raises.

    `KeyboardInterrupt` out of `Event.wait` or `Thread.join` can leave their locks wrong (CPython's bpo-45274).
    """
    noted = False

    def note(_number: int, _frame: FrameType | None) -> None:
        nonlocal noted
        noted = True
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield lambda: noted
    finally:
        signal.signal(signal.SIGINT, before)
