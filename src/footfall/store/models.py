"""Tables of the control database: projects, who may do what, and what people defined, decided and agreed to.

Times are µs since the epoch, UTC.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from footfall.store.days import Weekday


class Table(DeclarativeBase):
    """Base of all tables of the control database."""


class Project(Table):
    """A tenant. `currency` and `keep_days` are its own where they differ from the settings."""

    __tablename__ = "project"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    currency: Mapped[str | None] = mapped_column(String(3))
    keep_days: Mapped[int | None]
    zone: Mapped[str] = mapped_column(String(100), server_default="UTC")
    week_starts: Mapped[Weekday] = mapped_column(String(9), server_default="monday")
    created_us: Mapped[int] = mapped_column(BigInteger)


class Key(Table):
    """A write key; `digest` is the SHA-256 of its secret, which is kept nowhere."""

    __tablename__ = "write_key"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    origins: Mapped[list[str]] = mapped_column(JSON)
    label: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_us: Mapped[int] = mapped_column(BigInteger)
    revoked_us: Mapped[int | None] = mapped_column(BigInteger)


class Token(Table):
    """A token for reading and running; `project_id` is the only project it is for, null means all."""

    __tablename__ = "token"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    project_id: Mapped[str | None] = mapped_column(ForeignKey("project.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(16))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_us: Mapped[int] = mapped_column(BigInteger)
    revoked_us: Mapped[int | None] = mapped_column(BigInteger)


class Login(Table):
    """A browser that showed a token; `digest` is the SHA-256 of what its cookie holds, which is kept nowhere."""

    __tablename__ = "login"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    token_id: Mapped[str] = mapped_column(ForeignKey("token.id"), index=True)
    created_us: Mapped[int] = mapped_column(BigInteger)
    ends_us: Mapped[int] = mapped_column(BigInteger)


class Destination(Table):
    """Where a project's events are forwarded to; `secret` is sent with them or signs them, so it is kept sealed."""

    __tablename__ = "destination"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    url: Mapped[str] = mapped_column(String(2000))
    secret: Mapped[str] = mapped_column(String(4000))
    label: Mapped[str] = mapped_column(String(200))
    created_us: Mapped[int] = mapped_column(BigInteger)


class Consent(Table):
    """What a person agreed to; `person` is a keyed hash of one of their ids, in hex, and all that is kept of them."""

    __tablename__ = "consent"

    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), primary_key=True)
    person: Mapped[str] = mapped_column(String(32), primary_key=True)
    mode: Mapped[str] = mapped_column(String(16))
    at_us: Mapped[int] = mapped_column(BigInteger)


class PersonDecision(Table):
    """What somebody decided of who is who; ids as `events.linking.Decision` has them."""

    __tablename__ = "person_decision"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), index=True)
    verdict: Mapped[str] = mapped_column(String(16))
    who: Mapped[str] = mapped_column(Text)
    into_user: Mapped[str | None] = mapped_column(Text)
    decided_us: Mapped[int] = mapped_column(BigInteger)
    decided_by: Mapped[str] = mapped_column(String(32))


class Definition(Table):
    """A saved question or a dashboard; `content` is what `dashboards.rules.plain` tells of it."""

    __tablename__ = "definition"

    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), primary_key=True)
    what: Mapped[str] = mapped_column(String(16), primary_key=True)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    changed_us: Mapped[int] = mapped_column(BigInteger)


class RulesChange(Table):
    """The thresholds and kinds that were other than the settings after a change (`rules.models.Standing`)."""

    __tablename__ = "rules_change"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    thresholds: Mapped[dict[str, Any]] = mapped_column(JSON)
    kinds: Mapped[dict[str, Any]] = mapped_column(JSON)
    changed_us: Mapped[int] = mapped_column(BigInteger)
    changed_by: Mapped[str] = mapped_column(String(32))


class ShareLink(Table):
    """Shows a definition to whoever has its secret; `digest` is that one's SHA-256, and it is kept nowhere."""

    __tablename__ = "share_link"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), index=True)
    what: Mapped[str] = mapped_column(String(16))
    definition_id: Mapped[str] = mapped_column(String(64))
    label: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    made_us: Mapped[int] = mapped_column(BigInteger)
    ends_us: Mapped[int] = mapped_column(BigInteger)
    revoked_us: Mapped[int | None] = mapped_column(BigInteger)


class Watch(Table):
    """A watched figure; `content` and `standing` are `notices.models.Watch` and `Standing`, `webhook` is sealed."""

    __tablename__ = "watch"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), index=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    standing: Mapped[dict[str, Any]] = mapped_column(JSON)
    webhook: Mapped[str | None] = mapped_column(Text)
    created_us: Mapped[int] = mapped_column(BigInteger)


class Schedule(Table):
    """A report that is sent again and again; `content` is `notices.models.Schedule`, `webhook` sealed.

    `reported_us` is the newest time that a report was due at and made.
    """

    __tablename__ = "schedule"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), index=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    webhook: Mapped[str | None] = mapped_column(Text)
    created_us: Mapped[int] = mapped_column(BigInteger)
    reported_us: Mapped[int] = mapped_column(BigInteger)
    error: Mapped[str | None] = mapped_column(Text)


class Notice(Table):
    """Something to tell because of a watch or a schedule (`source_id`); `message` goes when nobody waits for it."""

    __tablename__ = "notice"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), index=True)
    source_id: Mapped[str] = mapped_column(String(32), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    about: Mapped[dict[str, Any]] = mapped_column(JSON)
    message: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    made_us: Mapped[int] = mapped_column(BigInteger)


class Delivery(Table):
    """One notice to one receiver."""

    __tablename__ = "delivery"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    notice_id: Mapped[str] = mapped_column(ForeignKey("notice.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    target: Mapped[str] = mapped_column(String(2000))
    state: Mapped[str] = mapped_column(String(16), index=True)
    attempts: Mapped[int]
    next_us: Mapped[int] = mapped_column(BigInteger)
    ended_us: Mapped[int | None] = mapped_column(BigInteger)
    error: Mapped[str | None] = mapped_column(Text)
