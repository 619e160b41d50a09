"""How findings are shown to people: by subject, a sign a line, the remedy below. Only the standard library is used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from footfall.cli.doctor.examination import Result
from footfall.cli.doctor.finding import State

_SIGNS: Final = {State.OK: "✓", State.WARNING: "!", State.FAULT: "✗"}
_PLAIN_SIGNS: Final = {State.OK: "+", State.WARNING: "!", State.FAULT: "x"}
_COLOURS: Final = {State.OK: "32", State.WARNING: "33", State.FAULT: "31;1"}


def lines(results: Sequence[Result], *, encoding: str = "utf-8", colour: bool = False) -> Iterator[str]:
    """The report; signs are such as `encoding` has."""
    signs = _SIGNS if _can_show(encoding) else _PLAIN_SIGNS
    arrow = "→" if _can_show(encoding) else "->"
    width = max((len(result.check.name) for result in results), default=0)
    for subject, group in groupby(results, key=lambda result: result.check.subject):
        yield subject
        for check, finding in group:
            sign = signs[finding.state]
            sign = f"\x1b[{_COLOURS[finding.state]}m{sign}\x1b[0m" if colour else sign
            yield f"  {sign} {check.name.ljust(width)}  {finding.found}"
            if finding.remedy:
                yield f"    {' ' * width}  {arrow} {finding.remedy}"
    yield ""
    yield summary(results)


def summary(results: Sequence[Result]) -> str:
    """The last line: how many faults and warnings there are."""
    counted = {state: sum(result.finding.state is state for result in results) for state in State}
    if not counted[State.FAULT] + counted[State.WARNING]:
        return "nothing is wrong"
    return f"{_count(counted[State.FAULT], 'fault')}, {_count(counted[State.WARNING], 'warning')}"


def has_fault(results: Sequence[Result]) -> bool:
    """Whether something does not work, or is not safe."""
    return any(result.finding.state is State.FAULT for result in results)


def as_items(results: Sequence[Result]) -> list[dict[str, str]]:
    """Every finding as an object for programs."""
    return [
        {
            "subject": check.subject,
            "check": check.name,
            "state": finding.state.value,
            "found": finding.found,
            "remedy": finding.remedy,
        }
        for check, finding in results
    ]


def _can_show(encoding: str) -> bool:
    try:
        "".join((*_SIGNS.values(), "→")).encode(encoding)
    except (LookupError, UnicodeEncodeError):
        return False
    return True


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
