"""`/v1/questions`, `/v1/dashboards`, `/v1/definitions`: what people saved, one at a time or as a whole."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query
from msgspec import to_builtins
from pydantic import BaseModel, Field, JsonValue

from footfall.dashboards.models import Form, Kind, SavedQuestion, What
from footfall.dashboards.rules import Change, Check, Verb, plain, plain_book, read_book, read_dashboard, read_question
from footfall.dashboards.service import Dashboards
from footfall.store.access import Permission
from footfall.store.guard import ProjectOf, needs

_READ: Final = [needs(Permission.READ)]
_MANAGE: Final = [needs(Permission.MANAGE)]
_QuestionId = Annotated[str, Path(max_length=64, description="Its id, as the list shows it.")]
_DashboardId = Annotated[str, Path(max_length=64, description="Its id, as the list shows it.")]
_Value = str | int | bool | list[str]


class Asked(BaseModel, extra="forbid"):
    """Something to ask."""

    kind: Kind
    params: dict[str, _Value] = Field(
        default={}, description="As the question's route takes them; a breakdown's `dimension` too."
    )


class QuestionContent(Asked):
    """A question with a name."""

    name: str = Field(max_length=200)


class QuestionItem(QuestionContent):
    """A saved question."""

    id: str


class NewQuestion(QuestionContent):
    """A question to save."""

    id: str | None = Field(default=None, max_length=64, description="Made of the name where it is absent.")


class QuestionList(BaseModel):
    """A project's saved questions, by id."""

    items: list[QuestionItem]


class TileItem(BaseModel, extra="forbid"):
    """One answer on a dashboard: of a saved question, or of the tile's own."""

    title: str = Field(default="", max_length=200, description="Absent: the saved question's name.")
    question: str | None = Field(default=None, max_length=64, description="A saved question's id.")
    ask: Asked | None = Field(default=None, description="Instead a question of the tile's own.")
    width: int = Field(default=6, description="Twelfths of the page: 3 to 9, or 12.")
    form: Form = Field(default=Form.CHART, description="How it is drawn.")


class DashboardContent(BaseModel, extra="forbid"):
    """Tiles in the order in which they are read."""

    name: str = Field(max_length=200)
    tiles: list[TileItem] = []


class DashboardItem(DashboardContent):
    """A dashboard."""

    id: str


class NewDashboard(DashboardContent):
    """A dashboard to make."""

    id: str | None = Field(default=None, max_length=64, description="Made of the name where it is absent.")


class DashboardList(BaseModel):
    """A project's dashboards, by id."""

    items: list[DashboardItem]


class Definitions(BaseModel):
    """All that a project has saved."""

    questions: dict[str, QuestionContent]
    dashboards: dict[str, DashboardContent]


class ChangeItem(BaseModel):
    """One definition that differs."""

    verb: Verb
    what: What
    id: str
    lines: list[str] = Field(description="The difference of its YAML, each line behind `+`, `-` or a space.")


class Changes(BaseModel):
    """What was done, or would be."""

    items: list[ChangeItem]
    done: bool = Field(description="False when it was only asked for.")


_Prune = Annotated[bool, Query(description="Also remove what is not among them.")]
_Only = Annotated[bool, Query(description="Only say what would change.")]


def router(dashboards: Dashboards, check: Check) -> APIRouter:
    """The routes of what is saved in one data folder; `check` knows what a question may say."""
    routes = APIRouter(prefix="/v1", tags=["dashboards"])
    _question_routes(routes, dashboards, check)
    _dashboard_routes(routes, dashboards, check)

    @routes.get("/definitions", dependencies=_READ, summary="All saved questions and dashboards")
    def show_definitions(project: ProjectOf) -> Definitions:
        """As `footfall dashboards pull` writes them."""
        return Definitions.model_validate(plain_book(dashboards.book(project)))

    @routes.put("/definitions", dependencies=_MANAGE, summary="Save questions and dashboards as a whole")
    def put_definitions(
        project: ProjectOf, content: dict[str, JsonValue], prune: _Prune = False, only_told: _Only = False
    ) -> Changes:
        """All or none: what is named becomes as it is written here. Doing so again changes nothing."""
        found = dashboards.replace(project, read_book(content, check), prune=prune, only_told=only_told)
        return Changes(items=[_change_item(change) for change in found], done=not only_told)

    return routes


