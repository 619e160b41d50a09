"""An answer: prints as a page, plots, gives its rows as Arrow, Polars or pandas, and the people behind each number."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
from rich.console import Console

from footfall.cli.client import Client
from footfall.cli.question_page import PAGES
from footfall.errors import Unavailable

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

    from footfall.analysis.plots import Chart

_WIDTH: Final = 100
_PAGE_PEOPLE: Final = 1_000


class Answer:
    """What a question was answered; asked when it is made, and not again."""

    def __init__(self, client: Client, question: str, path: str, asked: Mapping[str, Any]) -> None:
        """Ask `question` with the API's parameters `asked`."""
        self._client = client
        self._path = path
        self._asked = dict(asked)
        self.question = question
        self.found: dict[str, Any] = client.get(path, **self._asked)
        """The answer as the API gives it, with its definition and what was left out."""

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The answer as flat rows: a period of a line, a step of a part, a cell of a cohort, a link, a value."""
        _, rows = PAGES[self.question]
        return [dict(row) for row in rows(self.found)]

    def people(self, **cell: object) -> list[str]:
        """Everybody behind one number, which the coordinates tell (`found["people"]` says which there are).

        As many as the number says: `funnel.people(at=3, dropped=True)`, `trends.people(period="2026-01-05")`.
        """
        asked = {name: str(value).lower() if isinstance(value, bool) else value for name, value in cell.items()}
        found: list[str] = []
        cursor = None
        while True:
            page = self._client.get(
                f"{self._path}/people", limit=_PAGE_PEOPLE, cursor=cursor, **{**self._asked, **asked}
            )
            found += [item["who"] for item in page["items"]]
            cursor = page["next"]
            if cursor is None:
                return found

    def arrow(self) -> pa.Table:
        """The rows as an Arrow table."""
        return pa.Table.from_pylist(self.rows)

    def polars(self) -> pl.DataFrame:
        """The rows as a Polars frame. Raises `errors.Unavailable` where Polars is not installed."""
        try:
            import polars as pl
        except ImportError:
            raise _missing("polars") from None
        return pl.DataFrame(self.arrow())

    def pandas(self) -> pd.DataFrame:
        """The rows as a pandas frame. Raises `errors.Unavailable` where pandas is not installed."""
        try:
            import pandas as pd
        except ImportError:
            raise _missing("pandas") from None
        return pd.DataFrame(self.rows)

    def plot(self) -> Chart:
        """The answer as a chart, which a notebook shows. Raises `errors.Unavailable` without matplotlib."""
        try:
            from footfall.analysis.plots import plot
        except ImportError:
            raise _missing("matplotlib") from None
        return plot(self.question, self.found)

    def __str__(self) -> str:
        page, _ = PAGES[self.question]
        out = io.StringIO()
        Console(file=out, width=_WIDTH, highlight=False, color_system=None).print(page(self.found))
        return out.getvalue()

    def __repr__(self) -> str:
        return str(self)


def _missing(name: str) -> Unavailable:
    return Unavailable(f"{name} is not installed: `pip install 'footfall[notebook]'` brings what notebooks need")
