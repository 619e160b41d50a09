"""The view run without a terminal: what stands on its screen, and waiting until something does."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from footfall.cli.top.app import TopApp
from tests.cli.top.scripted import Api, Feed, counters

PATIENCE_SECONDS = 60.0


class View:
    """A running view with its pilot."""

    def __init__(self, app: TopApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def lines(self) -> list[str]:
        """The screen as text, line by line."""
        compositor = self.app.screen._compositor
        return ["".join(segment.text for segment in strip) for strip in compositor.render_strips()]

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.lines)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def shows(self, *texts: str) -> str:
        """The screen once all of `texts` stand on it."""
        return await self.until(lambda text: all(each in text for each in texts), " and ".join(texts))

    async def until(self, holds: Callable[[str], bool], what: str) -> str:
        """The screen once `holds` of it."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not holds(self.text):
            assert time.monotonic() < deadline, f"the screen does not show {what}:\n{self.text}"
            await self.pilot.pause(0.02)
        return self.text


@asynccontextmanager
async def running(app: TopApp, *, columns: int = 80, rows: int = 24) -> AsyncIterator[View]:
    """The view on a screen of so many cells."""
    async with app.run_test(size=(columns, rows)) as pilot:
        yield View(app, pilot)


@asynccontextmanager
async def scripted(feed: Feed, api: Api, *, columns: int = 80, rows: int = 24, **options: Any) -> AsyncIterator[View]:
    """A view of a made-up server which has told its first counters, once somebody listens."""
    app = TopApp(feed, api.client(), title="http://127.0.0.1:8787", **options)
    async with running(app, columns=columns, rows=rows) as view:
        feed.say("counters", **counters())
        await view.shows("● live", "all roles work", "12,345 stored", "q Quit")
        yield view


def watched(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """A test that awaits, as pytest calls tests."""

    @functools.wraps(test)
    def run(*arguments: Any, **named: Any) -> None:
        asyncio.run(test(*arguments, **named))

    return run
