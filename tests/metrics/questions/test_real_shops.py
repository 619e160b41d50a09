"""Monthly cohorts and revenue of two real shops, against sums made of their raw files by the standard library."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest

from footfall.events.event import Event
from footfall.events.time import read_time
from footfall.metrics import retention, trends
from footfall.metrics.asked import Scope
from footfall.metrics.calendar import Unit
from footfall.metrics.filters.text import parse
from tests.metrics.questions.asking import GROUND, Asked, Rows
from tests.sessions.engines import on_duckdb


class Order(NamedTuple):
    """One order of a raw file; `amount` is negative where something was given back."""

    number: str
    customer: str | None
    when: datetime
    amount: Decimal

    @property
    def month(self) -> int:
        """Months since the year 0."""
        return self.when.year * 12 + self.when.month - 1


def cdnow(shared_data: Path) -> Iterator[Order]:
    """The 69,659 orders of 23,570 customers who first bought in the first quarter of 1997."""
    with gzip.open(shared_data / "cdnow" / "CDNOW_master.txt.gz", "rt", encoding="ascii") as lines:
        for number, line in enumerate(lines):
            if line.split() and line.split()[0].isdigit():
                customer, day, _, dollars = line.split()
                when = datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC)
                yield Order(f"{number:06d}", customer, when, Decimal(dollars))


def online_retail(shared_data: Path) -> list[Order]:
    """Its 25,900 invoices, each at the time of its first line; those that begin with C cancel."""
    found: dict[str, Order] = {}
    with gzip.open(shared_data / "online_retail" / "online_retail.csv.gz", "rt", encoding="utf-8", newline="") as text:
        for row in csv.DictReader(text):
            amount = int(row["Quantity"]) * Decimal(row["UnitPrice"])
            when = datetime.fromisoformat(row["InvoiceDate"]).replace(tzinfo=UTC)
            number, customer = row["InvoiceNo"], row["CustomerID"] or None
            known = found.get(number, Order(number, customer, when, Decimal(0)))
            found[number] = known._replace(when=min(known.when, when), amount=known.amount + amount)
    return list(found.values())


def events_of(orders: Sequence[Order]) -> list[Event]:
    """A purchase or a refund each; of a customer nobody knows, of the order's own session."""
    return [
        Event(
            project_id="default",
            event_id=order.number,
            name="refund" if order.number.startswith("C") else "purchase",
            ts_us=read_time(order.when.isoformat()),
            received_us=0,
            user_id=order.customer,
            session_id=None if order.customer else order.number,
            order_id=order.number,
            amount_micros=int(
                abs(order.amount) * 1_000_000 if order.number.startswith("C") else order.amount * 1_000_000
            ),
        )
        for order in orders
    ]


def monthly(
    orders: Sequence[Order], *, from_: str, before: str, periods: int, where: str | None = None
) -> dict[str, Rows]:
    """Retention by month, with money, as Footfall answers it when the range has ended."""
    scope = Scope(from_us=read_time(from_), before_us=read_time(before), where=None if where is None else parse(where))
    asked = retention.Question(scope=scope, unit=Unit.MONTH, periods=periods, money=True)
    ground = GROUND._replace(now_us=read_time(before))
    return Asked.of(retention.answer(ground, asked)._asdict()).rows(events_of(orders))


def assert_cohorts(found: dict[str, Rows], orders: Sequence[Order], *, first: int, months: int, periods: int) -> None:
    """Sizes, people, revenue and refunds of every cohort and month are those of the orders."""
    theirs: dict[str, list[Order]] = defaultdict(list)
    for order in sorted(orders, key=lambda order: order.when):
        theirs[order.customer or order.number].append(order)
    sizes = [0] * months
    active: dict[tuple[int, int], set[str]] = defaultdict(set)
    money: dict[tuple[int, int, bool], Decimal] = defaultdict(Decimal)
    for who, placed in theirs.items():
        cohort = placed[0].month - first
        sizes[cohort] += 1
        for order in placed:
            after = order.month - placed[0].month
            active[cohort, after].add(who)
            money[cohort, after, order.number.startswith("C")] += order.amount
    assert [row["size"] for row in found["cohorts"]] == sizes
    for place, (cell, earned) in enumerate(zip(found["cells"], found["money"], strict=True)):
        cohort, after = divmod(place, periods + 1)
        if cohort + after >= months:
            assert (cell["people"], earned["revenue_micros"]) == (None, None)
            continue
        assert cell["people"] == len(active[cohort, after])
        assert earned["revenue_micros"] == money[cohort, after, False] * 1_000_000
        assert earned["refund_micros"] == -money[cohort, after, True] * 1_000_000
        if sizes[cohort]:
            worth = sum(money[cohort, until, back] for until in range(after + 1) for back in (False, True))
            assert earned["lifetime_micros"] == pytest.approx(float(worth * 1_000_000 / sizes[cohort]), rel=1e-12)


@pytest.mark.slow
def test_cdnow(shared_data: Path) -> None:
    """Three cohorts of 23,570 people in all, followed over eighteen months, who spent 2,500,315.63."""
    orders = list(cdnow(shared_data))
    found = monthly(orders, from_="1997-01-01", before="1998-07-01", periods=17)
    sizes = [row["size"] for row in found["cohorts"]]
    assert (sum(sizes), sizes[3:]) == (23_570, [0] * 15)
    assert sum(row["revenue_micros"] or 0 for row in found["money"]) == 2_500_315_630_000
    assert_cohorts(found, orders, first=1997 * 12, months=18, periods=17)


@pytest.mark.slow
def test_online_retail(shared_data: Path) -> None:
    """Cohorts of its 4,372 customers; and its revenue month by month, orders of unknown customers included."""
    orders = online_retail(shared_data)
    assert len(orders) == 25_900
    known = [order for order in orders if order.customer is not None]
    found = monthly(orders, from_="2010-12-01", before="2012-01-01", periods=12, where="user_id exists")
    assert sum(row["size"] for row in found["cohorts"]) == 4_372
    assert_cohorts(found, known, first=2010 * 12 + 11, months=13, periods=12)

    revenue: dict[int, Decimal] = defaultdict(Decimal)
    for order in orders:
        if not order.number.startswith("C"):
            revenue[order.month] += order.amount
    scope = Scope(from_us=read_time("2010-12-01"), before_us=read_time("2012-01-01"))
    asked = trends.Question(scope=scope, figure=trends.Figure.REVENUE, unit=Unit.MONTH)
    events = events_of(orders)
    points = Asked.of({"points": trends.answer(GROUND, asked).points}).rows(events, on_duckdb()(events))["points"]
    counted = {row["number"] + 1970 * 12: row["value"] for row in points}
    assert counted == {month: amount * 1_000_000 for month, amount in revenue.items()}
