"""A funnel computed a second time, slowly and obviously, from the words of the contract: every chain is tried."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple


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
