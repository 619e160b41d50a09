"""`footfall alerts|alert`: what the fraud rules found, once or as it comes, and one with the events behind it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from footfall.cli.client import Client, Refused, Wherever, open_client, token_of
from footfall.cli.lasting import Last, seconds
from footfall.cli.options import DATA, Cursor, Data, How, Limit, Project, Wrong, existing
from footfall.cli.show import Format, Item, console, show_csv, show_json, show_more, show_table
from footfall.errors import Unavailable
from footfall.events.time import write_time

if TYPE_CHECKING:
    from footfall.cli.live import LiveFeed

_LATER = (429, 503)
"""Answers of a server that is busy or not ready yet."""
_MOST_CAUGHT_UP = 1_000
_MOST_KNOWN = 10_000
"""Alerts of which it is remembered that they were shown."""
_FIELDS = ("alert_id", "rule", "severity", "subject", "first", "last", "count", "peak", "message")

Ask = Callable[[], list[Item]]


def alerts(
    *,
    follow: Annotated[bool, typer.Option("--follow", help="Show alerts as they come, until Ctrl-C.")] = False,
    rule: Annotated[str | None, typer.Option(help="Only of this rule, such as HIGH_VELOCITY.")] = None,
    severity: Annotated[str | None, typer.Option(help="Only high or medium ones.")] = None,
    subject: Annotated[str | None, typer.Option(help="Only of this one: u:, v: or s: and the id.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="Only those that fired then or later.")] = None,
    before: Annotated[str | None, typer.Option(help="Only those that fired before then.")] = None,
    last: Last = None,
    limit: Limit = 20,
    cursor: Cursor = None,
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """List alerts of the fraud rules, those that fired last first.

    With --follow it needs a running server, outlives its restarts, and shows an alert once: how it grows is told in a
    line each time. JSON is then a line an alert or growth. With --last or --from it begins with those that there are.
    """
    if last is not None and (since is not None or before is not None):
        raise Wrong("--last says the time already: leave out --from and --before")
    if follow and before is not None:
        raise Wrong("--follow has no end: leave out --before")
    begin = since if last is None else _ago(seconds(last))
    wanted = {
        "rule": None if rule is None else rule.upper(),
        "severity": None if severity is None else severity.lower(),
        "subject": subject,
    }
    if not follow:
        with open_client(existing(data), project=project) as client:
            page = client.get("/v1/alerts", limit=limit, cursor=cursor, before=before, **wanted, **{"from": begin})
        _show_page(page, how)
        return
    if how is Format.CSV:
        raise Wrong("--follow has no end, and --format csv is one table: leave one of them out, or take --format json")
    from footfall.cli.live import live_feed

    feed = live_feed(existing(data), project=project, events=("alert", "counters"))
    client = Client(Wherever(data), token_of(data), project)
    start = begin or _ago(0)

    def ask() -> list[Item]:
        page = client.get("/v1/alerts", limit=_MOST_CAUGHT_UP, **wanted, **{"from": start})
        return [*reversed(page["items"])]

    def fits(alert: Item) -> bool:
        return all(value is None or alert[name] == value for name, value in wanted.items())

    with suppress(KeyboardInterrupt), closing(feed):
        for alert, is_new in _followed(feed, ask):
            if fits(alert):
                _show_next(alert, how, is_new=is_new)


def alert(
    alert_id: Annotated[str, typer.Argument(metavar="ID", help="The alert's id, as `alerts` lists it.")],
    *,
    limit: Limit = 50,
    cursor: Cursor = None,
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """Show one alert with the events behind it: those at which the rule fired, and those that made it fire."""
    with open_client(existing(data), project=project) as client:
        found = client.get(f"/v1/alerts/{quote(alert_id, safe='')}", limit=limit, cursor=cursor)
    if how is Format.JSON:
        show_json(found)
    elif how is Format.CSV:
        show_csv(found["events"], ["timestamp", "event_id", "name"])
    else:
        _show_alert(found)


def _ago(seconds: int) -> str:
    return write_time(time.time_ns() // 1000 - seconds * 1_000_000)


def _followed(feed: LiveFeed, ask: Ask) -> Iterator[tuple[Item, bool]]:
    """Alerts as they come, each with whether it is new; what may have been missed is asked for."""
    known: dict[str, int] = {}
    for item in _told(feed, ask):
        before = known.pop(item["alert_id"], -1)
        known[item["alert_id"]] = max(before, item["revision"])
        if item["revision"] > before:
            yield item, before < 0
        if len(known) > _MOST_KNOWN:
            del known[next(iter(known))]


def _told(feed: LiveFeed, ask: Ask) -> Iterator[Item]:
    """What the server has, what came until it was listened to, then what it tells; and again after a gap."""
    yield from ask()
    missed = True
    for told in feed:
        missed = missed or told.event == "gap"
        if missed:
            with suppress(Unavailable):
                yield from _asked(ask)
                missed = False
        if told.event == "alert":
            yield told.data


def _asked(ask: Ask) -> list[Item]:
    """What `ask` finds; raises `Unavailable` when the server is busy or not ready."""
    try:
        return ask()
    except Refused as error:
        if error.answered not in _LATER:
            raise
        raise Unavailable(error.detail) from error


def _show_page(page: dict[str, Any], how: Format) -> None:
    items: list[Item] = page["items"]
    if how is Format.JSON:
        show_json(items)
    elif how is Format.CSV:
        show_csv(items, _FIELDS)
    elif not items:
        console().print("no alerts", markup=False)
    else:
        from footfall.cli.alert_page import block

        out = console()
        for place, item in enumerate(items):
            out.print(*([""] if place else []), block(item), sep="\n", soft_wrap=True)
        show_more(page)


def _show_next(item: Item, how: Format, *, is_new: bool) -> None:
    if how is Format.JSON:
        sys.stdout.write(json.dumps(item, ensure_ascii=False) + "\n")
    else:
        from footfall.cli.alert_page import block, growth

        console().print(block(item) if is_new else growth(item), soft_wrap=True)
    sys.stdout.flush()


def _show_alert(found: dict[str, Any]) -> None:
    from footfall.cli.alert_page import block, event_columns

    out = console()
    out.print(block(found["alert"]), "", sep="\n", soft_wrap=True)
    if found["events"]:
        show_table(found["events"], event_columns(found["events"]))
    if not found["complete"]:
        note = "not all of its events are here: there are too many, they came too late, or thresholds were changed"
        out.print(f"\n{note}", style="dim", markup=False, soft_wrap=True)
    show_more(found)
