"""`footfall classes rules|preview|change`: the class rules and kinds in force, and what others would do to the past."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

from footfall.cli.client import open_client
from footfall.cli.commands import reading
from footfall.cli.options import DATA, Data, How, Project, Wrong, examples, existing
from footfall.cli.show import (
    Column,
    Format,
    Item,
    as_count,
    as_number,
    as_percent,
    as_time,
    console,
    show_facts,
    show_items,
    show_json,
)

classes = reading.classes

AtLeast = Annotated[
    list[str] | None,
    typer.Option("--at-least", metavar="ID=NUMBER", help="Another threshold, as `classes rules` names it; repeatable."),
]
Kinds = Annotated[
    list[str] | None,
    typer.Option("--kind", metavar="NAME=KIND", help="Another kind of an event's name, `other` for none; repeatable."),
]

_THRESHOLDS: Final = [
    Column("icon", ""),
    Column("name", "class"),
    Column("id", "threshold"),
    Column("at_least", "at least", as_number),
    Column("either", ""),
    Column("score", "score"),
]
_CELLS: Final = [
    Column("present", "class now", lambda name: name or "no session"),
    Column("then", "class then", lambda name: name or "no session"),
    Column("sessions", "sessions", as_count),
    Column("example", "for example"),
]


@classes.command("rules", epilog=examples("footfall classes rules", "footfall classes rules --format json"))
def rules(data: Data = DATA, how: How = Format.TABLE) -> None:
    """Show the thresholds of each class, and the last change of them."""
    with open_client(existing(data)) as client:
        _show_rules(client.get("/v1/classes/rules"), how)


@classes.command(
    "preview",
    epilog=examples(
        "footfall classes preview --at-least engaged_shopper.total_events=12",
        "footfall classes preview --kind wishlist_add=cart --from 2026-11-01",
    ),
)
def preview(
    *,
    at_least: AtLeast = None,
    kind: Kinds = None,
    since: Annotated[str | None, typer.Option("--from", help="Only sessions that began then or later.")] = None,
    before: Annotated[str | None, typer.Option(help="Only sessions that began before then.")] = None,
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """Show how many past sessions would have another class by other rules. Nothing is changed."""
    asked = _change(at_least, kind) | {"from": since, "before": before}
    with open_client(existing(data), project=project) as client:
        _show_preview(client.post("/v1/classes/preview", asked), how)


@classes.command(
    "change",
    epilog=examples(
        "footfall classes change --at-least engaged_shopper.total_events=12",
        "footfall classes change --kind wishlist_add=cart --yes",
    ),
)
def change(
    *,
    at_least: AtLeast = None,
    kind: Kinds = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask back.")] = False,
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """Change thresholds and kinds for all projects: of what comes at once, of the past with `footfall rebuild`."""
    wanted = _change(at_least, kind)
    if not (wanted["thresholds"] or wanted["kinds"]):
        raise Wrong("nothing is to be changed; --at-least ID=NUMBER or --kind NAME=KIND says what")
    with open_client(existing(data), project=project) as client:
        seen = client.get("/v1/classes/rules")
        if not yes:
            _show_preview(client.post("/v1/classes/preview", wanted), Format.TABLE)
            typer.confirm("Use these rules?", abort=True, err=True)
        _show_rules(client.patch("/v1/classes/rules", {"number": seen["number"], **wanted}), how)


def _change(at_least: list[str] | None, kinds: list[str] | None) -> dict[str, Any]:
    pairs = {"thresholds": map(_pair, at_least or ()), "kinds": map(_pair, kinds or ())}
    found: dict[str, Any] = {part: dict(given) for part, given in pairs.items()}
    found["thresholds"] = {id_: _number(id_, text) for id_, text in found["thresholds"].items()}
    return found


def _pair(word: str) -> tuple[str, str]:
    name, is_given, value = word.rpartition("=")
    if not (is_given and name and value):
        raise Wrong(f"{word!r}: write it as NAME=VALUE")
    return name, value


def _number(id_: str, text: str) -> int | float:
    try:
        return int(text) if text.strip().lstrip("+-").isdigit() else float(text)
    except ValueError:
        raise Wrong(f"{id_} = {text!r}: write a number, for example 10") from None


def _show_rules(found: Item, how: Format) -> None:
    if how is Format.JSON:
        show_json(found)
        return
    show_items(list(_clauses(found)), _THRESHOLDS, how)
    if how is Format.TABLE:
        last = next(iter(found["history"]), None)
        told = [("changed", f"{as_time(last['changed'])} by {last['changed_by']}" if last else "never")]
        told += [("in footfall.toml", ", ".join(found["fixed"]))] if found["fixed"] else []
        told += [("the past", "some sessions have the class of other rules; `footfall rebuild` judges them anew")] * (
            found["rebuild_due"]
        )
        console().print()
        show_facts(told)


def _clauses(found: Item) -> list[Item]:
    rows: list[Item] = []
    for rule in found["classes"]:
        about = {"icon": rule["icon"], "name": rule["name"], "score": rule["score"]}
        groups = rule["any_of"]
        for number, group in enumerate(groups):
            for place, clause in enumerate(group):
                word = "and" if place + 1 < len(group) else "or" if number + 1 < len(groups) else ""
                rows.append({**about, **clause, "either": word})
        if not groups:
            rows.append({**about, "id": "all others", "at_least": None, "either": ""})
    return rows


def _show_preview(found: Item, how: Format) -> None:
    if how is Format.JSON:
        show_json(found)
        return
    moving = [cell for cell in found["cells"] if cell["present"] != cell["then"]]
    rows = [{**cell, "example": next(iter(cell["examples"]), "")} for cell in moving]
    show_items(rows, _CELLS, how)
    if how is Format.TABLE:
        share = "" if found["share"] is None else f" ({as_percent(found['share'])})"
        console().print()
        show_facts(
            [
                ("sessions", as_count(found["sessions"])),
                ("change class", as_count(found["changed"]) + share),
                ("a rebuild", f"goes through {as_count(found['rebuild_events'])} events of this project"),
            ]
        )
