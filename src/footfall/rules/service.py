"""The rules in force: what the settings say, with the changes that the control database holds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Final, Protocol

import msgspec
from msgspec import structs
from sqlalchemy import select
from sqlalchemy.orm import Session

from footfall.errors import BadRequest, Conflict
from footfall.events.kinds import Kind, Taxonomy
from footfall.events.time import write_time
from footfall.rules.models import UNCHANGED, Change, Standing
from footfall.sessions.classes import Classes
from footfall.sessions.thresholds import thresholds, with_thresholds
from footfall.sessions.version import definition, unmixed
from footfall.settings import Settings
from footfall.store.models import RulesChange

MOST_NAMES: Final = 2_000
"""Names of events that may have another kind than the settings say."""
_MOST_NAME_BYTES: Final = 200

Adopt = Callable[[Settings, Callable[[], None]], None]
"""Puts settings in force; calls what it is handed, which makes them durable, before anything is read by them."""


class Transactions(Protocol):
    """What is needed of the control database (`footfall.store.store.Store`)."""

    def transaction(self) -> AbstractContextManager[Session]: ...


class Rules:
    """The class rules and kinds of one installation; every method may be called from any thread."""

    def __init__(
        self, store: Transactions, settings: Settings, now_us: Callable[[], int] = lambda: time.time_ns() // 1000
    ) -> None:
        """`settings` are what the operator gave. Raises errors.BadRequest when the changes no longer fit to them."""
        self._store = store
        self._given = settings
        self._now_us = now_us
        self._changing = threading.Lock()
        with store.transaction() as session:
            rows = session.scalars(select(RulesChange).order_by(RulesChange.number)).all()
        self._history = (UNCHANGED, *map(_standing, rows))
        self._settings = self._with(self._history[-1])

    @property
    def settings(self) -> Settings:
        """The settings with the rules in force; the same object until something is changed."""
        return self._settings

    @property
    def standing(self) -> Standing:
        """What is other than the settings say."""
        return self._history[-1]

    @property
    def history(self) -> Sequence[Standing]:
        """What it was after every change, the newest first."""
        return self._history[:0:-1]

    @property
    def fixed(self) -> tuple[str, ...]:
        """Which of `thresholds` and `kinds` stand in a file of settings, and are changed there alone."""
        sources = {"thresholds": "classes", "kinds": "taxonomy"}
        return tuple(part for part, field in sources.items() if field in self._given.sources)

    def changed(self, change: Change) -> Settings:
        """The settings as they were if this were changed. Raises errors.BadRequest and errors.Conflict."""
        return self._with(self._after(change))

    def change(self, change: Change, number: int, by: str, adopt: Adopt) -> None:
        """Change the rules, for those who saw the ones of `number`; in force and durable on return.

        Raises errors.Conflict when somebody else has changed them since, errors.BadRequest for what can't be.
        """
        with self._changing:
            present = self.standing
            if number != present.number:
                raise Conflict(_overtaken(present))
            after = self._after(change)
            if (after.thresholds, after.kinds) == (present.thresholds, present.kinds):
                return
            made = structs.replace(after, number=number + 1, changed_us=self._now_us(), changed_by=by)
            adopt(self._with(made), partial(self._keep, made))

    def moved(self, folded: str, wanted: Settings) -> tuple[str, ...] | None:
        """Names of events that sessions folded by `folded` (`sessions.version`) may have counted otherwise.

        None when nothing is known of what those were folded by.
        """
        gap_us = self._given.session_gap_us
        past = [self._with(standing) for standing in self._history]
        folds = [definition(each.taxonomy, each.classes, gap_us) for each in past]
        if (known := unmixed(folded)) not in folds:
            return None
        since = [each.taxonomy.listed() for each in past[folds.index(known) :]]
        now = wanted.taxonomy.listed()
        names = {name for kinds in (*since, now) for name in kinds}
        return tuple(sorted(name for name in names if any(kinds.get(name) is not now.get(name) for kinds in since)))

    def _after(self, change: Change) -> Standing:
        for part in self.fixed:
            if getattr(change, part):
                raise Conflict(f"the {part} stand in footfall.toml; change them there, or take them out of it")
        for name in change.kinds:
            _require_name(name)
        present, usual = self.standing, thresholds(self._given.classes)
        numbers = thresholds(with_thresholds(self._settings.classes, change.thresholds))
        kinds = {**present.kinds, **change.kinds}
        after = structs.replace(
            present,
            thresholds={id_: number for id_, number in numbers.items() if number != usual[id_]}
            if change.thresholds
            else present.thresholds,
            kinds={name: kinds[name] for name in sorted(kinds) if kinds[name] is not self._given.taxonomy.kind(name)}
            if change.kinds
            else present.kinds,
        )
        if len(after.kinds) > MOST_NAMES:
            raise BadRequest(f"at most {MOST_NAMES:,} names may have another kind than the settings say")
        return after

    def _with(self, standing: Standing) -> Settings:
        given, fixed = self._given, self.fixed
        return structs.replace(
            given,
            classes=_classes(given.classes, {} if "thresholds" in fixed else standing.thresholds),
            taxonomy=_taxonomy(given.taxonomy, {} if "kinds" in fixed else standing.kinds),
        )

    def _keep(self, made: Standing) -> None:
        with self._store.transaction() as session:
            session.add(
                RulesChange(
                    number=made.number,
                    thresholds=dict(made.thresholds),
                    kinds=dict(made.kinds),
                    changed_us=made.changed_us,
                    changed_by=made.changed_by,
                )
            )
        self._settings, self._history = self._with(made), (*self._history, made)


def _classes(given: Classes, changed: Mapping[str, int | float]) -> Classes:
    return with_thresholds(given, changed) if changed else given


def _taxonomy(given: Taxonomy, changed: Mapping[str, Kind]) -> Taxonomy:
    return given.changed(changed) if changed else given


def _standing(row: RulesChange) -> Standing:
    columns = ("number", "thresholds", "kinds", "changed_us", "changed_by")
    return msgspec.convert({name: getattr(row, name) for name in columns}, Standing)


def _require_name(name: str) -> None:
    if not name.strip() or len(name.encode("utf-8", "replace")) > _MOST_NAME_BYTES or not name.isprintable():
        raise BadRequest(f"{name[:100]!r} can't be the name of an event: it has 1 to {_MOST_NAME_BYTES} bytes")


def _overtaken(present: Standing) -> str:
    if present.changed_us is None:
        return "nobody has changed the rules so far: they have the number 0; look at them, then change them again"
    return (
        f"somebody else changed the rules meanwhile (change {present.number}, {write_time(present.changed_us)}, "
        f"by {present.changed_by}); look at theirs, then change them again"
    )
