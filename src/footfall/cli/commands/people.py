"""`footfall people|person`: who the people are, and everything that is known of one."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

import typer

from footfall.cli.client import open_client
from footfall.cli.listing import EVENTS, SESSIONS, show_page, show_told
from footfall.cli.options import DATA, Cursor, Data, How, Limit, Project, existing
from footfall.cli.show import (
    Column,
    Format,
    as_count,
    as_decimal,
    as_text,
    as_time,
    console,
    show_facts,
    show_json,
    show_more,
)

_PEOPLE = [
    Column("icon", ""),
    Column("visitor_class", "class"),
    Column("who", "person"),
    Column("last_seen", "last seen", as_time),
    Column("sessions", "sessions", as_count),
    Column("events", "events", as_count),
    Column("purchases", "purchases", as_count),
    Column("revenue", "revenue", as_decimal),
]


def people(
    *,
    search: Annotated[str | None, typer.Option(help="Only people whose id holds this.")] = None,
    visitor_class: Annotated[str | None, typer.Option("--class", help="Only of this class.")] = None,
    where: Annotated[
        str | None, typer.Option(metavar="FILTER", help="Only people with such an event: 'country = \"DE\"'.")
    ] = None,
    since: Annotated[str | None, typer.Option("--from", help="Only what happened then or later.")] = None,
    before: Annotated[str | None, typer.Option(help="Only what happened before then.")] = None,
    sort: Annotated[
        str, typer.Option(help="last_seen, first_seen, events, sessions, purchases, revenue.", show_default=True)
    ] = "last_seen",
    limit: Limit = 20,
    cursor: Cursor = None,
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """List people with their figures and class; `--format csv` exports them."""
    wanted = {"search": search, "visitor_class": visitor_class, "where": where, "before": before, "sort": sort}
    with open_client(existing(data), project=project) as client:
        page = client.get("/v1/people", limit=limit, cursor=cursor, **wanted, **{"from": since})
    show_page(page, _PEOPLE, how, empty="nobody")


def person(
    who: Annotated[
        str, typer.Argument(metavar="PERSON", help="u:ann, v:…, s:…; or an e-mail address or telephone number.")
    ],
    *,
    table: Annotated[
        str, typer.Option(help="With --format csv: events, sessions, classes (their history), profile.")
    ] = "events",
    limit: Limit = 30,
    cursor: Cursor = None,
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """Show one person: class and why, ids, traits, figures, sessions with their classes, and the newest events.

    `--format csv` exports one of these, whole.
    """
    path = f"/v1/people/{quote(who, safe='')}"
    with open_client(existing(data), project=project) as client:
        if how is Format.CSV:
            typer.echo(client.fetch(f"{path}/{quote(table, safe='')}.csv").decode(), nl=False)
            return
        found = client.get(path, limit=limit, cursor=cursor)
    if how is Format.JSON:
        show_json(found)
    else:
        _show_person(found)


def _show_person(found: dict[str, Any]) -> None:
    row, traits = found["person"], ", ".join(f"{name}: {as_text(value)}" for name, value in found["traits"].items())
    show_facts(
        [
            ("person", row["who"]),
            ("class", f"{row['icon']} {row['visitor_class']}"),
            ("why", "; ".join(found["why"])),
            ("ids", ", ".join(f"{known['kind']} {known['id']}" for known in found["ids"])),
            *((("traits", traits),) if traits else ()),
            *((("agrees to", found["consent"]["mode"]),) if found["consent"] else ()),
            ("seen", f"{as_time(row['first_seen'])} – {as_time(row['last_seen'])}"),
            ("events", as_count(row["events"])),
            ("purchases", f"{as_count(row['purchases'])} worth {as_decimal(row['revenue'])} {found['currency']}"),
        ]
    )
    for heading, items, columns in (("Sessions", found["sessions"], SESSIONS), ("Events", found["events"], EVENTS)):
        if items:
            console().print(f"\n{heading}", style="bold")
            show_told(items, columns)
    show_more(found)
