"""Events that a question picks out of the index: by name, time and what the index knows of their text columns."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise
from math import inf
from operator import and_, or_
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from footfall.errors import QueryLimit
from footfall.events.kinds import Taxonomy
from footfall.events.time import DAY_US
from footfall.lake.index.part import CODED, DAY_BITS, WITHIN_DAY, Part
from footfall.lake.index.people import Numbers
from footfall.lake.index.whole import Whole
from footfall.metrics.filters.model import All, Any, Compare, Filter, Not, Op, Scalar, Values

Mask = NDArray[np.bool_]


_ENDS: ContextVar[float] = ContextVar("when a question must have been answered", default=inf)


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Within the block picking events raises `errors.QueryLimit` once it has lasted so long."""
    token = _ENDS.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ENDS.reset(token)


_MOST_GATHERED: Final = 1 << 16
"""Events of a part of which a copy is quicker than working on them in several pieces."""


class Declined(Exception):
    """The index can't answer this exactly: ask the plain definition. The text says why."""


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """Events of one part."""

    name: str
    """Of all of them; empty when they may be of several."""
    number: int
    """Of the part in its whole."""
    part: Part
    person: Numbers
    """Of each who of the part."""
    rows: slice | NDArray[np.intp]
    """Their places in the part."""

    @property
    def keys(self) -> NDArray[np.uint64]:
        """As the part has them."""
        return self.part.keys[self.rows]

    @property
    def who(self) -> NDArray[np.int64]:
        """Of each event, as the part numbers them."""
        return (self.keys >> np.uint64(DAY_BITS)).view(np.int64)

    @property
    def people(self) -> Numbers:
        """The person of each event."""
        return self.person[self.who]

    @property
    def ts_us(self) -> NDArray[np.int64]:
        """µs since the epoch of each event."""
        return (self.keys & WITHIN_DAY).view(np.int64) + self.part.day * DAY_US

    @property
    def runs(self) -> Mask:
        """Which events begin a run, in which one person's events rise by time: the first of each who in each name."""
        who = self.who
        begins = np.append(np.ones(min(len(who), 1), dtype=bool), who[1:] != who[:-1])
        bounds = self.part.bounds
        named = bounds - self.rows.start if isinstance(self.rows, slice) else np.searchsorted(self.rows, bounds)
        begins[named[(named > 0) & (named < len(begins))]] = True
        return begins

    def __len__(self) -> int:
        return self.rows.stop - self.rows.start if isinstance(self.rows, slice) else len(self.rows)

    def where(self, kept: Mask) -> Chosen:
        """Those of them where `kept` holds."""
        first = self.rows.start if isinstance(self.rows, slice) else 0
        places = np.flatnonzero(kept) + first if isinstance(self.rows, slice) else self.rows[kept]
        return replace(self, rows=places)


class Pick(NamedTuple):
    """Which events: names that `named` holds of, at or after `from_us` and before `before_us`, where `where` holds."""

    named: Callable[[str], bool]
    where: Filter | None = None
    from_us: int | None = None
    before_us: int | None = None
    taxonomy: Taxonomy = Taxonomy()

    def chosen(self, whole: Whole) -> Iterator[Chosen]:
        """The events, those of a part and a name together, sorted by who and time; raises `Declined`."""
        for number in self.parts(whole):
            yield from self._by_name(whole, number)

    def together(self, whole: Whole) -> Iterator[Chosen]:
        """The same events in fewer pieces, whatever their names, in no order."""
        for number in self.parts(whole):
            yield from self.of_part(whole, number)

    def parts(self, whole: Whole) -> list[int]:
        """The numbers of the parts whose day the range holds something of."""
        return [number for number, part in enumerate(whole.parts) if not self._misses(part)]

    def of_part(self, whole: Whole, number: int) -> list[Chosen]:
        """The events `together` of one part."""
        if self.where is not None:
            return list(self._by_name(whole, number))
        _check_time()
        part = whole.parts[number]
        wanted = np.array([False, *map(self.named, part.names), False])
        borders = np.flatnonzero(wanted[1:] != wanted[:-1]).reshape(-1, 2)
        slices = [slice(begin, end) for begin, end in part.bounds[borders].tolist()]
        pieces = slices if len(slices) < 2 or len(part) > _MOST_GATHERED else [np.r_[*slices]]
        return [self._within(Chosen("", number, part, whole.persons[number], rows)) for rows in pieces]

    def _by_name(self, whole: Whole, number: int) -> Iterator[Chosen]:
        _check_time()
        part = whole.parts[number]
        for name, (begin, end) in zip(part.names, pairwise(part.bounds.tolist()), strict=True):
            if self.named(name):
                found = self._within(Chosen(name, number, part, whole.persons[number], slice(begin, end)))
                yield found if self.where is None else found.where(holds(self.where, found, self.taxonomy))

    def _misses(self, part: Part) -> bool:
        begin = part.day * DAY_US
        too_late = self.before_us is not None and begin >= self.before_us
        return too_late or (self.from_us is not None and begin + DAY_US <= self.from_us)

    def _within(self, found: Chosen) -> Chosen:
        begin = found.part.day * DAY_US
        kept: list[Mask] = []
        if self.from_us is not None and self.from_us > begin:
            kept.append(found.keys & WITHIN_DAY >= np.uint64(self.from_us - begin))
        if self.before_us is not None and self.before_us < begin + DAY_US:
            kept.append(found.keys & WITHIN_DAY < np.uint64(self.before_us - begin))
        return found.where(reduce(and_, kept)) if kept else found


