"""Definitions read from plain data, checked, written back, and compared. Pure: what a question may say is passed in."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, TypeAlias, TypeVar

import msgspec
from msgspec import Struct, structs

from footfall.dashboards.code import write_code
from footfall.dashboards.models import (
    MOST_TILES,
    NAME_LETTERS,
    WIDTHS,
    Book,
    Dashboard,
    Params,
    Question,
    SavedQuestion,
    Tile,
    What,
    checked_id,
)
from footfall.errors import BadRequest

S = TypeVar("S", bound=Struct)
Check: TypeAlias = Callable[[Question], Params]
"""The parameters as the question's route understands them. Raises what the route would."""


class Verb(StrEnum):
    """What happens to a definition."""

    ADD = "add"
    CHANGE = "change"
    REMOVE = "remove"


class Change(Struct, frozen=True):
    """One definition that differs."""

    verb: Verb
    what: What
    id: str
    lines: list[str]
    """The difference of its YAML, each line behind `+`, `-` or a space."""


def read_book(given: object, check: Check) -> Book:
    """The book that plain data describe: `{questions: {id: …}, dashboards: {id: …}}`.

    Raises `BadRequest` that says where something is wrong; for an unknown name which one may be meant.
    """
    parts = _members(given, "the definitions", ("questions", "dashboards"))
    questions = {
        id_: read_question(one, f"questions.{id_}", check) for id_, one in _entries(parts.get("questions"), "questions")
    }
    dashboards = {
        id_: read_dashboard(one, f"dashboards.{id_}", check)
        for id_, one in _entries(parts.get("dashboards"), "dashboards")
    }
    return Book(questions=questions, dashboards=dashboards)


def read_question(given: object, where: str, check: Check) -> SavedQuestion:
    """A saved question from plain data."""
    found = _struct(given, where, SavedQuestion)
    _check_name(found.name, where)
    return structs.replace(found, params=_checked(found.asks, where, check))


def read_dashboard(given: object, where: str, check: Check) -> Dashboard:
    """A dashboard from plain data."""
    members = _members(given, where, Dashboard.__struct_fields__)
    tiles = members.get("tiles") or []
    if not isinstance(tiles, list | tuple) or len(tiles) > MOST_TILES:
        raise BadRequest(f"{where}.tiles: a list of at most {MOST_TILES} tiles")
    found = _struct({**members, "tiles": []}, where, Dashboard)
    _check_name(found.name, where)
    read = tuple(_tile(tile, f"{where}.tiles[{place}]", check) for place, tile in enumerate(tiles))
    return structs.replace(found, tiles=read)


def require_whole(book: Book) -> Book:
    """`book`, if every tile's saved question is in it. Raises `BadRequest`."""
    for id_, dashboard in book.dashboards.items():
        for place, tile in enumerate(dashboard.tiles):
            if tile.question is not None and tile.question not in book.questions:
                hint = _nearest(tile.question, list(book.questions), "there are no saved questions")
                raise BadRequest(
                    f"dashboards.{id_}.tiles[{place}]: there is no saved question {tile.question!r}; {hint}"
                )
    return book


def plain(definition: SavedQuestion | Dashboard) -> dict[str, Any]:
    """A definition as plain data, in the order in which it is written."""
    told: dict[str, Any] = msgspec.to_builtins(definition)
    return told


def plain_book(book: Book) -> dict[str, Any]:
    """All definitions as plain data, by id in order."""
    return {
        "questions": {id_: plain(book.questions[id_]) for id_ in sorted(book.questions)},
        "dashboards": {id_: plain(book.dashboards[id_]) for id_ in sorted(book.dashboards)},
    }


