"""The fast lane for many events: the ordinary ones of a request are checked column by column, in few passes of C each.

It only has to be right about the ordinary. A row that there is a doubt about is read again by itself
(`footfall.events.lanes`); `tests/events/test_lanes.py` proves that every lane gives the same events.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from typing import Annotated, Final, Literal, NamedTuple, cast

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Meta, Raw, Struct

from footfall.events.block import NOTHING, Block, Column, Same
from footfall.events.ids import new_id
from footfall.events.linking import ALIAS
from footfall.events.money import MAX_MICROS, MICROS
from footfall.events.names import NAMES, Form
from footfall.events.plain import BYTES_A_CHARACTER, PlainEvent, quick_micros, quick_time
from footfall.events.schema import EVENTS
from footfall.events.surroundings import VISITED, Place, Visit
from footfall.events.values import ID_BYTES, TEXT_BYTES
from footfall.events.wire import AHEAD_US, MONEY_KINDS, OBJECTS, OLD_US, Source

_COMMON: Final = (
    *("event_id", "timestamp", "name", "visitor_id", "session_id", "user_id"),
    *("page_url", "page_path", "page_title", "referrer"),
    *("product_id", "product_category", "brand", "price", "quantity", "order_id", "amount", "currency"),
    *("source", "category", "utm_source", "utm_medium", "utm_campaign", "properties", "context"),
)
"""Names as senders mostly order them: a decoder looks for each behind the one before it."""
_RARER: Final = (
    *("device", "browser", "os", "country", "region", "city", "latitude", "longitude", "channel", "is_bot"),
    *("utm_term", "utm_content", "value", "metadata"),
)
_FIELDS: Final = tuple(EVENTS.names)
_OWNERS: Final = ("visitor_id", "session_id", "user_id")
_TRIMMED: Final = ("event_id", *_OWNERS, "product_id", "order_id")
_CLAIMS: Final = tuple(name.field for name in NAMES if name.claim and name.field in _RARER)
_TEXTS: Final = {
    name.field: (ID_BYTES if name.form is Form.ID else TEXT_BYTES) // BYTES_A_CHARACTER
    for name in NAMES
    if name.form in (Form.NAME, Form.ID, Form.TEXT) and name.field in _COMMON + _RARER
}
"""{name of a text: most characters}."""
_EMPTY: Final[dict[str, object]] = {name: Annotated[str, Meta(max_length=most)] | None for name, most in _TEXTS.items()}
_BETWEEN: Final = "\0"
"""Stands between texts that are looked at together: unescaped it is no part of JSON."""
_MICROS: Final = float(MICROS)
_TO_TIME: Final = pc.CastOptions(pa.timestamp("us", "UTC"))
_cast: Final = pc.get_function("cast").call
"""What `Array.cast` calls when it has found it."""


def _struct(names: Sequence[str], spelling: Literal["camel"] | None, kinds: dict[str, object]) -> type[Struct]:
    """The plain event with these names alone, of its own kinds but for these; what was not sent is None."""
    fields = {field.encode_name: field.type for field in msgspec.structs.fields(PlainEvent)} | kinds
    members = [(name, fields[name], None) for name in names]
    return msgspec.defstruct("OrdinaryEvent", members, rename=spelling, gc=False, forbid_unknown_fields=True)


COMMON: Final = (_struct(_COMMON, None, {}), _struct(_COMMON, "camel", {}))
"""Structs for names that are often used, as they are and in camelCase: the fewer columns, the less they cost."""
ORDINARY: Final = (_struct(_COMMON + _RARER, None, _EMPTY), _struct(_COMMON + _RARER, "camel", _EMPTY))
"""Structs for all names that are dealt with here; they let empty text pass, which is as good as none."""


class Gathered(NamedTuple):
    """Events as columns, and the numbers of the rows that are to be read again: what they hold is good for nothing."""

    block: Block
    doubts: set[int]


def gather(events: Sequence[Struct], source: Source) -> Gathered:
    """Make a block of ordinary events, of which there is at least one."""
    rows = _Rows(events, source)
    columns = rows.columns()
    return Gathered(Block([columns.get(name, NOTHING) for name in _FIELDS], len(events)), rows.doubts)


class _Rows:
    """Events in the making."""

    def __init__(self, events: Sequence[Struct], source: Source) -> None:
        columns = zip(*map(msgspec.structs.astuple, events), strict=True)
        sent = dict(zip(events[0].__struct_fields__, columns, strict=True))
        if isinstance(events[0], ORDINARY):
            sent |= {name: tuple(text or None for text in sent[name]) for name in _TEXTS if "" in sent[name]}
        nothing = (None,) * len(events)
        self._sent = {name: column for name, column in sent.items() if column != nothing}
        """{name: what was sent under it, row by row}, without names under which nothing was."""
        self._sent.setdefault("name", nothing)
        self._size = len(events)
        self._source = source
        self.doubts: set[int] = set()

    def columns(self) -> Mapping[str, Column]:
        """{field: its column}, without those that have no value."""
        self._check_owners()
        self._check_names()
        self._check_claims()
        return {
            **self._sent,
            **self._origin(),
            **self._agent(),
            **self._visit(),
            **self._money(),
            **{name: self._objects(name) for name in OBJECTS if name in self._sent},
            "ts_us": self._times(),
        }

    def _doubt(self, name: str, wrong: Callable[[object], bool]) -> None:
        """Doubt each row that has something `wrong` under this name."""
        self.doubts.update(place for place, value in enumerate(self._sent.get(name, ())) if wrong(value))

    def _check_owners(self) -> None:
        for name in _TRIMMED:
            present = list(filter(None, self._sent.get(name, ())))
            if list(map(str.strip, present)) != present:
                self._doubt(name, lambda text: isinstance(text, str) and text.strip() != text)
        if not all(self._sent.get("visitor_id", (None,))):
            nobody = (None,) * self._size
            owners = zip(*(self._sent.get(name, nobody) for name in _OWNERS), strict=True)
            self.doubts.update(place for place, ids in enumerate(owners) if not any(ids))

    def _check_names(self) -> None:
        most = self._source.name_bytes
        odd = {name for name in set(self._names) if not name or name.strip() != name or len(name.encode()) > most}
        if odd:
            self._doubt("name", odd.__contains__)

    def _check_claims(self) -> None:
        """What a public key may not state is the careful lane's to deal with; `is_bot: false` claims nothing."""
        if not self._source.may_state:
            if ALIAS in self._names:
                self._doubt("name", ALIAS.__eq__)
            for name in _CLAIMS:
                self._doubt(name, lambda value: value is not None and value is not False)

    @property
    def _names(self) -> Sequence[str | None]:
        return cast("Sequence[str | None]", self._sent["name"])

    def _origin(self) -> Mapping[str, Column]:
        """What the door knows."""
        source, sent = self._source, self._sent
        made: dict[str, Column] = {
            "project_id": Same(source.project_id),
            "received_us": Same(source.received_us),
            "ip_hash": Same(None if source.may_state else source.ip_hash),
            "source": [one or source.medium for one in sent["source"]] if "source" in sent else Same(source.medium),
        }
        if not source.may_state:  # a row that states a place is doubted
            made |= {name: Same(value) for name, value in zip(Place._fields, source.place, strict=True)}
        ids = sent.get("event_id", (None,) * self._size)
        if not all(ids):
            made["event_id"] = [one or new_id(source.received_us) for one in ids]
        return made

    def _agent(self) -> Mapping[str, Column]:
        """The program, as far as a row does not state it itself."""
        agent, sent = self._source.agent, self._sent
        flags = sent.get("is_bot")
        return {
            **{name: self._stated_or(name, Same(value)) for name, value in agent._asdict().items()},
            "is_bot": Same(agent.is_bot) if flags is None else [bool(one) or agent.is_bot for one in flags],
        }

    def _visit(self) -> Mapping[str, Column]:
        """What pages and referrers tell."""
        read = self._source.lookups.visit
        if read is None or self._sent.keys().isdisjoint(VISITED):
            return {}
        nothing = (None,) * self._size
        visits = zip(*map(read, *(self._sent.get(name, nothing) for name in VISITED)), strict=True)
        return {
            name: self._stated_or(name, column)
            for name, column in zip(Visit._fields, visits, strict=True)
            if column != nothing
        }

    def _stated_or(self, name: str, known: Column) -> Column:
        """The column of what was sent under a name, and of what is known where nothing was."""
        stated = self._sent.get(name)
        if stated is None:
            return known
        others = repeat(known.value) if isinstance(known, Same) else known
        return [other if one is None else one for one, other in zip(stated, others, strict=False)]

    def _times(self) -> Column:
        source, sent = self._source, self._sent.get("timestamp")
        if sent is None:
            if source.needs_time:
                self.doubts.update(range(self._size))
            return Same(source.received_us)
        moments: list[int]
        try:
            moments = _cast([pa.array(sent, pa.string())], _TO_TIME).view(pa.int64()).to_numpy().tolist()
        except pa.ArrowException:
            moments = self._odd_times(cast("Sequence[float | str | None]", sent))
        oldest = 0 if source.allow_old else max(0, source.received_us - OLD_US)
        latest = source.received_us + AHEAD_US
        if source.shift_us:
            moments = [moment + source.shift_us for moment in moments]
        if min(moments) < oldest or max(moments) > latest:
            self.doubts.update(place for place, moment in enumerate(moments) if not oldest <= moment <= latest)
        return moments

    def _odd_times(self, sent: Sequence[float | str | None]) -> list[int]:
        """Times that Arrow does not read, or of which some are missing."""
        if self._source.needs_time:
            self._doubt("timestamp", lambda value: value is None)
        missing = self._source.received_us - self._source.shift_us
        return [missing if one is None else one for one in self._each(quick_time, sent)]

    def _each(self, read: Callable[[float | str], int], sent: Sequence[float | str | None]) -> list[int | None]:
        """What `read` makes of each value; rows where it raises ValueError are doubted."""
        made: list[int | None] = []
        for place, value in enumerate(sent):
            try:
                made.append(None if value is None else read(value))
            except ValueError:
                made.append(None)
                self.doubts.add(place)
        return made

    def _money(self) -> Mapping[str, Column]:
        """Prices and amounts, those of sales included; the project's own currency goes without saying."""
        prices, amounts = self._micros("price"), self._micros("amount")
        sales = {name for name in set(self._names) if name and self._source.taxonomy.kind(name) in MONEY_KINDS}
        if prices and sales:
            amounts = amounts or [None] * self._size
            for place, name in enumerate(self._names):
                if name in sales:
                    self._settle_sale(place, prices, amounts)
        if "currency" in self._sent:
            own = self._source.currency
            self._doubt("currency", lambda value: value is not None and value != own)
        return {"price_micros": prices or NOTHING, "amount_micros": amounts or NOTHING, "currency": NOTHING}

    def _settle_sale(self, place: int, prices: Sequence[int | None], amounts: list[int | None]) -> None:
        price = prices[place]
        if price is None or amounts[place] is not None:
            return
        quantity = cast("Sequence[int | None]", self._sent.get("quantity", (None,) * self._size))[place]
        amounts[place] = amount = price * (1 if quantity is None else quantity)
        if abs(amount) > MAX_MICROS:
            self.doubts.add(place)

    def _micros(self, name: str) -> list[int | None]:
        """Micro-units of what was sent; empty when nothing was.

        A number that is not the nearest double to whole micro-units is doubted, as in `money.whole_micros`.
        """
        sent = cast("Sequence[float | str | None]", self._sent.get(name, ()))
        try:
            # By a float, for a text times a whole number would be a long text.
            micros = [None if value is None else round(value * _MICROS) for value in sent]  # type: ignore[operator]
        except (TypeError, OverflowError):
            return self._each(quick_micros, sent)
        if [None if one is None else one / MICROS for one in micros] != list(sent):
            places = (
                at
                for at, (one, value) in enumerate(zip(micros, sent, strict=True))
                if one is not None and one / MICROS != value
            )
            self.doubts.update(places)
        if max(map(abs, filter(None, micros)), default=0) > MAX_MICROS:
            self.doubts.update(place for place, one in enumerate(micros) if one is not None and abs(one) > MAX_MICROS)
        return micros

    def _objects(self, name: str) -> Column:
        """JSON texts as they were sent; doubted when they are none of an object, too long, or perhaps too deep."""
        depth, most = self._source.depth, self._source.property_bytes // BYTES_A_CHARACTER
        raws = cast("Sequence[Raw | None]", self._sent[name])
        self._doubt_named(raws)
        if None not in raws:
            joined = str(_BETWEEN.encode().join(cast("Sequence[Raw]", raws)), "utf-8")
            if len(joined) <= most and depth > 1 and _all_flat(joined, len(raws)):
                return joined.split(_BETWEEN)
        texts = [None if raw is None else str(raw, "utf-8") for raw in raws]
        odd = [place for place, text in enumerate(texts) if text is None or text[0] != "{" or len(text) > depth]
        for place in odd:
            text = texts[place]
            if text == "null":
                texts[place] = None
            elif text and (text[0] != "{" or len(text) > most or text.count("{") + text.count("[") >= depth):
                self.doubts.add(place)
        return texts

    def _doubt_named(self, raws: Sequence[Raw | None]) -> None:
        """Doubt rows whose object may have personal members."""
        hiding = self._source.hiding
        if hiding is not None and hiding.names(_BETWEEN.encode().join(filter(None, raws))):
            self.doubts.update(at for at, raw in enumerate(raws) if raw is not None and hiding.names(bytes(raw)))


def _all_flat(joined: str, texts: int) -> bool:
    """Whether each of so many JSON texts, with `_BETWEEN` between them, is an object without any other in it."""
    begun = joined.count(_BETWEEN + "{") + joined.startswith("{")
    return begun == texts == joined.count("{") and "[" not in joined
