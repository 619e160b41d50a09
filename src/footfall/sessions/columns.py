"""A batch of events as the arrays that sessions are folded from: one entry an event, text as codes or hashes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from footfall.events.hashing import HashKey, hash_text
from footfall.events.kinds import Kind, Taxonomy
from footfall.sessions.figures import Over
from footfall.sessions.owners import NamedIds, Owners

_OWNED_BY = ("project_id", "session_id", "visitor_id", "user_id")
_NO_VALUE = np.uint64(0)
_KINDS = tuple(Kind)
KIND_CODE = {kind: code for code, kind in enumerate(_KINDS)}


@dataclass(frozen=True, slots=True)
class Values:
    """A text column as hashes; only rows where `valid` holds have one."""

    hashes: NDArray[np.uint64]
    valid: NDArray[np.bool_]

    def where(self, chosen: NDArray[np.bool_]) -> Values:
        """Only the rows where `chosen` holds."""
        return Values(self.hashes[chosen], self.valid[chosen])


@dataclass(frozen=True, slots=True)
class Columns:
    """What a fold needs of n events, in their order of arrival."""

    ids: NamedIds
    """Of all events that were read, whichever of them were chosen since."""
    owners: Owners
    ts: NDArray[np.int64]
    received: NDArray[np.int64]
    event_id: pa.Array
    kind: NDArray[np.int8]
    """As `KIND_CODE` has it."""
    money: NDArray[np.int64]
    """`amount_micros` in the project's own currency, else 0."""
    order: pa.Array
    ordered: NDArray[np.bool_]
    """Purchases that name their order."""
    user_id: pa.Array
    users: Values
    """Of `user_id`, hashed as by `hash_names`."""
    distinct: dict[str, Values]
    """{column: values} of the columns that have a distinct count."""

    def __len__(self) -> int:
        return len(self.ts)

    def of(self, over: Over | Kind) -> NDArray[np.bool_]:
        """Which events an aggregate over `over` is over."""
        if over is Over.ALL:
            return np.ones(len(self), dtype=bool)
        if over is Over.COUNTING:
            return np.not_equal(self.kind, KIND_CODE[Kind.PASSIVE])
        return np.equal(self.kind, KIND_CODE[Kind(over)])

    def where(self, chosen: NDArray[np.bool_]) -> Columns:
        """Only the events where `chosen` holds; the lists of texts stay as they are."""
        if chosen.all():
            return self
        mask = pa.array(chosen)
        return Columns(
            ids=self.ids,
            owners=self.owners.where(chosen),
            ts=self.ts[chosen],
            received=self.received[chosen],
            event_id=self.event_id.filter(mask),
            kind=self.kind[chosen],
            money=self.money[chosen],
            order=self.order.filter(mask),
            ordered=self.ordered[chosen],
            user_id=self.user_id.filter(mask),
            users=self.users.where(chosen),
            distinct={name: values.where(chosen) for name, values in self.distinct.items()},
        )


class Reader:
    """Turns event tables into `Columns`, with one taxonomy and one hash key."""

    def __init__(self, taxonomy: Taxonomy, key: HashKey) -> None:
        listed = taxonomy.listed()
        self._names = pa.array(list(listed), pa.string())
        self._kinds = np.array([KIND_CODE[kind] for kind in listed.values()] + [KIND_CODE[Kind.OTHER]], dtype=np.int8)
        self._key = key

    def read(self, events: pa.Table) -> Columns:
        """The columns of `events` (schema `EVENTS`)."""
        user_id, order = one_array(events["user_id"]), one_array(events["order_id"])
        kind = self._kind(one_array(events["name"]))
        ids = NamedIds(*(one_array(events[name]) for name in _OWNED_BY))
        own_money = pc.if_else(pc.is_null(events["currency"]), events["amount_micros"], 0)
        return Columns(
            ids=ids,
            owners=ids.owners(),
            ts=_numbers(events["ts_us"]),
            received=_numbers(events["received_us"]),
            event_id=one_array(events["event_id"]),
            kind=kind,
            money=_numbers(pc.fill_null(own_money, 0)),
            order=order,
            ordered=(kind == KIND_CODE[Kind.PURCHASE]) & _valid(order),
            user_id=user_id,
            users=Values(ids.users, _valid(user_id)),
            distinct={name: self._values(one_array(events[name])) for name in ("product_id", "product_category")},
        )

    def _kind(self, names: pa.Array) -> NDArray[np.int8]:
        place = pc.fill_null(pc.index_in(names, value_set=self._names), len(self._names))
        codes: NDArray[np.int8] = self._kinds[place.to_numpy(zero_copy_only=False)]
        return codes

    def _values(self, column: pa.Array) -> Values:
        distinct = column.dictionary_encode()  # few are different: hash each of them once
        hashes, _ = hash_text(distinct.dictionary, self._key)
        codes = distinct.indices.fill_null(len(hashes)).to_numpy(zero_copy_only=False)
        return Values(np.append(hashes, _NO_VALUE)[codes], codes < len(hashes))


def owner_key(project_id: str, owner: str) -> str:
    """The key of one owner, given as the table `sessions` names it.

    >>> owner_key("shop", "v:abc")
    'v:shop/abc'
    """
    return f"{owner[:2]}{project_id}/{owner[2:]}"


def project_and_owner(key: str) -> tuple[str, str]:
    """What `owner_key` was made of.

    >>> project_and_owner("v:shop/a/b")
    ('shop', 'v:a/b')
    """
    project, _, name = key[2:].partition("/")
    return project, key[:2] + name


def is_client(key: str) -> bool:
    """Whether the owner is a client's session id."""
    return key[0] == "s"


def one_array(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _numbers(column: pa.ChunkedArray) -> NDArray[np.int64]:
    numbers: NDArray[np.int64] = one_array(column).to_numpy(zero_copy_only=False)
    return numbers


def _valid(column: pa.Array) -> NDArray[np.bool_]:
    valid: NDArray[np.bool_] = column.is_valid().to_numpy(zero_copy_only=False)
    return valid
