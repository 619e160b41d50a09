"""Breakdowns: what each page, product, channel, place or device brought, most first, with the people behind it.

Source: the contract's figures of sessions and sales; what an entry, an exit and a bounce are is what web analytics
means by them (Digital Analytics Association, *Web Analytics Definitions*). How the three forms of a breakdown are
computed stands in `breakdown_pages`, `breakdown_products` and `breakdown_sessions`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final, NamedTuple

import ibis.expr.types as ir
from msgspec import Struct

from footfall.errors import BadRequest
from footfall.metrics import breakdown_pages, breakdown_products, breakdown_sessions
from footfall.metrics.asked import Ground, Scope
from footfall.metrics.breakdown_form import Answer, Keep

TOP: Final = 50
MOST_TOP: Final = 1_000


class Dimension(StrEnum):
    """What figures are broken down by."""

    PAGES = "pages"
    PRODUCTS = "products"
    CATEGORIES = "categories"
    CHANNELS = "channels"
    CAMPAIGNS = "campaigns"
    SOURCES = "sources"
    MEDIUMS = "mediums"
    COUNTRIES = "countries"
    REGIONS = "regions"
    CITIES = "cities"
    DEVICES = "devices"
    BROWSERS = "browsers"
    SYSTEMS = "systems"
    CLASSES = "classes"


class Question(Struct, frozen=True, kw_only=True):
    """A breakdown of what happened in the scope, the `top` greatest rows of it."""

    scope: Scope
    dimension: Dimension
    top: int = TOP


class Cell(Struct, frozen=True, kw_only=True):
    """A number of the answer: the figure `figure` of the row of `value`, or of all rows together (`whole`)."""

    figure: str
    """One of `counted` of the dimension."""
    value: str | None = None
    """Null is the row of what is unknown."""
    whole: bool = False


class _Form(NamedTuple):
    answer: Callable[[Ground, Scope, str, Keep], Answer]
    behind: Callable[[Ground, Scope, str, str], ir.Table]
    figures: Mapping[str, str]
    order: tuple[str, ...]


_PAGES: Final = _Form(breakdown_pages.answer, breakdown_pages.behind, breakdown_pages.COUNTED, ("views", "people"))
_PRODUCTS: Final = _Form(
    breakdown_products.answer,
    breakdown_products.behind,
    breakdown_products.COUNTED,
    ("revenue_micros", "purchases", "views", "carts"),
)
_SESSIONS: Final = _Form(
    breakdown_sessions.answer, breakdown_sessions.behind, breakdown_sessions.COUNTED, ("sessions", "people")
)
_FORMS: Final[Mapping[Dimension, tuple[_Form, str]]] = {
    Dimension.PAGES: (_PAGES, "page"),
    Dimension.PRODUCTS: (_PRODUCTS, "product_id"),
    Dimension.CATEGORIES: (_PRODUCTS, "product_category"),
    Dimension.CHANNELS: (_SESSIONS, "channel"),
    Dimension.CAMPAIGNS: (_SESSIONS, "utm_campaign"),
    Dimension.SOURCES: (_SESSIONS, "utm_source"),
    Dimension.MEDIUMS: (_SESSIONS, "utm_medium"),
    Dimension.COUNTRIES: (_SESSIONS, "country"),
    Dimension.REGIONS: (_SESSIONS, "region"),
    Dimension.CITIES: (_SESSIONS, "city"),
    Dimension.DEVICES: (_SESSIONS, "device"),
    Dimension.BROWSERS: (_SESSIONS, "browser"),
    Dimension.SYSTEMS: (_SESSIONS, "os"),
    Dimension.CLASSES: (_SESSIONS, "class"),
}
"""{dimension: its form, and the property}."""


def counted(dimension: Dimension) -> Mapping[str, str]:
    """{figure that can be opened: what is counted, `people` or `sessions`}."""
    return _FORMS[dimension][0].figures


def answer(ground: Ground, question: Question, *, keep: Keep = lambda table: table) -> Answer:
    """The breakdown, the greatest rows first, equal ones by value, the unknown behind them.

    `keep` is given steps that both tables are made of, which an engine may work out once. Raises `errors.BadRequest`
    for more rows than `MOST_TOP`.
    """
    if not 1 <= question.top <= MOST_TOP:
        raise BadRequest(f"a breakdown has 1 to {MOST_TOP:,} rows, not {question.top:,}")
    form, name = _FORMS[question.dimension]
    rows, total = form.answer(ground, question.scope, name, keep)
    greatest = (rows[figure].desc() for figure in form.order)
    return Answer(rows.order_by(*greatest, rows["value"].asc(nulls_first=False)).limit(question.top), total)


def behind(ground: Ground, question: Question, cell: Cell) -> ir.Table:
    """The people, or the sessions, behind a number: column `who`, a row each."""
    form, name = _FORMS[question.dimension]
    if cell.figure not in form.figures:
        raise BadRequest(f"{cell.figure!r} counts nobody; the figures to open are {', '.join(form.figures)}")
    found = form.behind(ground, question.scope, name, cell.figure)
    if not cell.whole:
        found = found.filter(found["value"].identical_to(cell.value))
    return found.select("who").distinct()
