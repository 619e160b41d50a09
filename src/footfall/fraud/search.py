"""Alerts to look at: pages of them, newest first, and one. Rows are those of the table `alerts`; nothing is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from footfall.fraud.models import Rule, Severity

if TYPE_CHECKING:
    import ibis.expr.types as ir


class Filters(Struct, frozen=True, kw_only=True):
    """Which alerts are wanted: those for which everything that is given holds."""

    rule: Rule | None = None
    severity: Severity | None = None
    subject: str | None = None
    """`u:`, `v:` or `s:` and the id."""
    from_us: int | None = None
    """It fired last then or later."""
    before_us: int | None = None
    """It fired last before then."""


class Place(Struct, frozen=True, array_like=True):
    """Where a page ended: when its last alert fired last, and that one's id."""

    last_us: int
    alert_id: str


EVERYTHING = Filters()


def page(alerts: ir.Table, filters: Filters = EVERYTHING, *, limit: int, after: Place | None = None) -> ir.Table:
    """At most `limit` alerts of one project, those that fired last first, equal ones by id; from behind `after` on."""
    conditions = _conditions(alerts, filters)
    if after is not None:
        same = (alerts.last_us == after.last_us) & (alerts.alert_id > after.alert_id)
        conditions.append((alerts.last_us < after.last_us) | same)
    found = alerts.filter(conditions) if conditions else alerts
    return found.order_by(alerts.last_us.desc(), "alert_id").limit(limit)


def one(alerts: ir.Table, alert_id: str) -> ir.Table:
    """The alert of this id, or no row."""
    return alerts.filter(alerts.alert_id == alert_id)


def _conditions(alerts: ir.Table, wanted: Filters) -> list[ir.BooleanValue]:
    return [
        *([alerts.rule == wanted.rule.value] if wanted.rule is not None else []),
        *([alerts.severity == wanted.severity.value] if wanted.severity is not None else []),
        *([alerts.subject == wanted.subject] if wanted.subject is not None else []),
        *([alerts.last_us >= wanted.from_us] if wanted.from_us is not None else []),
        *([alerts.last_us < wanted.before_us] if wanted.before_us is not None else []),
    ]
