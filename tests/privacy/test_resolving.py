"""From the id of a person to all ids that are theirs, and nobody else's."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from footfall.errors import BadRequest, Conflict
from footfall.events.event import Event
from footfall.events.linking import NO_RULING, Ruling
from footfall.events.schema import EVENTS, to_batch
from footfall.metrics.links import links_of, told
from footfall.privacy.models import Person
from footfall.privacy.resolving import person_of


class Tables:
    """Events in memory; there is nothing else to find anybody in."""

    sessions: ir.Table
    alerts: ir.Table
    rejected: ir.Table

    def __init__(self, *said: tuple[str | None, str | None, str | None], ruling: Ruling = NO_RULING) -> None:
        rows = [
            Event(
                project_id="shop", event_id=f"{n}", name="view", ts_us=n, received_us=n,
                user_id=user, visitor_id=visitor, session_id=session,
            )
            for n, (user, visitor, session) in enumerate(said)
        ]  # fmt: skip
        self._ruling = ruling
        self._events = ibis.memtable(pa.Table.from_batches([to_batch(rows, EVENTS)]))

    @property
    def events(self) -> ir.Table:
        return self._events

    @property
    def first_events(self) -> None:
        return None

    @property
    def links(self) -> ir.Table:
        return ibis.memtable(links_of(told(self._events).to_pyarrow().to_pylist(), self._ruling))

    def run(self, expr: ir.Table, *, max_rows: int | None = None) -> pa.Table:
        answer: pa.Table = expr.to_pyarrow()
        return answer


SHOP = Tables(
    ("ann", "laptop", "s1"),
    (None, "laptop", "s1"),
    (None, "phone", "s2"),
    ("ann", "phone", None),
    ("ann", "library", "s3"),
    ("bob", "library", "s3"),
    (None, "library", "s4"),
    (None, None, "s1"),
    (None, None, "s3"),
    (None, None, "s5"),
)


def ids(who: str) -> dict[str, Any]:
    """The ids of a person, without what is empty."""
    found = person_of(SHOP, "shop", who)
    return {name: set(getattr(found, name)) for name in ("users", "visitors", "sessions") if getattr(found, name)}


def test_a_user_with_the_visitors_and_sessions_that_are_theirs_alone() -> None:
    """Devices that only she used, sessions in which only she is named; not the browser of the library."""
    assert ids("u:ann") == {"users": {"ann"}, "visitors": {"laptop", "phone"}, "sessions": {"s1", "s2"}}
    assert ids("u:bob") == {"users": {"bob"}}


def test_a_visitor_who_is_nobody_known() -> None:
    """The unknown visits of a shared browser are a person of their own."""
    assert ids("v:library") == {"visitors": {"library"}, "sessions": {"s4"}}


def test_a_session_of_which_nothing_else_is_known() -> None:
    """A session alone is a person."""
    assert ids("s:s5") == {"sessions": {"s5"}}


def test_an_id_of_another_person_is_refused_with_their_name() -> None:
    """Who asks for one device of a known person is told whose it is, and nothing happens."""
    with pytest.raises(Conflict, match="u:ann"):
        person_of(SHOP, "shop", "v:laptop")


def test_a_person_goes_with_all_their_users() -> None:
    """Who was made one by decision is one to be erased, with the devices of each, and is asked for by one name."""
    said = (("ann", "laptop", None), ("ann@old", "phone", None), (None, "phone", None), (None, "tablet", None))
    shop = Tables(*said, ruling=Ruling(merged=frozenset({("ann@old", "ann")}), visitors={"tablet": "ann"}))
    found = person_of(shop, "shop", "u:ann")
    assert (found.users, found.visitors) == (("ann", "ann@old"), ("laptop", "phone", "tablet"))
    with pytest.raises(Conflict, match="belongs to u:ann"):
        person_of(shop, "shop", "u:ann@old")


def test_somebody_unknown_is_looked_for_all_the_same() -> None:
    """There may be rejected events of people of whom nothing was ever stored."""
    assert person_of(SHOP, "shop", "u:nobody") == Person(project_id="shop", who="u:nobody", users=("nobody",))


@pytest.mark.parametrize("who", ["", "ann", "u:", "x:ann"])
def test_what_names_nobody_is_refused(who: str) -> None:
    """A person is named by a mark and an id."""
    with pytest.raises(BadRequest, match="names nobody"):
        person_of(SHOP, "shop", who)