def changes(before: Book, after: Book) -> list[Change]:
    """What has to happen to make `before` into `after`: questions first, each in order of the ids."""
    found = []
    pairs: Sequence[tuple[What, Mapping[str, Any], Mapping[str, Any]]] = (
        (What.QUESTION, before.questions, after.questions),
        (What.DASHBOARD, before.dashboards, after.dashboards),
    )
    for what, old, new in pairs:
        for id_ in sorted({*old, *new}):
            if old.get(id_) != new.get(id_):
                verb = Verb.ADD if id_ not in old else Verb.REMOVE if id_ not in new else Verb.CHANGE
                found.append(Change(verb, what, id_, _difference(old.get(id_), new.get(id_))))
    return found


def _tile(given: object, where: str, check: Check) -> Tile:
    members = _members(given, where, Tile.__struct_fields__)
    if members.get("ask") is not None:
        _members(members["ask"], f"{where}.ask", Question.__struct_fields__)
    tile = _struct(members, where, Tile)
    if (tile.question is None) == (tile.ask is None):
        raise BadRequest(f"{where}: a tile has either a `question` (a saved one's id) or an `ask` (kind and params)")
    if tile.width not in WIDTHS:
        raise BadRequest(f"{where}.width: {tile.width} is none of {', '.join(map(str, WIDTHS))} (twelfths of the page)")
    if len(tile.title) > NAME_LETTERS or not tile.title.isprintable():
        raise BadRequest(f"{where}.title: one line, of at most {NAME_LETTERS} letters")
    if tile.ask is None:
        return tile
    if not tile.title:
        raise BadRequest(f"{where}.title: a tile with a question of its own needs a title")
    return structs.replace(tile, ask=structs.replace(tile.ask, params=_checked(tile.ask, f"{where}.ask", check)))


def _checked(question: Question, where: str, check: Check) -> Params:
    try:
        msgspec.json.encode(question.params)
    except UnicodeEncodeError:
        raise BadRequest(f"{where}.params: a text holds half a character, which no text can") from None
    try:
        return check(question)
    except BadRequest as error:
        raise BadRequest(f"{where}: {error.detail}") from error


def _check_name(name: str, where: str) -> None:
    if not name.strip() or len(name) > NAME_LETTERS or not name.isprintable():
        raise BadRequest(f"{where}.name: a name on one line, of at most {NAME_LETTERS} letters")


def _entries(given: object, where: str) -> list[tuple[str, object]]:
    if given is None:
        return []
    if not isinstance(given, Mapping):
        raise BadRequest(f"{where}: write each one behind its id")
    return [(checked_id(str(id_)), one) for id_, one in given.items()]


def _members(given: object, where: str, known: Sequence[str]) -> dict[str, Any]:
    """The members of an object, all of them known."""
    if not isinstance(given, Mapping):
        raise BadRequest(f"{where}: names and values are wanted ({', '.join(known)})")
    for name in given:
        if name not in known:
            raise BadRequest(f"{where}: there is no {str(name)[:100]!r}; {_nearest(str(name), known, '')}")
    return dict(given)


def _struct(given: object, where: str, kind: type[S]) -> S:
    try:
        return msgspec.convert(_members(given, where, kind.__struct_fields__), kind)
    except msgspec.ValidationError as error:
        raise BadRequest(f"{where}: {_told(str(error), kind)}") from error


def _told(fault: str, kind: type[Struct]) -> str:
    """What msgspec says, with the choices where one was wanted."""
    for field in structs.fields(kind):
        if f"$.{field.name}`" in fault and isinstance(field.type, type) and issubclass(field.type, StrEnum):
            return f"{fault}; there are {', '.join(field.type)}"
    return fault


def _nearest(name: str, known: Sequence[str], none: str) -> str:
    near = get_close_matches(name, known, n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"there are {', '.join(known)}" if known else none


def _difference(old: SavedQuestion | Dashboard | None, new: SavedQuestion | Dashboard | None) -> list[str]:
    before, after = ([] if one is None else write_code(plain(one)).splitlines() for one in (old, new))
    return [line for line in difflib.ndiff(before, after) if not line.startswith("?")]
