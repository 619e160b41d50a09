"""`/v1/classes/rules` and `/v1/classes/preview`: class rules and kinds in force, and what others would do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field, StrictFloat, StrictInt, StringConstraints

from footfall.api.ports import Node, NodeOf, Tables
from footfall.api.questions import QuestionsOf
from footfall.api.rebuild import Rebuilds, RebuildsOf
from footfall.api.values import Time, TimeGiven, time_text
from footfall.events.kinds import Kind
from footfall.rules.models import Change
from footfall.sessions.thresholds import thresholds
from footfall.sessions.version import definition
from footfall.settings import Settings
from footfall.store.access import Permission
from footfall.store.guard import Caller, ProjectOf, needs

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from footfall.metrics.class_preview import Wanted

router = APIRouter(prefix="/v1/classes", tags=["classes"])

MOST_EXAMPLES: Final = 100
_MOST_SHOWN: Final = 50
_Number = StrictInt | StrictFloat
_Id = Annotated[str, StringConstraints(max_length=300)]
_Thresholds = Annotated[
    dict[_Id, _Number],
    Field(max_length=64, description="Other least values, by the ids of their clauses; the others stay as they are."),
]
_Kinds = Annotated[
    dict[_Id, Kind],
    Field(max_length=2_000, description="Other kinds of event names; `other` takes a name from every kind."),
]


class RuleClause(BaseModel):
    """`figure` is at least `at_least`."""

    id: str = Field(description="By which it is changed.")
    figure: str
    at_least: int | float


class ClassRule(BaseModel):
    """One class. The first that holds, in this order, is a session's."""

    name: str
    score: int
    icon: str
    action_priority: int
    advice: list[str] = Field(description="What could be done for such visitors.")
    any_of: list[list[RuleClause]] = Field(
        description="It holds when all clauses of any one of these hold; one without clauses always does."
    )


class RulesSaid(BaseModel):
    """One change, as it left the rules."""

    number: int
    changed: Time
    changed_by: str = Field(description="Id of the token.")
    thresholds: dict[str, int | float] = Field(description="Those that are other than the settings say.")
    kinds: dict[str, Kind] = Field(description="Names that have another kind than the settings say.")


class RulesInForce(BaseModel):
    """The rules by which sessions are judged, of all projects."""

    number: int = Field(description="How often they were changed. Who changes them says which number was seen.")
    rules_version: str = Field(description="Hash of the class rules; sessions that they judged carry it.")
    classes: list[ClassRule] = Field(description="The best class first.")
    kinds: dict[str, Kind] = Field(description="Every name that has a kind; others count as activity.")
    fixed: list[str] = Field(description="`thresholds` or `kinds` where footfall.toml says them: they change there.")
    rebuild_due: bool = Field(description="Whether some stored sessions were judged by other rules.")
    history: list[RulesSaid] = Field(description=f"The last {_MOST_SHOWN} changes, the newest first.")


class NewRules(BaseModel, extra="forbid"):
    """What is to be changed of the rules."""

    thresholds: _Thresholds = {}
    kinds: _Kinds = {}


class ChangedRules(NewRules):
    """The same, by somebody who saw the rules of `number`."""

    number: int = Field(ge=0, le=2**31 - 1)


class PreviewAsked(NewRules):
    """Other rules, and the sessions to try them on."""

    from_: TimeGiven | None = Field(default=None, alias="from", description="Sessions that began then or later.")
    before: TimeGiven | None = Field(default=None, description="Sessions that began before then.")


class PreviewCell(BaseModel):
    """Sessions that go from one class to another, or stay."""

    present: str | None = Field(description="The class that readers see; null: there is no such session yet.")
    then: str | None = Field(description="The class after a rebuild; null: it would be no session.")
    sessions: int
    examples: list[str] = Field(
        description=f"Ids of the newest {MOST_EXAMPLES} of them; none where nothing changes, or nothing is there yet."
    )


class Preview(BaseModel):
    """What other rules would make of the sessions that there are, after a rebuild."""

    rules_version: str
    sessions: int = Field(description="All that were looked at.")
    changed: int = Field(description="Those that have another class then, come to be or vanish.")
    share: float | None = Field(description="Percentage of all, unrounded; null when there are none.")
    cells: list[PreviewCell] = Field(description="In the order of the classes, best first.")
    owners_anew: int = Field(description="Whose sessions were computed from their events; the others' figures do.")
    rebuild_events: int = Field(description="Events of this project, which a rebuild goes through.")
    rebuild_seconds: float | None = Field(
        description="What the last rebuild of all projects took; null when there was none since the server's start."
    )


@router.get("/rules", dependencies=[needs(Permission.READ)], summary="Show the class rules")
async def show_class_rules(node: NodeOf) -> RulesInForce:
    """Each class's thresholds and advice, the kinds of event names, and what was changed of them, when and by whom."""
    return _in_force(node)


