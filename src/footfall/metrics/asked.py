"""What every question has in common: the scope, the steps, whose events they are, and how many were left out.

A question's own rule stands in its own file; what a filter means in `filters`, who a person is in `people`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Final, Literal, NamedTuple, TypeAlias

import ibis
import ibis.expr.types as ir
from msgspec import Struct

from footfall.events.kinds import Kind, Taxonomy
from footfall.metrics.calendar import Calendar
from footfall.metrics.filters import text as filters
from footfall.metrics.filters.conditions import condition
from footfall.metrics.filters.model import MOST_CHARACTERS, Filter, FilterError, comparisons
from footfall.metrics.filters.properties import (
    CLASS,
    FIRST_SEEN,
    LAST_SEEN,
    Property,
    find,
    is_joined,
    json_text,
    micros_of,
    text_of,
)
from footfall.metrics.kinds import is_of
from footfall.metrics.people import ever, joined, with_person
from footfall.sessions.batch import owner

MOST_STEPS: Final = 30
MOST_SPLITS: Final = 50
"""Most values that a split tells apart; the rest is told together."""
MOST_PERIODS: Final = 2_000
MOST_VALUES: Final = 1_000
"""Most comparisons of all filters of a question, of a list each value: with them grows what is read before it runs."""

By: TypeAlias = Literal["person", "session"]


class Scope(Struct, frozen=True, kw_only=True):
    """What a question is about: events at or after `from_us` and before `before_us` for which `where` holds."""

    from_us: int | None = None
    before_us: int | None = None
    where: Filter | None = None
    zone: str = "UTC"
    """Time zone of days and hours, a name of the IANA database."""
    week_starts: int = 0
    """Day on which weeks begin; 0 is Monday."""
    by: By = "person"
    """Who is counted."""

    @property
    def calendar(self) -> Calendar:
        """The calendar in which periods are counted."""
        return Calendar(self.zone, self.week_starts)


class Step(Struct, frozen=True):
    """Some events: of one name or one kind (without either every event that counts), for which `where` holds."""

    name: str | None = None
    kind: Kind | None = None
    where: Filter | None = None


EVERYTHING: Final = Scope()
ANY: Final = Step()


class Ground(NamedTuple):
    """What questions are asked of: one project's tables, what names mean, and the time at which it is asked."""

    events: ir.Table
    sessions: ir.Table
    taxonomy: Taxonomy
    now_us: int
    """What ends later is unfinished."""
    first_events: ir.Table | None = None
    """Of days that were removed: the first event of each name of everybody, with the columns of `events`."""
    links: ir.Table | None = None
    """What was said of ids (`events.linking.LINKS`); None: nothing."""

    @property
    def ever(self) -> ir.Table:
        """All events that anything is known of (`people.ever`)."""
        return ever(self.events, self.first_events)


_STEP: Final = re.compile(
    r"""(?:(?P<text>"(?:[^"\\]|\\.)*+")\s*+|(?P<name>[^\["]*+))(?:\[(?P<where>.*)\])?""", re.DOTALL
)
"""Nothing in it gives back what it took: a step of many blanks would else be tried in every way to cut it."""
_KIND: Final = "kind:"


def parse_step(text: str) -> Step:
    """The step that `text` writes: `NAME`, `kind:KIND` or `*`, each with or without a filter in brackets behind it.

    A name that these signs would confuse stands in quotes. Raises `FilterError`, with the place in the filter.

    >>> parse_step("kind:view"), parse_step("*").name
    (Step(name=None, kind=<Kind.VIEW: 'view'>, where=None), None)
    >>> format_step(parse_step('product_view [brand="acme"]'))
    'product_view[brand = "acme"]'
    """
    found = _STEP.fullmatch(text.strip()) if len(text) <= MOST_CHARACTERS else None
    name = ((found and found["name"]) or "").strip()
    if found is None or not (found["text"] or name):
        raise FilterError(f"{text[:100]!r} is no step; write a name, kind:view or *, with a filter in [ ] behind it")
    where = None if found["where"] is None else filters.parse(found["where"])
    if found["text"]:
        return Step(filters.unquoted(found["text"]), None, where)
    if name == "*":
        return Step(None, None, where)
    return Step(None, _kind(name.removeprefix(_KIND)), where) if name.startswith(_KIND) else Step(name, None, where)


