"""Links that show one definition to whoever has them: made, listed, revoked, and found by their secret."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from footfall.dashboards.models import Link, What
from footfall.dashboards.service import Transactions
from footfall.errors import Conflict, NotFound
from footfall.store.models import ShareLink
from footfall.store.secrets import Prefix, digest, new_id, new_secret

MOST_DAYS: Final = 366
MOST: Final = 200
"""Links of one project that have not ended."""
_DAY_US: Final = 86_400_000_000


class Links:
    """All links of one control database; every method may be called from any thread."""

    def __init__(self, store: Transactions, now_us: Callable[[], int] = lambda: time.time_ns() // 1000) -> None:
        self._store = store
        self._now_us = now_us

    def make(self, project_id: str, what: What, definition_id: str, *, days: float, label: str) -> tuple[Link, str]:
        """A new link and its secret, of which only the digest is kept. Raises `Conflict` when there are too many."""
        secret, now_us = new_secret(Prefix.LINK), self._now_us()
        made = ShareLink(
            id=new_id("link"),
            project_id=project_id,
            what=what.value,
            definition_id=definition_id,
            label=label,
            digest=digest(secret),
            made_us=now_us,
            ends_us=now_us + int(days * _DAY_US),
        )
        with self._store.transaction() as session:
            if _open_ones(session, project_id, now_us) >= MOST:
                raise Conflict(f"project {project_id!r} has {MOST} links; revoke one first")
            session.add(made)
        return _link(made), secret

    def listed(self, project_id: str) -> list[Link]:
        """A project's links, those that have ended too, oldest first."""
        wanted = select(ShareLink).where(ShareLink.project_id == project_id).order_by(ShareLink.made_us, ShareLink.id)
        with self._store.transaction() as session:
            return [_link(row) for row in session.scalars(wanted)]

    def revoke(self, project_id: str, link_id: str) -> None:
        """Make a link useless at once; doing so again changes nothing. Raises `NotFound`."""
        with self._store.transaction() as session:
            row = session.get(ShareLink, link_id)
            if row is None or row.project_id != project_id:
                raise NotFound(f"project {project_id!r} has no link {link_id!r}")
            row.revoked_us = row.revoked_us or self._now_us()

    def find(self, secret: str) -> Link:
        """The link with this secret. Raises `NotFound`, the same whether there never was one or it has ended."""
        with self._store.transaction() as session:
            row = session.scalar(select(ShareLink).where(ShareLink.digest == digest(secret)))
        if row is None or row.revoked_us is not None or row.ends_us <= self._now_us():
            raise NotFound(
                "this link shows nothing: it has ended, was taken back, or never was; ask who gave it to you"
            )
        return _link(row)


def _open_ones(session: Session, project_id: str, now_us: int) -> int:
    wanted = select(func.count()).where(
        ShareLink.project_id == project_id, ShareLink.revoked_us.is_(None), ShareLink.ends_us > now_us
    )
    return session.scalar(wanted) or 0


def _link(row: ShareLink) -> Link:
    return Link(
        link_id=row.id,
        project_id=row.project_id,
        what=What(row.what),
        definition_id=row.definition_id,
        label=row.label,
        made_us=row.made_us,
        ends_us=row.ends_us,
        revoked_us=row.revoked_us,
    )
