"""Paths: what people do after an event, or before it, place by place, as a Sankey diagram draws it.

Which way somebody took stands in `walks`; here stands over which events ways lead, and what is counted of them.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final, NamedTuple

import ibis
import ibis.expr.types as ir
from msgspec import Struct

from footfall.errors import BadRequest
from footfall.events.kinds import Kind
from footfall.metrics.asked import ANY, Ground, Scope, Step, activity, check_filters, format_step
from footfall.metrics.filters import text as filters
from footfall.metrics.kinds import is_of
from footfall.metrics.splits import OTHER, Part, key_of, value_of
from footfall.metrics.walks import walks

MOST_DEPTH: Final = 30
MOST_TOP: Final = 100


class Over(StrEnum):
    """What the places of a way are."""

    EVENTS = "events"
    """Every event that counts, under its name."""
    PAGES = "pages"
    """Pages seen, under their path, else address, else title; of other events the anchor alone, under its name."""


class Question(Struct, frozen=True, kw_only=True):
    """Ways from an event on, or to one: one way a person (or session), within the scope's range of time."""

    scope: Scope
    over: Over = Over.PAGES
    start: Step | None = None
    """Ways from the first such event on; from the first event of all when neither this nor `end` is given."""
    end: Step | None = None
    """Instead ways that lead to the last such event."""
    depth: int = 4
    """Places after the start, or before the end."""
    top: int = 10
    """Labels that stand by themselves at each place, the rest together as *other*; and the number of transitions."""


class Cell(Struct, frozen=True, kw_only=True):
    """A number of the answer: the people at a node, along a link, or who took a transition."""

    place: int | None = None
    """Of the node, or of the link's source; None for a transition at whatever place."""
    label: Part | None = None
    """Of the node, or of the source; all when None."""
    target: Part | None = None
    """Of a link or transition; None for a node."""
    ended: bool = False
    """Of the people at the node those whose way ends there (begins there, for ways that lead to an event)."""


class Answer(NamedTuple):
    """The paths' tables. A label is null for the unknown, and for all others together (`is_other`).

    Place 0 is the start, 1 the place after it, and so on; of ways that lead to an event 0 is the end, −1 the place
    before it.
    """

    nodes: ir.Table
    """A row for each label of each place, places in order of time, most people first, the others last:

    * `place`, `label`, `is_other`, `people`
    * `ended`: those of them whose way ends there (for ways that lead to an event: begins there)
    """
    links: ir.Table
    """A row for each step from one place to the next, places in order of time, most people first, the others last:
    `place` (of the source), `source`, `source_is_other`, `target`, `target_is_other`, `people`. The links that leave
    a node and its `ended` are together its people, except at the deepest place, behind which nothing is told."""
    transitions: ir.Table
    """The most frequent steps at whatever place: `source`, `target`, `times`, `people`; most times first."""


def answer(ground: Ground, question: Question, *, keep: Callable[[ir.Table], ir.Table] = lambda table: table) -> Answer:
    """The paths. `keep` is given the step that all tables are made of, which an engine may work out once.

    Raises `errors.BadRequest` for a question beyond the limits.

    Ann comes by home, tea, tea again, and leaves; Bob by home and tea, and buys:

    >>> import pyarrow
    >>> from footfall.events.event import Event
    >>> from footfall.events.kinds import Taxonomy
    >>> from footfall.events.schema import EVENTS, to_batch
    >>> from footfall.sessions.schema import SESSIONS
    >>> seen = [("ann", "/"), ("ann", "/tea"), ("ann", "/tea"), ("bob", "/"), ("bob", "/tea"), ("bob", "/pay")]
    >>> rows = [
    ...     Event(project_id="shop", event_id=f"{at}", name="page_view", ts_us=at, received_us=0, user_id=who,
    ...           page_path=page)
    ...     for at, (who, page) in enumerate(seen)
    ... ]
    >>> events = ibis.memtable(pyarrow.Table.from_batches([to_batch(rows, EVENTS)]))
    >>> ground = Ground(events, ibis.memtable(SESSIONS.empty_table()), Taxonomy(), now_us=0)
    >>> told = answer(ground, Question(scope=Scope()))
    >>> [(row["place"], row["label"], row["people"], row["ended"]) for row in told.nodes.to_pyarrow().to_pylist()]
    [(0, '/', 2, 0), (1, '/tea', 2, 1), (2, '/pay', 1, 1)]
    >>> [(row["source"], row["target"], row["people"]) for row in told.links.to_pyarrow().to_pylist()]
    [('/', '/tea', 2), ('/tea', '/pay', 1)]
    """
    check(question)
    taken = keep(_ways(ground, question))
    return Answer(
        nodes=_nodes(taken, question), links=_links(taken, question), transitions=_transitions(taken, question)
    )


def behind(ground: Ground, question: Question, cell: Cell) -> ir.Table:
    """The people (or sessions) behind a number: column `who`, a row each."""
    check(question)
    taken = _ways(ground, question)
    if cell.target is None:
        rows, source = _placed(taken, question), "label"
    elif cell.place is None:
        rows, source = _steps(taken, question, raw=True), "source"
    else:
        rows, source = _steps(taken, question), "source"
    wanted = [rows.ended] if cell.ended else []
    wanted += [] if cell.place is None else [rows.place == cell.place]
    wanted += [] if cell.label is None else [rows[source] == cell.label.key]
    wanted += [] if cell.target is None else [rows.target == cell.target.key]
    return (rows.filter(wanted) if wanted else rows).select("who").distinct()


