"""ASGI calls to the application in this process: how a command reaches a folder that no server owns."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, TypeAlias
from urllib.parse import unquote

from footfall.cli.client import Answer, Sink, seconds_of

Message: TypeAlias = MutableMapping[str, Any]
App: TypeAlias = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]


class OneLine(logging.Formatter):
    """A log record as a command tells it: one line, without the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """`footfall: ` and the message."""
        return f"footfall: {' '.join(record.getMessage().split())}"


def log_in_lines() -> None:
    """Tell warnings of the opened folder in lines on standard error, unless `--debug` shows all of the log."""
    root = logging.getLogger()
    if not root.handlers:
        lines = logging.StreamHandler()
        lines.setFormatter(OneLine())
        lines.setLevel(logging.WARNING)
        root.addHandler(lines)


class InProcess:
    """ASGI calls to an application in this process, on an event loop in a thread of its own."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="footfall-in-process", daemon=True)
        self._thread.start()

    def send(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, sink: Sink | None = None
    ) -> Answer:
        called = self._call(method, target, headers, body, sink)
        return asyncio.run_coroutine_threadsafe(called, self._loop).result()

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._loop.shutdown_default_executor(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _call(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, sink: Sink | None
    ) -> Answer:
        path, _, query = target.partition("?")
        sent = False
        status, retry_after = 0, None
        parts: list[bytes] = []
        refused: Exception | None = None

        async def receive() -> Message:
            nonlocal sent
            if sent:
                await asyncio.Event().wait()  # the caller stays until it has the answer
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status, retry_after, refused
            if message["type"] == "http.response.start":
                status = message["status"]
                retry_after = seconds_of(dict(message["headers"]).get(b"retry-after", b"").decode())
            elif message["type"] == "http.response.body":
                piece = message.get("body", b"")
                if sink is None or status >= 400:
                    parts.append(piece)
                elif piece:
                    try:
                        await asyncio.to_thread(sink, piece)
                    except Exception as error:
                        refused = error
                        raise

        try:
            await self._app(_scope(method, path, query, headers, len(body)), receive, send)
        except Exception:
            if refused is not None:
                raise refused from None
            if not status:  # else the defect has been answered, and is raised for the server's log
                raise
        return Answer(status, b"".join(parts), retry_after)


def _scope(method: str, path: str, query: str, headers: Mapping[str, str], length: int) -> Message:
    stated = {"host": "in-process", "content-length": str(length), **headers}
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in stated.items()],
        "client": ("127.0.0.1", 0),
        "server": ("in-process", None),
    }
