"""What a watch, a schedule and a notice are. Nothing of how they are kept, judged or sent."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final, Literal, NamedTuple

from msgspec import Struct

from footfall.dashboards import What
from footfall.errors import BadRequest
from footfall.store.days import Weekday

NAME_LETTERS: Final = 200
MOST_ADDRESSES: Final = 20
"""Receivers of one watch or schedule; each gets an e-mail of their own."""
Bucket = Literal["minute", "hour", "day", "week", "month"]
"""How long a time is whose figure is judged."""

_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")


class Rule(StrEnum):
    """When a figure is worth a notice."""

    ABOVE = "above"
    BELOW = "below"
    RISES = "rises"
    """By so many percent at least, against the bucket before."""
    FALLS = "falls"
    UNUSUAL = "unusual"
    """As a trend marks it: far from the median of its like."""


class Watch(Struct, frozen=True, kw_only=True):
    """A figure of a saved question, judged in the last bucket that is whole."""

    name: str
    question: str
    """The saved question's id."""
    rule: Rule
    bound: float | None = None
    """A number, or percent; None for `unusual`."""
    bucket: Bucket | None = None
    """None, until it is kept: a trend's own unit, a day for other questions."""
    figure: str | None = None
    """Of a funnel `rate`, `entered` or `converted`; of a breakdown one of its columns. A trend has its own."""
    part: str | None = None
    """A value of the split, or of the breakdown's dimension; None for all."""
    every_minutes: int = 5
    cooldown_minutes: int = 60
    tell_over: bool = True
    """Whether to tell, too, when it is over."""
    emails: tuple[str, ...] = ()
    webhook: str | None = None
    """Where notices are posted to, without what may be secret of it; all of it is kept sealed."""


class Standing(Struct, frozen=True, kw_only=True):
    """How a watch stands."""

    holds: bool = False
    """Whether its rule held when it was judged last."""
    told: bool = False
    """Whether a notice went out since it began to hold."""
    fired_us: int | None = None
    """When the last notice went out that it holds."""
    checked_us: int | None = None
    bucket: str | None = None
    """Label of the bucket that was judged last, in local time."""
    value: float | None = None
    compared: float | None = None
    """What it was compared with: the bucket before, or the median of its like."""
    unit: str = ""
    """Behind both numbers: a currency, `%`, `min`, or nothing."""
    error: str | None = None
    """Why it could not be judged the last time."""

    @property
    def state(self) -> str:
        """`new`, `ok`, `alerting` or `error`."""
        if self.error is not None:
            return "error"
        if self.checked_us is None:
            return "new"
        return "alerting" if self.holds else "ok"


class Every(StrEnum):
    """How often a report is sent."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Schedule(Struct, frozen=True, kw_only=True):
    """A saved question or a dashboard, sent as a report at an hour of the project's zone."""

    name: str
    what: What
    definition: str
    """The id of the saved question or dashboard."""
    every: Every
    hour: int = 8
    weekday: Weekday = "monday"
    """Of a weekly one."""
    day: int = 1
    """Of a monthly one; in shorter months the last."""
    emails: tuple[str, ...] = ()
    webhook: str | None = None
    """As a watch's."""


class Webhook(Struct, frozen=True):
    """Where notices are posted to. The address may hold a secret, too."""

    url: str
    secret: str
    """The key of the signature."""

    def __repr__(self) -> str:
        """Without what is secret: this may stand in a log."""
        return "Webhook(…)"


class Kind(StrEnum):
    """Why there is a notice."""

    FIRED = "fired"
    OVER = "over"
    REPORT = "report"
    TEST = "test"


class Channel(StrEnum):
    """How it is told."""

    EMAIL = "email"
    WEBHOOK = "webhook"


class State(StrEnum):
    """How a delivery stands."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"
    """The receiver will never take it."""
    GIVEN_UP = "given_up"
    """It could not be delivered in three days."""


class Section(Struct, frozen=True, kw_only=True):
    """One answer of a message: what was found, and a small table."""

    title: str
    finding: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    """Text as people read it; the first column is a name, the others are numbers."""


class Message(Struct, frozen=True, kw_only=True):
    """What is told, in no form yet."""

    subject: str
    lead: tuple[str, ...]
    """Sentences above all sections."""
    sections: tuple[Section, ...] = ()
    path: str = "/"
    """The page of this server that shows it."""
    project: str = ""


class Draft(NamedTuple):
    """A notice that is not kept yet."""

    source_id: str
    """Of the watch or schedule."""
    kind: Kind
    message: Message
    about: dict[str, str | float | bool | None]
    """What the history tells of it; a message itself is forgotten when nobody waits for it."""
    targets: list[tuple[Channel, str]]


class Delivery(Struct, frozen=True, kw_only=True):
    """One notice to one receiver."""

    delivery_id: str
    channel: Channel
    target: str
    """An address, or where a webhook goes without what may be secret of it."""
    state: State
    attempts: int
    next_us: int
    ended_us: int | None
    error: str | None


class Told(Struct, frozen=True, kw_only=True):
    """A notice and its deliveries, as the history shows them."""

    notice_id: str
    kind: Kind
    made_us: int
    about: dict[str, str | float | bool | None]
    deliveries: tuple[Delivery, ...]


def checked_emails(given: tuple[str, ...]) -> tuple[str, ...]:
    """`given`, each once, if all are addresses that nothing else can hide in. Raises `BadRequest`.

    >>> checked_emails(("ann@example.com", "ann@example.com"))
    ('ann@example.com',)
    """
    for address in given:
        if len(address) > 254 or not _ADDRESS.fullmatch(address):
            raise BadRequest(f"emails: {address[:100]!r} is no address; one is like ann@example.com")
    found = tuple(dict.fromkeys(given))
    if len(found) > MOST_ADDRESSES:
        raise BadRequest(f"emails: {len(found)} addresses, and {MOST_ADDRESSES} are the most; use a mailing list")
    return found


def checked_name(name: str) -> str:
    """`name` without blanks around it, if it is one line for people. Raises `BadRequest`."""
    if not name.strip() or len(name) > NAME_LETTERS or not name.isprintable():
        raise BadRequest(f"name: a name on one line, of at most {NAME_LETTERS} letters")
    return name.strip()
