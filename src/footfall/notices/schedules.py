"""The scheduled reports of each project: kept, made when they are due, and handed to the outbox."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec
from msgspec import structs
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from footfall.dashboards import Question
from footfall.errors import BadRequest, Conflict, FootfallError, NotFound
from footfall.events.time import write_time
from footfall.notices.asking import Answer
from footfall.notices.desk import Desk
from footfall.notices.hours import due, next_due, span
from footfall.notices.models import Draft, Kind, Message, Schedule, checked_emails, checked_name
from footfall.notices.receivers import NOWHERE, targets
from footfall.notices.reporting import lateness, report
from footfall.store import models
from footfall.store.secrets import new_id

_LOG = logging.getLogger(__name__)
MOST: Final = 50
"""Schedules of one project."""
_LOOK_US: Final = 30_000_000
_AGAIN_US: Final = 60_000_000
"""When a report is tried again that could not be made."""


class Scheduled(NamedTuple):
    """A schedule and how it stands."""

    schedule_id: str
    project_id: str
    schedule: Schedule
    created_us: int
    reported_us: int
    next_us: int
    error: str | None


class Schedules:
    """All schedules of one control database; every method may be called from any thread."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.number = 0
        """How many there were when they were looked at last."""
        self._next_us = 0
        self._later: dict[str, int] = {}
        """{schedule: when it is tried again after a failure}."""

    def listed(self, project_id: str) -> list[Scheduled]:
        """A project's schedules, oldest first."""
        wanted = select(models.Schedule).where(models.Schedule.project_id == project_id)
        with self._desk.store.transaction() as session:
            rows = session.scalars(wanted.order_by(models.Schedule.created_us, models.Schedule.id)).all()
        return [self._scheduled(row) for row in rows]

    def found(self, project_id: str, schedule_id: str) -> Scheduled:
        """One schedule. Raises `NotFound`."""
        with self._desk.store.transaction() as session:
            return self._scheduled(_row(session, project_id, schedule_id))

    def add(self, project_id: str, schedule: Schedule, url: str | None) -> tuple[Scheduled, str | None]:
        """Send it from now on; with the key of the webhook's signature, if it has one. Raises what is wrong with it."""
        schedule_id, now_us = new_id("sched"), self._desk.now_us()
        webhook = self._desk.receivers.kept(url, project_id, schedule_id)
        checked = self._checked(project_id, structs.replace(schedule, webhook=webhook.shown))
        row = models.Schedule(
            id=schedule_id,
            project_id=project_id,
            content=msgspec.to_builtins(checked),
            webhook=webhook.sealed,
            created_us=now_us,
            reported_us=now_us,
        )
        with self._desk.store.transaction() as session:
            mine = select(func.count()).where(models.Schedule.project_id == project_id)
            if (session.scalar(mine) or 0) >= MOST:
                raise Conflict(f"project {project_id!r} has {MOST} schedules; remove one first")
            session.add(row)
        self._next_us = 0
        return self.found(project_id, schedule_id), webhook.secret

    def change(
        self, project_id: str, schedule_id: str, schedule: Schedule, url: str | None = None
    ) -> tuple[Scheduled, str | None]:
        """Give it another content; its next report is the first one due from now on.

        With `url` it has a new webhook, and its key comes back.
        """
        webhook = NOWHERE if url is None else self._desk.receivers.kept(url, project_id, schedule_id)
        wanted = schedule if url is None else structs.replace(schedule, webhook=webhook.shown)
        checked = self._checked(project_id, wanted)
        with self._desk.store.transaction() as session:
            row = _row(session, project_id, schedule_id)
            row.content, row.reported_us, row.error = msgspec.to_builtins(checked), self._desk.now_us(), None
            row.webhook = None if checked.webhook is None else webhook.sealed or row.webhook
        self._next_us = 0
        return self.found(project_id, schedule_id), webhook.secret

    def remove(self, project_id: str, schedule_id: str) -> None:
        """Send it no more, and forget what was sent. Raises `NotFound`."""
        with self._desk.store.transaction() as session:
            session.delete(_row(session, project_id, schedule_id))
            self._desk.outbox.forget(session, schedule_id)

    def send(self, project_id: str, schedule_id: str) -> str:
        """Send the report as if it were due now, once more; the notice's id. Raises `NotFound`."""
        found = self.found(project_id, schedule_id)
        told = self._report(found, self._desk.now_us(), None)
        with self._desk.store.transaction() as session:
            notice_id = self._tell(session, found, Kind.TEST, told, self._desk.now_us(), hold=True)
        self._desk.outbox.send_now(notice_id)
        return notice_id

    def look(self, beat: Callable[[], None]) -> None:
        """Make the reports that are due, each by itself: none stops another."""
        now_us = self._desk.now_us()
        if now_us < self._next_us:
            return
        self._next_us = now_us + _LOOK_US
        with self._desk.store.transaction() as session:
            rows = session.scalars(select(models.Schedule)).all()
        self.number = len(rows)
        for row in rows:
            beat()
            found = self._scheduled(row)
            if self._later.get(row.id, found.next_us) <= now_us and found.next_us <= now_us:
                self._make(found, row.content)
            else:
                self._next_us = min(self._next_us, self._later.get(row.id, found.next_us))

    def _make(self, found: Scheduled, content: dict[str, object]) -> None:
        """Make the report that is due; it is kept together with the note that it was."""
        self._later.pop(found.schedule_id, None)
        zone, now_us = self._desk.store.days(found.project_id).zone, self._desk.now_us()
        now_due = due(found.schedule, zone, found.reported_us, now_us)
        assert now_due is not None
        told, error = None, None
        try:
            told = self._report(found, now_due.at_us, lateness(now_due, now_us, zone))
        except FootfallError as fault:
            error = fault.detail
        except Exception as fault:  # noqa: BLE001 - a defect in one must not stop the others
            _LOG.exception("a report could not be made", extra={"schedule": found.schedule_id})
            error = f"a defect: {type(fault).__name__}"
        with self._desk.store.transaction() as session:
            row = session.get(models.Schedule, found.schedule_id)
            if row is None or row.content != content:  # removed or changed meanwhile
                return
            row.error = error
            if told is None:
                self._later[row.id] = now_us + _AGAIN_US
                return
            row.reported_us = now_due.at_us
            self._tell(session, found, Kind.REPORT, told, now_due.at_us)

    def _tell(
        self, session: Session, found: Scheduled, kind: Kind, told: Message, at_us: int, *, hold: bool = False
    ) -> str:
        name, late = found.schedule.name, len(told.lead) > 1
        about: dict[str, str | float | bool | None] = {"name": name, "due": write_time(at_us), "late": late}
        draft = Draft(found.schedule_id, kind, told, about, targets(found.schedule))
        return self._desk.outbox.put(session, draft, hold=hold)

    def _report(self, found: Scheduled, at_us: int, late: str | None) -> Message:
        def ask(question: Question) -> Answer:
            return self._desk.ask(found.project_id, question)

        zone = self._desk.store.days(found.project_id).zone
        days = span(found.schedule.every, zone, at_us)
        book = self._desk.dashboards.book(found.project_id)
        return report(found.schedule, book, days, found.project_id, zone=zone, ask=ask, late=late)

    def _checked(self, project_id: str, schedule: Schedule) -> Schedule:
        """The schedule, if what it sends is there and somebody is to be told."""
        checked = structs.replace(schedule, name=checked_name(schedule.name), emails=checked_emails(schedule.emails))
        try:
            self._desk.dashboards.definition(project_id, checked.what, checked.definition)
        except NotFound as error:
            raise BadRequest(f"definition: {error.detail}") from error
        if not checked.emails and checked.webhook is None:
            raise BadRequest("emails: to whom? Give addresses, a webhook, or both")
        self._desk.receivers.require_mail(checked.emails)
        return checked

    def _scheduled(self, row: models.Schedule) -> Scheduled:
        schedule = msgspec.convert(row.content, Schedule)
        return Scheduled(
            schedule_id=row.id,
            project_id=row.project_id,
            schedule=schedule,
            created_us=row.created_us,
            reported_us=row.reported_us,
            next_us=next_due(schedule, self._desk.store.days(row.project_id).zone, row.reported_us),
            error=row.error,
        )


def _row(session: Session, project_id: str, schedule_id: str) -> models.Schedule:
    row = session.get(models.Schedule, schedule_id)
    if row is None or row.project_id != project_id:
        raise NotFound(f"project {project_id!r} has no schedule {schedule_id!r}; `footfall schedules list` shows them")
    return row
