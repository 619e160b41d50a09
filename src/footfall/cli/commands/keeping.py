"""`footfall keep`: how long a project's data are kept, and what was removed because of it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from footfall.cli.client import open_client
from footfall.cli.options import DATA, Data, How, Project, Wrong, existing
from footfall.cli.show import Format, as_count, as_time, show_facts, show_json
from footfall.keeping.models import MOST_DAYS


def keep(
    *,
    days: Annotated[
        int | None, typer.Option(min=0, max=MOST_DAYS, help="Keep so many whole days before the present one; 0: all.")
    ] = None,
    default: Annotated[bool, typer.Option("--default", help="Keep for as long as the setting keep_days says.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask back.")] = False,
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """Show or say how long a project's data are kept; what is older is removed, whole days (UTC) at a time.

    Sessions, alerts, rejected events and the index go with the events. Who was there first, and when, is remembered.
    """
    if days is not None and default:
        raise Wrong("--days and --default exclude each other; give one of them")
    with open_client(existing(data), project=project) as client:
        if days is None and not default:
            found = client.get("/v1/keeping")
        else:
            if not yes and days != 0:
                typer.confirm("Remove what is older than that, for ever?", abort=True, err=True)
            found = client.put("/v1/keeping", {"days": days})
    if how is Format.JSON:
        show_json(found)
    else:
        _show(found)


def _show(found: dict[str, Any]) -> None:
    removed = found["removed"]
    kept = f"{as_count(found['days'])} days" if found["days"] else "for ever"
    gone = "nothing yet"
    if removed is not None:
        counts = ", ".join(f"{as_count(removed[name])} {name}" for name in ("events", "sessions", "alerts", "rejected"))
        gone = f"{counts}; last at {as_time(removed['at'])}, of days before {removed['before']}"
    show_facts(
        [
            ("kept", kept + (", as the setting says" if found["own"] is None else "")),
            *((("from", found["kept_from"]),) if found["kept_from"] else ()),
            ("removed", gone),
        ]
    )
