"""`/v1/risk` and `/v1/fraud/thresholds`: how risky who is, and whom other thresholds would have hit."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, StringConstraints

from footfall.api.asked import ground_of
from footfall.api.cursors import MOST_ID_CHARACTERS, Cursor, Limit, Whole
from footfall.api.ports import NodeOf, Tables
from footfall.api.questions import After, QuestionsOf
from footfall.api.values import Time, TimeGiven, time_text
from footfall.cursors import read_cursor, write_cursor
from footfall.events.time import DAY_US, write_time
from footfall.fraud.models import Rule, Severity, Thresholds
from footfall.fraud.telling import condition
from footfall.store.access import Permission
from footfall.store.guard import ProjectOf, needs

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from footfall.engines.plans import Keep
    from footfall.fraud.ladder import Rung

router = APIRouter(prefix="/v1", tags=["read"], dependencies=[needs(Permission.READ)])

_PAST_DAYS = 30
_SETTINGS = {
    Rule.HIGH_VELOCITY: "fraud_velocity_events",
    Rule.MULTIPLE_IP: "fraud_addresses",
    Rule.RAPID_LOCATION_CHANGE: "fraud_speed_kmh",
    Rule.HIGH_VALUE_PURCHASE: "fraud_purchase_amount",
}
_Subject = Annotated[str, StringConstraints(max_length=MOST_ID_CHARACTERS)]

Row = Mapping[str, Any]


class RiskPart(BaseModel):
    """What the alerts of one rule add to a score."""

    rule: Rule
    points: int
    alerts: int


class RiskItem(BaseModel):
    """The risk of one person, with the alerts of all their ids."""

    subject: str = Field(description="The person: `u:` + user id, else `v:` + visitor id, else `s:` + session id.")
    score: int = Field(description="0 to 100: the sum of the parts.")
    last: Time = Field(description="When one of its alerts fired last.")
    parts: list[RiskPart] = Field(description="One for each rule with alerts, in the rules' order.")


class RiskPage(BaseModel):
    """Who has alerts, the highest scores first."""

    items: list[RiskItem]
    next: str | None = Field(description="Cursor of the next page; null on the last one.")


class RungItem(BaseModel):
    """One threshold and whom it would have hit."""

    threshold: int = Field(description="Events, addresses, km/h, or whole units of the project's currency.")
    people: int = Field(description="It would have hit so many; who is one person counts once.")
    share: float | None = Field(description="Percentage of all people, unrounded; null when there are none.")
    present: bool = Field(description="It is the one that is set.")
    default: bool = Field(description="It is the one that is set where nobody set one.")


class RuleLadder(BaseModel):
    """The thresholds of one rule, the one that hits most first."""

    rule: Rule
    severity: Severity
    icon: str = Field(description="Icon of the severity.")
    setting: str = Field(description="The setting that holds the threshold.")
    condition: str = Field(description="When the rule fires, in words, with the present threshold.")
    rungs: list[RungItem]


class Ladders(BaseModel):
    """What other thresholds would have done to the stored past, imported events included."""

    from_: Time = Field(alias="from", serialization_alias="from", description="Begin of the past that was looked at.")
    before: Time | None = Field(description="Its end; null is now.")
    people: int = Field(description="Who has events that rules look at.")
    currency: str = Field(description="Currency of amounts.")
    rules: list[RuleLadder]


@router.get("/risk")
async def list_risk(
    *,
    node: NodeOf,
    questions: QuestionsOf,
    project: ProjectOf,
    subject: Annotated[
        _Subject | None, Query(description="Only of whose id this is: `u:`, `v:` or `s:` and the id.")
    ] = None,
    days: Annotated[int, Query(ge=1, le=3650, description="Alerts of the last so many days count.")] = 30,
    limit: Limit = 100,
    cursor: Cursor = None,
    after: After = None,
) -> RiskPage:
    """Who is how risky, the highest scores first: a score adds up from its parts, one for each rule."""
    place = read_cursor(cursor, tuple[Whole, str]) if cursor else None
    since_us = _now_us() - days * DAY_US

    def page(tables: Tables) -> RiskPage:
        from footfall.fraud import risk
        from footfall.metrics.people import joined
        from footfall.metrics.persons import named_now

        ground = ground_of(tables, node)
        known = joined(ground.ever, ground.links)
        parts = risk.parts(risk.of_people(tables.alerts, known), since_us=since_us)
        if subject is not None:
            named = tables.run(named_now(ground, subject)).to_pylist()
            parts = parts.filter(parts.subject == (named[0]["who"] if named else subject))
        begin = risk.Place(*place) if place else None
        rows = tables.run(risk.page(risk.scores(parts), limit=limit + 1, after=begin)).to_pylist()
        shown, last = rows[:limit], rows[limit - 1] if len(rows) > limit else None
        theirs: dict[str, list[Row]] = {row["subject"]: [] for row in shown}
        for part in tables.run(parts.filter(parts.subject.isin([*theirs]))).to_pylist() if theirs else ():
            theirs[part["subject"]].append(part)
        return RiskPage(
            items=[_risk(row, theirs[row["subject"]]) for row in shown],
            next=write_cursor((last["score"], last["subject"])) if last else None,
        )

    return await questions.read(project, after, page)


@router.get("/fraud/thresholds")
async def show_thresholds(
    *,
    node: NodeOf,
    questions: QuestionsOf,
    project: ProjectOf,
    from_: Annotated[
        TimeGiven | None, Query(alias="from", description="Events then or later; without it the last 30 days'.")
    ] = None,
    before: Annotated[TimeGiven | None, Query(description="Events before then.")] = None,
    after: After = None,
) -> Ladders:
    """For each rule, how many people a threshold would have hit in the stored past."""
    taxonomy, thresholds = node.settings.taxonomy, Thresholds.of(node.settings)
    until_us = _now_us() if before is None else before
    from_us = max(until_us - _PAST_DAYS * DAY_US, 0) if from_ is None else from_

    def ladders(tables: Tables) -> Ladders:
        import msgspec

        from footfall.fraud.ladder import climbed, ladder
        from footfall.metrics.people import joined

        events = tables.events.filter(tables.events.ts_us >= from_us)
        if before is not None:
            events = events.filter(events.ts_us < before)
        ground = ground_of(tables, node)
        asked = ("thresholds", from_us, before, taxonomy.listed(), thresholds, ground.first_events is not None)

        def ask(keep: Keep) -> Mapping[str, ir.Table]:
            known = joined(ground.ever, ground.links)
            return ladder(events, taxonomy=taxonomy, thresholds=thresholds, known=known, keep=keep)._asdict()

        found = tables.answer(msgspec.json.encode(asked), ask)
        hit, [total] = found["hit"].to_pylist(), found["people"].to_pylist()
        currency = node.settings.currency_of(project, node.store.currency(project))
        return Ladders.model_validate(
            {
                "from": write_time(from_us),
                "before": time_text(before),
                "people": total["people"],
                "currency": currency,
                "rules": [_ladder(rule, climbed(rule, thresholds, hit, total["people"]), thresholds) for rule in Rule],
            }
        )

    return await questions.read(project, after, ladders)


def _now_us() -> int:
    return time.time_ns() // 1000


def _risk(row: Row, parts: list[Row]) -> RiskItem:
    mine = {Rule(part["rule"]): part for part in parts}
    return RiskItem(
        subject=row["subject"],
        score=row["score"],
        last=write_time(row["last_us"]),
        parts=[
            RiskPart(rule=rule, points=mine[rule]["points"], alerts=mine[rule]["alerts"])
            for rule in Rule
            if rule in mine
        ],
    )


def _ladder(rule: Rule, rungs: list[Rung], thresholds: Thresholds) -> dict[str, Any]:
    from footfall.fraud.ladder import present

    now, default = present(rule, thresholds), present(rule, Thresholds())
    return {
        "rule": rule,
        "severity": rule.severity,
        "icon": rule.severity.icon,
        "setting": _SETTINGS[rule],
        "condition": condition(rule, thresholds),
        "rungs": [
            {
                "threshold": rung.threshold,
                "people": rung.people,
                "share": rung.share,
                "present": rung.threshold == now,
                "default": rung.threshold == default,
            }
            for rung in rungs
        ],
    }
