"""`/v1/watches` and `/v1/schedules`: made, changed, tried, and what was told because of them."""

from __future__ import annotations

from typing import Annotated, Final, Protocol

from fastapi import APIRouter, Path, Query

from footfall.notices.asking import Ask
from footfall.notices.service import Notices
from footfall.notices.shapes import (
    History,
    MadeSchedule,
    MadeWatch,
    NewSchedule,
    NewWatch,
    NoticeItem,
    ScheduleChange,
    ScheduleItem,
    ScheduleList,
    WatchChange,
    WatchItem,
    WatchList,
    notice_item,
    schedule_item,
    schedule_of,
    schedule_with,
    watch_item,
    watch_of,
    watch_with,
)
from footfall.settings import Settings
from footfall.store.access import Permission
from footfall.store.guard import ProjectOf, needs
from footfall.store.sealing import Sealer
from footfall.store.store import Store

_READ: Final = [needs(Permission.READ)]
_MANAGE: Final = [needs(Permission.MANAGE)]
_Id = Annotated[str, Path(max_length=64, description="Its id, as the list shows it.")]
_Limit = Annotated[int, Query(ge=1, le=200, description="Most notices.")]


class Attending(Protocol):
    """Who starts background tasks, and tells of them (`footfall.node.attended.Attended`)."""

    def add(self, name: str, task: Notices) -> None: ...


def notices_router(store: Store, settings: Settings, sealer: Sealer, ask: Ask, attending: Attending) -> APIRouter:
    """The routes of one data folder, whose hours are kept by whoever attends to it."""
    notices = Notices(store, settings, sealer, ask)
    attending.add("notices", notices)
    routes = APIRouter(prefix="/v1", tags=["notices"])
    _watch_routes(routes, notices)
    _schedule_routes(routes, notices)
    return routes


def _watch_routes(routes: APIRouter, notices: Notices) -> None:
    watches = notices.watches

    @routes.get("/watches", dependencies=_READ, summary="List watches")
    def list_watches(project: ProjectOf) -> WatchList:
        """With how each stands."""
        return WatchList(items=[watch_item(found) for found in watches.listed(project)])

    @routes.post("/watches", dependencies=_MANAGE, status_code=201, summary="Watch a figure")
    def add_watch(project: ProjectOf, content: NewWatch) -> MadeWatch:
        """It is judged at once, and then as often as it says, in the last bucket that is whole."""
        found, secret = watches.add(project, watch_of(content), content.webhook)
        return MadeWatch(**watch_item(found).model_dump(), secret=secret)

    @routes.get("/watches/{watch_id}", dependencies=_READ, summary="How a watch stands")
    def show_watch(project: ProjectOf, watch_id: _Id) -> WatchItem:
        """Its rule, its figure and its state."""
        return watch_item(watches.found(project, watch_id))

    @routes.patch("/watches/{watch_id}", dependencies=_MANAGE, summary="Change a watch")
    def change_watch(project: ProjectOf, watch_id: _Id, content: WatchChange) -> MadeWatch:
        """What is absent stays. It is then judged as a new one."""
        watch = watch_with(watches.found(project, watch_id).watch, content)
        found, secret = watches.change(project, watch_id, watch, content.webhook)
        return MadeWatch(**watch_item(found).model_dump(), secret=secret)

    @routes.delete("/watches/{watch_id}", dependencies=_MANAGE, status_code=204, summary="Remove a watch")
    def remove_watch(project: ProjectOf, watch_id: _Id) -> None:
        """What it had still to tell is not told."""
        watches.remove(project, watch_id)

    @routes.post("/watches/{watch_id}/test", dependencies=_MANAGE, summary="Tell a watch's receivers how it stands")
    def test_watch(project: ProjectOf, watch_id: _Id) -> NoticeItem:
        """At once; the answer says who took it."""
        notice_id = watches.test(project, watch_id)
        return _told(notices, project, watch_id, notice_id)

    @routes.get("/watches/{watch_id}/history", dependencies=_READ, summary="What was told because of a watch")
    def watch_history(project: ProjectOf, watch_id: _Id, limit: _Limit = 50) -> History:
        """The newest notices, and who took them."""
        watches.found(project, watch_id)
        return _history(notices, project, watch_id, limit)


def _schedule_routes(routes: APIRouter, notices: Notices) -> None:
    schedules = notices.schedules

    @routes.get("/schedules", dependencies=_READ, summary="List scheduled reports")
    def list_schedules(project: ProjectOf) -> ScheduleList:
        """With when each is due next."""
        return ScheduleList(items=[schedule_item(found) for found in schedules.listed(project)])

    @routes.post("/schedules", dependencies=_MANAGE, status_code=201, summary="Schedule a report")
    def add_schedule(project: ProjectOf, content: NewSchedule) -> MadeSchedule:
        """A saved question or a dashboard, sent every day, week or month."""
        found, secret = schedules.add(project, schedule_of(content), content.webhook)
        return MadeSchedule(**schedule_item(found).model_dump(), secret=secret)

    @routes.get("/schedules/{schedule_id}", dependencies=_READ, summary="How a schedule stands")
    def show_schedule(project: ProjectOf, schedule_id: _Id) -> ScheduleItem:
        """What it sends, to whom, and when next."""
        return schedule_item(schedules.found(project, schedule_id))

    @routes.patch("/schedules/{schedule_id}", dependencies=_MANAGE, summary="Change a schedule")
    def change_schedule(project: ProjectOf, schedule_id: _Id, content: ScheduleChange) -> MadeSchedule:
        """What is absent stays. The next report is the first one due from now on."""
        schedule = schedule_with(schedules.found(project, schedule_id).schedule, content)
        found, secret = schedules.change(project, schedule_id, schedule, content.webhook)
        return MadeSchedule(**schedule_item(found).model_dump(), secret=secret)

    @routes.delete("/schedules/{schedule_id}", dependencies=_MANAGE, status_code=204, summary="Remove a schedule")
    def remove_schedule(project: ProjectOf, schedule_id: _Id) -> None:
        """What it had still to send is not sent."""
        schedules.remove(project, schedule_id)

    @routes.post("/schedules/{schedule_id}/send", dependencies=_MANAGE, summary="Send a scheduled report now")
    def send_schedule(project: ProjectOf, schedule_id: _Id) -> NoticeItem:
        """Once more than its hours say; the answer says who took it."""
        notice_id = schedules.send(project, schedule_id)
        return _told(notices, project, schedule_id, notice_id)

    @routes.get("/schedules/{schedule_id}/history", dependencies=_READ, summary="Reports that were sent")
    def schedule_history(project: ProjectOf, schedule_id: _Id, limit: _Limit = 50) -> History:
        """The newest ones, and who took them."""
        schedules.found(project, schedule_id)
        return _history(notices, project, schedule_id, limit)


def _history(notices: Notices, project: str, source_id: str, limit: int) -> History:
    return History(items=[notice_item(told) for told in notices.outbox.history(project, source_id, limit)])


def _told(notices: Notices, project: str, source_id: str, notice_id: str) -> NoticeItem:
    found = notices.outbox.history(project, source_id, 200)
    return next(notice_item(told) for told in found if told.notice_id == notice_id)
