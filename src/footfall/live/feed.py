"""The live feed: what happened just now, for whoever listens; a bounded past of each project that somebody listens to.

Threads publish, threads and event loops listen. Nothing here knows HTTP, nor what a message says.
"""

from __future__ import annotations

import re
import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import msgspec

from footfall.errors import Unavailable

_MOST_LISTENERS = 500
_MOST_MESSAGES = 20_000
MOST_BYTES = 64_000_000
_LINGER_SECONDS = 60.0
"""How long a project's past is kept after its last listener went, who may come back."""
_MESSAGE_BYTES = 1_024
"""What a message is taken to weigh, beside what its maker says."""
_POSITION = re.compile(r"([0-9]{1,19})-([0-9]{1,19})", re.ASCII)


class Position(NamedTuple):
    """How far a listener is: it knows all of the journal before `offset`, and `told` messages of the batch up to it.

    Offsets are never given twice, whatever crashes, so neither are positions.
    """

    offset: int
    told: int

    def __str__(self) -> str:
        return f"{self.offset}-{self.told}"


def read_position(text: str) -> Position | None:
    """What `str` made of a position; None of any other text.

    >>> read_position("105-3"), read_position("105-x")
    (Position(offset=105, told=3), None)
    """
    found = _POSITION.fullmatch(text)
    return Position(int(found[1]), int(found[2])) if found else None


class Messages:
    """Some messages of one kind, made when somebody first reads them."""

    def __init__(self, kind: str, count: int, make: Callable[[], Sequence[object]], *, more_bytes: int = 0) -> None:
        """`make` gives their `count` contents, fit for JSON; `more_bytes` is the weight of long texts in them."""
        self.kind = kind
        self.count = count
        self.bytes = count * _MESSAGE_BYTES + more_bytes
        self._make = make

    @cached_property
    def written(self) -> list[bytes]:
        """Their contents as JSON, each a line."""
        return [msgspec.json.encode(content) for content in self._make()]


class Message(NamedTuple):
    """One message; who has read it stands at `position`."""

    position: Position
    kind: str
    content: bytes
    """JSON, one line."""


class Gap(NamedTuple):
    """Some messages can't be given any more; who was told so stands at `position`."""

    position: Position
    missed: int | None
    """How many; None when nobody knows."""


class Taken(NamedTuple):
    """What a listener gets at once: what it missed, if anything, and then messages in order."""

    gap: Gap | None
    messages: list[Message]


class _Piece(NamedTuple):
    before: Position
    number: int
    """Number of its first message."""
    messages: Messages

    @property
    def end(self) -> Position:
        return Position(self.before.offset, self.before.told + self.messages.count)


class _Past:
    """The newest messages of one project, numbered in their order; the feed's lock guards it."""

    def __init__(self, begin: Position) -> None:
        self.pieces: list[_Piece] = []
        self.floor = self.end = begin
        """Where who has read what is gone, and who has read everything, stands."""
        self.number = 0
        """Number of the next message."""
        self.bytes = 0
        self.listeners: set[Listener] = set()
        self.left_at = 0.0
        """When the last listener went."""

    @property
    def first(self) -> int:
        """Number of the oldest message that is kept."""
        return self.pieces[0].number if self.pieces else self.number

    def forget(self, begin: Position) -> None:
        """Start anew; every listener has missed something."""
        self.pieces.clear()
        self.floor = self.end = begin
        self.bytes = 0
        for listener in self.listeners:
            listener.next, listener.missed_unknown = self.number, True

    def add(self, offset: int, told: Sequence[Messages], *, most_bytes: int) -> None:
        for messages in told:
            before = self.end if self.end.offset == offset else Position(offset, 0)
            piece = _Piece(before, self.number, messages)
            self.pieces.append(piece)
            self.end = piece.end
            self.number += messages.count
            self.bytes += messages.bytes
        self._shorten(most_bytes)

    def _shorten(self, most_bytes: int) -> None:
        gone = 0
        for piece in self.pieces:
            if self.number - piece.number <= _MOST_MESSAGES and self.bytes <= most_bytes:
                break
            self.bytes -= piece.messages.bytes
            self.floor = piece.end
            gone += 1
        del self.pieces[:gone]

    def number_after(self, position: Position) -> int | None:
        """Number of the first message after `position`; None when some are gone, or no listener ever stood there."""
        if not self.floor <= position <= self.end:
            return None
        place = bisect_right(self.pieces, position, key=lambda piece: piece.before) - 1
        if place < 0:
            return self.first
        piece = self.pieces[place]
        same = position.offset == piece.before.offset
        return piece.number + (position.told - piece.before.told if same else piece.messages.count)

    def since(self, number: int) -> list[_Piece]:
        """The pieces that hold the messages from `number` on."""
        return self.pieces[max(bisect_right(self.pieces, number, key=lambda piece: piece.number) - 1, 0) :]


