"""Collectors as processes of their own: started, watched, started again, told what they need, ended with the owner.

What they collect is stored here, by the process that owns the folder; what they are asked beside that is answered here.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, Process
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import Any, Final, Self

from footfall.collect.frames import (
    BUFFERED,
    SOCKET,
    Answered,
    Call,
    Counted,
    Fault,
    Frame,
    Frames,
    Hello,
    Known,
    Listening,
    Payload,
    Pressure,
    Refused,
    Setup,
    Stop,
    Stored,
    listening,
)
from footfall.errors import FootfallError, Unavailable
from footfall.events.record import encode_together
from footfall.journal.base import Journal
from footfall.journal.group import GroupCommit
from footfall.node.calls import Application, answer, see_off
from footfall.node.health import Problem

_LOG = logging.getLogger(__name__)
_PROGRAM: Final = "footfall.cli.collector"
_START_SECONDS: Final = 30.0
_ANSWER_SECONDS: Final = 20.0
"""How long calls that are being answered may take once all is to end."""
_STOP_SECONDS: Final = 25.0
"""How long a collector may take to answer what it has begun; it gives up by itself before."""
_LOOK_SECONDS: Final = 0.05
"""How often it is looked whether keys or pressure have changed."""
_SILENT_SECONDS: Final = 1.5
"""A collector that has given no sign of life for this long is stalled; `/ready` says so within two seconds."""
_LOST_SECONDS: Final = 15.0
"""One that has been silent for this long is killed."""
_PAUSE_SECONDS: Final = (0.25, 5.0)
"""Before a collector is started again: at first, and at most, when it dies again and again."""


class Collectors:
    """So many processes that share a port, for as long as the block lasts; kept by one event loop.

    Args:
        folder: the data folder, where their socket is made.
        number: how many.
        setup: what each of them is told first.
        known: what changes: keys and currencies; the same object as long as it is the same.
        pressure: why nothing can be taken at the moment, if so.
        journal: where the payloads go.
        application: answers everything that is not for the door.
    """

    def __init__(
        self,
        folder: Path,
        number: int,
        setup: Setup,
        *,
        known: Callable[[], Known],
        pressure: Callable[[], FootfallError | None],
        journal: Journal,
        application: Application,
    ) -> None:
        self._path = folder / SOCKET
        self._setup = setup
        self._known = known
        self._pressure = pressure
        self._application = application
        self._commit = GroupCommit(journal, _encode, max_pending_bytes=number * setup.pending_bytes)
        self._members = {place: Member(place) for place in range(1, number + 1)}
        self._tasks: set[asyncio.Task[None]] = set()
        self._calls = 0
        self._called = asyncio.Event()
        """Set whenever a call has ended."""
        self._stopping = False
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        """Start them, and wait until every one takes connections; raises `Unavailable` when one does not."""
        self._server = await asyncio.start_unix_server(self._connected, sock=listening(self._path), limit=BUFFERED)
        for member in self._members.values():
            self._begin(self._keep(member))
        try:
            async with asyncio.timeout(_START_SECONDS):
                await asyncio.gather(*(member.settled.wait() for member in self._members.values()))
        except TimeoutError:
            pass
        if trouble := self._troubles():
            await self.stop()
            raise Unavailable(f"{trouble[0]}; the log says why")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Let them answer what they have begun, and end."""
        self._stopping = True
        for member in self._members.values():
            member.stop()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_ANSWER_SECONDS):
                while self._calls:
                    self._called.clear()
                    await self._called.wait()
        for member in self._members.values():
            member.say(Answered())
        ended = [asyncio.create_task(member.process.wait()) for member in self._members.values() if member.process]
        if ended:
            _, late = await asyncio.wait(ended, timeout=_STOP_SECONDS)
            for member in self._members.values() if late else ():
                member.kill()
            await asyncio.wait(ended)
        for task in tuple(self._tasks):
            task.cancel()
        if self._server is not None:
            self._server.close()
        self._path.unlink(missing_ok=True)
        await asyncio.to_thread(self._commit.close)

    def problems(self) -> list[Problem]:
        """What is wrong with a collector, or with the journal that they write to."""
        trouble = self._commit.healthy()
        return [
            *(Problem("collector", trouble) for trouble in self._troubles()),
            *([Problem("journal", trouble)] if trouble else []),
        ]

    def counters(self) -> Mapping[str, int | float]:
        """The sums of what all collectors have done, those that have ended included, as `Node.counters` names it."""
        told = reduce(_sum, (member.told() for member in self._members.values()))
        return {
            "journal_pending_bytes": self._commit.pending_bytes,
            "journal_commit_seconds": self._commit.last_commit_seconds,
            "journal_failures_total": self._commit.failures,
            "door_accepted_total": told.accepted,
            "door_body_bytes_total": told.body_bytes,
            **{f"door_answers_{status}_total": number for status, number in told.requests.items()},
        }

    def _troubles(self) -> list[str]:
        return [trouble for member in self._members.values() if (trouble := member.trouble())]

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # One collector.

    async def _keep(self, member: Member) -> None:
        """Start it, and start it again whenever it ends."""
        pause = _PAUSE_SECONDS[0]
        while not self._stopping:
            await member.run(str(self._path.absolute()))
            if self._stopping:
                return
            _LOG.error("%s; it is started again", member.died)
            pause = _PAUSE_SECONDS[0] if member.listened else min(2 * pause, _PAUSE_SECONDS[1])
            await asyncio.sleep(pause)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        collector = Frames(reader, writer)
        try:
            match await collector.next():
                case Hello() as hello:
                    await self._link(hello, collector)
                case Call() as call:
                    await self._answer(call, collector)
        except Exception:  # noqa: BLE001 - whatever it was, it is this connection's alone
            _LOG.exception("a connection of a collector failed")
        finally:
            collector.close()

    async def _answer(self, call: Call, collector: Frames) -> None:
        self._calls += 1
        try:
            whole = await answer(self._application, call, collector)
        except ConnectionError:  # the collector has gone, or its client
            whole = False
        finally:
            self._calls -= 1
            self._called.set()
        if whole:
            await see_off(collector)

    async def _link(self, hello: Hello, collector: Frames) -> None:
        member = self._members.get(hello.number)
        if member is None or not member.is_process(hello.pid):
            return
        collector.say(self._setup)
        telling = self._begin(self._tell(collector))
        member.link = collector
        try:
            while (frame := await collector.next()) is not None:
                match frame:
                    case Payload():
                        self._begin(self._store(frame, collector))
                    case Counted() | Listening():
                        member.heard(frame)
        finally:
            telling.cancel()
            member.link = None

    async def _tell(self, collector: Frames) -> None:
        """Say what is known and whether there is pressure, and again whenever it has changed."""
        said: tuple[Known | None, Pressure | None] = (None, None)
        while True:
            error = self._pressure()
            known, pressure = self._known(), Pressure(Fault.of(error) if error else None)
            if known is not said[0]:
                collector.say(known)
            if pressure != said[1]:
                collector.say(pressure)
            said = known, pressure
            await asyncio.sleep(_LOOK_SECONDS)

    async def _store(self, payload: Payload, collector: Frames) -> None:
        try:
            offset = await self._commit.commit(payload, size=len(payload.content), traces=payload.traces)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
            collector.say(Refused(payload.number, Fault.of(error)))
        else:
            collector.say(Stored(payload.number, offset))


