"""`footfall rejected`: events that were refused, listed, counted, and tried again once something has been mended."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from footfall.cli.client import Client, open_client
from footfall.cli.listing import show_page
from footfall.cli.options import DATA, Cursor, Data, How, Limit, Project, Wrong, examples, existing
from footfall.cli.progress import progress_bar
from footfall.cli.show import (
    Column,
    Format,
    as_count,
    as_text,
    as_time,
    console,
    harmless,
    show_csv,
    show_facts,
    show_items,
    show_json,
    show_table,
)

rejected = typer.Typer(
    no_args_is_help=True, help="Events that were refused: kept, with the reason, and tried again when you say so."
)

_REJECTED = [
    Column("received", "received", as_time),
    Column("source", "source"),
    Column("line", "line", as_count),
    Column("reason", "reason"),
    Column("detail", "detail"),
    Column("rejected_id", "id"),
]
_COUNTED = [
    Column("reason", "reason"),
    Column("source", "source"),
    Column("count", "events", as_count),
    Column("first", "first", as_time),
    Column("last", "last", as_time),
    Column("detail", "for example"),
    Column("mend", "what would mend it"),
]
_PERIODS = [Column("label", "when"), Column("reason", "reason"), Column("count", "events", as_count)]
_REMAINING = [Column("reason", "still refused for"), Column("count", "events", as_count)]
_SAMPLES = [Column("rejected_id", "id"), Column("reason", "reason"), Column("detail", "detail")]
_MENDING = {"map": dict, "set": dict, "drop": list, "kind": dict}
_MOST_SAMPLES = 10
_Reason = Annotated[str | None, typer.Option(help="Only of this reason.")]
_Source = Annotated[str | None, typer.Option(help="Only from this door or file.")]
_From = Annotated[str | None, typer.Option("--from", help="Only those received then or later.")]
_Before = Annotated[str | None, typer.Option(help="Only those received before then.")]


@rejected.command("list", epilog=examples("footfall rejected list", "footfall rejected list --reason bad-time"))
def list_rejected(
    *,
    reason: _Reason = None,
    source: _Source = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """List refused events with their line and reason, newest first."""
    with open_client(existing(data), project=project) as client:
        page = client.get("/v1/rejected", reason=reason, source=source, limit=limit, cursor=cursor)
    show_page(page, _REJECTED, how, empty="nothing was rejected")


@rejected.command("show", epilog=examples("footfall rejected show 978ae116dc977edac2f578cdae7cc468"))
def show_rejected(
    rejected_id: Annotated[str, typer.Argument(metavar="ID", help="The id, as `rejected list` shows it.")],
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """Show one refused event: why, where it stood, and what was sent."""
    with open_client(existing(data), project=project) as client:
        found = client.get(f"/v1/rejected/{quote(rejected_id, safe='')}")
    if how is Format.JSON:
        show_json(found)
    elif how is Format.CSV:
        show_csv([found], list(found))
    else:
        names = ("received", "source", "line", "reason", "meaning", "detail", "mend", "name")
        show_facts([(name, as_text(found[name])) for name in names if found[name] is not None])
        console().print("", *map(harmless, found["body"].splitlines()), sep="\n", markup=False, soft_wrap=True)


@rejected.command(
    "counts", epilog=examples("footfall rejected counts", "footfall rejected counts --unit hour --zone Europe/Berlin")
)
def counts(
    *,
    reason: _Reason = None,
    source: _Source = None,
    unit: Annotated[str, typer.Option(help="hour or day.")] = "day",
    zone: Annotated[str | None, typer.Option(help="Time zone of days and hours; without it the project's.")] = None,
    since: _From = None,
    before: _Before = None,
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """Count refused events by reason, each with an example and what would mend it, and by hour or day."""
    asked = {"reason": reason, "source": source, "unit": unit, "zone": zone, "from": since, "before": before}
    with open_client(existing(data), project=project) as client:
        found = client.get("/v1/rejected/counts", **asked)
    reasons = [{**one, "detail": one["sample"]["detail"]} for one in found["reasons"]]
    if how is Format.JSON:
        show_json(found)
    elif how is Format.CSV:
        show_csv(found["periods"], [column.field for column in _PERIODS])
    else:
        show_items(reasons, _COUNTED, how, empty="nothing was rejected")
        if found["periods"]:
            console().print()
            show_table(found["periods"], _PERIODS, title=f"by {unit}, {found['zone']}")


@rejected.command(
    "replay",
    epilog=examples(
        "footfall rejected replay --dry-run",
        "footfall rejected replay --reason no-owner --map customer=user_id",
        "footfall rejected replay --map properties.cost=properties.price --set properties.currency=EUR",
        "footfall rejected replay --kind Sold=purchase --drop properties.price",
        "footfall rejected replay --mend mend.json",
    ),
)
def replay(
    *,
    moved: Annotated[
        list[str] | None, typer.Option("--map", metavar="OLD=NEW", help="Move a value to another name; repeatable.")
    ] = None,
    constants: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=TEXT", help="Set a value; repeatable.")
    ] = None,
    dropped: Annotated[list[str] | None, typer.Option("--drop", metavar="NAME", help="Leave a value out.")] = None,
    kinds: Annotated[
        list[str] | None, typer.Option("--kind", metavar="NAME=KIND", help="Events of this name are of that kind.")
    ] = None,
    mend: Annotated[
        Path | None, typer.Option("--mend", metavar="FILE", help="JSON or TOML with map, set, drop and kind.")
    ] = None,
    trusted: Annotated[bool, typer.Option("--trusted", help="Believe them as a server's, old times too.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Store nothing: show what would become of them.")] = False,
    rejected_id: Annotated[list[str] | None, typer.Option("--id", help="Only this one; repeatable.")] = None,
    reason: _Reason = None,
    source: _Source = None,
    since: _From = None,
    before: _Before = None,
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """Try refused events again, mended or under changed settings; those that can be taken are stored, each once.

    Names are those that were sent, with dots into objects (properties.revenue). What is still refused stays as it is.
    Doing so again adds nothing, also after a replay that broke off.
    """
    mending = _file(mend) | {
        name: given
        for name, given in (
            ("map", _pairs("--map", moved)),
            ("set", _pairs("--set", constants)),
            ("drop", dropped),
            ("kind", _pairs("--kind", kinds)),
        )
        if given
    }
    which = {"reason": reason, "source": source, "from": since, "before": before, "ids": rejected_id or None}
    ask = {name: value for name, value in which.items() if value is not None} | mending
    with open_client(existing(data), project=project) as client:
        done = _replayed(client, ask | {"trusted": trusted, "dry_run": dry_run})
    if how is not Format.TABLE:
        show_items([{**done, "dry_run": dry_run}], [Column(name, name) for name in (*done, "dry_run")], how)
        return
    _show(done, dry_run=dry_run)


def _replayed(client: Client, ask: Mapping[str, object]) -> dict[str, Any]:
    """What became of all of them, told in parts."""
    done: dict[str, Any] = {"tried": 0, "taken": 0, "already": 0, "events": 0}
    remaining: Counter[str] = Counter()
    samples: list[dict[str, Any]] = []
    cursor: str | None = None
    with progress_bar("trying again", "tried") as show:
        while True:
            part = client.post("/v1/rejected/replay", {**ask, **({"cursor": cursor} if cursor else {})})
            for name in done:
                done[name] += part[name]
            remaining.update(part["remaining"])
            samples += part["samples"][: _MOST_SAMPLES - len(samples)]
            show(done["tried"], part["chosen"])
            cursor = part["next"]
            if cursor is None:
                return {**done, "remaining": dict(remaining), "samples": samples}


def _show(done: Mapping[str, Any], *, dry_run: bool) -> None:
    would = "would be taken" if dry_run else "taken"
    show_facts(
        [
            ("tried", as_count(done["tried"])),
            (would, f"{as_count(done['taken'])} ({as_count(done['events'])} events)"),
            ("stored before", as_count(done["already"])),
            ("still refused", as_count(sum(done["remaining"].values()))),
        ]
    )
    if done["remaining"]:
        console().print()
        show_table([{"reason": name, "count": count} for name, count in done["remaining"].items()], _REMAINING)
        console().print()
        show_table(done["samples"], _SAMPLES)


def _pairs(option: str, given: list[str] | None) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for pair in given or ():
        name, equals, value = pair.partition("=")
        if not name or not equals:
            raise Wrong(f"{option} wants NAME=VALUE, not {pair!r}")
        pairs[name] = value
    return pairs


def _file(path: Path | None) -> dict[str, Any]:
    """What a file of changes says. Raises `Wrong`."""
    if path is None:
        return {}
    try:
        said = (tomllib.loads if path.suffix == ".toml" else json.loads)(path.read_text())
    except (OSError, ValueError) as error:
        raise Wrong(f'--mend {path}: {error}; it wants TOML, or JSON such as {{"map": {{"cost": "price"}}}}') from None
    if not isinstance(said, dict) or any(not isinstance(said[name], _MENDING.get(name, ())) for name in said):
        raise Wrong(f"--mend {path}: it must be an object of map, set and kind (objects) and drop (an array)")
    return said
