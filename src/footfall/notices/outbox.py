"""Notices on their way: kept before they are sent, sent by threads of their own, tried again until they are taken.

What a receiver has acknowledged is never sent again by this process; only a crash between the acknowledgement and its
being written down repeats a notice, under the same id.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final, NamedTuple, Protocol

import msgspec
from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from footfall.errors import FootfallError
from footfall.forward import pause_seconds
from footfall.live.role import Role
from footfall.notices.models import Channel, Delivery, Draft, Kind, Message, State, Told
from footfall.store import models
from footfall.store.secrets import new_id

KEPT: Final = 200
"""Notices of one watch or schedule that its history shows."""
GIVE_UP_US: Final = 3 * 86_400_000_000
_AT_ONCE: Final = 8
_TURN_SECONDS: Final = 0.2
_HOLD_US: Final = 60_000_000
_STOP_SECONDS: Final = 5.0
_STALL_SECONDS: Final = 60.0


class Transactions(Protocol):
    """What is needed of the control database (`footfall.store.store.Store`)."""

    def transaction(self) -> AbstractContextManager[Session]: ...


class Letter(NamedTuple):
    """One delivery that is due, with all that sending it takes."""

    delivery_id: str
    notice_id: str
    project_id: str
    source_id: str
    kind: Kind
    channel: Channel
    target: str
    attempts: int
    about: dict[str, str | float | bool | None]
    message: Message
    made_us: int


class Outcome(NamedTuple):
    """What became of one attempt."""

    state: State
    error: str | None = None
    retry_after: float | None = None


class Waiting(NamedTuple):
    """What waited a second ago."""

    deliveries: int = 0
    failing: int = 0
    """Those of them that were tried."""
    error: str | None = None
    """Why one of those failed the last time."""


Send = Callable[[Letter], Outcome]
"""One attempt, which takes half a minute at most."""


class Outbox:
    """All notices of one control database; every method may be called from any thread."""

    def __init__(self, store: Transactions, send: Send, now_us: Callable[[], int]) -> None:
        self._store = store
        self._send = send
        self._now_us = now_us
        self._lock = threading.Lock()
        self._under_way: dict[str, tuple[str, threading.Thread | None]] = {}
        """{delivery: its lane, and who sends it}: none is sent twice at once, and no lane takes all the places."""
        self._unwritten: dict[str, tuple[Letter, Outcome]] = {}
        """What was attempted while the database could not be written."""
        self._due_us = 0
        """Before then nothing is due; 0 for who does not know."""
        self.waiting = Waiting()
        self.role = Role("notices", self._turn, clock=time.monotonic, stall_seconds=_STALL_SECONDS)

    def stop(self) -> None:
        """End after the attempts under way, or leave them; what was not acknowledged is sent after the next start."""
        self.role.stop(_STOP_SECONDS)
        deadline = time.monotonic() + _STOP_SECONDS
        with self._lock:
            threads = [thread for _, thread in self._under_way.values() if thread is not None]
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def put(self, session: Session, draft: Draft, *, hold: bool = False) -> str:
        """Keep a notice within a transaction; it is on its way when that is done. Its id.

        With `hold` it waits a minute for `send_now`.
        """
        now_us = self._now_us()
        notice = models.Notice(
            id=new_id("notice"),
            project_id=draft.message.project,
            source_id=draft.source_id,
            kind=draft.kind.value,
            about=draft.about,
            message=msgspec.to_builtins(draft.message),
            made_us=now_us,
        )
        session.add(notice)
        session.flush()
        for channel, target in draft.targets:
            session.add(
                models.Delivery(
                    id=new_id("dlv"),
                    notice_id=notice.id,
                    channel=channel.value,
                    target=target,
                    state=State.WAITING.value,
                    attempts=0,
                    next_us=now_us + (_HOLD_US if hold else 0),
                )
            )
        session.flush()
        _prune(session, draft.source_id)
        self._due_us = 0
        return notice.id

    def forget(self, session: Session, source_id: str) -> None:
        """Remove all notices of a watch or schedule, sent or not."""
        session.execute(delete(models.Notice).where(models.Notice.source_id == source_id))

    def history(self, project_id: str, source_id: str, limit: int) -> list[Told]:
        """The newest notices of a watch or schedule, newest first."""
        mine = (models.Notice.project_id == project_id, models.Notice.source_id == source_id)
        wanted = (
            select(models.Notice).where(*mine).order_by(models.Notice.made_us.desc(), models.Notice.id).limit(limit)
        )
        with self._store.transaction() as session:
            notices = session.scalars(wanted).all()
            ids = [notice.id for notice in notices]
            rows = session.scalars(select(models.Delivery).where(models.Delivery.notice_id.in_(ids))).all()
        theirs: dict[str, list[Delivery]] = {notice_id: [] for notice_id in ids}
        for row in sorted(rows, key=lambda row: (row.channel, row.target)):
            theirs[row.notice_id].append(_delivery(row))
        return [
            Told(
                notice_id=notice.id,
                kind=Kind(notice.kind),
                made_us=notice.made_us,
                about=notice.about,
                deliveries=tuple(theirs[notice.id]),
            )
            for notice in notices
        ]

    def send_now(self, notice_id: str) -> None:
        """One attempt for each delivery of a notice, by whoever calls; those that fail are tried again as all are."""
        for letter in self._letters(models.Delivery.notice_id == notice_id):
            if self._claim(letter):
                self._attempt(letter)

    def turn(self) -> None:
        """Begin what is due."""
        self._write_again()
        now_us = self._now_us()
        if now_us < self._due_us:
            return
        self._due_us = now_us + 1_000_000
        self._count()
        due = (models.Delivery.next_us <= now_us) & (models.Delivery.state == State.WAITING.value)
        for letter in self._letters(due):
            with self._lock:
                lanes = [lane for lane, _ in self._under_way.values()]
                is_free = len(lanes) < _AT_ONCE and _lane(letter) not in lanes
            if is_free and self._claim(letter):
                thread = threading.Thread(target=self._attempt, args=(letter,), name="footfall-notice", daemon=True)
                with self._lock:
                    self._under_way[letter.delivery_id] = _lane(letter), thread
                thread.start()

    def _turn(self) -> None:
        try:
            self.turn()
        except FootfallError:  # the control database is away; it says so to whoever asks it
            self._due_us = 0
        self.role.pause(_TURN_SECONDS)

    def _count(self) -> None:
        with self._store.transaction() as session:
            waits = models.Delivery.state == State.WAITING.value
            count = session.scalar(select(func.count()).where(waits)) or 0
            failing = waits & models.Delivery.error.is_not(None)
            failed = session.scalar(select(func.count()).where(failing)) or 0
            last = select(models.Delivery.error).where(failing).order_by(models.Delivery.next_us.desc()).limit(1)
            self.waiting = Waiting(count, failed, session.scalar(last))

    def _letters(self, which: ColumnElement[bool]) -> list[Letter]:
        wanted = (
            select(models.Delivery, models.Notice)
            .join(models.Notice, models.Notice.id == models.Delivery.notice_id)
            .where(which, models.Delivery.state == State.WAITING.value)
            .order_by(models.Delivery.next_us, models.Delivery.id)
            .limit(10 * _AT_ONCE)
        )
        with self._store.transaction() as session:
            rows = session.execute(wanted).all()
        return [_letter(delivery, notice) for delivery, notice in rows]

    def _claim(self, letter: Letter) -> bool:
        """Whether nobody else sends it, and it was not sent since it was looked up."""
        with self._lock:
            if letter.delivery_id in self._under_way:
                return False
            self._under_way[letter.delivery_id] = _lane(letter), None
        is_waiting = False
        try:
            with self._store.transaction() as session:
                row = session.get(models.Delivery, letter.delivery_id)
                is_waiting = row is not None and row.state == State.WAITING.value and row.attempts == letter.attempts
        finally:
            if not is_waiting:
                self._release(letter)
        return is_waiting

    def _release(self, letter: Letter) -> None:
        with self._lock:
            self._under_way.pop(letter.delivery_id, None)

    def _attempt(self, letter: Letter) -> None:
        try:
            outcome = self._send(letter)
        except Exception as error:  # noqa: BLE001 - one letter that can't be written must not stop the others
            outcome = Outcome(State.WAITING, f"a defect: {type(error).__name__}")
        try:
            self._write(letter, outcome)
        except FootfallError:
            with self._lock:
                self._unwritten[letter.delivery_id] = letter, outcome  # stays claimed until that is written down
        else:
            self._release(letter)

    def _write_again(self) -> None:
        with self._lock:
            unwritten = list(self._unwritten.values())
        for letter, outcome in unwritten:
            self._write(letter, outcome)
            with self._lock:
                del self._unwritten[letter.delivery_id]
            self._release(letter)

    def _write(self, letter: Letter, outcome: Outcome) -> None:
        now_us = self._now_us()
        with self._store.transaction() as session:
            row = session.get(models.Delivery, letter.delivery_id)
            if row is None:  # its watch was removed meanwhile
                return
            row.attempts += 1
            row.error = outcome.error
            row.state = outcome.state.value
            if outcome.state is State.WAITING:
                pause = pause_seconds(row.attempts, random.random(), outcome.retry_after)  # noqa: S311 - no secret
                row.next_us = now_us + int(pause * 1_000_000)
                if row.next_us > letter.made_us + GIVE_UP_US:
                    row.state = State.GIVEN_UP.value
            if row.state != State.WAITING.value:
                row.ended_us = now_us
                session.flush()
                _let_go(session, letter.notice_id)
        self._due_us = 0


def _lane(letter: Letter) -> str:
    """There is one server for all e-mail, and one behind each webhook."""
    return letter.target if letter.channel is Channel.WEBHOOK else letter.channel.value


def _prune(session: Session, source_id: str) -> None:
    mine = models.Notice.source_id == source_id
    newest = select(models.Notice.id).where(mine).order_by(models.Notice.made_us.desc(), models.Notice.id).offset(KEPT)
    if old := session.scalars(newest).all():
        session.execute(delete(models.Notice).where(models.Notice.id.in_(old)))


def _let_go(session: Session, notice_id: str) -> None:
    """Forget what a notice said when nobody waits for it any more: its tables may name people."""
    waits = (models.Delivery.notice_id == notice_id, models.Delivery.state == State.WAITING.value)
    if not session.scalar(select(func.count()).where(*waits)):
        notice = session.get(models.Notice, notice_id)
        if notice is not None:
            notice.message = None


def _letter(delivery: models.Delivery, notice: models.Notice) -> Letter:
    return Letter(
        delivery_id=delivery.id,
        notice_id=notice.id,
        project_id=notice.project_id,
        source_id=notice.source_id,
        kind=Kind(notice.kind),
        channel=Channel(delivery.channel),
        target=delivery.target,
        attempts=delivery.attempts,
        about=notice.about,
        message=msgspec.convert(notice.message, Message),
        made_us=notice.made_us,
    )


def _delivery(row: models.Delivery) -> Delivery:
    return Delivery(
        delivery_id=row.id,
        channel=Channel(row.channel),
        target=row.target,
        state=State(row.state),
        attempts=row.attempts,
        next_us=row.next_us,
        ended_us=row.ended_us,
        error=row.error,
    )