class Listener:
    """One who listens to a project; `take` may be called from one thread at a time."""

    def __init__(
        self, feed: Feed, project_id: str, past: _Past, kinds: Collection[str], wake: Callable[[], None]
    ) -> None:
        """Use `Feed.listen`."""
        self._feed = feed
        self._past = past
        self._kinds = kinds
        self.project_id = project_id
        self.wake = wake
        self.idle = False
        """Whether it has taken all there was, and is to be woken."""
        self.position = past.end
        self.next = past.number
        """Number of the message that it gets next."""
        self.missed_unknown = False
        """Whether it has to be told that it missed something, nobody knows how much."""

    def resume(self, position: Position | None) -> None:
        """Go on after `position`, if everything since is there; the feed's lock is held."""
        number = self._past.number_after(position) if position else None
        if position is None or number is None:
            self.position, self.next, self.missed_unknown = self._past.floor, self._past.first, True
        else:
            self.position, self.next = position, number

    def take(self, most: int) -> Taken:
        """At most `most` of the messages that it has not had yet, oldest first; `wake` follows when there are more."""
        with self._feed.lock:
            gap = self._gap()
            chosen = self._choose(most)
            self.idle = self.next == self._past.number
        return Taken(gap, [message for piece, begin, end in chosen for message in _read(piece, begin, end)])

    def _gap(self) -> Gap | None:
        missed = self._past.first - self.next
        if missed <= 0 and not self.missed_unknown:
            return None
        gap = Gap(self._past.floor, None if self.missed_unknown else missed)
        self.next, self.position, self.missed_unknown = self._past.first, self._past.floor, False
        return gap

    def _choose(self, most: int) -> list[tuple[_Piece, int, int]]:
        """(piece, from, to) of what is to be read; those of other kinds are passed over."""
        chosen: list[tuple[_Piece, int, int]] = []
        for piece in self._past.since(self.next) if self.next < self._past.number else ():
            if not most:
                break
            begin, end = self.next - piece.number, piece.messages.count
            if piece.messages.kind in self._kinds:
                end = min(end, begin + most)
                most -= end - begin
                chosen.append((piece, begin, end))
            self.next = piece.number + end
            self.position = Position(piece.before.offset, piece.before.told + end)
        return chosen

    def close(self) -> None:
        """Listen no more."""
        self._feed.leave(self, self._past)


def _read(piece: _Piece, begin: int, end: int) -> list[Message]:
    offset, told = piece.before
    contents = piece.messages.written[begin:end]
    return [
        Message(Position(offset, told + place), piece.messages.kind, content)
        for place, content in enumerate(contents, begin + 1)
    ]


class Feed:
    """Takes messages in order of the journal and keeps the newest of every project that somebody listens to.

    Nobody who is slow holds anybody up: who is overtaken by what is kept is told of a gap. `lock` guards all of it.
    """

    def __init__(self, *, most_bytes: int = MOST_BYTES, clock: Callable[[], float] = time.monotonic) -> None:
        """`most_bytes`: of the past of all projects together; each has its share."""
        self._most_bytes = most_bytes
        self.lock = threading.Lock()
        self.closed = False
        self._clock = clock
        self._pasts: dict[str, _Past] = {}
        self._offset = self._silent = 0
        self._listeners = 0

    def begin(self, offset: int) -> None:
        """A life of the live pass begins: what it replays, up to `offset`, is the past and is not told."""
        with self.lock:
            self._offset = self._silent = offset
            for past in self._pasts.values():
                past.forget(Position(offset + 1, 0))
            woken = self._woken(self._pasts.values())
        _wake(woken)

    def listened(self, offset: int) -> tuple[str, ...]:
        """The projects that want to be told of the batch up to `offset`, which readers are about to see."""
        if offset <= self._silent:
            return ()
        with self.lock:
            self._offset = offset
            if self._pasts:
                self._let_go()
            return tuple(self._pasts)

    def publish(self, offset: int, told: Mapping[str, Sequence[Messages]]) -> None:
        """Give what is told of the batch up to `offset`, by project, to those who listen; readers see the batch."""
        with self.lock:
            pasts = {project: past for project in told if (past := self._pasts.get(project)) is not None}
            for project, past in pasts.items():
                past.add(offset, told[project], most_bytes=self._most_bytes // len(self._pasts))
            woken = self._woken(pasts.values())
        _wake(woken)

    def listen(
        self, project_id: str, *, kinds: Collection[str], wake: Callable[[], None], after: str | None = None
    ) -> Listener:
        """Hear what is told of a project from now on, or from the position `after` on, as far as that is kept.

        `wake` is called, from any thread, when there is something to take after everything was taken. Raises
        `Unavailable` when too many listen.
        """
        with self.lock:
            if self.closed:
                raise Unavailable("the server is being stopped", retry_after=2)
            if self._listeners >= _MOST_LISTENERS:
                raise Unavailable(f"{self._listeners} clients listen already; close some", retry_after=30)
            past = self._pasts.setdefault(project_id, _Past(Position(self._offset + 1, 0)))
            listener = Listener(self, project_id, past, kinds, wake)
            if after is not None:
                listener.resume(read_position(after))
            past.listeners.add(listener)
            self._listeners += 1
        return listener

    def leave(self, listener: Listener, past: _Past) -> None:
        """`listener` has closed."""
        with self.lock:
            if listener in past.listeners:
                past.listeners.remove(listener)
                past.left_at = self._clock()
                self._listeners -= 1

    def close(self) -> None:
        """Tell every listener, by `closed`, that nothing comes any more."""
        with self.lock:
            self.closed = True
            woken = [listener for past in self._pasts.values() for listener in past.listeners]
        _wake(woken)

    def _let_go(self) -> None:
        """Forget what nobody has listened to for a while."""
        now = self._clock()
        for project, past in list(self._pasts.items()):
            if not past.listeners and now - past.left_at > _LINGER_SECONDS:
                del self._pasts[project]

    @staticmethod
    def _woken(pasts: Iterable[_Past]) -> list[Listener]:
        woken = [listener for past in pasts for listener in past.listeners if listener.idle]
        for listener in woken:
            listener.idle = False
        return woken


def _wake(listeners: Sequence[Listener]) -> None:
    for listener in listeners:
        listener.wake()
