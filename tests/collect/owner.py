"""An owner of a data folder as collectors see one, without a folder: it listens, and does what a test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeAlias

from footfall.collect.frames import Call, Frames, listening
from footfall.node.calls import Application, answer, see_off

Behaviour: TypeAlias = Callable[[Frames], Awaitable[None]]


@asynccontextmanager
async def owning(path: Path, behaviour: Behaviour) -> AsyncIterator[None]:
    """Somebody listens at `path` while the block lasts, and treats every connection so."""
    treated: list[asyncio.Event] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        treated.append(over := asyncio.Event())
        collector = Frames(reader, writer)
        try:
            await behaviour(collector)
        finally:
            collector.close()
            await writer.wait_closed()
            over.set()

    server = await asyncio.start_unix_server(connected, sock=listening(path))
    try:
        yield
    finally:
        server.close()
        for over in treated:
            await over.wait()


def answering(application: Application) -> Behaviour:
    """An owner that has `application` answer every call."""

    async def behaviour(collector: Frames) -> None:
        call = await collector.next()
        assert isinstance(call, Call)
        if await answer(application, call, collector):
            await see_off(collector)

    return behaviour
