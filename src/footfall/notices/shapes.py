"""How watches, schedules and notices look over HTTP: what may be given, and what is answered."""

from __future__ import annotations

from typing import Annotated

import msgspec
from pydantic import BaseModel, Field

from footfall.dashboards import What
from footfall.events.time import write_time
from footfall.notices.models import MOST_ADDRESSES, Bucket, Channel, Every, Kind, Rule, Schedule, State, Told, Watch
from footfall.notices.schedules import Scheduled
from footfall.notices.watches import Watched
from footfall.store.days import Weekday

_Name = Annotated[str, Field(max_length=200, description="For people; the subject of e-mail begins with it.")]
_Question = Annotated[str, Field(max_length=64, description="A saved question's id: trends, a funnel or a breakdown.")]
_RuleGiven = Annotated[Rule, Field(description="When there is something to tell.")]
_Bound = Annotated[
    float | None,
    Field(allow_inf_nan=False, description="The number that it is above or below, or percent; not for `unusual`."),
]
_BucketGiven = Annotated[
    Bucket | None, Field(description="Whose figure is judged, the last whole one; absent: a trend's unit, else a day.")
]
_Figure = Annotated[
    str | None,
    Field(
        max_length=64, description="Of a funnel `rate`, `entered`, `converted`; of a breakdown a column; no trend's."
    ),
]
_Part = Annotated[
    str | None, Field(max_length=2_000, description="A value of the split, or of the breakdown; absent: all.")
]
_EveryMinutes = Annotated[int, Field(ge=1, le=1_440, description="How often it is judged.")]
_Cooldown = Annotated[
    int, Field(ge=0, le=525_600, description="So many minutes at least lie between two notices that its rule holds.")
]
_Emails = Annotated[
    list[Annotated[str, Field(max_length=254)]],
    Field(max_length=MOST_ADDRESSES, description="Addresses; each gets an e-mail of its own."),
]
_Url = Annotated[str | None, Field(max_length=2_000, description="A webhook's URL; it is not shown again as a whole.")]


class NewWatch(BaseModel, extra="forbid"):
    """A figure to watch."""

    name: _Name
    question: _Question
    rule: _RuleGiven
    bound: _Bound = None
    bucket: _BucketGiven = None
    figure: _Figure = None
    part: _Part = None
    every_minutes: _EveryMinutes = 5
    cooldown_minutes: _Cooldown = 60
    tell_over: bool = Field(default=True, description="Whether to tell, too, when it is over.")
    emails: _Emails = []
    webhook: _Url = None


class WatchChange(BaseModel, extra="forbid"):
    """What is to be different of a watch; what is absent stays."""

    name: _Name = ""
    question: _Question = ""
    rule: _RuleGiven = Rule.ABOVE
    bound: _Bound = None
    bucket: _BucketGiven = None
    figure: _Figure = None
    part: _Part = None
    every_minutes: _EveryMinutes = 5
    cooldown_minutes: _Cooldown = 60
    tell_over: bool = True
    emails: _Emails = []
    webhook: _Url = Field(default=None, description="Another webhook, with a new secret; null: none any more.")


class WatchItem(BaseModel):
    """A watch, and how it stands."""

    id: str
    name: str
    question: str
    rule: Rule
    bound: float | None
    bucket: Bucket
    figure: str | None
    part: str | None
    every_minutes: int
    cooldown_minutes: int
    tell_over: bool
    emails: list[str]
    webhook: str | None = Field(description="Where notices are posted to, without what may be secret of it.")
    state: str = Field(description="`new`, `ok`, `alerting`, or `error`: it could not be judged.")
    error: str | None = Field(description="Why it could not be judged the last time.")
    checked: str | None = Field(description="When it was judged last; UTC.")
    judged: str | None = Field(description="Which bucket was judged last, in local time.")
    value: float | None = Field(description="Its figure; null where there was nothing to divide by.")
    compared: float | None = Field(description="The figure of the bucket before, or the median of its like.")
    unit: str = Field(description="Of both: a currency, `%`, `min`, or nothing.")
    fired: str | None = Field(description="When a notice went out last that its rule holds; UTC.")


class MadeWatch(WatchItem):
    """A watch with its webhook's secret, which is not shown again."""

    secret: str | None = Field(description="Key of `Footfall-Signature`; null without a new webhook.")


class WatchList(BaseModel):
    """A project's watches, oldest first."""

    items: list[WatchItem]


_What = Annotated[What, Field(description="What is sent.")]
_Definition = Annotated[str, Field(max_length=64, description="The id of the saved question or dashboard.")]
_EveryGiven = Annotated[Every, Field(description="The report tells of the day, seven days or month before it.")]
_Hour = Annotated[int, Field(ge=0, le=23, description="Of the project's time zone.")]
_Weekday = Annotated[Weekday, Field(description="Of a weekly one.")]
_Day = Annotated[int, Field(ge=1, le=31, description="Of a monthly one; in shorter months the last.")]


