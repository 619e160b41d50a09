"""A funnel computed a second time, slowly and obviously, from the words of the contract: every chain is tried."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from footfall.metrics.funnel import WAITS_US

Row = dict[str, Any]
Period = tuple[int, int, str]


class Hit(NamedTuple):
    """One event of one person: when it was, what its split is, and which steps it is (1, 2, …)."""

    ts_us: int
    event_id: str
    split: str | None
    steps: frozenset[int]


class Chain(NamedTuple):
    """A person's deepest chain: the times of its steps, and the split at its first one."""

    times: tuple[int, ...]
    split: str | None


def deepest(hits: Sequence[Hit], steps: int, *, within_us: int, strict: bool = False) -> Chain | None:
    """The best chain of one person: the deepest, then the latest start, then each next step as early as can be."""
    found = list(_every_chain(hits, steps, within_us=within_us, strict=strict))
    if not found:
        return None
    best = max(found, key=lambda times: (len(times), times[0], tuple(-time for time in times[1:])))
    firsts = [hit for hit in hits if hit.ts_us == best[0] and 1 in hit.steps]
    return Chain(best, max(firsts, key=lambda hit: hit.event_id).split)


def _every_chain(hits: Sequence[Hit], steps: int, *, within_us: int, strict: bool) -> Iterator[tuple[int, ...]]:
    for hit in hits:
        if 1 in hit.steps:
            yield from _longer((hit.ts_us,), hits, steps, within_us=within_us, strict=strict)


def _longer(
    so_far: tuple[int, ...], hits: Sequence[Hit], steps: int, *, within_us: int, strict: bool
) -> Iterator[tuple[int, ...]]:
    """This chain, and all that go on from it."""
    yield so_far
    if len(so_far) == steps:
        return
    later = [hit for hit in hits if hit.ts_us > so_far[-1]]
    if strict:
        later = [hit for hit in later if hit.ts_us == min(other.ts_us for other in later)]
    for hit in later:
        if len(so_far) + 1 in hit.steps and hit.ts_us - so_far[0] <= within_us:
            yield from _longer((*so_far, hit.ts_us), hits, steps, within_us=within_us, strict=strict)


def steps(chains: Mapping[str, Chain], count: int, *, most: int | None = None) -> list[Row]:
    """The rows of `funnel.Answer.steps`, of `count` steps; `most` values of a split stand by themselves."""
    rows = []
    for split, is_other, theirs in _parts(chains, most):
        times = [chain.times for chain in theirs]
        for step in range(1, count + 1):
            here = [time for time in times if len(time) >= step]
            before = [time for time in times if len(time) >= step - 1]
            first = [time[step - 1] - time[0] for time in here] if step > 1 else []
            since = [time[step - 1] - time[step - 2] for time in here] if step > 1 else []
            rows.append(
                {
                    "split": split,
                    "is_other": is_other,
                    "step": step,
                    "people": len(here),
                    "of_first": 100 * len(here) / len(times) if times and step > 1 else None,
                    "of_before": 100 * len(here) / len(before) if before and step > 1 else None,
                    "dropped": len(before) - len(here) if step > 1 else None,
                    "first_median_us": nearest_rank(first, 50),
                    "first_p90_us": nearest_rank(first, 90),
                    "before_median_us": nearest_rank(since, 50),
                    "before_p90_us": nearest_rank(since, 90),
                    "waits": binned(since) if step > 1 else None,
                }
            )
    return rows


def binned(values: Sequence[int]) -> list[int]:
    """How many are in each bin: from one bound up to the next, without it."""
    bounds = [-1, *WAITS_US, 10**30]
    return [sum(least <= value < end for value in values) for least, end in itertools.pairwise(bounds)]


def nearest_rank(values: Sequence[int], percent: int) -> int | None:
    """The least value that at least so many percent do not exceed."""
    return next((v for v in sorted(values) if 100 * sum(w <= v for w in values) >= percent * len(values)), None)


def trend(chains: Mapping[str, Chain], count: int, periods: Sequence[Period], *, most: int | None = None) -> list[Row]:
    """The rows of `funnel.Answer.trend` without `unfinished`; `periods` are (begin_us, end_us, label)."""
    return [
        {
            "begin_us": begin_us,
            "end_us": end_us,
            "label": label,
            "split": split,
            "is_other": is_other,
            "entered": len(entered),
            "converted": (converted := sum(len(chain.times) == count for chain in entered)),
            "rate": 100 * converted / len(entered) if entered else None,
        }
        for begin_us, end_us, label in periods
        for split, is_other, theirs in _parts(chains, most)
        for entered in [[chain for chain in theirs if begin_us <= chain.times[0] < end_us]]
    ]


def _parts(chains: Mapping[str, Chain], most: int | None) -> list[tuple[str | None, bool, list[Chain]]]:
    """(value, whether it is all the others, its chains): most chains first, equal ones by text, the others last.

    One part, be it empty, when `most` is None.
    """
    if most is None:
        return [(None, False, list(chains.values()))]
    values: dict[str | None, list[Chain]] = {}
    for chain in chains.values():
        values.setdefault(chain.split, []).append(chain)
    in_order = sorted(values, key=lambda value: (-len(values[value]), value is None, (value or "").encode()))
    kept = [(value, False, values[value]) for value in in_order[:most]]
    rest = [chain for value in in_order[most:] for chain in values[value]]
    return [*kept, (None, True, rest)] if rest else kept