def format_step(step: Step) -> str:
    """The text of a step, which reads back as the same."""
    if step.name is None:
        what = "*" if step.kind is None else _KIND + step.kind.value
    else:
        plain = step.name != "*" and re.fullmatch(r"[^\s\[\"](?:[^\[\"]*[^\s\[\"])?", step.name)
        what = step.name if plain and not step.name.startswith(_KIND) else filters.quoted(step.name)
    return what if step.where is None else f"{what}[{filters.format(step.where)}]"


def is_step(step: Step, events: ir.Table, taxonomy: Taxonomy) -> ir.BooleanValue:
    """Whether each event is one of the step's; `events` have the columns that its filter asks for (`furnished`)."""
    if step.name is not None:
        found = events.name == step.name
    elif step.kind is not None:
        found = is_kind(step.kind, events, taxonomy)
    else:
        found = counts(events, taxonomy)
    return found if step.where is None else found & condition(step.where, events, taxonomy)


def is_kind(kind: Kind, events: ir.Table, taxonomy: Taxonomy) -> ir.BooleanValue:
    """Whether each event is of a kind, `other` included."""
    return ~events.name.isin(sorted(taxonomy.listed())) if kind is Kind.OTHER else is_of(events, taxonomy, kind)


def counts(events: ir.Table, taxonomy: Taxonomy) -> ir.BooleanValue:
    """Whether each event counts: every kind does but `passive`."""
    return ~is_of(events, taxonomy, Kind.PASSIVE)


def within(rows: ir.Table, scope: Scope, time: str = "ts_us") -> ir.Table:
    """The rows whose `time` lies in the scope's range."""
    bounds = [
        *([rows[time] >= scope.from_us] if scope.from_us is not None else []),
        *([rows[time] < scope.before_us] if scope.before_us is not None else []),
    ]
    return rows.filter(bounds) if bounds else rows


def check_filters(*wanted: Filter | None) -> None:
    """Raise `FilterError` when a question's filters together compare with more than `MOST_VALUES` values."""
    parts = [part for one in wanted if one is not None for part in comparisons(one)]
    values = sum(len(part.value) if isinstance(part.value, tuple) else 1 for part in parts)
    if values > MOST_VALUES:
        raise FilterError(
            f"the filters of a question compare with at most {MOST_VALUES:,} values together, these with {values:,}; "
            "write the common part of the steps' filters once, as the question's own, or ask for less"
        )


def activity(
    ground: Ground,
    scope: Scope,
    *,
    split: str | None = None,
    passive: bool = False,
    marks: Mapping[str, Step] | None = None,
    keep: Sequence[str] = (),
    amount: str | None = None,
) -> ir.Table:
    """The events that a question is about: no bots, in the range, `where` holds, and with a person (or session).

    Only events that count, and those that are one of `marks`, unless `passive` ones are wanted, too. Columns: who,
    ts_us, event_id, name, those of the event that `keep` names, `split` (text, null where unknown) when one is
    asked for, `amount` (the property of this name in millionths, null for what is no number), and one for each of
    `marks`: whether the event is of that step.
    """
    steps = dict(marks or {})
    wanted = [scope.where, *(step.where for step in steps.values())]
    names = {part.property for one in wanted if one is not None for part in comparisons(one)}
    names |= {name for name in (split, amount) if name is not None}
    found = furnished(ground, scope, names)
    if scope.where is not None:
        found = found.filter(condition(scope.where, found, ground.taxonomy))
    marked = found.select(
        *("who", "ts_us", "event_id", "name", *keep),
        **({} if split is None else {"split": text_of(split, found, ground.taxonomy)}),
        **({} if amount is None else {"amount": micros_of(amount, found, ground.taxonomy)}),
        **{mark: is_step(step, found, ground.taxonomy) for mark, step in steps.items()},
    )
    if passive:
        return marked
    heeded = counts(marked, ground.taxonomy)
    for mark in steps:
        heeded |= marked[mark]
    return marked.filter(heeded)


