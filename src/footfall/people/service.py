"""Decisions about who is who: made, kept in the control database, and read as one ruling for each project."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from typing import Final

from footfall.errors import BadRequest
from footfall.events.linking import NO_RULING, USER, VISITOR, Decision, Ruling, Verdict, ruling
from footfall.events.values import ID_BYTES
from footfall.store.models import PersonDecision
from footfall.store.secrets import new_id
from footfall.store.store import Store

_KINDS: Final = (USER, VISITOR)


class Decisions:
    """All decisions of one control database; every method may be called from any thread."""

    def __init__(self, store: Store, *, now_us: Callable[[], int] = lambda: time.time_ns() // 1000) -> None:
        self._store = store
        self._now_us = now_us
        self._lock = threading.Lock()
        self._made: Mapping[str, tuple[Decision, ...]] = {}
        self._rulings: Mapping[str, Ruling] = {}
        self._read()

    def ruling(self, project_id: str) -> Ruling:
        """What holds in a project; the same object until another decision is made."""
        return self._rulings.get(project_id, NO_RULING)

    def made(self, project_id: str) -> tuple[Decision, ...]:
        """All decisions of a project, those that others have undone too, oldest first."""
        return self._made.get(project_id, ())

    def merge(self, project_id: str, who: str, into: str, by: str) -> Decision:
        """Decide that the user or visitor `who` is the user `into`; durable on return. Raises `BadRequest`."""
        check(who)
        if not into.startswith(USER):
            raise BadRequest(f"{into!r} is no user: a user or a visitor is merged into a user, u: + user id")
        check(into)
        if who == into:
            raise BadRequest(f"{who!r} is itself already")
        return self._decide(project_id, Verdict.MERGE, who, into, by)

    def split(self, project_id: str, who: str, by: str) -> Decision:
        """Decide that `who` is a person of its own, whatever events say; durable on return. Raises `BadRequest`."""
        check(who)
        return self._decide(project_id, Verdict.SPLIT, who, None, by)

    def forget(self, project_id: str, ids: Collection[str]) -> None:
        """Forget every decision that names one of `ids`: those of a person who is erased."""
        gone = [one.decision_id for one in self.made(project_id) if one.who in ids or one.into in ids]
        if gone:
            with self._lock:
                self._store.remove_person_decisions(gone)
                self._read()

    def _decide(self, project_id: str, verdict: Verdict, who: str, into: str | None, by: str) -> Decision:
        with self._lock:
            newest = max((one.decided_us for one in self.made(project_id)), default=0)
            made = PersonDecision(
                id=new_id("decision"),
                project_id=project_id,
                verdict=verdict.value,
                who=who,
                into_user=into,
                decided_us=max(self._now_us(), newest + 1),  # so that their order is the order of their times
                decided_by=by,
            )
            self._store.add_person_decision(made)
            self._read()
        return _decision(made)

    def _read(self) -> None:
        made: dict[str, list[Decision]] = defaultdict(list)
        for row in self._store.person_decisions():
            made[row.project_id].append(_decision(row))
        self._made = {project_id: tuple(those) for project_id, those in made.items()}
        self._rulings = {project_id: ruling(those) for project_id, those in made.items()}


def check(who: str) -> None:
    """Raise `BadRequest` for what is no id of a user or a visitor."""
    if not who.startswith(_KINDS) or len(who) == len(USER) or len(who.encode()) > len(USER) + ID_BYTES:
        raise BadRequest(f"{who[:100]!r} can be neither merged nor split: write u: + user id, or v: + visitor id")


def _decision(row: PersonDecision) -> Decision:
    return Decision(
        decision_id=row.id,
        verdict=Verdict(row.verdict),
        who=row.who,
        into=row.into_user,
        decided_us=row.decided_us,
        decided_by=row.decided_by,
    )