def _question_routes(routes: APIRouter, dashboards: Dashboards, check: Check) -> None:
    def read(content: QuestionContent) -> SavedQuestion:
        return read_question(content.model_dump(mode="json", exclude={"id"}), "question", check)

    def item(project: str, question_id: str) -> QuestionItem:
        definition = dashboards.definition(project, What.QUESTION, question_id)
        return QuestionItem.model_validate({"id": question_id, **plain(definition)})

    @routes.get("/questions", dependencies=_READ, summary="List saved questions")
    def list_questions(project: ProjectOf) -> QuestionList:
        """With all that they say."""
        told = plain_book(dashboards.book(project))["questions"]
        return QuestionList(items=[QuestionItem.model_validate({"id": id_, **one}) for id_, one in told.items()])

    @routes.post("/questions", dependencies=_MANAGE, status_code=201, summary="Save a question")
    def save_question(project: ProjectOf, content: NewQuestion) -> QuestionItem:
        """Its parameters are checked as its route checks them."""
        return item(project, dashboards.add(project, read(content), content.id))

    @routes.get("/questions/{question_id}", dependencies=_READ, summary="Show a saved question")
    def show_question(project: ProjectOf, question_id: _QuestionId) -> QuestionItem:
        """What it asks."""
        return item(project, question_id)

    @routes.put("/questions/{question_id}", dependencies=_MANAGE, summary="Change a saved question")
    def put_question(project: ProjectOf, question_id: _QuestionId, content: QuestionContent) -> QuestionItem:
        """It is made if it was not there."""
        dashboards.put(project, question_id, read(content))
        return item(project, question_id)

    @routes.delete("/questions/{question_id}", dependencies=_MANAGE, status_code=204, summary="Remove a question")
    def remove_question(project: ProjectOf, question_id: _QuestionId) -> None:
        """Refused while a dashboard shows it."""
        dashboards.remove(project, What.QUESTION, question_id)


def _dashboard_routes(routes: APIRouter, dashboards: Dashboards, check: Check) -> None:
    def item(project: str, dashboard_id: str) -> DashboardItem:
        definition = dashboards.definition(project, What.DASHBOARD, dashboard_id)
        return DashboardItem.model_validate({"id": dashboard_id, **plain(definition)})

    def content_of(content: DashboardContent) -> dict[str, Any]:
        return content.model_dump(mode="json", exclude={"id"}, exclude_none=True)

    @routes.get("/dashboards", dependencies=_READ, summary="List dashboards")
    def list_dashboards(project: ProjectOf) -> DashboardList:
        """With their tiles."""
        told = plain_book(dashboards.book(project))["dashboards"]
        return DashboardList(items=[DashboardItem.model_validate({"id": id_, **one}) for id_, one in told.items()])

    @routes.post("/dashboards", dependencies=_MANAGE, status_code=201, summary="Make a dashboard")
    def make_dashboard(project: ProjectOf, content: NewDashboard) -> DashboardItem:
        """Of saved questions, and questions of its own."""
        made = read_dashboard(content_of(content), "dashboard", check)
        return item(project, dashboards.add(project, made, content.id))

    @routes.get("/dashboards/{dashboard_id}", dependencies=_READ, summary="Show a dashboard")
    def show_dashboard(project: ProjectOf, dashboard_id: _DashboardId) -> DashboardItem:
        """Its tiles; each one's question is asked by its own route."""
        return item(project, dashboard_id)

    @routes.put("/dashboards/{dashboard_id}", dependencies=_MANAGE, summary="Change a dashboard")
    def put_dashboard(project: ProjectOf, dashboard_id: _DashboardId, content: DashboardContent) -> DashboardItem:
        """It is made if it was not there."""
        dashboards.put(project, dashboard_id, read_dashboard(content_of(content), "dashboard", check))
        return item(project, dashboard_id)

    @routes.delete("/dashboards/{dashboard_id}", dependencies=_MANAGE, status_code=204, summary="Remove a dashboard")
    def remove_dashboard(project: ProjectOf, dashboard_id: _DashboardId) -> None:
        """Its saved questions stay; links to it show nothing any more."""
        dashboards.remove(project, What.DASHBOARD, dashboard_id)


def _change_item(change: Change) -> ChangeItem:
    return ChangeItem.model_validate(to_builtins(change))
