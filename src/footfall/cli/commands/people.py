"""`footfall people|person`: who the people are, everything that is known of one, and decisions about who is who."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

import typer

from footfall.cli.client import open_client
from footfall.cli.listing import EVENTS, SESSIONS, show_page, show_told
from footfall.cli.options import DATA, Cursor, Data, How, Limit, Project, examples, existing
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


_DECISIONS = [
    Column("decision_id", "decision"),
    Column("verdict", "verdict"),
    Column("who", "who"),
    Column("into", "into"),
    Column("decided", "decided", as_time),
    Column("decided_by", "by"),
]
_JOINS = [
    Column("id", "id"),
    Column("user", "is"),
    Column("because", "because"),
    Column("event_id", "event"),
    Column("at", "at", as_time),
]
_Who = Annotated[str, typer.Argument(metavar="ID", help="A user or visitor: u:ann, v:….")]

people = typer.Typer(context_settings={"help_option_names": ["-h", "--help"]})


@people.callback(
    invoke_without_command=True,
    epilog=examples("footfall people", "footfall people --sort revenue --where 'country = \"DE\"'"),
)
def list_people(
    context: typer.Context,
    *,
    search: Annotated[str | None, typer.Option(help="Only people whose id holds this.")] = None,
    visitor_class: Annotated[str | None, typer.Option("--class", help="Only of this class.")] = None,
    where: Annotated[
        str | None, typer.Option(metavar="FILTER", help="Only people with such an event: 'country = \"DE\"'.")
    ] = None,
    since: Annotated[str | None, typer.Option("--from", help="Only what happened then or later.")] = None,
    before: Annotated[str | None, typer.Option(help="Only what happened before then.")] = None,
    zone: Annotated[str | None, typer.Option(help="Time zone of days and hours; without it the project's.")] = None,
    sort: Annotated[
        str, typer.Option(help="last_seen, first_seen, events, sessions, purchases, revenue.", show_default=True)
    ] = "last_seen",
    limit: Limit = 20,
    cursor: Cursor = None,
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """List people with their figures and class, `--format csv` exports them; or say who is who."""
    if context.invoked_subcommand is not None:
        return
    wanted = {"search": search, "visitor_class": visitor_class, "where": where, "sort": sort}
    wanted |= {"from": since, "before": before, "zone": zone}
    with open_client(existing(data), project=project) as client:
        page = client.get("/v1/people", limit=limit, cursor=cursor, **wanted)
    show_page(page, _PEOPLE, how, empty="nobody")


@people.command(
    epilog=examples("footfall people merge u:ann@old.example u:ann", "footfall people merge v:tablet u:ann")
)
def merge(
    who: _Who,
    into: Annotated[str, typer.Argument(metavar="USER", help="The user that it is: u:ann.")],
    data: Data = DATA,
    project: Project = None,
) -> None:
    """Decide that a user or a visitor is a user; `split` undoes it."""
    with open_client(existing(data), project=project) as client:
        made = client.post("/v1/person-decisions/merges", {"who": who, "into": into})
    console().print(f"{made['who']} is {made['into']}: {made['decision_id']}", markup=False)


@people.command(epilog=examples("footfall people split v:library"))
def split(who: _Who, data: Data = DATA, project: Project = None) -> None:
    """Decide that a user or a visitor is nobody else, whatever events say; only `merge` joins it again."""
    with open_client(existing(data), project=project) as client:
        made = client.post("/v1/person-decisions/splits", {"who": who})
    console().print(f"{made['who']} is a person of its own: {made['decision_id']}", markup=False)


@people.command(epilog=examples("footfall people decisions"))
def decisions(data: Data = DATA, project: Project = None, how: How = Format.TABLE) -> None:
    """List what was decided of who is who, and by whose token."""
    with open_client(existing(data), project=project) as client:
        page = client.get("/v1/person-decisions")
    show_page(page, _DECISIONS, how, empty="nothing was decided")


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
    listed = (
        ("Joined", found["joins"], _JOINS),
        ("Decided", found["decisions"], _DECISIONS),
        ("Sessions", found["sessions"], SESSIONS),
        ("Events", found["events"], EVENTS),
    )
    for heading, items, columns in listed:
        if items:
            console().print(f"\n{heading}", style="bold")
            show_told(items, columns)
    show_more(found)
