"""`footfall sessions|session|classes`: what came out, as the API tells it."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

import typer

from footfall.cli.client import open_client
from footfall.cli.listing import EVENTS, SESSIONS, show_page, show_told
from footfall.cli.options import DATA, Cursor, Data, How, Limit, Project, examples, existing
from footfall.cli.show import (
    SESSION_FIGURES,
    Column,
    Format,
    as_count,
    as_decimal,
    as_percent,
    as_text,
    as_time,
    console,
    show_csv,
    show_facts,
    show_json,
)

classes = typer.Typer(
    no_args_is_help=True, help="Visitor classes: how sessions spread over them, what each is worth, and their rules."
)

_DISTRIBUTION = [
    Column("window_start", "window", as_time),
    Column("icon", ""),
    Column("visitor_class", "class"),
    Column("session_count", "sessions", as_count),
    Column("share", "share", as_percent),
    Column("unique_users", "users", as_count),
    Column("total_revenue", "revenue", as_decimal),
    Column("avg_duration_minutes", "avg minutes", as_decimal),
    Column("open", "", lambda is_open: "open" if is_open else ""),
]
_CONVERSION = [
    Column("icon", ""),
    Column("visitor_class", "class"),
    Column("total_sessions", "sessions", as_count),
    Column("unique_users", "users", as_count),
    Column("total_views", "views", as_count),
    Column("total_carts", "carts", as_count),
    Column("total_purchases", "purchases", as_count),
    Column("total_revenue", "revenue", as_decimal),
    Column("avg_revenue_per_session", "per session", as_decimal),
    Column("view_to_cart_rate", "view→cart", as_percent),
    Column("cart_to_purchase_rate", "cart→purchase", as_percent),
    Column("overall_conversion_rate", "view→purchase", as_percent),
    Column("avg_order_value", "order value", as_decimal),
]


def sessions(
    *,
    visitor_class: Annotated[list[str] | None, typer.Option("--class", help="Only of this class; repeatable.")] = None,
    user: Annotated[str | None, typer.Option(help="Only sessions of this user.")] = None,
    owner: Annotated[str | None, typer.Option(help="Only of this owner: s:, v: or u: and the id.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="Only those that began then or later.")] = None,
    before: Annotated[str | None, typer.Option(help="Only those that began before then.")] = None,
    ended_from: Annotated[str | None, typer.Option(help="Only those that ended then or later.")] = None,
    ended_before: Annotated[str | None, typer.Option(help="Only those that ended before then.")] = None,
    at_least: Annotated[
        list[str] | None, typer.Option(metavar="FIGURE:NUMBER", help="The least value of a figure; repeatable.")
    ] = None,
    at_most: Annotated[
        list[str] | None, typer.Option(metavar="FIGURE:NUMBER", help="The greatest value of a figure; repeatable.")
    ] = None,
    purchase: Annotated[
        bool | None, typer.Option("--purchase/--no-purchase", help="Only with, or without one.")
    ] = None,
    sort: Annotated[str | None, typer.Option(help="Figure to sort by; -figure sorts downwards.")] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """List sessions with their figures and class, newest first."""
    with open_client(existing(data), project=project) as client:
        page = client.get(
            "/v1/sessions",
            visitor_class=visitor_class,
            user_id=user,
            owner=owner,
            started_from=since,
            started_before=before,
            ended_from=ended_from,
            ended_before=ended_before,
            at_least=at_least,
            at_most=at_most,
            has_purchase=None if purchase is None else str(purchase).lower(),
            sort=sort,
            limit=limit,
            cursor=cursor,
        )
    show_page(page, SESSIONS, how, empty="no sessions yet; `footfall serve` says how to send a first event")


def session(
    session_id: Annotated[str, typer.Argument(metavar="ID", help="The session's id, as `sessions` lists it.")],
    limit: Limit = 50,
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """Show one session: figures, class, why it has that class, what to do, and its events."""
    with open_client(existing(data), project=project) as client:
        found = client.get(f"/v1/sessions/{quote(session_id, safe='')}", limit=limit)
    if how is Format.JSON:
        show_json(found)
    elif how is Format.CSV:
        show_csv(found["events"], [column.field for column in EVENTS])
    else:
        _show_session(found)


@classes.command("distribution", epilog=examples("footfall classes distribution --limit 12"))
def distribution(
    *,
    since: Annotated[str | None, typer.Option("--from", help="Only windows that begin then or later.")] = None,
    before: Annotated[str | None, typer.Option(help="Only windows that begin before then.")] = None,
    limit: Limit = 50,
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """Show how the sessions that ended in each 5-minute window spread over the classes."""
    with open_client(existing(data), project=project) as client:
        page = client.get("/v1/classes/distribution", before=before, limit=limit, **{"from": since})
    show_page(page, _DISTRIBUTION, how, empty="no sessions yet")


@classes.command(
    "conversion",
    epilog=examples(
        "footfall classes conversion --from 2019-10-01", "footfall classes conversion --format csv > conversion.csv"
    ),
)
def conversion(
    *,
    since: Annotated[str | None, typer.Option("--from", help="Only sessions that began then or later.")] = None,
    before: Annotated[str | None, typer.Option(help="Only sessions that began before then.")] = None,
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """Show what each class looks at, puts into carts, buys, and is worth."""
    with open_client(existing(data), project=project) as client:
        page = client.get("/v1/classes/conversion", started_from=since, started_before=before)
    show_page(page, _CONVERSION, how, empty="no sessions yet")


def _show_session(found: dict[str, Any]) -> None:
    row = found["session"]
    show_facts(
        [
            ("session", row["session_id"]),
            (
                "class",
                f"{row['icon']} {row['visitor_class']} (score {row['score']}, priority {row['action_priority']})",
            ),
            ("why", "; ".join(found["why"])),
            ("advice", "; ".join(found["advice"])),
            ("started", as_time(row["session_start"])),
            ("ended", as_time(row["session_end"])),
            *((("users", as_text(row["users"])),) if row["users"] else ()),
            *((name.replace("_", " "), _figure(row[name])) for name in SESSION_FIGURES if row[name] is not None),
        ]
    )
    console().print()
    show_told(found["events"], EVENTS)


def _figure(value: Any) -> str:
    return as_count(value) if isinstance(value, int) else as_decimal(value)
