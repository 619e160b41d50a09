"""Which events are of which kind, for metrics over events; what a kind means stands in `events.kinds`."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from footfall.events.kinds import Kind, Taxonomy


def is_of(events: ir.Table, taxonomy: Taxonomy, *kinds: Kind) -> ir.BooleanValue:
    """Whether each event's name is listed under one of `kinds`; never so for a kind without names."""
    names = [name for kind in kinds for name in taxonomy.names(kind)]
    return events.name.isin(names) if names else ibis.literal(False)
