"""The way that each person or session took from one event on, or to one: what paths are made of.

Which events are walked over, and what is counted of the ways, stands in `paths`.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir


def walks(visits: ir.Table, *, depth: int, backwards: bool = False) -> ir.Table:
    """One row for each place of each way: `who` came by `label` at `place`, and then by `next_label`.

    `visits` has a row for each event: who, ts_us, event_id, label (null is a label like any other), is_anchor. A way
    begins at the first event that is an anchor, by (`ts_us`, `event_id`); *backwards* it is followed from the last
    such event towards the past. Whoever has none takes no way. Of neighbours with one label the first stands for all
    (A A A → A). Place 0 is the anchor; places behind `depth` are left out.

    Columns: who, place, label, next_label, goes_on: whether another place follows, behind `depth` too.

    >>> import pyarrow
    >>> walked = [(1, "home", True), (2, "home", True), (3, "tea", False), (4, "tea", False), (5, "home", True)]
    >>> visits = ibis.memtable(pyarrow.table({
    ...     "who": ["v:a"] * 5, "ts_us": [ts for ts, _, _ in walked], "event_id": [str(ts) for ts, _, _ in walked],
    ...     "label": [label for _, label, _ in walked], "is_anchor": [anchor for _, _, anchor in walked],
    ... }))
    >>> rows = walks(visits, depth=1).order_by("place").to_pyarrow().to_pylist()
    >>> [(row["place"], row["label"], row["next_label"], row["goes_on"]) for row in rows]
    [(0, 'home', 'tea', True), (1, 'tea', 'home', True)]
    """
    columns = [visits.ts_us, visits.event_id]
    order = [column.desc() for column in columns] if backwards else columns
    numbered = visits.mutate(at=ibis.row_number().over(group_by="who", order_by=order))
    begun = numbered.mutate(from_at=numbered.at.min(where=numbered.is_anchor).over(group_by="who"))
    way = begun.filter(begun.at >= begun.from_at)
    neighbours = way.mutate(before=way.label.lag().over(group_by="who", order_by="at"))
    folded = neighbours.filter(
        (neighbours.at == neighbours.from_at) | ~neighbours.label.identical_to(neighbours.before)
    )
    along = ibis.window(group_by="who", order_by="at")
    placed = folded.select(
        "who",
        place=ibis.row_number().over(along).cast("int64"),
        label=folded.label,
        next_label=folded.label.lead().over(along),
        goes_on=folded.at.lead().over(along).notnull(),
    )
    return placed.filter(placed.place <= depth)