def _check_time() -> None:
    if time.monotonic() > _ENDS.get():
        raise QueryLimit("The question took too long. Ask for less: a shorter time range, say, or fewer steps.")


def can_filter(wanted: Filter | None) -> bool:
    """Whether the index knows all that the filter asks; a day with too many texts may decline all the same."""
    match wanted:
        case None:
            return True
        case Not(part):
            return can_filter(part)
        case All(parts) | Any(parts):
            return all(map(can_filter, parts))
        case Compare(name, op, _):
            return op in _TELLS and name in _KNOWN


_KNOWN: Final = frozenset({*CODED, "name", "kind"})


def holds(wanted: Filter, found: Chosen, taxonomy: Taxonomy) -> Mask:
    """As `filters.conditions.condition`: what is null compares false, and `not` of that is true; raises `Declined`."""
    match wanted:
        case Not(part):
            return ~holds(part, found, taxonomy)
        case All(parts):
            return reduce(and_, (holds(part, found, taxonomy) for part in parts))
        case Any(parts):
            return reduce(or_, (holds(part, found, taxonomy) for part in parts))
        case Compare("name" | "kind" as what, op, value):
            text = found.name if what == "name" else taxonomy.kind(found.name).value
            return np.full(len(found), _tell(op, value)(text))
        case Compare(column, op, value):
            tell = _tell(op, value)
            held_by = found.part.column(column) if column in CODED else None
            if held_by is None:
                raise Declined(f"{column} is not in the index, or has too many values on a day")
            texts = np.array([tell(None), *map(tell, held_by.texts)])
            told: Mask = texts[held_by.codes[found.rows]]
            return told


_Text = str | None
_TELLS: Mapping[Op, Callable[[_Text, Scalar | frozenset[Scalar] | None], bool]] = {
    Op.IS: lambda text, value: text is not None and text == value,
    Op.IS_NOT: lambda text, value: text is not None and text != value,
    Op.IN: lambda text, value: text is not None and text in _listed(value),
    Op.NOT_IN: lambda text, value: text is not None and text not in _listed(value),
    Op.CONTAINS: lambda text, value: text is not None and str(value) in text,
    Op.STARTS: lambda text, value: text is not None and text.startswith(str(value)),
    Op.ENDS: lambda text, value: text is not None and text.endswith(str(value)),
    Op.EXISTS: lambda text, _: text is not None,
    Op.MISSING: lambda text, _: text is None,
}
"""What the comparisons of `filters` say of a text; orders and patterns are left to the engines."""


def _listed(value: Scalar | frozenset[Scalar] | None) -> Collection[Scalar]:
    return value if isinstance(value, frozenset) else ()


def _tell(op: Op, value: Scalar | Values | None) -> Callable[[_Text], bool]:
    if op not in _TELLS:
        raise Declined(f"the index can't tell {op.value!r}")
    tells = _TELLS[op]
    meant = frozenset(value) if isinstance(value, tuple) else value
    return lambda text: tells(text, meant)


class Texts:
    """Texts of several parts, numbered in the order in which they are met; −1 is null."""

    def __init__(self, column: str) -> None:
        """Those of one column, which `of` looks up."""
        self._column = column
        self._numbers: dict[str, int] = {}
        self._tables: dict[int, Numbers] = {}

    @property
    def texts(self) -> tuple[str, ...]:
        """All that were met, by their numbers."""
        return tuple(self._numbers)

    def number(self, text: str) -> int:
        """The number of one text."""
        return self._numbers.setdefault(text, len(self._numbers))

    def of(self, found: Chosen) -> Numbers:
        """The number of each event's text; raises `Declined` where the index does not know it."""
        held = found.part.column(self._column)
        table = self.table(found.part)
        assert held is not None
        told: Numbers = table[held.codes[found.rows]]
        return told

    def above(self, found: Chosen) -> NDArray[np.int64]:
        """As `of`, and 1 more, so that null is 0; the caller's own."""
        held = found.part.column(self._column)
        table = self.table(found.part).astype(np.int64) + 1
        assert held is not None
        told: NDArray[np.int64] = table[held.codes[found.rows]]
        return told

    def table(self, part: Part) -> Numbers:
        """The numbers by the part's codes; raises `Declined`."""
        held = part.column(self._column)
        if held is None:
            raise Declined(f"{self._column} has too many values on a day, or is not in the index")
        table = self._tables.get(id(held))
        if table is None:
            numbers = self._numbers  # looked up here and not by `number`: there may be thousands of texts a day
            told = [numbers.setdefault(text, len(numbers)) for text in held.texts]
            table = self._tables[id(held)] = np.array([-1, *told], dtype=np.int32)
        return table
