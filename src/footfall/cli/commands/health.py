"""`footfall health`: what arrived and what became of it, how much waits, and how data are kept.

Whether an installation is sound is told by `footfall doctor`.
"""

from __future__ import annotations

import time
from typing import Annotated, Any, Final

import typer

from footfall.cli.client import open_client
from footfall.cli.lasting import Last, seconds
from footfall.cli.options import DATA, Data, How, Project, Wrong, existing
from footfall.cli.show import (
    Column,
    Format,
    as_count,
    as_decimal,
    as_time,
    console,
    show_csv,
    show_facts,
    show_json,
    show_table,
)
from footfall.events.time import write_time

_TAKEN_AWAY: Final = {
    "duplicates": "kept once, the copy is discarded",
    "bots": "kept apart, out of every figure",
    "rejected": "kept with their reason, can be replayed",
}
_PERIODS: Final = [
    Column("label", "when"),
    *(Column(name, name, as_count) for name in ("received", "duplicates", "bots", "rejected", "counted", "late")),
]
_REASONS: Final = [
    Column("reason", "rejected for"),
    Column("count", "events", as_count),
    Column("last", "last", as_time),
]
_MOST_REASONS: Final = 5
_FAR_DAYS: Final = 3650
_UNITS: Final = ("bytes", "kB", "MB", "GB", "TB")


def health(
    *,
    since: Annotated[str | None, typer.Option("--from", help="What arrived then or later.")] = None,
    before: Annotated[str | None, typer.Option(help="What arrived before then.")] = None,
    last: Last = None,
    unit: Annotated[str | None, typer.Option(help="hour or day; hour up to three days, else day.")] = None,
    zone: Annotated[str | None, typer.Option(help="Time zone of days and hours; without it the project's.")] = None,
    storage: Annotated[bool, typer.Option("--storage", help="Show only lag, sizes, imports and upkeep.")] = False,
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """Show the books of what arrived: received − duplicates − bots − rejected = counted; and how data are kept.

    By arrival, the last 30 days without a time. JSON has the books, or with --storage the rest; CSV a line for each
    hour or day, or each table.
    """
    if last is not None and (since is not None or before is not None):
        raise Wrong("--last says the time already: leave out --from and --before")
    begin = since if last is None else write_time(time.time_ns() // 1000 - seconds(last) * 1_000_000)
    with open_client(existing(data), project=project) as client:
        asked = {"from": begin, "before": before, "unit": unit, "zone": zone}
        books = None if storage else client.get("/v1/health", **asked)
        stored = client.get("/v1/health/storage") if storage or how is Format.TABLE else None
    if how is Format.JSON:
        show_json(books or stored)
    elif how is Format.CSV:
        _show_csv(books, stored)
    else:
        if books:
            _show_books(books)
            console().print()
        _show_storage(stored or {})


def _show_csv(books: dict[str, Any] | None, stored: dict[str, Any] | None) -> None:
    if books:
        show_csv(books["periods"], ["begin", "end", *(column.field for column in _PERIODS)])
    if stored:
        show_csv(stored["tables"], [column.field for column in _TABLES])


def _show_books(books: dict[str, Any]) -> None:
    total, kept = books["total"], books["kept"]
    console().print(f"The books, {as_time(books['begin'])} to {as_time(books['end'])} UTC, by arrival", style="bold")
    if books["counted_from"]:
        console().print(
            f"they begin {as_time(books['counted_from'])}: what arrived before was not counted", style="dim"
        )
    width = len(as_count(total["received"])) + 1
    lines = [("received", as_count(total["received"]).rjust(width))]
    lines += [(name, f"{_less(total[name]).rjust(width)}  {says}") for name, says in _TAKEN_AWAY.items()]
    lines += [("counted", f"{as_count(total['counted']).rjust(width)}  in sessions, figures and charts")]
    lines += [("of it late", f"{as_count(total['late']).rjust(width)}  join their sessions at the next rebuild")]
    if kept["removed"]:
        lines += [("removed since", f"{as_count(kept['removed']).rjust(width)}  erased, or older than data are kept")]
    if kept["unbooked"]:
        lines += [
            ("unbooked", f"{as_count(kept['unbooked']).rjust(width)}  kept, but in no book: the journal was damaged")
        ]
    show_facts(lines)
    if books["reasons"]:
        console().print()
        show_table(books["reasons"][:_MOST_REASONS], _REASONS)
    console().print()
    show_table(
        [one for one in books["periods"] if one["received"]], _PERIODS, title=f"by {books['unit']}, {books['zone']}"
    )


def _show_storage(stored: dict[str, Any]) -> None:
    lag, events, whole = stored["lag"], stored["events"], stored["installation"]
    tables = [one for one in stored["tables"] if one["rows"] or one["waiting"]]
    waits = f"{as_count(lag['events'])} events wait" if lag["events"] else "nothing waits"
    facts = [("live state", f"{waits}; counted to {as_time(lag['counted_to']) or 'nothing yet'}")]
    if events["first"]:
        facts += [("events", f"{as_time(events['first'])} to {as_time(events['last'])}")]
    if events["bytes_an_event"]:
        facts += [("bytes an event", as_decimal(events["bytes_an_event"]))]
        facts += [("indexed", f"{as_count(events['indexed'])} of {as_count(events['of'])}")]
    facts += [("kept", f"{as_count(stored['keep_days'])} days" if stored["keep_days"] else "for ever")]
    if whole:
        left = "" if whole["days_left"] is None else f", {_lasting(whole['days_left'])} at the present rate"
        facts += [
            ("journal", f"{as_bytes(whole['journal_bytes'])} in {as_count(whole['journal_files'])} files"),
            ("disk", f"{as_bytes(whole['free_bytes'])} of {as_bytes(whole['total_bytes'])} free{left}"),
        ]
        facts += [(f"{deed['deed']}", as_time(deed["at"]) + _trouble(deed["trouble"])) for deed in whole["upkeep"]]
    console().print("What is kept", style="bold")
    show_facts(facts)
    if tables:
        console().print()
        show_table(tables, _TABLES)


def as_bytes(value: Any) -> str:
    """Bytes in the unit that people read.

    >>> as_bytes(1_250_000), as_bytes(12)
    ('1.25 MB', '12 bytes')
    """
    if value is None:
        return ""
    number, place = float(value), 0
    while number >= 1000 and place < len(_UNITS) - 1:
        number, place = number / 1000, place + 1
    return f"{number:.3g} {_UNITS[place]}" if place else f"{int(value)} {_UNITS[0]}"


def _less(count: int) -> str:
    return f"−{as_count(count)}" if count else "0"


def _lasting(days: int) -> str:
    """A far future is no date."""
    return "over ten years" if days > _FAR_DAYS else f"{as_count(days)} days"


def _trouble(trouble: str | None) -> str:
    return "" if trouble is None else f", did not succeed: {trouble}"


_TABLES: Final = [
    Column("table", "table"),
    Column("rows", "rows", as_count),
    Column("waiting", "in no file yet", as_count),
    Column("files", "files", as_count),
    Column("bytes", "size", as_bytes),
]
