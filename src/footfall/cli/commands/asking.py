"""`footfall trends|funnel|retention|paths|breakdown`: the questions, each with the people behind its numbers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Final, NamedTuple, TypeAlias
from urllib.parse import quote

import typer

from footfall.cli.client import open_client
from footfall.cli.options import DATA, Cursor, Data, How, Limit, Project, Wrong, existing
from footfall.cli.show import Column, Format, Item, console, show_csv, show_items, show_json, show_more

From: TypeAlias = Annotated[str | None, typer.Option("--from", help="Only events that happened then or later.")]
Before: TypeAlias = Annotated[str | None, typer.Option(help="Only events that happened before then.")]
Last: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--last", metavar="TIME", help="Only the last so long: 15m, 24h; of days whole ones, today the last: 7d, 4w."
    ),
]
Where: TypeAlias = Annotated[
    str | None, typer.Option(metavar="FILTER", help="""Only events for which it holds: 'country = "DE"'.""")
]
By: TypeAlias = Annotated[
    str | None, typer.Option("--by", metavar="PROPERTY", help="Split by a property: country, device, class, …")
]
Sessions: TypeAlias = Annotated[bool, typer.Option("--sessions", help="Count sessions instead of people.")]
Zone: TypeAlias = Annotated[str | None, typer.Option(help="Time zone of days and hours; without it the project's.")]
Behind: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--people",
        metavar="FIELD=VALUE,…",
        help="Instead the people behind one number, which these fields tell; `--format json` shows them.",
    ),
]
_PEOPLE = [Column("who", "who")]
_COORDINATE: Final = re.compile(r'(?P<name>[^=,]*)(?:=(?P<value>\s*"(?:[^"\\]|\\.)*"[^,]*|[^,]*))?(?:,|$)')


class _Way(NamedTuple):
    """How the answer is wanted: whole, or the people behind one number, and in which form."""

    people: str | None
    limit: int
    cursor: str | None
    data: Path
    project: str | None
    how: Format


def trends(
    figure: Annotated[
        str,
        typer.Argument(
            metavar="[FIGURE]",
            help="events, people, purchases, revenue, average_order_value, sum, average; sessions, session_duration, "
            "bounce_share, events_a_session, conversion.",
        ),
    ] = "events",
    *,
    of: Annotated[
        str, typer.Option(metavar="STEP", help="Which events: page_view, kind:view, 'view[price > 9]'.")
    ] = "*",
    prop: Annotated[str | None, typer.Option("--property", help="What is summed or averaged, such as price.")] = None,
    unit: Annotated[
        str, typer.Option(help="minute, hour, day, week, month, quarter, year.", show_default=True)
    ] = "day",
    by: By = None,
    beside: Annotated[str | None, typer.Option(help="Compared with the time `before`, or a `year` before.")] = None,
    since: From = None,
    before: Before = None,
    last: Last = None,
    where: Where = None,
    sessions: Sessions = False,
    zone: Zone = None,
    people: Behind = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """Show a figure over time: split, beside an earlier time, with what is unusual marked."""
    asked: dict[str, object] = {
        "figure": figure,
        "of": of,
        "property": prop,
        "unit": unit,
        "split": by,
        "beside": beside,
    }
    asked |= _scope(since, before, last, where, zone, sessions=sessions)
    _ask("trends", asked, _Way(people, limit, cursor, data, project, how))


def funnel(
    step: Annotated[list[str], typer.Argument(metavar="STEP", help="Each a name, kind:cart, or 'view[price > 9]'.")],
    *,
    within: Annotated[
        str, typer.Option(help="Longest time from the first step to the last.", show_default=True)
    ] = "7d",
    strict: Annotated[bool, typer.Option("--strict", help="Nothing else may happen between two steps.")] = False,
    by: By = None,
    unit: Annotated[str | None, typer.Option(help="Also over time: by hour, day, week, …")] = None,
    apart: Annotated[
        int | None,
        typer.Option("--apart", metavar="STEP", help="Instead what sets apart who went on to this step from who left."),
    ] = None,
    since: From = None,
    before: Before = None,
    last: Last = None,
    where: Where = None,
    sessions: Sessions = False,
    zone: Zone = None,
    people: Behind = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """Show how many took each of several steps in order, and how long it took them."""
    order = "strict" if strict else None
    asked: dict[str, object] = {"step": step, "within": within, "order": order, "split": by, "unit": unit}
    asked |= _scope(since, before, last, where, zone, sessions=sessions)
    way = _Way(people, limit, cursor, data, project, how)
    if apart is None:
        _ask("funnel", asked, way)
    elif people is None:
        _ask("funnel", asked | {"split": None, "property": [by] if by else None, "at": apart}, way, of="/apart")
    else:
        raise Wrong("--apart shows values, not people; leave it out to see who is behind a number")


def retention(
    *,
    unit: Annotated[str, typer.Option(help="Length of cohorts: day, week, month, …", show_default=True)] = "week",
    periods: Annotated[int, typer.Option(help="Periods after a cohort's own.", show_default=True)] = 8,
    cohorts: Annotated[
        str, typer.Option(help="first: by the first event ever; active: by every period.", show_default=True)
    ] = "first",
    first: Annotated[str, typer.Option(metavar="STEP", help="Which event makes a cohort.", show_default=True)] = "*",
    back: Annotated[str, typer.Option(metavar="STEP", help="Which event counts as active.", show_default=True)] = "*",
    money: Annotated[bool, typer.Option("--money", help="Also what the cohorts bought and are worth.")] = False,
    by: By = None,
    since: From = None,
    before: Before = None,
    last: Last = None,
    where: Where = None,
    sessions: Sessions = False,
    zone: Zone = None,
    people: Behind = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """Show how many of those who began in a period came back in the periods after it."""
    asked: dict[str, object] = {
        "unit": unit,
        "periods": periods,
        "cohorts": cohorts,
        "first": first,
        "back": back,
        "split": by,
    }
    asked |= {"money": "true" if money else None}
    asked |= _scope(since, before, last, where, zone, sessions=sessions)
    _ask("retention", asked, _Way(people, limit, cursor, data, project, how))


def paths(
    *,
    start: Annotated[str | None, typer.Option(metavar="STEP", help="From the first such event on.")] = None,
    end: Annotated[str | None, typer.Option(metavar="STEP", help="Instead to the last such event.")] = None,
    over: Annotated[str, typer.Option(help="pages, or events.", show_default=True)] = "pages",
    depth: Annotated[int, typer.Option(help="Places after the start, or before the end.", show_default=True)] = 4,
    top: Annotated[int, typer.Option(help="Names that stand by themselves at each place.", show_default=True)] = 8,
    since: From = None,
    before: Before = None,
    last: Last = None,
    where: Where = None,
    sessions: Sessions = False,
    zone: Zone = None,
    people: Behind = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """Show what people do after an event, or before one, place by place."""
    asked: dict[str, object] = {"start": start, "end": end, "over": over, "depth": depth, "top": top}
    asked |= _scope(since, before, last, where, zone, sessions=sessions)
    _ask("paths", asked, _Way(people, limit, cursor, data, project, how))


def breakdown(
    dimension: Annotated[
        str,
        typer.Argument(
            metavar="DIMENSION",
            help="pages; products, categories; channels, campaigns, sources, mediums, countries, regions, cities, "
            "devices, browsers, systems, classes.",
        ),
    ],
    *,
    top: Annotated[int, typer.Option(min=1, max=1000, help="Most rows.", show_default=True)] = 20,
    since: From = None,
    before: Before = None,
    last: Last = None,
    where: Where = None,
    sessions: Sessions = False,
    zone: Zone = None,
    people: Behind = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """Show what each page, product, channel, place or device brought, the greatest first."""
    asked: dict[str, object] = {"top": top, **_scope(since, before, last, where, zone, sessions=sessions)}
    _ask("breakdown", asked, _Way(people, limit, cursor, data, project, how), of=f"/{quote(dimension, safe='')}")


def _scope(
    since: str | None, before: str | None, last: str | None, where: str | None, zone: str | None, *, sessions: bool
) -> dict[str, object]:
    """The parameters that every question has."""
    if last is not None and (since is not None or before is not None):
        raise Wrong("--last says the time already: leave out --from and --before")
    by = "session" if sessions else None
    return {"from": since, "before": before, "last": last, "where": where, "zone": zone, "by": by}


def _ask(question: str, asked: dict[str, object], way: _Way, *, of: str = "") -> None:
    """Ask, and show the answer, or the people behind one of its numbers."""
    path = f"/v1/{question}{of}"
    with open_client(existing(way.data), project=way.project) as client:
        if way.people is not None:
            place = _coordinates(way.people)
            _show_people(client.get(f"{path}/people", limit=way.limit, cursor=way.cursor, **asked, **place), way.how)
            return
        found = client.get(path, **asked)
    if way.how is Format.JSON:
        show_json(found)
        return
    from footfall.cli.question_page import PAGES

    page, rows = PAGES.get(question + of) or PAGES[question]
    if way.how is Format.CSV:
        told = rows(found)
        show_csv(told, list(told[0]) if told else [])
    else:
        console().print(page(found))


def _coordinates(text: str) -> dict[str, str]:
    """The parameters that say which number is meant; a value with a comma or a quote in it is written as JSON does.

    >>> _coordinates('at=3, dropped'), _coordinates('value="tea, green",figure=viewers')
    ({'at': '3', 'dropped': 'true'}, {'value': 'tea, green', 'figure': 'viewers'})
    """
    return {
        part["name"].strip(): "true" if part["value"] is None else _value(part["value"].strip())
        for part in _COORDINATE.finditer(text)
        if part["name"].strip()
    }


def _value(text: str) -> str:
    if not text.startswith('"'):
        return text
    try:
        return str(json.loads(text))
    except ValueError as error:
        raise Wrong(f"--people: {text} begins with a quote and is no text of JSON: {error}") from error


def _show_people(found: Item, how: Format) -> None:
    if how is Format.JSON:
        show_json(found)
        return
    show_items(found["items"], _PEOPLE, how, empty="nobody")
    if how is Format.TABLE and found["items"]:
        console().print(f"\n{found['count']:,} in all", markup=False)
        show_more(found)
