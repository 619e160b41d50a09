"""What the routes of all questions share: the parameters of the scope, what was left out, the people behind a number.

Each question's own parameters and rows stand in its own file.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol, TypeVar, get_args

from pydantic import BaseModel, Field, StringConstraints, WithJsonSchema, model_validator

from footfall.api.cursors import Cursor, Limit
from footfall.api.ports import Node, Tables
from footfall.api.questions import After
from footfall.cursors import read_cursor, write_cursor
from footfall.errors import BadRequest
from footfall.events.time import read_time
from footfall.store.days import Days, Weekday

if TYPE_CHECKING:  # Ibis takes half a second to import; a server that is not asked anything does without
    import ibis.expr.types as ir
    from msgspec import Struct

    from footfall.engines.plans import Keep
    from footfall.metrics.asked import Ground, Scope, Step
    from footfall.metrics.calendar import Calendar
    from footfall.metrics.filters.model import Filter
    from footfall.metrics.lasting import Asked
    from footfall.metrics.splits import Part

E = TypeVar("E", bound=StrEnum)
Q = TypeVar("Q", bound="Asked")
C = TypeVar("C", bound="Struct")
Row = dict[str, Any]

FilterText = Annotated[str, StringConstraints(max_length=20_000)]
StepText = Annotated[str, StringConstraints(max_length=20_000)]
TimeText = Annotated[
    str, StringConstraints(max_length=100), WithJsonSchema({"type": "string", "examples": ["2019-10-01T00:00:00Z"]})
]
PropertyText = Annotated[str, StringConstraints(max_length=500)]


class ScopeQuery(BaseModel, extra="forbid", populate_by_name=True):
    """What every question is asked of; a question's own query adds its parameters."""

    from_: TimeText | None = Field(default=None, alias="from", description="Events that happened then or later.")
    before: TimeText | None = Field(
        default=None, description="Events that happened before then. Times that name no zone are of `zone`."
    )
    last: str | None = Field(
        default=None,
        max_length=100,
        description="Instead of `from` and `before` the time up to now: `90m` or `24h` so long; `28d` or `4w` whole "
        "days of `zone`, of which the present one is the last.",
        examples=["28d"],
    )
    where: FilterText | None = Field(
        default=None, description="A filter: only events for which it holds.", examples=['country = "DE"']
    )
    by: Literal["person", "session"] = Field(default="person", description="Who is counted.")
    zone: str | None = Field(
        default=None, max_length=100, description="Time zone of days and hours; the project's when absent."
    )
    week_starts: Weekday | None = Field(
        default=None, description="Day on which weeks begin; the project's when absent."
    )
    after: After = None
    project: str | None = Field(default=None, description="Project; not needed with a token for one project.")

    @model_validator(mode="before")
    @classmethod
    def _known_names(cls, given: Any) -> Any:
        """Say of a parameter that there is not which one may be meant."""
        known = [field.alias or name for name, field in cls.model_fields.items()]
        for name in given if isinstance(given, Mapping) else ():
            if name not in known and name not in cls.model_fields:
                near = get_close_matches(name, known, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
                raise BadRequest(f"there is no parameter {name[:100]!r}; {hint}")
        return given

    def scope(self, days: Days) -> Scope:
        """The same, as the metrics want it; `days` are the project's.

        Raises `errors.BadRequest` that names the parameter.
        """
        from footfall.metrics.asked import Scope
        from footfall.metrics.calendar import Calendar

        zone, week_starts = self.zone or days.zone, get_args(Weekday).index(self.week_starts or days.week_starts)
        with named("zone"):
            calendar = Calendar(zone, week_starts)
        return Scope(
            from_us=self._begin(calendar),
            before_us=instant("before", self.before, calendar),
            where=read_filter("where", self.where),
            zone=zone,
            week_starts=week_starts,
            by=self.by,
        )

    def _begin(self, calendar: Calendar) -> int | None:
        from footfall.metrics.last import begin_of_last

        if self.last is None:
            return instant("from", self.from_, calendar)
        if self.from_ is not None or self.before is not None:
            raise BadRequest("last: it says the time already; leave out from and before")
        return begin_of_last(self.last, calendar, time.time_ns() // 1000)


class PeopleQuery(BaseModel):
    """The further parameters of the people behind a number: which part of a split, and the page."""

    value: str | None = Field(default=None, max_length=2_000, description="Of this value of the split alone.")
    unknown: bool = Field(default=False, description="Of those alone whose value of the split is unknown.")
    other: bool = Field(default=False, description="Of those alone whose value the answer tells as *other*.")
    limit: Limit = 100
    cursor: Cursor = None

    def part(self) -> Part | None:
        """The part of the split; None for all."""
        from footfall.metrics.splits import Part

        if (self.value is not None) + self.unknown + self.other > 1:
            raise BadRequest("value, unknown and other exclude each other; give one of them")
        if self.value is None and not self.unknown and not self.other:
            return None
        return Part(value=self.value, is_other=self.other)


class Noted(BaseModel):
    """What the question was asked of, and what was left out."""

    events: int = Field(description="Events in the range that count and for which the filter holds.")
    people: int = Field(description="Their people; sessions when counted by session.")
    bot_events: int = Field(description="Events of bots in the range: left out of everything.")
    late_events: int = Field(description="Events in the range that came too late to correct their session at once.")


class Definition(BaseModel):
    """The question as it was understood."""

    text: str = Field(description="For people.")
    question: dict[str, Any] = Field(description="For programs: everything that it says, defaults included.")


class PeopleLink(BaseModel):
    """How to ask for the people behind a number."""

    path: str = Field(description="The route, with the question's own parameters.")
    coordinates: dict[str, str] = Field(description="{parameter: which of the row's fields it takes}.")


class Person(BaseModel):
    """One person, or one session when counted by session."""

    who: str = Field(description="`u:`, `v:` or `s:` and the user, visitor or session id; a session's own id.")


class People(BaseModel):
    """The people (or sessions) behind a number, in order of their ids."""

    items: list[Person]
    count: int = Field(description="All of them: the number itself.")
    next: str | None = Field(description="Cursor of the next page; null on the last one.")


@contextmanager
def named(parameter: str) -> Iterator[None]:
    """Lets errors of what is read within say which parameter it came from."""
    try:
        yield
    except BadRequest as error:
        raise BadRequest(f"{parameter}: {error.detail}") from error


def instant(parameter: str, text: str | None, calendar: Calendar) -> int | None:
    """The instant of a time in any form that events may have; without a zone of its own it is the calendar's."""
    if text is None:
        return None
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        local = None
    if local is not None and local.tzinfo is None:
        return calendar.instant(local)
    try:
        return read_time(text)
    except (ValueError, OverflowError) as error:
        raise BadRequest(f"{parameter}: {text!r} is no time: {error}; write 2026-03-01 or 2026-03-01T12:00Z") from error


def read_filter(parameter: str, text: str | None) -> Filter | None:
    """The filter that a parameter writes; None without one."""
    from footfall.metrics.filters.text import parse

    with named(parameter):
        return None if text is None else parse(text)


def read_step(parameter: str, text: str) -> Step:
    """The step that a parameter writes."""
    from footfall.metrics.asked import parse_step

    with named(parameter):
        return parse_step(text)


def read_choice(parameter: str, text: str, choices: type[E]) -> E:
    """The member of `choices` that a parameter names; raises `errors.BadRequest` with the nearest one."""
    known = [choice.value for choice in choices]
    if text in known:
        return choices(text)
    near = get_close_matches(text, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
    raise BadRequest(f"{parameter}: there is no {text[:100]!r}; {hint}")


def ground_of(tables: Tables, node: Node) -> Ground:
    """What a question is asked of, now."""
    from footfall.metrics.asked import Ground

    now_us, taxonomy = time.time_ns() // 1000, node.settings.taxonomy
    return Ground(tables.events, tables.sessions, taxonomy, now_us, tables.first_events, tables.links)


class _Answer(Protocol):
    """Tables by their names."""

    def _asdict(self) -> dict[str, ir.Table | None]: ...


def rows_of(
    tables: Tables, ground: Ground, question: Asked, told: _Answer | None, answer: Callable[..., _Answer]
) -> Mapping[str, list[Row]]:
    """The rows of each of an answer's tables, by their names; none of one that was not asked for.

    They are those of `told` when the index knows them, else of the definition, `answer`.
    """
    if told is not None:
        return {name: [] if table is None else tables.run(table).to_pylist() for name, table in told._asdict().items()}
    return answered(tables, ground, question, lambda at, keep: answer(at, question, keep=keep)._asdict())


def answered(
    tables: Tables,
    ground: Ground,
    question: Asked,
    ask: Callable[[Ground, Keep], Mapping[str, ir.Table | None]],
    *cell: object,
) -> Mapping[str, list[Row]]:
    """The rows of each of the tables that `ask` makes, which is compiled once for each question, and `cell` of it."""
    import msgspec

    from footfall.metrics.lasting import lasting

    since = ground._replace(now_us=lasting(question, ground.now_us)[0])  # until then the same question has another plan
    is_cut = ground.first_events is not None
    asked = (type(question).__module__, question, *cell, since.now_us, ground.taxonomy.listed(), is_cut)
    found = tables.answer(msgspec.json.encode(asked), lambda keep: ask(since, keep))
    return defaultdict(list, {name: table.to_pylist() for name, table in found.items()})


def noted_of(tables: Tables, node: Node, ground: Ground, scope: Scope) -> Noted:
    """What the answer carries of what was left out."""
    from footfall.metrics.asked import noted

    told = node.answers.noted(tables.whole, scope)
    if told is not None:
        (row,) = tables.run(told).to_pylist()
    else:
        (row,) = answered(tables, ground, scope, lambda at, _: {"noted": noted(at, scope)})["noted"]
    return Noted.model_validate(row)


def definition_of(text: str, question: object) -> Definition:
    """The question, told."""
    import msgspec

    return Definition(text=text, question=msgspec.to_builtins(question))


def people_of(
    tables: Tables,
    ground: Ground,
    question: Q,
    behind: Callable[[Ground, Q, C], ir.Table],
    *,
    cell: C,
    query: PeopleQuery,
) -> People:
    """A page of who stands behind the number `cell` of an answer; `behind` gives them as the column `who`."""
    place = read_cursor(query.cursor, str) if query.cursor else None

    def ask(at: Ground, keep: Keep) -> Mapping[str, ir.Table]:
        found = keep(behind(at, question, cell))
        page = found if place is None else found.filter(found.who > place)
        return {"rows": page.order_by("who").limit(query.limit + 1), "counted": found.aggregate(count=found.count())}

    told = answered(tables, ground, question, ask, cell, place, query.limit)
    rows, ((counted,),) = told["rows"], [row.values() for row in told["counted"]]
    return People(
        items=[Person.model_validate(row) for row in rows[: query.limit]],
        count=counted,
        next=write_cursor(rows[query.limit - 1]["who"]) if len(rows) > query.limit else None,
    )
