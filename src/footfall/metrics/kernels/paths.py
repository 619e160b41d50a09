"""Paths over the compact index: the twin of `metrics.paths.answer`, by person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import ibis
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from footfall.events.kinds import Kind, Taxonomy
from footfall.lake.index.people import Numbers
from footfall.lake.index.whole import Whole
from footfall.metrics.asked import ANY
from footfall.metrics.kernels import asked
from footfall.metrics.kernels.picked import Pick
from footfall.metrics.kernels.walks import NOWHERE, UNKNOWN, Visits, Ways, ways
from footfall.metrics.paths import Answer, Over, Question, check

Int64s = NDArray[np.int64]
_NODES = pa.schema(
    {"place": pa.int64(), "label": pa.string(), "is_other": pa.bool_(), "people": pa.int64(), "ended": pa.int64()}
)
_LINKS = pa.schema(
    {
        "place": pa.int64(),
        "source": pa.string(),
        "source_is_other": pa.bool_(),
        "target": pa.string(),
        "target_is_other": pa.bool_(),
        "people": pa.int64(),
    }
)
_TRANSITIONS = pa.schema({"source": pa.string(), "target": pa.string(), "times": pa.int64(), "people": pa.int64()})
_OTHER = -3
"""Number of all labels that do not stand by themselves."""


def answer(whole: Whole, question: Question, *, taxonomy: Taxonomy) -> Answer:
    """The paths' tables, row by row as the definition's; raises `Declined`, and errors.BadRequest as it does."""
    check(question)
    asked.check(question.scope, None)
    visits = _visits(question, taxonomy)
    found = _Found(ways(whole, visits, depth=question.depth, backwards=question.end is not None), question)
    tables = ((_nodes, _NODES), (_links, _LINKS), (_transitions, _TRANSITIONS))
    return Answer(*(ibis.memtable(pa.Table.from_pylist(rows(found), schema=schema)) for rows, schema in tables))


def _visits(question: Question, taxonomy: Taxonomy) -> Visits:
    anchor = question.end or question.start or ANY
    scope = asked.pick(ANY, question.scope, taxonomy)
    anchors = asked.pick(anchor, question.scope, taxonomy)
    by_page = question.over is Over.PAGES

    def visited(name: str) -> bool:
        return taxonomy.kind(name) is Kind.PAGE if by_page else scope.named(name)

    bare = question.start is None and question.end is None
    anchored = visited if bare else anchors.named
    return Visits(
        events=Pick(
            lambda name: visited(name) or anchored(name), scope.where, scope.from_us, scope.before_us, taxonomy
        ),
        visited=visited,
        by_page=lambda name: by_page and visited(name),
        anchored=anchored,
        where=anchor.where,
    )


class _Step(NamedTuple):
    """A step of ways: people with the labels (as they are, and as they are told) before it and after it."""

    person: NDArray[np.intp]
    here: Numbers
    there: Numbers
    told_here: Numbers
    told_there: Numbers


class _Found:
    """The ways, and how their labels are told."""

    def __init__(self, found: Ways, question: Question) -> None:
        self.texts = found.texts
        self.backwards = question.end is not None
        self.top = question.top
        self.labels = found.labels
        self.told = [self._told(labels) for labels in found.labels[:-1]]

    def text(self, number: int) -> str | None:
        """What a label is called; None for the unknown and the others."""
        return self.texts[number] if number >= 0 else None

    def order(self, number: int) -> tuple[bool, str]:
        """Where a label stands among others: by text, without one last."""
        return number < 0, self.text(number) or ""

    def steps(self) -> Iterator[tuple[int, _Step]]:
        """The steps from each place to the next one, with the number of the place."""
        for place in range(len(self.told) - 1):
            on = np.flatnonzero(self.labels[place + 1] != NOWHERE)
            both = [(self.labels[at][on], self.told[at][on]) for at in (place, place + 1)]
            (here, told_here), (there, told_there) = reversed(both) if self.backwards else both
            yield -(place + 1) if self.backwards else place, _Step(on, here, there, told_here, told_there)

    def _told(self, labels: Numbers) -> Numbers:
        """The labels of a place; those that do not stand by themselves are other."""
        counts = np.bincount(labels - NOWHERE, minlength=len(self.texts) + 2)[UNKNOWN - NOWHERE :]
        met = (np.flatnonzero(counts) - 1).tolist()
        alone = sorted(met, key=lambda number: (-counts[number + 1], *self.order(number)))[: self.top]
        table = np.full(len(self.texts) + 2, _OTHER, dtype=np.int32)  # by number + 2
        table[NOWHERE + 2] = NOWHERE
        table[np.array(alone, dtype=np.int64) + 2] = alone
        told: Numbers = table[labels + 2]
        return told


def _nodes(found: _Found) -> list[dict[str, Any]]:
    rows = []
    for place, told in enumerate(found.told):
        ends = found.labels[place + 1] == NOWHERE
        people, ended = (np.bincount(those - _OTHER).tolist() for those in (told, told[ends]))
        at = -place if found.backwards else place
        for number, count in enumerate(people, start=_OTHER):
            if count and number != NOWHERE:
                there = ended[number - _OTHER] if number - _OTHER < len(ended) else 0
                rows.append((at, number == _OTHER, -count, found.order(number), number, there))
    return [
        {
            "place": place,
            "label": found.text(number),
            "is_other": is_other,
            "people": -people,
            "ended": ended,
        }
        for place, is_other, people, _, number, ended in sorted(rows)
    ]


def _links(found: _Found) -> list[dict[str, Any]]:
    rows = []
    for place, step in found.steps():
        pairs, counts = np.unique(_paired(step.told_here, step.told_there), return_counts=True)
        for pair, people in zip(pairs.tolist(), counts.tolist(), strict=True):
            source, target = _parted(pair)
            order = (-people, found.order(source), found.order(target))
            rows.append((place, source == _OTHER, target == _OTHER, order, source, target))
    return [
        {
            "place": place,
            "source": found.text(source),
            "source_is_other": source_is_other,
            "target": found.text(target),
            "target_is_other": target_is_other,
            "people": -people,
        }
        for place, source_is_other, target_is_other, (people, *_), source, target in sorted(rows)
    ]


def _transitions(found: _Found) -> list[dict[str, Any]]:
    steps = [step for _, step in found.steps()]
    times: dict[int, int] = {}
    for step in steps:
        pairs, counts = np.unique(_paired(step.here, step.there), return_counts=True)
        for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True):
            times[pair] = times.get(pair, 0) + count
    ranked = sorted(times, key=lambda pair: (-times[pair], *(found.order(number) for number in _parted(pair))))
    rows = []
    for pair in ranked[: found.top]:
        source, target = _parted(pair)
        people = np.zeros(len(found.labels[0]), dtype=bool)
        for step in steps:
            people[step.person[(step.here == source) & (step.there == target)]] = True
        rows.append(
            {
                "source": found.text(source),
                "target": found.text(target),
                "times": times[pair],
                "people": int(people.sum()),
            }
        )
    return rows


def _paired(one: Numbers, other: Numbers) -> Int64s:
    """Two numbers as one."""
    pairs: Int64s = (one.astype(np.int64) - _OTHER << 32) + (other - _OTHER)
    return pairs


def _parted(pair: int) -> tuple[int, int]:
    return (pair >> 32) + _OTHER, (pair & (1 << 32) - 1) + _OTHER
