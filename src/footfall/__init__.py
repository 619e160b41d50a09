"""Footfall: behaviour analytics and personalization that you run yourself.

>>> import footfall
>>> with footfall.open("footfall-data") as shop:  # doctest: +SKIP
...     print(shop.funnel(["product_view", "add_to_cart", "purchase"], within="7d", by="country"))
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from footfall.analysis.project import Project

__version__ = "0.1.0"


def open(source: str | Path, *, project: str | None = None, token: str | None = None) -> Project:  # noqa: A001 - its name
    """A project to ask questions of: of a data folder, or of a server's URL with a token.

    A folder that a server owns is asked through it; else it is opened here, and is to be closed.
    Raises `errors.NotFound` when there is no such folder.
    """
    from footfall.analysis.project import Project

    return Project(source, project=project, token=token)