def told_as_text(question: Question) -> str:
    """The question in words: `paths over pages, 4 places after the first event`."""
    scope, anchor = question.scope, question.start or question.end
    direction = "before" if question.end is not None else "after"
    clauses = [
        f"paths over {question.over.value}, {question.depth} places {direction} "
        + ("the first event" if anchor is None else format_step(anchor)),
        f"where {filters.format(scope.where)}" if scope.where is not None else "",
        "counted by session" if scope.by == "session" else "",
    ]
    return ", ".join(filter(None, clauses))


def check(question: Question) -> None:
    """Raise `errors.BadRequest` for a question that is beyond a limit or contradicts itself."""
    if question.start is not None and question.end is not None:
        raise BadRequest("paths lead from an event or to one; give `start` or `end`, not both")
    check_filters(question.scope.where, *(step.where for step in (question.start, question.end) if step is not None))
    if not 1 <= question.depth <= MOST_DEPTH:
        raise BadRequest(f"paths are 1 to {MOST_DEPTH} places deep, not {question.depth}")
    if not 1 <= question.top <= MOST_TOP:
        raise BadRequest(f"1 to {MOST_TOP} labels of a place stand by themselves, not {question.top}")


def _ways(ground: Ground, question: Question) -> ir.Table:
    """who, place, label, next_label (keys, as they are), goes_on, and both as they are told: at, next_at.

    In the order in which `walks` follows them: towards the past for ways that lead to an event.
    """
    taken = walks(_visits(ground, question), depth=question.depth, backwards=question.end is not None)
    keyed = taken.mutate(label=key_of(taken.label), next_label=key_of(taken.next_label))
    first = _first_labels(keyed, question.top)
    here = keyed.left_join(first, [keyed.place == first.at_place, keyed.label == first.at_label])
    here = here.mutate(at=here.at_label.notnull().ifelse(here.label, OTHER)).drop("at_place", "at_label")
    there = first.view()
    both = here.left_join(there, [here.place + 1 == there.at_place, here.next_label == there.at_label])
    return both.select(*here.columns, next_at=both.at_label.notnull().ifelse(both.next_label, OTHER))


def _visits(ground: Ground, question: Question) -> ir.Table:
    """The events that ways lead over, as `walks` wants them."""
    anchor = question.end or question.start
    marks = {"is_anchor": ANY if anchor is None else anchor}
    if question.over is Over.EVENTS:
        happened = activity(ground, question.scope, marks=marks)
        return happened.mutate(label=happened.name)
    happened = activity(ground, question.scope, marks=marks, keep=("page_path", "page_url", "page_title"))
    is_page = is_of(happened, ground.taxonomy, Kind.PAGE)
    page = ibis.coalesce(happened.page_path, happened.page_url, happened.page_title)
    seen = happened.mutate(label=is_page.ifelse(page, happened.name))
    return seen.filter(is_page if anchor is None else is_page | seen.is_anchor)


def _first_labels(keyed: ir.Table, top: int) -> ir.Table:
    """The labels that stand by themselves: at_place, at_label; equally frequent ones in order of their text."""
    counted = keyed.group_by("place", "label").aggregate(people=keyed.count())
    order = ibis.window(group_by="place", order_by=[counted.people.desc(), ~counted.label.startswith("="), "label"])
    ranked = counted.mutate(rank=ibis.row_number().over(order))
    first = ranked.filter(ranked.rank < top)
    return first.select(at_place="place", at_label="label")


def _placed(taken: ir.Table, question: Question) -> ir.Table:
    """who, place, label (as told), ended: a row for each place of each way."""
    sign = 1 if question.end is None else -1
    return taken.select("who", place=taken.place * sign, label=taken["at"], ended=~taken.goes_on)


def _steps(taken: ir.Table, question: Question, *, raw: bool = False) -> ir.Table:
    """who, place, source, target (as told, or as they are): a row for each step of each way, in order of time."""
    here, there = (taken.label, taken.next_label) if raw else (taken["at"], taken.next_at)
    forwards = question.end is None
    placed = taken.select(
        "who",
        "goes_on",
        step=taken.place,
        place=taken.place if forwards else -(taken.place + 1),
        source=here if forwards else there,
        target=there if forwards else here,
        ended=ibis.literal(False),
    )
    return placed.filter(placed.goes_on, placed.step < question.depth)


def _nodes(taken: ir.Table, question: Question) -> ir.Table:
    placed = _placed(taken, question)
    counted = placed.group_by("place", "label").aggregate(people=placed.count(), ended=placed.count(where=placed.ended))
    rows = counted.select(
        "place", label=value_of(counted.label), is_other=counted.label == OTHER, people="people", ended="ended"
    )
    return rows.order_by("place", "is_other", rows.people.desc(), rows.label.asc(nulls_first=False))


def _links(taken: ir.Table, question: Question) -> ir.Table:
    steps = _steps(taken, question)
    counted = steps.group_by("place", "source", "target").aggregate(people=steps.count())
    rows = counted.select(
        "place",
        source=value_of(counted.source),
        source_is_other=counted.source == OTHER,
        target=value_of(counted.target),
        target_is_other=counted.target == OTHER,
        people=counted.people,
    )
    names = (rows.source.asc(nulls_first=False), rows.target.asc(nulls_first=False))
    return rows.order_by("place", "source_is_other", "target_is_other", rows.people.desc(), *names)


def _transitions(taken: ir.Table, question: Question) -> ir.Table:
    steps = _steps(taken, question, raw=True)
    counted = steps.group_by("source", "target").aggregate(times=steps.count(), people=steps.who.nunique())
    rows = counted.mutate(source=value_of(counted.source), target=value_of(counted.target))
    names = (rows.source.asc(nulls_first=False), rows.target.asc(nulls_first=False))
    return rows.order_by(rows.times.desc(), *names).limit(question.top)
