"""Everything that is stored of one person, as lines of JSON: what somebody may ask to be given."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pyarrow as pa

from footfall.events.consent import Mode
from footfall.events.time import write_time
from footfall.metrics.tables import Tables
from footfall.privacy.matching import Marks, mask
from footfall.privacy.models import Person

if TYPE_CHECKING:
    import ibis.expr.types as ir

FORMAT: Final = 1
_ROWS_AT_ONCE: Final = 10_000
_MOST_OWNERS: Final = 1_000_000


def lines(
    tables: Tables,
    person: Person,
    contacts: Iterable[dict[str, Any]] = (),
    *,
    made: str,
    agreed: tuple[Mode, int] | None = None,
) -> Iterator[bytes]:
    """The export, a JSON object a line: a `manifest`, then what there is, and at last the `end`.

    There are `contact`, `event`, `session`, `first_event` (of removed days), `alert`, `rejected` and `consent`. Columns
    are those of the tables (`docs/tables.md`), empty ones left out. Sessions that others have a part in are only
    counted: what is in them of the person, the events tell. `made` is the time, for the manifest; `agreed` is what they
    agreed to and when they said so (µs).
    """
    ids = {"users": person.users, "visitors": person.visitors, "sessions": person.sessions}
    yield _line("manifest", {"format": FORMAT, "project_id": person.project_id, "who": person.who, "made": made, **ids})
    counts: Counter[str] = Counter()
    told = (("contact", contact) for contact in contacts)
    for kind, row in chain(told, _rows(tables, person)):
        counts[kind] += 1
        if kind != "shared_session":
            yield _line(kind, row)
    if agreed is not None:
        counts["consent"] += 1
        yield _line("consent", {"mode": agreed[0], "said": write_time(agreed[1])})
    yield _line("end", {"counts": dict(counts)})


def _rows(tables: Tables, person: Person) -> Iterator[tuple[str, dict[str, Any]]]:
    events = _events_of(tables.events, person)
    yield from (("event", row) for row in _paged(tables, events, "ts_us", "event_id"))
    for row in _paged(tables, _sessions_of(tables, events), "session_start", "session_id"):
        yield ("session" if row["owner"] in person.subjects else "shared_session"), row
    if tables.first_events is not None:
        firsts = _events_of(tables.first_events, person)
        yield from (("first_event", row) for row in _paged(tables, firsts, "ts_us", "event_id"))
    alerts = tables.alerts.filter(tables.alerts.subject.isin(person.subjects))
    yield from (("alert", row) for row in _paged(tables, alerts, "first_us", "alert_id"))
    marks = Marks(person)
    rejected = _likely(tables.rejected, person)
    named = _paged(
        tables, rejected, "received_us", "rejected_id", lambda rows: rows.filter(mask("rejected", rows, marks))
    )
    yield from (("rejected", row) for row in named)


def _events_of(events: ir.Table, person: Person) -> ir.Table:
    """The events that are the person's own; an `alias` of somebody else that names them is that one's to be given."""
    nameless, unseen = events.user_id.isnull(), events.visitor_id.isnull()
    by_user = events.user_id.isin(person.users) if person.users else False
    by_visitor = nameless & events.visitor_id.isin(person.visitors) if person.visitors else False
    by_session = nameless & unseen & events.session_id.isin(person.sessions) if person.sessions else False
    return events.filter(by_user | by_visitor | by_session)


def _sessions_of(tables: Tables, events: ir.Table) -> ir.Table:
    """The sessions of these events' owners, whole ones."""
    from footfall.sessions.batch import owner

    people = events.mutate(owner=owner(events)).select("owner").distinct()
    owners = tables.run(people, max_rows=_MOST_OWNERS)["owner"].to_pylist()
    return tables.sessions.filter(tables.sessions.owner.isin(owners or [""]))


def _likely(rejected: ir.Table, person: Person) -> ir.Table:
    """Those that hold an id somewhere, or text that is escaped."""
    ids = sorted({*person.users, *person.visitors, *person.sessions})
    return rejected.filter(rejected.body.re_search("|".join([r"\\u", *map(re.escape, ids)])))


def _paged(
    tables: Tables, rows: ir.Table, time: str, own_id: str, kept: Callable[[pa.Table], pa.Table] = lambda rows: rows
) -> Iterator[dict[str, Any]]:
    """The rows in order of (time, id), so many at once that memory is bounded."""
    ordered = rows.order_by(time, own_id)
    while (page := tables.run(ordered.limit(_ROWS_AT_ONCE))).num_rows:
        yield from kept(page).to_pylist()
        last = page.slice(page.num_rows - 1).to_pylist()[0]
        behind = (rows[time] > last[time]) | ((rows[time] == last[time]) & (rows[own_id] > last[own_id]))
        ordered = rows.filter(behind).order_by(time, own_id)


def _line(kind: str, fields: dict[str, Any]) -> bytes:
    held = {name: value for name, value in fields.items() if value is not None}
    return msgspec.json.encode({"kind": kind, **held}) + b"\n"
