"""Alerts of the whole `events` table as one Ibis expression, for any engine.

When a rule fires stands in `rules`; here stands only what an event's trailing figures are. The live pass
(`watch`) gives the same alerts event by event.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from footfall.events.kinds import Kind, Taxonomy
from footfall.fraud.arrivals import NEVER_ALARMING
from footfall.fraud.models import Rule, Thresholds
from footfall.fraud.ops import IBIS
from footfall.fraud.rules import Figures, fires, kilometres, peaks
from footfall.lake.alert import ALERTS

COLUMNS = tuple(name for name in ALERTS.names if name not in ("revision", "deleted"))
"""The columns that `alerts` gives, in this order."""

_SUBJECT = ("project_id", "subject")
_FIRING = ("project_id", "subject", "rule", "ts_us")
_UNKNOWN = Figures(
    events=ibis.null("int64"),
    addresses=ibis.null("int64"),
    km=ibis.null("float64"),
    km_after_us=ibis.null("float64"),
    abroad_after_us=ibis.null("int64"),
    purchase_micros=ibis.null("int64"),
)


def subject(events: ir.Table) -> ir.StringColumn:
    """Whom an event is held against: `u:` + user id, else `v:` + visitor id, else `s:` + session id."""
    return ibis.coalesce("u:" + events.user_id, "v:" + events.visitor_id, "s:" + events.session_id)


def alerts(events: ir.Table, *, taxonomy: Taxonomy, thresholds: Thresholds) -> ir.Table:
    """Every alert of `events` (columns of `events.schema.EVENTS`, no duplicates), as rows of `COLUMNS`."""
    fired = firings(events, taxonomy=taxonomy, thresholds=thresholds)
    by_rule = {"group_by": _FIRING[:-1], "order_by": "ts_us"}
    since = fired.ts_us - fired.ts_us.lag().over(**by_rule)
    starts = fired.mutate(start_us=(since <= thresholds.cooldown_us).ifelse(ibis.null("int64"), fired.ts_us))
    # A range, not rows: firings of one instant are peers, whichever of them the engine calls the first.
    cut = starts.mutate(first_us=starts.start_us.max().over(ibis.range_window(**by_rule, following=0)))
    found = cut.group_by("project_id", "subject", "rule", "first_us").aggregate(
        last_us=cut.ts_us.max(), firings=cut.count(), peak=cut.peak.max()
    )
    severity = ibis.cases(*((found.rule == rule.value, rule.severity.value) for rule in Rule), else_="")
    at = found.first_us.cast("string")
    return found.mutate(alert_id=found.rule + ":" + found.subject + "@" + at, severity=severity).select(*COLUMNS)


def firings(events: ir.Table, *, taxonomy: Taxonomy, thresholds: Thresholds) -> ir.Table:
    """Every event at which a rule fires: project_id, subject, rule, ts_us, event_id, peak; once a rule."""
    rows = watched(events, taxonomy)
    fired = ibis.union(
        _fired(*velocity(rows, thresholds), Rule.HIGH_VELOCITY, thresholds),
        _fired(*addresses(rows, thresholds), Rule.MULTIPLE_IP, thresholds),
        _fired(*journeys(rows), Rule.RAPID_LOCATION_CHANGE, thresholds),
        _fired(*borders(rows), Rule.RAPID_LOCATION_CHANGE, thresholds),
        _fired(*purchases(rows, taxonomy), Rule.HIGH_VALUE_PURCHASE, thresholds),
    )
    return fired.group_by(*_FIRING, "event_id").aggregate(peak=fired.peak.max())


def watched(events: ir.Table, taxonomy: Taxonomy, *, past: bool = False) -> ir.Table:
    """The events that the rules look at, with their subject: counting ones, of no bot.

    Those that tell of the past (`source: import`) are among them only with `past`.
    """
    passive = taxonomy.names(Kind.PASSIVE)
    people = events.filter(
        ~events.is_bot,
        ibis.literal(past) | events.source.isnull() | (events.source != NEVER_ALARMING),
        ~events.name.isin(passive) if passive else ibis.literal(True),
    )
    return people.select(
        "project_id",
        "event_id",
        "name",
        "ts_us",
        "ip_hash",
        "latitude",
        "longitude",
        subject=subject(people),
        country=people.country.upper().re_search("^[A-Z]{2}$").ifelse(people.country.upper(), None),
        purchase_micros=people.currency.isnull().ifelse(people.amount_micros, None),
    )


def _fired(rows: ir.Table, figures: Figures, rule: Rule, thresholds: Thresholds) -> ir.Table:
    peak = peaks(figures, thresholds, IBIS)[rule]
    told = rows.mutate(rule=ibis.literal(rule.value), peak=peak)
    return told.filter(fires(figures, thresholds, IBIS)[rule]).select(*_FIRING, "event_id", "peak")


def velocity(rows: ir.Table, thresholds: Thresholds) -> tuple[ir.Table, Figures]:
    """Rows of `watched`, and their figure `events`."""
    within = ibis.range_window(group_by=_SUBJECT, order_by="ts_us", preceding=thresholds.velocity_us, following=0)
    counted = rows.mutate(figure=rows.count().over(within))
    return counted, _UNKNOWN._replace(events=counted.figure)


def addresses(rows: ir.Table, thresholds: Thresholds) -> tuple[ir.Table, Figures]:
    """Events with an address of subjects that have more of them than the threshold, and their figure `addresses`.

    An address counts from an event until its next one or the end of the window, so the distinct ones are a running
    sum of comings and goings: no engine has to look at a window twice.
    """
    known = rows.filter(rows.ip_hash.notnull())
    several = known.group_by(*_SUBJECT).having(known.ip_hash.nunique() > thresholds.addresses).aggregate()
    theirs = known.semi_join(several, _SUBJECT).cast(known.schema())  # a join forgets what is never null
    over_us = theirs.ts_us + (thresholds.addresses_us + 1)
    again_us = theirs.ts_us.lead().over(group_by=(*_SUBJECT, "ip_hash"), order_by="ts_us")
    comings = theirs.select(*_SUBJECT, "ts_us", "event_id", step=ibis.literal(1, "int64"))
    goings = theirs.select(
        *_SUBJECT,
        "event_id",
        ts_us=ibis.least(again_us.fill_null(over_us), over_us),
        step=ibis.literal(-1, "int64"),
    )
    steps = ibis.union(comings, goings.select(*comings.columns).cast(comings.schema()))
    until_now = ibis.range_window(group_by=_SUBJECT, order_by="ts_us", following=0)
    counted = steps.mutate(figure=steps.step.sum().over(until_now).cast("int64")).filter(ibis._.step > 0)
    return counted, _UNKNOWN._replace(addresses=counted.figure)


def journeys(rows: ir.Table) -> tuple[ir.Table, Figures]:
    """Rows with a place, and their figures `km` and `km_after_us`."""
    known = rows.filter(rows.latitude.notnull(), rows.longitude.notnull())
    order = {"group_by": _SUBJECT, "order_by": ["ts_us", "latitude", "longitude"]}
    paired = known.mutate(
        from_latitude=known.latitude.lag().over(**order),
        from_longitude=known.longitude.lag().over(**order),
        after_us=known.ts_us - known.ts_us.lag().over(**order),
    )
    km = kilometres(paired.from_latitude, paired.from_longitude, paired.latitude, paired.longitude, IBIS)
    measured = paired.mutate(km=km)
    return measured, _UNKNOWN._replace(km=measured.km, km_after_us=measured.after_us.cast("float64"))


def borders(rows: ir.Table) -> tuple[ir.Table, Figures]:
    """Rows in another country than the one before, and their figure `abroad_after_us`."""
    located = (rows.latitude.notnull() & rows.longitude.notnull()).ifelse(1, 0)
    known = rows.mutate(located=located).filter(rows.country.notnull())
    order = {"group_by": _SUBJECT, "order_by": ["ts_us", "country", "located"]}
    before = known.mutate(
        from_country=known.country.lag().over(**order),
        from_located=known.located.lag().over(**order),
        after_us=known.ts_us - known.ts_us.lag().over(**order),
    )
    crossed = before.filter(before.from_country != before.country, before.from_located + before.located < 2)
    return crossed, _UNKNOWN._replace(abroad_after_us=crossed.after_us)


def purchases(rows: ir.Table, taxonomy: Taxonomy) -> tuple[ir.Table, Figures]:
    """Rows that are purchases, and their figure `purchase_micros`."""
    names = taxonomy.names(Kind.PURCHASE)
    sold = rows.filter(rows.name.isin(names) if names else ibis.literal(False))
    return sold, _UNKNOWN._replace(purchase_micros=sold.purchase_micros)
