"""The pure part of watches: whether a rule holds, how a watch stands then, and how that is said."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, NamedTuple

from msgspec import structs

from footfall.errors import BadRequest
from footfall.notices.models import Kind, Message, Rule, Standing, Watch

_MINUTE_US: Final = 60_000_000
_SAID: Final = {
    Rule.ABOVE: "above {bound}",
    Rule.BELOW: "below {bound}",
    Rule.RISES: "{bound} % or more above the time before",
    Rule.FALLS: "{bound} % or more below the time before",
    Rule.UNUSUAL: "unusual for its time",
}


class Reading(NamedTuple):
    """A figure in one bucket."""

    label: str
    """The bucket's beginning in local time."""
    value: Decimal | None
    """None where there is nothing to divide by."""
    before: Decimal | None = None
    """In the bucket before; None where it was not asked for."""
    expected: Decimal | None = None
    """Median of its like; None where nothing can be said."""
    is_unusual: bool = False
    unit: str = ""
    """Behind the number: a currency, `%`, `min`, or nothing."""


def holds(watch: Watch, reading: Reading) -> bool | None:
    """Whether the rule holds; None where nothing can be said.

    >>> watch = Watch(name="w", question="q", rule=Rule.FALLS, bound=50.0)
    >>> holds(watch, Reading("d", Decimal(40), Decimal(100))), holds(watch, Reading("d", Decimal(1), Decimal(0)))
    (True, None)
    """
    value, bound = reading.value, Decimal(str(watch.bound or 0))
    if value is None:
        return None
    match watch.rule:
        case Rule.ABOVE:
            return value > bound
        case Rule.BELOW:
            return value < bound
        case Rule.UNUSUAL:
            return None if reading.expected is None else reading.is_unusual
    if not reading.before:
        return None
    change = 100 * (value - reading.before) / abs(reading.before)
    return change >= bound if watch.rule is Rule.RISES else change <= -bound


def judged(standing: Standing, watch: Watch, reading: Reading, now_us: int) -> tuple[Standing, Kind | None]:
    """How the watch stands after a reading, and what is to be told.

    Once for each time that the rule begins to hold, and never sooner than the cooldown after the last time; where it
    still holds at the end of the cooldown, then. That it is over is told only to who was told that it held.
    """
    compared = reading.expected if watch.rule is Rule.UNUSUAL else reading.before
    seen = structs.replace(
        standing,
        checked_us=now_us,
        bucket=reading.label,
        value=None if reading.value is None else float(reading.value),
        compared=None if compared is None else float(compared),
        unit=reading.unit,
        error=None,
    )
    found = holds(watch, reading)
    if found is None:
        return seen, None
    if not found:
        over = Kind.OVER if standing.holds and standing.told and watch.tell_over else None
        return structs.replace(seen, holds=False, told=False), over
    told = standing.holds and standing.told
    cold = standing.fired_us is None or now_us >= standing.fired_us + watch.cooldown_minutes * _MINUTE_US
    if told or not cold:
        return structs.replace(seen, holds=True, told=told), None
    return structs.replace(seen, holds=True, told=True, fired_us=now_us), Kind.FIRED


def failed(standing: Standing, reason: str, now_us: int) -> Standing:
    """How a watch stands that could not be judged; whether its rule held stays known."""
    return structs.replace(standing, checked_us=now_us, error=reason)


def check_bound(watch: Watch) -> None:
    """Raise `BadRequest` for a rule without its number, or a number without a rule for it."""
    if watch.rule is Rule.UNUSUAL:
        if watch.bound is not None:
            raise BadRequest("bound: what is unusual shows by itself; leave the bound out")
        return
    if watch.bound is None:
        raise BadRequest(f"bound: {watch.rule.value!r} needs a number")
    if watch.rule in {Rule.RISES, Rule.FALLS} and watch.bound <= 0:
        raise BadRequest("bound: percent that a figure changes by are more than 0")


def said(watch: Watch) -> str:
    """The rule in words.

    >>> said(Watch(name="w", question="q", rule=Rule.ABOVE, bound=1200.0))
    'above 1,200'
    """
    return _SAID[watch.rule].format(bound=number(watch.bound or 0))


def message(watch: Watch, reading: Reading, kind: Kind, project: str) -> Message:
    """What is told of a reading."""
    value = valued(reading.value, reading.unit)
    rule = {Kind.OVER: f"no longer {said(watch)}", Kind.TEST: "a test"}.get(kind, said(watch))
    lines = [f"In the {watch.bucket or 'time'} that began at {reading.label} it was {value}."]
    if watch.rule is Rule.UNUSUAL:
        lines += [f"At such a time it is usually {valued(reading.expected, reading.unit)}."]
    elif reading.before is not None:
        lines += [f"In the one before it was {valued(reading.before, reading.unit)}."]
    lines += [f"You are told because of the watch {watch.name!r}: {said(watch)}."]
    return Message(
        subject=f"{watch.name}: {value}, {rule}", lead=tuple(lines), path=f"/reports?project={project}", project=project
    )


def valued(value: Decimal | None, unit: str) -> str:
    """A number with its unit, or a word."""
    return "unknown" if value is None else f"{number(value)} {unit}".rstrip()


def number(value: float | Decimal) -> str:
    """A number as people read it: with thousands, at most two decimals.

    >>> number(1234.5), number(Decimal("0.126")), number(3.0)
    ('1,234.50', '0.13', '3')
    """
    exact = Decimal(str(value))
    return f"{exact:,.0f}" if exact == exact.to_integral_value() else f"{exact:,.2f}"