class NewSchedule(BaseModel, extra="forbid"):
    """A report to send again and again."""

    name: _Name
    what: _What
    definition: _Definition
    every: _EveryGiven
    hour: _Hour = 8
    weekday: _Weekday = "monday"
    day: _Day = 1
    emails: _Emails = []
    webhook: _Url = None


class ScheduleChange(BaseModel, extra="forbid"):
    """What is to be different of a schedule; what is absent stays."""

    name: _Name = ""
    what: _What = What.DASHBOARD
    definition: _Definition = ""
    every: _EveryGiven = Every.WEEK
    hour: _Hour = 8
    weekday: _Weekday = "monday"
    day: _Day = 1
    emails: _Emails = []
    webhook: _Url = Field(default=None, description="Another webhook, with a new secret; null: none any more.")


class ScheduleItem(BaseModel):
    """A schedule, and how it stands."""

    id: str
    name: str
    what: What
    definition: str
    every: Every
    hour: int
    weekday: Weekday
    day: int
    emails: list[str]
    webhook: str | None = Field(description="Where reports are posted to, without what may be secret of it.")
    next: str = Field(description="When the next report is due; UTC.")
    error: str | None = Field(description="Why the last report could not be made.")


class MadeSchedule(ScheduleItem):
    """A schedule with its webhook's secret, which is not shown again."""

    secret: str | None = Field(description="Key of `Footfall-Signature`; null without a new webhook.")


class ScheduleList(BaseModel):
    """A project's schedules, oldest first."""

    items: list[ScheduleItem]


class DeliveryItem(BaseModel):
    """A notice on its way to one receiver."""

    channel: Channel
    target: str
    state: State
    attempts: int
    next: str | None = Field(description="When it is tried again; null when it is not.")
    ended: str | None = Field(description="When it was taken, refused or given up; UTC.")
    error: str | None = Field(description="Why the last attempt failed.")


class NoticeItem(BaseModel):
    """A notice: what was told, and to whom it went."""

    id: str
    kind: Kind
    made: str = Field(description="UTC, ISO 8601.")
    about: dict[str, str | float | bool | None] = Field(description="What was told, in short.")
    deliveries: list[DeliveryItem]


class History(BaseModel):
    """Notices, newest first."""

    items: list[NoticeItem]


def watch_item(found: Watched) -> WatchItem:
    """As the API shows it."""
    standing = found.standing
    return WatchItem(
        id=found.watch_id,
        **msgspec.structs.asdict(found.watch),
        state=standing.state,
        error=standing.error,
        checked=_time(standing.checked_us),
        judged=standing.bucket,
        value=standing.value,
        compared=standing.compared,
        unit=standing.unit,
        fired=_time(standing.fired_us),
    )


def schedule_item(found: Scheduled) -> ScheduleItem:
    """As the API shows it."""
    plain = msgspec.structs.asdict(found.schedule)
    return ScheduleItem(id=found.schedule_id, **plain, next=write_time(found.next_us), error=found.error)


def notice_item(told: Told) -> NoticeItem:
    """As the API shows it."""
    deliveries = [
        DeliveryItem(
            channel=one.channel,
            target=one.target,
            state=one.state,
            attempts=one.attempts,
            next=write_time(one.next_us) if one.state is State.WAITING else None,
            ended=_time(one.ended_us),
            error=one.error,
        )
        for one in told.deliveries
    ]
    return NoticeItem(
        id=told.notice_id, kind=told.kind, made=write_time(told.made_us), about=told.about, deliveries=deliveries
    )


def watch_of(given: NewWatch) -> Watch:
    """What is asked for; the webhook is kept apart."""
    return msgspec.convert(given.model_dump(mode="json", exclude={"webhook"}), Watch)


def schedule_of(given: NewSchedule) -> Schedule:
    """What is asked for; the webhook is kept apart."""
    return msgspec.convert(given.model_dump(mode="json", exclude={"webhook"}), Schedule)


def watch_with(watch: Watch, given: WatchChange) -> Watch:
    """A watch with what is to be different; a webhook that is taken away, too."""
    return msgspec.convert({**msgspec.to_builtins(watch), **_changes(given)}, Watch)


def schedule_with(schedule: Schedule, given: ScheduleChange) -> Schedule:
    """A schedule with what is to be different; a webhook that is taken away, too."""
    return msgspec.convert({**msgspec.to_builtins(schedule), **_changes(given)}, Schedule)


def _changes(given: WatchChange | ScheduleChange) -> dict[str, object]:
    """What was given; of the webhook only that there is to be none."""
    found: dict[str, object] = given.model_dump(mode="json", exclude_unset=True)
    if found.get("webhook") is not None:
        del found["webhook"]
    return found


def _time(us: int | None) -> str | None:
    return None if us is None else write_time(us)