@router.patch(
    "/rules", dependencies=[needs(Permission.MANAGE, every_project=True)], summary="Change thresholds and kinds"
)
async def change_class_rules(node: NodeOf, principal: Caller, new: ChangedRules) -> RulesInForce:
    """For all projects. They hold for what comes at once, and for the past after a rebuild.

    409 when somebody else has changed the rules since `number`.
    """
    change = Change(thresholds=new.thresholds, kinds=new.kinds)
    await run_in_threadpool(node.change_rules, change, new.number, principal.token_id)
    return _in_force(node)


@router.post("/preview", dependencies=[needs(Permission.READ)], summary="Try other class rules on the past")
async def preview_classes(
    node: NodeOf, questions: QuestionsOf, rebuilds: RebuildsOf, project: ProjectOf, asked: PreviewAsked
) -> Preview:
    """How many past sessions would change class, from which to which. It is exact, and changes nothing."""
    from footfall.metrics.class_preview import Wanted

    wanted = node.rules.changed(Change(thresholds=asked.thresholds, kinds=asked.kinds))
    moved = node.rules.moved(node.folded, wanted)
    question = Wanted(
        taxonomy=wanted.taxonomy,
        classes=wanted.classes,
        gap_us=wanted.session_gap_us,
        moved=moved or (),
        all_anew=moved is None,
        from_us=asked.from_,
        before_us=asked.before,
    )
    return await questions.read(project, None, lambda tables: _preview(tables, question, wanted, rebuilds))


def _preview(tables: Tables, question: Wanted, wanted: Settings, rebuilds: Rebuilds) -> Preview:
    from footfall.metrics import class_preview as metric

    events, sessions = tables.events, tables.sessions
    owners = metric.anew(events, question).cache()
    ((owners_anew, events_all),) = (row.values() for row in tables.run(_counts(owners, events)).to_pylist())
    counted: dict[tuple[str | None, str | None], int] = defaultdict(int)
    examples: dict[tuple[str | None, str | None], list[tuple[int, str]]] = defaultdict(list)
    parts = [metric.by_figures(sessions, owners if owners_anew else None, question)]
    parts += [metric.by_events(events, sessions, owners, question)] if owners_anew else []
    for part in parts:
        judged = part.cache()
        for row in tables.run(metric.cells(judged)).to_pylist():
            counted[row["present"], row["then"]] += row["sessions"]
        for row in tables.run(metric.examples(judged, MOST_EXAMPLES)).to_pylist():
            examples[row["present"], row["then"]].append((-row["session_start"], row["session_id"]))
    ranks = {rule.name: rank for rank, rule in enumerate(wanted.classes.rules)}
    cells = [
        PreviewCell(
            present=present,
            then=then,
            sessions=counted[present, then],
            examples=[id_ for _, id_ in sorted(examples[present, then])[:MOST_EXAMPLES]] if present else [],
        )
        for present, then in sorted(counted, key=lambda cell: [ranks.get(name or "", len(ranks)) for name in cell])
    ]
    total, changed = sum(counted.values()), sum(cell.sessions for cell in cells if cell.present != cell.then)
    return Preview(
        rules_version=wanted.classes.version,
        sessions=total,
        changed=changed,
        share=100 * changed / total if total else None,
        cells=cells,
        owners_anew=owners_anew,
        rebuild_events=events_all,
        rebuild_seconds=rebuilds.status.seconds if rebuilds.status.state == "done" else None,
    )


def _counts(owners: ir.Table, events: ir.Table) -> ir.Table:
    return owners.aggregate(owners=owners.count()).cross_join(events.aggregate(events=events.count()))


def _in_force(node: Node) -> RulesInForce:
    rules, settings = node.rules, node.settings
    classes = settings.classes
    present = definition(settings.taxonomy, classes, settings.session_gap_us)
    ids = iter(thresholds(classes))
    return RulesInForce(
        number=rules.standing.number,
        rules_version=classes.version,
        classes=[
            ClassRule(
                name=rule.name,
                score=rule.score,
                icon=rule.icon,
                action_priority=rule.action_priority,
                advice=list(rule.advice),
                any_of=[
                    [RuleClause(id=next(ids), figure=clause.figure, at_least=clause.at_least) for clause in group]
                    for group in rule.any_of
                ],
            )
            for rule in classes.rules
        ],
        kinds=dict(sorted(settings.taxonomy.listed().items())),
        fixed=list(rules.fixed),
        rebuild_due=node.folded != present,
        history=list(_history(node)),
    )


def _history(node: Node) -> Iterator[RulesSaid]:
    for standing in node.rules.history[:_MOST_SHOWN]:
        yield RulesSaid(
            number=standing.number,
            changed=time_text(standing.changed_us) or "",
            changed_by=standing.changed_by or "",
            thresholds=dict(standing.thresholds),
            kinds=dict(standing.kinds),
        )
