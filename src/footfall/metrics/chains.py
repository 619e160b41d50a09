"""The deepest chain of steps of each person or session: what a funnel is made of.

Which events are a step, and what is counted of the chains, stands in `funnel`.
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir


def chains(hits: ir.Table, steps: int, *, within_us: int, strict: bool = False) -> ir.Table:
    """One row for each `who` that took the first step: how deep they got, and when they took each step.

    `hits` has a row for each event: who, ts_us, event_id, for each step from 1 on whether the event is that step
    (`hit_1`, `hit_2`, …, never null), and `split` where it is asked for. A chain is an s1, then an s2 strictly later,
    and so on, all within `within_us` of its s1, that instant included. In *loose* order anything may happen between.
    In *strict* order the next instant at which anything happened must hold the next step; what happens at one instant
    has no order, so one event that is the step is enough, and others beside it break nothing.

    Columns: who, split (of the last s1 by `event_id` at the instant where the chain begins), depth (1 … `steps`),
    reached_1 … reached_n: µs since the epoch of the deepest chain; of several the one with the latest s1, and from
    there the earliest next step each time. Null behind `depth`.

    Source: the contract's *ordered funnel*. Rule: an instant that is step k carries the latest s1 of all chains of k
    steps that end there. That is the latest one carried by an earlier instant that is step k − 1, for an earlier s1
    can do nothing that a later one can't. So each step costs one pass. Along the deepest chain with the latest s1 the
    earliest next step is the earliest instant that carries this s1: if a later one could be carried there, the chain
    could begin later.
    """
    carried = _carried(_instants(hits, steps, strict=strict), steps, within_us=within_us, strict=strict)
    numbers = range(1, steps + 1)
    latest = carried.group_by("who").aggregate(**{f"latest_{step}": carried[f"start_{step}"].max() for step in numbers})
    begun = {step: latest[f"latest_{step}"] for step in reversed(numbers)}
    deepest = latest.select(
        "who",
        depth=ibis.cases(*((begin.notnull(), step) for step, begin in begun.items()), else_=0).cast("int64"),
        begin_us=ibis.coalesce(*begun.values()),
    )
    deepest = deepest.filter(deepest.depth > 0)
    known = carried.join(deepest, "who")
    return known.group_by("who", "depth").aggregate(
        split=known.split.max(where=known.ts_us == known.begin_us),
        reached_1=known.begin_us.max(),
        **{
            f"reached_{step}": known.ts_us.min(
                where=(known.depth >= step) & (known[f"start_{step}"] == known.begin_us).fill_null(False)
            )
            for step in numbers[1:]
        },
    )


def _instants(hits: ir.Table, steps: int, *, strict: bool) -> ir.Table:
    """One row for each instant of each `who` that is a step: which steps it is, in strict order what came before, too.

    A chain goes on here, `goes_on`, only when the instant before, of whatever event, is a step as well.
    """
    flags = [f"hit_{step}" for step in range(1, steps + 1)]
    rows = hits if strict else _of_a_step(hits, flags)
    last = {"split": rows.split.argmax(rows.event_id, where=rows.hit_1)} if "split" in rows.columns else {}
    found = rows.group_by("who", "ts_us").aggregate(**{flag: rows[flag].any() for flag in flags}, **last)
    if strict:
        is_step = ibis.or_(*(found[flag] for flag in flags))
        before = is_step.lag().over(group_by="who", order_by="ts_us").fill_null(False)
        found = _of_a_step(found.mutate(goes_on=before), flags)
    return found if last else found.mutate(split=ibis.null("string"))


def _of_a_step(rows: ir.Table, flags: Sequence[str]) -> ir.Table:
    return rows.filter(ibis.or_(*(rows[flag] for flag in flags)))


def _carried(instants: ir.Table, steps: int, *, within_us: int, strict: bool) -> ir.Table:
    """With `start_1` … `start_n`: the latest s1 of the chains of so many steps that end at the instant, or null.

    Each step nests one query, no more: thirty of them are as deep as what compiles them can go.
    """
    order = {"group_by": "who", "order_by": "ts_us"}
    rows = instants.mutate(offer_1=instants.ts_us)
    for step in range(2, steps + 1):
        before = _taken(rows, step - 1, within_us)
        if strict:
            offer = rows.goes_on.ifelse(before.lag().over(**order), ibis.null("int64"))
        else:
            offer = before.max().over(rows=(None, -1), **order)
        rows = rows.mutate(**{f"offer_{step}": offer})
    return rows.select(
        "who", "ts_us", "split", **{f"start_{step}": _taken(rows, step, within_us) for step in range(1, steps + 1)}
    )


def _taken(rows: ir.Table, step: int, within_us: int) -> ir.IntegerColumn:
    """The s1 offered to this step, where the instant is that step and in time."""
    offered = rows[f"offer_{step}"]
    return (rows[f"hit_{step}"] & (rows.ts_us - offered <= within_us)).ifelse(offered, ibis.null("int64"))
