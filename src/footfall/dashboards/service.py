"""The definitions of each project: kept in the control database, changed as a whole, so that a book is never torn."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final, Protocol

import msgspec
from msgspec import structs
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from footfall.dashboards.models import Book, Dashboard, SavedQuestion, What, checked_id, id_of
from footfall.dashboards.rules import Change, Verb, changes, plain, require_whole
from footfall.errors import Conflict, NotFound
from footfall.store.models import Definition, ShareLink

MOST: Final = 500
"""Saved questions of a project, and as many dashboards."""


class Transactions(Protocol):
    """What is needed of the control database (`footfall.store.store.Store`)."""

    def transaction(self) -> AbstractContextManager[Session]: ...


class Dashboards:
    """All definitions of one control database; every method may be called from any thread."""

    def __init__(self, store: Transactions, now_us: Callable[[], int] = lambda: time.time_ns() // 1000) -> None:
        self._store = store
        self._now_us = now_us

    def book(self, project_id: str) -> Book:
        """All that a project has."""
        with self._store.transaction() as session:
            return _book(session, project_id)

    def definition(self, project_id: str, what: What, id_: str) -> SavedQuestion | Dashboard:
        """One saved question or dashboard. Raises `NotFound`."""
        found = self.book(project_id).definition(what, id_)
        if found is None:
            raise NotFound(f"project {project_id!r} has no {_told(what)} {id_!r}; `footfall {what}s list` shows them")
        return found

    def add(self, project_id: str, definition: SavedQuestion | Dashboard, id_: str | None = None) -> str:
        """Keep a new one and return its id, which is made of its name where none is given. Raises `Conflict`."""

        def changed(book: Book) -> Book:
            nonlocal id_
            taken = _of(book, _what(definition))
            if id_ is None:
                id_ = _free(id_of(definition.name), taken)
            elif id_ in taken:
                raise Conflict(f"there is a {_told(_what(definition))} {id_!r} already")
            return _with(book, checked_id(id_), definition)

        self._change(project_id, changed)
        assert id_ is not None
        return id_

    def put(self, project_id: str, id_: str, definition: SavedQuestion | Dashboard) -> None:
        """Keep it under this id, in place of what stood there."""
        self._change(project_id, lambda book: _with(book, checked_id(id_), definition))

    def remove(self, project_id: str, what: What, id_: str) -> None:
        """Forget it. Raises `NotFound`, and `Conflict` for a question that a dashboard shows."""
        self.definition(project_id, what, id_)
        self._change(project_id, lambda book: _without(book, what, id_))

    def replace(self, project_id: str, wanted: Book, *, prune: bool, only_told: bool) -> list[Change]:
        """Make the project's definitions those of `wanted`, all or none, and say what differs.

        What is not in `wanted` stays, unless `prune` says to remove it. With `only_told` nothing happens.
        """

        def changed(book: Book) -> Book:
            if prune:
                return wanted
            return Book(
                questions={**book.questions, **wanted.questions}, dashboards={**book.dashboards, **wanted.dashboards}
            )

        return self._change(project_id, changed, only_told=only_told)

    def _change(self, project_id: str, changed: Callable[[Book], Book], *, only_told: bool = False) -> list[Change]:
        with self._store.transaction() as session:
            before = _book(session, project_id)
            after = require_whole(changed(before))
            if max(len(after.questions), len(after.dashboards)) > MOST:
                raise Conflict(f"project {project_id!r} has {MOST} of these; remove one first")
            found = changes(before, after)
            for change in () if only_told else found:
                self._keep(session, project_id, change, after)
            return found

    def _keep(self, session: Session, project_id: str, change: Change, after: Book) -> None:
        key = (project_id, change.what.value, change.id)
        row = session.get(Definition, key)
        if change.verb is Verb.REMOVE:
            assert row is not None
            session.delete(row)
            shown = (ShareLink.project_id == project_id, ShareLink.what == row.what, ShareLink.definition_id == row.id)
            ended = update(ShareLink).where(*shown, ShareLink.revoked_us.is_(None))
            session.execute(ended.values(revoked_us=self._now_us()))  # who makes the same id again shares it anew
            return
        definition = after.definition(change.what, change.id)
        assert definition is not None
        if row is None:
            row = Definition(project_id=project_id, what=change.what.value, id=change.id)
            session.add(row)
        row.content, row.changed_us = plain(definition), self._now_us()


def _book(session: Session, project_id: str) -> Book:
    rows = session.scalars(select(Definition).where(Definition.project_id == project_id).order_by(Definition.id)).all()
    contents = {what: {row.id: row.content for row in rows if row.what == what} for what in What}
    return Book(
        questions=msgspec.convert(contents[What.QUESTION], dict[str, SavedQuestion]),
        dashboards=msgspec.convert(contents[What.DASHBOARD], dict[str, Dashboard]),
    )


def _what(definition: SavedQuestion | Dashboard) -> What:
    return What.QUESTION if isinstance(definition, SavedQuestion) else What.DASHBOARD


def _of(book: Book, what: What) -> set[str]:
    return set(book.questions if what is What.QUESTION else book.dashboards)


def _with(book: Book, id_: str, definition: SavedQuestion | Dashboard) -> Book:
    if isinstance(definition, SavedQuestion):
        return structs.replace(book, questions={**book.questions, id_: definition})
    return structs.replace(book, dashboards={**book.dashboards, id_: definition})


def _without(book: Book, what: What, id_: str) -> Book:
    if what is What.DASHBOARD:
        return structs.replace(book, dashboards={name: one for name, one in book.dashboards.items() if name != id_})
    shown = [name for name, one in book.dashboards.items() if any(tile.question == id_ for tile in one.tiles)]
    if shown:
        raise Conflict(f"the dashboard {shown[0]!r} shows the question {id_!r}; take it off there first")
    return structs.replace(book, questions={name: one for name, one in book.questions.items() if name != id_})


def _free(wanted: str, taken: set[str]) -> str:
    """`wanted`, with a number behind it where that is taken."""
    number, found = 1, wanted
    while found in taken:
        number += 1
        found = f"{wanted}-{number}"
    return found


def _told(what: What) -> str:
    return "saved question" if what is What.QUESTION else "dashboard"
