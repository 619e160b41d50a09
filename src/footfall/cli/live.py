"""The live feed as commands read it: messages of `/v1/live` from a running server, across breaks of the connection."""

from __future__ import annotations

import http.client
import json
import random
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from footfall.cli.client import Answer, listening_at, refused, seconds_of, token_of
from footfall.cli.connecting import connection
from footfall.errors import Unavailable

_SILENCE_SECONDS = 40.0
"""More than two heartbeats: a server that is silent for so long is not there any more."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0
_FOR_GOOD = range(400, 429)
"""Answers that another try will not change."""


class Told(NamedTuple):
    """One message: `class`, `alert`, `counters` or `gap`, and what it says."""

    event: str
    data: dict[str, Any]


class LiveFeed:
    """Iterates over what a server tells, for ever: a connection that is lost is made again, and goes on where it was.

    One thread iterates; `close` may be called from any, and ends the iteration.
    """

    def __init__(
        self, find: Callable[[], str | None], token: str, *, project: str | None = None, events: Sequence[str] = ()
    ) -> None:
        """`find` says where the server answers, before each try; without `events` all kinds are told."""
        self._find = find
        self._headers = {"authorization": f"Bearer {token}"}
        given = {"project": project, "events": ",".join(events) or None}
        query = urlencode({name: value for name, value in given.items() if value is not None})
        self._target = "/v1/live" + (f"?{query}" if query else "")
        self._closed = threading.Event()
        self._socket: socket.socket | None = None

    def __iter__(self) -> Iterator[Told]:
        """Messages as they come; raises `Refused` when the server says that this may not be listened to."""
        pause = _FIRST_PAUSE
        while not self._closed.is_set():
            asked = 0.0
            try:
                for told in self._connected():
                    pause = _FIRST_PAUSE
                    yield told
            except Unavailable as error:
                asked = error.retry_after or 0.0
            except (OSError, http.client.HTTPException, ValueError):  # lost, or cut off within a line
                pass
            self._closed.wait(max(asked, pause * random.uniform(0.5, 1.0)))  # noqa: S311 - so that not all come at once
            pause = min(2 * pause, _LONGEST_PAUSE)

    def close(self) -> None:
        """End the iteration, even while it waits for a message."""
        self._closed.set()
        if (connected := self._socket) is not None:
            with suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)

    def _connected(self) -> Iterator[Told]:
        """The messages of one connection, until it ends."""
        address = self._find()
        if address is None:
            return
        made = connection(address, timeout=_SILENCE_SECONDS)
        try:
            made.connect()
            self._socket = made.sock
            if not self._closed.is_set():
                yield from self._answered(made)
        finally:
            self._socket = None
            made.close()

    def _answered(self, made: http.client.HTTPConnection) -> Iterator[Told]:
        made.request("GET", self._target, headers=self._headers)
        response = made.getresponse()
        if response.status != http.HTTPStatus.OK:
            answer = Answer(response.status, response.read(), seconds_of(response.headers.get("retry-after")))
            if response.status in _FOR_GOOD:
                raise refused(answer)
            raise Unavailable(f"the server answered {answer.status}", retry_after=answer.retry_after)
        for event_id, event, data in read_events(iter(response.readline, b"")):
            if event_id:
                self._headers["last-event-id"] = event_id
            if data and not self._closed.is_set():
                yield Told(event, json.loads(data))


def live_feed(folder: Path, *, project: str | None = None, events: Sequence[str] = ()) -> LiveFeed:
    """What the server that owns the data folder tells; raises `Unavailable` when there is none."""
    if listening_at(folder) is None:
        raise Unavailable(f"no server runs on {folder}, and only a server has a live feed: start one, `footfall serve`")
    return LiveFeed(partial(listening_at, folder), token_of(folder), project=project, events=events)


def read_events(lines: Iterable[bytes]) -> Iterator[tuple[str, str, str]]:
    r"""(id, event, data) of each block of an event stream; one may have an id alone. A block that is cut off is none.

    As the HTML standard has it ("Server-sent events"), but for lines that end with a lone CR.

    >>> list(read_events([b"id: 7\n", b"\n", b"event: class\n", b"data: 1\n", b"data: 2\n", b": hum\n", b"\n"]))
    [('7', '', ''), ('', 'class', '1\n2')]
    """
    fields: dict[str, str] = {}
    data: list[str] = []
    for line in lines:
        name, _, value = line.decode().rstrip("\r\n").partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            data.append(value)
        elif name:
            fields[name] = value
        elif not line.strip() and (fields or data):
            yield fields.get("id", ""), fields.get("event", ""), "\n".join(data)
            fields, data = {}, []
