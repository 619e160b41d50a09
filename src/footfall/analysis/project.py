"""A project, open for questions: each method asks what the command of the same name asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias, TypedDict, Unpack
from urllib.parse import quote

import pyarrow as pa

from footfall.analysis.answer import Answer
from footfall.cli.client import Client, Socket, open_client
from footfall.errors import BadRequest, NotFound

When: TypeAlias = str | date | datetime | None
"""ISO text, a date or a time; without a zone it is the project's."""


class Scope(TypedDict, total=False):
    """What every question may be told beside its own words."""

    since: When
    """Only events that happened then or later."""
    before: When
    where: str | None
    """A filter: only events for which it holds."""
    zone: str
    """Time zone of days and hours; the project's without it."""
    sessions: bool
    """Count sessions instead of people."""


class Project:
    """One project of a data folder, or of a server; a context manager. Made by `footfall.open`."""

    def __init__(self, source: str | Path, *, project: str | None = None, token: str | None = None) -> None:
        """`source` is a data folder, or the URL of a server, which wants a `token`.

        Raises `errors.NotFound` when there is no such folder, `errors.BadRequest` for a URL without a token.
        """
        self._resources = ExitStack()
        if str(source).startswith(("http://", "https://")):
            if token is None:
                raise BadRequest(
                    "a server wants a token: footfall.open(url, token=…); `footfall tokens create` makes one"
                )
            transport = Socket(str(source))
            self._resources.callback(transport.close)
            self._client = Client(transport, token, project, str(source))
            return
        folder = Path(source)
        if not folder.is_dir():
            raise NotFound(f"there is no data folder {folder}; `footfall serve` or `footfall import` makes one")
        self._client = self._resources.enter_context(open_client(folder, project=project))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the folder, or of the connection."""
        self._resources.close()

    def trends(
        self,
        figure: str = "events",
        *,
        of: str = "*",
        property: str | None = None,  # noqa: A002 - the word of the API
        unit: str = "day",
        by: str | None = None,
        beside: str | None = None,
        **scope: Unpack[Scope],
    ) -> Answer:
        """A figure over time, split `by` a property, `beside` an earlier time (`before` or `year`)."""
        asked = {"figure": figure, "of": of, "property": property, "unit": unit, "split": by, "beside": beside}
        return self._ask("trends", asked | _parameters(scope))

    def funnel(
        self,
        steps: Sequence[str],
        *,
        within: str = "7d",
        strict: bool = False,
        by: str | None = None,
        unit: str | None = None,
        **scope: Unpack[Scope],
    ) -> Answer:
        """How many took each of `steps` in order: names, `kind:cart`, `view[price > 9]`."""
        asked = {"step": list(steps), "within": within, "split": by, "unit": unit}
        asked |= {"order": "strict" if strict else None}
        return self._ask("funnel", asked | _parameters(scope))

    def retention(
        self,
        *,
        unit: str = "week",
        periods: int = 8,
        cohorts: str = "first",
        first: str = "*",
        back: str = "*",
        money: bool = False,
        by: str | None = None,
        **scope: Unpack[Scope],
    ) -> Answer:
        """How many of those who began in a period came back in the periods after it."""
        asked = {"unit": unit, "periods": periods, "cohorts": cohorts, "first": first, "back": back, "split": by}
        asked |= {"money": "true" if money else None}
        return self._ask("retention", asked | _parameters(scope))

    def paths(
        self,
        *,
        start: str | None = None,
        end: str | None = None,
        over: str = "pages",
        depth: int = 4,
        top: int = 10,
        **scope: Unpack[Scope],
    ) -> Answer:
        """What people do after the event `start`, or before the event `end`."""
        asked = {"start": start, "end": end, "over": over, "depth": depth, "top": top}
        return self._ask("paths", asked | _parameters(scope))

    def breakdown(self, dimension: str, *, top: int = 50, **scope: Unpack[Scope]) -> Answer:
        """What each of the pages, products, channels, countries, devices, … brought."""
        asked = {"top": top, **_parameters(scope)}
        return self._ask("breakdown", asked, of="/" + quote(dimension, safe=""))

    def people(
        self,
        *,
        search: str | None = None,
        visitor_class: str | None = None,
        sort: str = "last_seen",
        limit: int = 100,
        **scope: Unpack[Scope],
    ) -> pa.Table:
        """People with their figures and class, the first `limit` (at most 1,000) in the order of `sort`."""
        asked = {"search": search, "visitor_class": visitor_class, "sort": sort, "limit": limit}
        found = self._client.get("/v1/people", **asked, **_parameters(scope))
        return pa.Table.from_pylist(found["items"])

    def person(self, who: str) -> dict[str, Any]:
        """Everything that is known of one person: ids, traits, sessions, the newest events."""
        found: dict[str, Any] = self._client.get(f"/v1/people/{quote(who, safe='')}")
        return found

    def person_csv(self, who: str, table: str = "events") -> str:
        """All `events` of a person as CSV; or the `sessions`, the `classes` over time, the `profile`."""
        return self._client.fetch(f"/v1/people/{quote(who, safe='')}/{quote(table, safe='')}.csv").decode()

    def class_rules(self) -> dict[str, Any]:
        """The class rules and kinds of event names in force."""
        found: dict[str, Any] = self._client.get("/v1/classes/rules")
        return found

    def preview_classes(
        self,
        at_least: Mapping[str, float] | None = None,
        kinds: Mapping[str, str] | None = None,
        *,
        since: When = None,
        before: When = None,
    ) -> dict[str, Any]:
        """How many past sessions would change class by other thresholds, `{"browser.total_events": 4}`, and kinds."""
        asked = {"thresholds": dict(at_least or {}), "kinds": dict(kinds or {})}
        found: dict[str, Any] = self._client.post(
            "/v1/classes/preview", {**asked, "from": _text(since), "before": _text(before)}
        )
        return found

    def sql(self, query: str) -> pa.Table:
        """The answer to one SELECT over events, sessions, alerts, rejected."""
        found = self._client.post("/v1/sql", {"sql": query})
        names = [column["name"] for column in found["columns"]]
        columns = zip(*found["rows"], strict=True) if found["rows"] else [()] * len(names)
        return pa.Table.from_arrays([pa.array(list(values)) for values in columns], names=names)

    def _ask(self, question: str, asked: dict[str, Any], *, of: str = "") -> Answer:
        return Answer(self._client, question, f"/v1/{question}{of}", asked)


def _parameters(scope: Scope) -> dict[str, Any]:
    """The same, as the API names it."""
    return {
        "from": _text(scope.get("since")),
        "before": _text(scope.get("before")),
        "where": scope.get("where"),
        "zone": scope.get("zone"),
        "by": "session" if scope.get("sessions") else None,
    }


def _text(when: When) -> str | None:
    return when.isoformat() if isinstance(when, date) else when
