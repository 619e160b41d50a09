"""What people agreed to, by keyed hashes of their ids: kept in the control database, asked from memory."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from footfall.events.consent import Mode, Statement, Withdrawn
from footfall.store.models import Consent


class Consents:
    """Every method may be called from any thread; raises what the control database raises."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions
        self._changing = threading.Lock()
        with sessions() as session:
            rows = session.scalars(select(Consent).where(Consent.mode != Mode.FULL.value)).all()
        found: dict[str, dict[bytes, Mode]] = {}
        for row in rows:
            found.setdefault(row.project_id, {})[bytes.fromhex(row.person)] = Mode(row.mode)
        self._withdrawn: Withdrawn = found

    @property
    def withdrawn(self) -> Withdrawn:
        """Who does not agree to everything, as of now; another object after each change."""
        return self._withdrawn

    def of(self, project_id: str) -> Mapping[bytes, Mode] | None:
        """The same of one project; None when nobody has withdrawn anything."""
        return self._withdrawn.get(project_id)

    def state(self, statements: Iterable[Statement]) -> None:
        """Keep what people say, durable when this returns; of one person the latest statement counts."""
        said = list(statements)
        if not said:
            return
        with self._changing:
            changed: dict[str, dict[bytes, Mode]] = {}
            with self._sessions.begin() as session:
                for one in said:
                    if _kept(session, one):
                        changed.setdefault(one.project_id, {})[one.digest] = one.mode
            if changed:
                self._withdrawn = _with(self._withdrawn, changed)

    def said(self, project_id: str, digests: Sequence[bytes]) -> tuple[Mode, int] | None:
        """The strictest mode that is known of any of these ids, and when it was said; None when none is."""
        people = [digest.hex() for digest in digests]
        wanted = select(Consent).where(Consent.project_id == project_id, Consent.person.in_(people))
        with self._sessions() as session:
            found = [(Mode(row.mode), row.at_us) for row in session.scalars(wanted)]
        return min(found, key=lambda one: (list(Mode).index(one[0]), -one[1]), default=None)


def _kept(session: Session, one: Statement) -> bool:
    """Whether the statement is the latest of its person; it is written then."""
    known = session.get(Consent, (one.project_id, one.digest.hex()))
    if known is None:
        session.add(Consent(project_id=one.project_id, person=one.digest.hex(), mode=one.mode.value, at_us=one.at_us))
        session.flush()
        return True
    if known.at_us > one.at_us:
        return False
    known.mode, known.at_us = one.mode.value, one.at_us
    return True


def _with(withdrawn: Withdrawn, changed: Mapping[str, Mapping[bytes, Mode]]) -> Withdrawn:
    after = dict(withdrawn)
    for project_id, modes in changed.items():
        people = {digest: mode for digest, mode in {**after.pop(project_id, {}), **modes}.items() if mode != Mode.FULL}
        if people:
            after[project_id] = people
    return after