def noted(ground: Ground, scope: Scope) -> ir.Table:
    """One row, which every answer carries: what the question was asked of, and what was left out.

    * `events`, `people` (or sessions): those in the range that count and for which `where` holds
    * `bot_events`: events of bots in the range, left out of everything
    * `late_events`: events of people in the range that came too late to correct their session at once; they are in
      every figure of events, and join their session at the next rebuild. Imported ones are never late.
    """
    asked = activity(ground, scope)
    ranged = within(ground.events, scope)
    others = ranged.aggregate(
        bot_events=ranged.count(where=ranged.is_bot).fill_null(0),  # Spark counts null where there is no row
        late_events=ranged.count(where=ranged.late).fill_null(0),
    )
    return asked.aggregate(events=asked.count(), people=asked.who.nunique()).cross_join(others)


def furnished(ground: Ground, scope: Scope, properties: Iterable[str]) -> ir.Table:
    """The events of people in the range, with `who` and the columns that `properties` ask for beyond the event's own.

    By session, `who` is the id of the session that holds the event, and events that none holds are left out: alone
    with passive ones there is no session.
    """
    asked = {known.name: known for known in map(find, properties) if is_joined(known)}
    of_session = {CLASS: "visitor_class"} if asked.pop(CLASS, None) else {}
    ranged = within(ground.events.filter(~ground.events.is_bot), scope)
    found = ranged
    if scope.by == "person" or asked:
        found = with_person(found, joined(ground.ever, ground.links))
    if asked:
        found = found.left_join(_people(ground, list(asked.values())), "who").drop("who_right")
    if scope.by == "session" or of_session:
        found = _with_session(found, within_sessions(ground.sessions, scope), of_session)
    if scope.by == "session":
        return found.filter(found["_session"].notnull()).mutate(who="_session").drop("_session")
    return found.drop("_session") if of_session else found


def within_sessions(sessions: ir.Table, scope: Scope) -> ir.Table:
    """The sessions that an event of the scope's range can be of."""
    bounds = [
        *([sessions.session_end >= scope.from_us] if scope.from_us is not None else []),
        *([sessions.session_start < scope.before_us] if scope.before_us is not None else []),
    ]
    return sessions.filter(bounds) if bounds else sessions


def _with_session(events: ir.Table, sessions: ir.Table, columns: Mapping[str, str]) -> ir.Table:
    """`events` with `_session`, the id of the session that holds each, null without one, and columns of it."""
    placed = events.mutate(_owner=owner(events))
    held = sessions.select(
        _holder="owner",
        _begin_us="session_start",
        _end_us="session_end",
        _session="session_id",
        **columns,
    )
    both = [placed["_owner"] == held["_holder"], placed.ts_us >= held["_begin_us"], placed.ts_us <= held["_end_us"]]
    return placed.left_join(held, both).drop("_owner", "_holder", "_begin_us", "_end_us")


def _people(ground: Ground, asked: Sequence[Property]) -> ir.Table:
    """One row a person: `who`, and a column for each property asked for, over all events ever."""
    events = with_person(ground.ever.filter(~ground.ever.is_bot), joined(ground.ever, ground.links))
    newest = ibis.struct({"ts_us": events.ts_us, "event_id": events.event_id})
    figures = {}
    for one in asked:
        if one.name == FIRST_SEEN:
            figures[one.column] = events.ts_us.min()
        elif one.name == LAST_SEEN:
            figures[one.column] = events.ts_us.max()
        else:
            told = json_text((events.name == "identify").ifelse(events.properties, None), one.path)
            figures[one.column] = told.argmax(newest, where=told.notnull())
    return events.group_by("who").aggregate(**figures)


def _kind(text: str) -> Kind:
    if text in set(Kind):
        return Kind(text)
    near = get_close_matches(text, [kind.value for kind in Kind], n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(Kind)}"
    raise FilterError(f"there is no kind {text[:100]!r}; {hint}")
