"""The watches of each project: kept, judged when it is time, and what is to be told of them handed to the outbox."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec
from msgspec import structs
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from footfall.dashboards import Question, SavedQuestion, What
from footfall.errors import BadRequest, Conflict, FootfallError, NotFound, Unavailable
from footfall.notices.asking import Answer, bucket_of, check, read
from footfall.notices.desk import Desk
from footfall.notices.models import Draft, Kind, Standing, Watch, checked_emails, checked_name
from footfall.notices.receivers import NOWHERE, targets
from footfall.notices.rules import Reading, check_bound, failed, judged, message
from footfall.store import models
from footfall.store.secrets import new_id

_LOG = logging.getLogger(__name__)
MOST: Final = 100
"""Watches of one project."""
_MINUTE_US: Final = 60_000_000
_AGAIN_US: Final = 15_000_000
"""When a watch is judged again that could not be because of the moment."""
_LOOK_US: Final = 60_000_000


class Watched(NamedTuple):
    """A watch and how it stands."""

    watch_id: str
    project_id: str
    watch: Watch
    standing: Standing
    created_us: int


class Watches:
    """All watches of one control database; every method may be called from any thread."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.number = 0
        """How many there were when they were looked at last."""
        self._next_us = 0
        self._sooner: dict[str, int] = {}
        """{watch: when it is judged again after a failure of the moment}."""

    def listed(self, project_id: str) -> list[Watched]:
        """A project's watches, oldest first."""
        wanted = select(models.Watch).where(models.Watch.project_id == project_id)
        with self._desk.store.transaction() as session:
            rows = session.scalars(wanted.order_by(models.Watch.created_us, models.Watch.id)).all()
        return [self._watched(row) for row in rows]

    def found(self, project_id: str, watch_id: str) -> Watched:
        """One watch. Raises `NotFound`."""
        with self._desk.store.transaction() as session:
            return self._watched(_row(session, project_id, watch_id))

    def add(self, project_id: str, watch: Watch, url: str | None) -> tuple[Watched, str | None]:
        """Watch from now on; with the key of the webhook's signature, if it has one. Raises what is wrong with it."""
        watch_id = new_id("watch")
        webhook = self._desk.receivers.kept(url, project_id, watch_id)
        checked = self._checked(project_id, structs.replace(watch, webhook=webhook.shown))
        row = models.Watch(
            id=watch_id,
            project_id=project_id,
            content=msgspec.to_builtins(checked),
            standing=msgspec.to_builtins(Standing()),
            webhook=webhook.sealed,
            created_us=self._desk.now_us(),
        )
        with self._desk.store.transaction() as session:
            mine = select(func.count()).where(models.Watch.project_id == project_id)
            if (session.scalar(mine) or 0) >= MOST:
                raise Conflict(f"project {project_id!r} has {MOST} watches; remove one first")
            session.add(row)
        self._next_us = 0
        return self.found(project_id, watch_id), webhook.secret

    def change(
        self, project_id: str, watch_id: str, watch: Watch, url: str | None = None
    ) -> tuple[Watched, str | None]:
        """Give it another content; it stands as a new one. With `url` it has a new webhook, and its key comes back."""
        webhook = NOWHERE if url is None else self._desk.receivers.kept(url, project_id, watch_id)
        checked = self._checked(project_id, watch if url is None else structs.replace(watch, webhook=webhook.shown))
        with self._desk.store.transaction() as session:
            row = _row(session, project_id, watch_id)
            row.content = msgspec.to_builtins(checked)
            row.standing = msgspec.to_builtins(Standing())
            row.webhook = None if checked.webhook is None else webhook.sealed or row.webhook
        self._next_us = 0
        return self.found(project_id, watch_id), webhook.secret

    def remove(self, project_id: str, watch_id: str) -> None:
        """Watch no more, and forget what was told of it. Raises `NotFound`."""
        with self._desk.store.transaction() as session:
            session.delete(_row(session, project_id, watch_id))
            self._desk.outbox.forget(session, watch_id)

    def test(self, project_id: str, watch_id: str) -> str:
        """Tell its receivers how it stands now; the notice's id. Raises what its question raises."""
        found = self.found(project_id, watch_id)
        reading = self._reading(found)
        with self._desk.store.transaction() as session:
            notice_id = self._tell(session, found, Kind.TEST, reading, hold=True)
        self._desk.outbox.send_now(notice_id)
        return notice_id

    def look(self, beat: Callable[[], None]) -> None:
        """Judge those whose time has come, each by itself: none stops another."""
        now_us = self._desk.now_us()
        if now_us < self._next_us:
            return
        self._next_us = now_us + _LOOK_US
        with self._desk.store.transaction() as session:
            rows = session.scalars(select(models.Watch)).all()
        self.number = len(rows)
        for row in rows:
            beat()
            found = msgspec.convert(row.content, Watch), msgspec.convert(row.standing, Standing)
            if self._due_us(row.id, *found) <= now_us:
                self._judge(row)
        self._next_us = min([self._next_us, *self._nexts()])

    def _nexts(self) -> list[int]:
        with self._desk.store.transaction() as session:
            rows = session.scalars(select(models.Watch)).all()
        return [
            self._due_us(row.id, msgspec.convert(row.content, Watch), msgspec.convert(row.standing, Standing))
            for row in rows
        ]

    def _due_us(self, watch_id: str, watch: Watch, standing: Standing) -> int:
        if standing.checked_us is None:
            return 0
        return self._sooner.get(watch_id, standing.checked_us + watch.every_minutes * _MINUTE_US)

    def _judge(self, row: models.Watch) -> None:
        """Judge one; what is to be told is kept together with how it stands then."""
        self._sooner.pop(row.id, None)
        found, reading = self._watched(row), None
        try:
            reading = self._reading(found)
        except FootfallError as error:
            standing, kind = failed(found.standing, error.detail, self._desk.now_us()), None
            if isinstance(error, Unavailable):
                self._sooner[row.id] = self._desk.now_us() + _AGAIN_US
        except Exception as error:  # noqa: BLE001 - a defect in one must not stop the others
            _LOG.exception("a watch could not be judged", extra={"watch": row.id})
            standing, kind = failed(found.standing, f"a defect: {type(error).__name__}", self._desk.now_us()), None
        else:
            standing, kind = judged(found.standing, found.watch, reading, self._desk.now_us())
        with self._desk.store.transaction() as session:
            present = session.get(models.Watch, row.id)
            if present is None or present.content != row.content:  # removed or changed meanwhile
                return
            present.standing = msgspec.to_builtins(standing)
            if kind is not None and reading is not None:
                self._tell(session, found, kind, reading)

    def _tell(self, session: Session, found: Watched, kind: Kind, reading: Reading, *, hold: bool = False) -> str:
        told = message(found.watch, reading, kind, found.project_id)
        about: dict[str, str | float | bool | None] = {
            "name": found.watch.name,
            "rule": found.watch.rule.value,
            "bound": found.watch.bound,
            "bucket": reading.label,
            "value": None if reading.value is None else float(reading.value),
            "unit": reading.unit,
        }
        draft = Draft(found.watch_id, kind, told, about, targets(found.watch))
        return self._desk.outbox.put(session, draft, hold=hold)

    def _reading(self, found: Watched) -> Reading:
        def ask(question: Question) -> Answer:
            return self._desk.ask(found.project_id, question)

        days = self._desk.store.days(found.project_id)
        return read(found.watch, self._question(found.project_id, found.watch), days, self._desk.now_us(), ask)

    def _question(self, project_id: str, watch: Watch) -> Question:
        definition = self._desk.dashboards.definition(project_id, What.QUESTION, watch.question)
        assert isinstance(definition, SavedQuestion)
        return definition.asks

    def _checked(self, project_id: str, watch: Watch) -> Watch:
        """The watch, if its question has what it asks for and its receivers can be told."""
        checked = structs.replace(watch, name=checked_name(watch.name), emails=checked_emails(watch.emails))
        check_bound(checked)
        try:
            question = self._question(project_id, checked)
        except NotFound as error:
            raise BadRequest(f"question: {error.detail}") from error
        check(checked, question)
        self._desk.receivers.require_mail(checked.emails)
        return structs.replace(checked, bucket=bucket_of(checked, question))

    def _watched(self, row: models.Watch) -> Watched:
        return Watched(
            watch_id=row.id,
            project_id=row.project_id,
            watch=msgspec.convert(row.content, Watch),
            standing=msgspec.convert(row.standing, Standing),
            created_us=row.created_us,
        )


def _row(session: Session, project_id: str, watch_id: str) -> models.Watch:
    row = session.get(models.Watch, watch_id)
    if row is None or row.project_id != project_id:
        raise NotFound(f"project {project_id!r} has no watch {watch_id!r}; `footfall watches list` shows them")
    return row