class Member:
    """One of the collectors: the process that is this one at the moment, and what those before it have done."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._past = Counted(0, 0, {})
        self._counted = Counted(0, 0, {})
        self._heard = time.monotonic()
        self.process: Process | None = None
        self.link: Frames | None = None
        self.settled = asyncio.Event()
        """Set when it has listened or died for the first time."""
        self.listened = False
        """Whether the process takes connections, or did in its life."""
        self.died = ""
        """How the process before this one ended."""

    async def run(self, path: str) -> None:
        """Start a process and return when it has ended; one that is silent for too long is killed."""
        self.listened, self._heard = False, time.monotonic()
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, *_safe_path(), "-m", _PROGRAM, path, str(self._number)), stdin=DEVNULL, stdout=DEVNULL
        )
        ending = asyncio.create_task(self.process.wait())
        while not (await asyncio.wait([ending], timeout=1.0))[0]:
            if time.monotonic() - self._heard > (_LOST_SECONDS if self.listened else _START_SECONDS):
                self.kill()
        self.died = f"collector {self._number} has ended: {_how(ending.result())}"
        self.process = None
        self._past = _sum(self._past, self._counted)
        self._counted = Counted(0, 0, {})
        self.settled.set()

    def is_process(self, pid: int) -> bool:
        """Whether this collector's process is that one."""
        return self.process is not None and self.process.pid == pid

    def heard(self, frame: Counted | Listening) -> None:
        """Take what it says of itself."""
        self._heard = time.monotonic()
        if isinstance(frame, Counted):
            self._counted = frame
        else:
            self.listened, self.died = True, ""
            self.settled.set()

    def told(self) -> Counted:
        """What its processes have done, one after the other."""
        return _sum(self._past, self._counted)

    def trouble(self) -> str | None:
        """Why it does not do its work; None when it does."""
        silent = time.monotonic() - self._heard
        if self.died:
            return self.died
        if not self.listened:
            return f"collector {self._number} is starting"
        return f"collector {self._number}: no sign of life for {silent:.1f} s" if silent > _SILENT_SECONDS else None

    def stop(self) -> None:
        """Ask it to end."""
        self.say(Stop())
        if self.link is None and self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.terminate()

    def say(self, frame: Frame) -> None:
        """Tell it something, if it can be reached."""
        if self.link is not None:
            self.link.say(frame)

    def kill(self) -> None:
        """End it."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()


def _sum(one: Counted, other: Counted) -> Counted:
    requests = Counter(one.requests) + Counter(other.requests)
    return Counted(one.accepted + other.accepted, one.body_bytes + other.body_bytes, requests)


def _encode(payloads: Sequence[Payload]) -> tuple[bytes, int]:
    """The payload of a commit that several collectors share (`journal.group.Encode`)."""
    content = encode_together([payload.content for payload in payloads])
    return content, sum(payload.events for payload in payloads)


def _safe_path() -> Sequence[str]:
    """The option that keeps what lies in the present folder from being imported, unless it is imported here too."""
    return () if str(Path.cwd()) in sys.path else ("-P",)


def _how(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
