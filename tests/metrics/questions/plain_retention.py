"""Retention computed a second time, slowly and obviously, from the words of the contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from footfall.events.event import Event

Row = dict[str, Any]
Period = tuple[int, int, str]
"""begin_us, end_us, label."""


class Asked(NamedTuple):
    """What is asked of everybody's events that count."""

    cohorts: Sequence[Period]
    after: Sequence[Period]
    """The same periods, and those after them."""
    periods: int
    from_us: int
    before_us: int
    now_us: int
    is_first: Callable[[Event], bool]
    is_back: Callable[[Event], bool]
    ever: bool
    """Whether the cohort is that of the first such event ever."""
    split: Callable[[Event], str | None] | None = None


class Member(NamedTuple):
    """Somebody in a cohort."""

    who: str
    cohort: int
    first: Event


def members(people: Mapping[str, Sequence[Event]], asked: Asked) -> list[Member]:
    """Everybody in every cohort; events come in order."""
    found = []
    for who, theirs in people.items():
        began = [event for event in theirs if asked.is_first(event)]
        if asked.ever:
            began = began[:1]
        seen = set()
        for event in began:
            for number, (begin_us, end_us, _) in enumerate(asked.cohorts):
                if (
                    begin_us <= event.ts_us < end_us
                    and asked.from_us <= event.ts_us < asked.before_us
                    and number not in seen
                ):
                    seen.add(number)
                    found.append(Member(who, number, event))
    return found


def answer(
    people: Mapping[str, Sequence[Event]], sold: Mapping[str, Sequence[tuple[Event, bool, int]]], asked: Asked
) -> dict[str, list[Row]]:
    """The rows of `retention.Answer`; `sold` are everybody's sales and refunds: (event, whether a sale, amount)."""
    rows: dict[str, list[Row]] = {"cohorts": [], "cells": [], "overall": [], "money": []}
    everybody = members(people, asked)
    for split, is_other, theirs in _parts(everybody, asked):
        part = {"split": split, "is_other": is_other}
        sums: dict[int, list[tuple[int, int]]] = {}
        for number, (begin_us, end_us, label) in enumerate(asked.cohorts):
            cohort = [member for member in theirs if member.cohort == number]
            rows["cohorts"].append(
                part
                | {"begin_us": begin_us, "end_us": end_us, "label": label, "size": len(cohort)}
                | {"unfinished": end_us > asked.now_us}
            )
            net = 0
            for period in range(asked.periods + 1):
                begin, end, _ = asked.after[number + period]
                cell = part | {"begin_us": begin_us, "period": period}
                if end > asked.now_us:
                    rows["cells"].append(cell | {"people": None, "share": None})
                    rows["money"].append(cell | dict.fromkeys(MONEY))
                    continue
                active = sum(any(asked.is_back(e) and _in(e, m, begin, end) for e in people[m.who]) for m in cohort)
                sums.setdefault(period, []).append((active, len(cohort)))
                rows["cells"].append(cell | {"people": active, "share": 100 * active / len(cohort) if cohort else None})
                taken = [(m, line) for m in cohort for line in sold.get(m.who, ()) if _in(line[0], m, begin, end)]
                sales = [(m, amount) for m, (_, is_sale, amount) in taken if is_sale]
                earned, returned = (
                    sum(amount for _, amount in sales),
                    sum(amount for _, (_, s, amount) in taken if not s),
                )
                net += earned - returned
                figures = (
                    len({m.who for m, _ in sales}),
                    len(sales),
                    earned,
                    returned,
                    net / len(cohort) if cohort else None,
                )
                rows["money"].append(cell | dict(zip(MONEY, figures, strict=True)))
        for period, counted in sorted(sums.items()):
            active, size = (sum(column) for column in zip(*counted, strict=True))
            rows["overall"].append(part | {"period": period, "share": 100 * active / size if size else None})
    return rows


MONEY = ("buyers", "purchases", "revenue_micros", "refund_micros", "lifetime_micros")


def _in(event: Event, member: Member, begin_us: int, end_us: int) -> bool:
    return begin_us <= event.ts_us < end_us and event.ts_us >= member.first.ts_us


def _parts(everybody: Sequence[Member], asked: Asked) -> list[tuple[str | None, bool, list[Member]]]:
    """Parts with most people first, the unknown behind equal ones; one part without a split."""
    if asked.split is None:
        return [(None, False, list(everybody))]
    values: dict[str | None, list[Member]] = {}
    for member in everybody:
        values.setdefault(asked.split(member.first), []).append(member)
    in_order = sorted(values, key=lambda value: (-len(values[value]), value is None, (value or "").encode()))
    return [(value, False, values[value]) for value in in_order]
