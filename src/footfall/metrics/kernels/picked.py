"""Events that a question picks out of the index: by name, time and what the index knows of their text columns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise
from operator import and_, or_
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from footfall.events.kinds import Taxonomy
from footfall.events.time import DAY_US
from footfall.lake.index.part import CODED, DAY_BITS, WITHIN_DAY, Part
from footfall.lake.index.people import Numbers
from footfall.lake.index.whole import Whole
from footfall.metrics.filters.model import All, Any, Compare, Filter, Not, Op, Scalar, Values

Mask = NDArray[np.bool_]


class Declined(Exception):
    """The index can't answer this exactly: ask the plain definition. The text says why."""


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """Events of one name in one part."""

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

    def __len__(self) -> int:
        return len(self.keys)

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
        """The events, those of a part and a name together; raises `Declined`."""
        for number, (part, person) in enumerate(zip(whole.parts, whole.persons, strict=True)):
            if self._misses(part):
                continue
            for name, (begin, end) in zip(part.names, pairwise(part.bounds.tolist()), strict=True):
                if self.named(name):
                    found = self._within(Chosen(number, part, person, slice(begin, end)))
                    yield found if self.where is None else self._filtered(found, name, self.where)

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

    def _filtered(self, found: Chosen, name: str, wanted: Filter) -> Chosen:
        held = _holds(found, name, self.taxonomy, wanted)
        if isinstance(held, bool):
            return found if held else replace(found, rows=slice(0, 0))
        return found.where(held)


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


def _holds(found: Chosen, name: str, taxonomy: Taxonomy, wanted: Filter) -> Mask | bool:
    """As `filters.conditions.condition`: what is null compares false, and `not` of that is true."""
    match wanted:
        case Not(part):
            held = _holds(found, name, taxonomy, part)
            return not held if isinstance(held, bool) else ~held
        case All(parts):
            return reduce(and_, (_holds(found, name, taxonomy, part) for part in parts))
        case Any(parts):
            return reduce(or_, (_holds(found, name, taxonomy, part) for part in parts))
        case Compare("name", op, value):
            return _tell(op, value)(name)
        case Compare("kind", op, value):
            return _tell(op, value)(taxonomy.kind(name).value)
        case Compare(column, op, value):
            tell = _tell(op, value)
            held_by = found.part.columns.get(column)
            if held_by is None:
                raise Declined(f"{column} has too many values on a day")
            texts = np.array([tell(None), *map(tell, held_by.texts)])
            return texts[held_by.codes[found.rows]]


_Text = str | None
_TELLS: Mapping[Op, Callable[[_Text, Scalar | Values | None], bool]] = {
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


def _listed(value: Scalar | Values | None) -> Collection[Scalar]:
    return value if isinstance(value, tuple) else ()


def _tell(op: Op, value: Scalar | Values | None) -> Callable[[_Text], bool]:
    if op not in _TELLS:
        raise Declined(f"the index can't tell {op.value!r}")
    tells = _TELLS[op]
    return lambda text: tells(text, value)


class Texts:
    """The values of one column over several parts, numbered in the order in which they are met; −1 is null."""

    def __init__(self, column: str) -> None:
        self.column = column
        self.texts: dict[str, int] = {}
        self._tables: dict[int, Numbers] = {}

    def of(self, found: Chosen) -> Numbers:
        """The number of each event's value; raises `Declined` where the index does not know it."""
        held = found.part.columns.get(self.column)
        if held is None:
            raise Declined(f"{self.column} has too many values on a day, or is not in the index")
        table = self._tables.get(id(held))
        if table is None:
            numbers = (self.texts.setdefault(text, len(self.texts)) for text in held.texts)
            table = self._tables[id(held)] = np.array([-1, *numbers], dtype=np.int32)
        return table[held.codes[found.rows]]
