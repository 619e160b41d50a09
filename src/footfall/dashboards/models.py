"""What a saved question, a dashboard and a link are. Nothing of how they are kept or answered."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import Final, TypeAlias

from msgspec import Struct

from footfall.errors import BadRequest

Params: TypeAlias = dict[str, str | int | bool | list[str]]
"""{parameter: value}, as the question's route takes them; a breakdown's `dimension` stands among them."""

NAME_LETTERS: Final = 200
MOST_TILES: Final = 40
WIDTHS: Final = (3, 4, 5, 6, 7, 8, 9, 12)
"""Twelfths of the page."""
_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


class Kind(StrEnum):
    """What is asked; each has a route of the same name."""

    TRENDS = "trends"
    FUNNEL = "funnel"
    RETENTION = "retention"
    PATHS = "paths"
    BREAKDOWN = "breakdown"


class Form(StrEnum):
    """How a tile is drawn."""

    CHART = "chart"
    TABLE = "table"


class What(StrEnum):
    """What is defined."""

    QUESTION = "question"
    DASHBOARD = "dashboard"


class Question(Struct, frozen=True, kw_only=True):
    """Something to ask."""

    kind: Kind
    params: Params = {}


class SavedQuestion(Struct, frozen=True, kw_only=True):
    """A question with a name."""

    name: str
    kind: Kind
    params: Params = {}

    @property
    def asks(self) -> Question:
        """The question itself."""
        return Question(kind=self.kind, params=self.params)


class Tile(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One question's answer on a dashboard: a saved one's (`question`, its id) or one of the tile's own (`ask`)."""

    title: str = ""
    """Nothing: the saved question's name."""
    question: str | None = None
    ask: Question | None = None
    width: int = 6
    form: Form = Form.CHART


class Dashboard(Struct, frozen=True, kw_only=True):
    """Tiles in the order in which they are read."""

    name: str
    tiles: tuple[Tile, ...] = ()


class Book(Struct, frozen=True, kw_only=True):
    """All definitions of a project, by their ids."""

    questions: dict[str, SavedQuestion] = {}
    dashboards: dict[str, Dashboard] = {}

    def definition(self, what: What, id_: str) -> SavedQuestion | Dashboard | None:
        """One of them."""
        return self.questions.get(id_) if what is What.QUESTION else self.dashboards.get(id_)

    def asked(self, tile: Tile) -> Question:
        """What a tile of this book asks."""
        if tile.ask is not None:
            return tile.ask
        assert tile.question is not None
        return self.questions[tile.question].asks

    def title(self, tile: Tile) -> str:
        """What stands above a tile."""
        return tile.title or (self.questions[tile.question].name if tile.question else "")


class Link(Struct, frozen=True, kw_only=True):
    """Shows one definition of one project, read-only, to whoever has its secret."""

    link_id: str
    project_id: str
    what: What
    definition_id: str
    label: str
    made_us: int
    ends_us: int
    revoked_us: int | None


def checked_id(id_: str) -> str:
    """`id_`, if it is one. Raises `BadRequest`."""
    if not _ID.fullmatch(id_):
        raise BadRequest(f"{id_[:100]!r} is no id: it has 1 to 64 of a-z 0-9 -, and begins with a letter or digit")
    return id_


def id_of(name: str) -> str:
    """An id that people recognise the name in.

    >>> id_of("Käufe je Woche (netto)"), id_of("…")
    ('kaufe-je-woche-netto', 'unnamed')
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].rstrip("-") or "unnamed"
