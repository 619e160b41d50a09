"""`/v1/links`, and `/v1/shared/…`, which shows one definition to whoever has a link's secret, and nothing else."""

from __future__ import annotations

from typing import Annotated, Final, NamedTuple, Protocol

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from footfall.dashboards.links import MOST_DAYS, Links
from footfall.dashboards.models import Book, Dashboard, Form, Kind, Link, Question, SavedQuestion, Tile, What
from footfall.dashboards.service import Dashboards
from footfall.errors import NotFound
from footfall.events.time import write_time
from footfall.store.access import Permission
from footfall.store.guard import Declared, ProjectOf, needs

_MANAGE: Final = [needs(Permission.MANAGE)]
_LinkId = Annotated[str, Path(max_length=64, description="Its id, as the list shows it.")]
_Secret = Annotated[str, Path(max_length=200, description="The link's secret.")]
_Tile = Annotated[int, Path(ge=0, le=1_000, description="Which tile; 0 is the first.")]


class Answering(Protocol):
    """Asks a question of a project (`footfall.api.kept.Answerer`)."""

    async def answer(self, project_id: str, question: Question, **range_: str) -> BaseModel: ...


class NewLink(BaseModel):
    """What a link is to show."""

    what: What
    id: str = Field(max_length=64, description="Of the saved question or dashboard.")
    days: float = Field(default=30, gt=0, le=MOST_DAYS, description="After so many days it shows nothing any more.")
    label: str = Field(default="", max_length=200, pattern=r"^[^\x00-\x1f]*$", description="For people.")


class LinkItem(BaseModel):
    """A link."""

    id: str
    what: What
    definition: str = Field(description="Id of what it shows.")
    label: str
    made: str = Field(description="UTC, ISO 8601.")
    ends: str = Field(description="UTC, ISO 8601.")
    revoked: str | None


class MadeLink(LinkItem):
    """A new link with its secret, which is not shown again."""

    secret: str
    path: str = Field(description="The page that shows it, on this server.")


class LinkList(BaseModel):
    """A project's links."""

    items: list[LinkItem]


class SharedTile(BaseModel):
    """One answer of what is shared."""

    title: str
    kind: Kind
    width: int = Field(description="Twelfths of the page.")
    form: Form


class SharedItem(BaseModel):
    """What a link shows."""

    name: str
    tiles: list[SharedTile] = Field(description="Their answers stand at `/v1/shared/{secret}/tiles/{tile}`.")
    ends: str = Field(description="When the link ends; UTC, ISO 8601.")


class _Shown(NamedTuple):
    link: Link
    name: str
    book: Book
    tiles: tuple[Tile, ...]


def links_router(dashboards: Dashboards, links: Links) -> APIRouter:
    """The routes of those who share."""
    routes = APIRouter(prefix="/v1/links", tags=["dashboards"], dependencies=_MANAGE)

    @routes.get("", summary="List links")
    def list_links(project: ProjectOf) -> LinkList:
        """Those that have ended, too; never their secrets."""
        return LinkList(items=[_item(link) for link in links.listed(project)])

    @routes.post("", status_code=201, summary="Share a dashboard or a saved question")
    def make_link(project: ProjectOf, content: NewLink) -> MadeLink:
        """Whoever has the link sees this one thing without a log-in, until it ends. Its secret is shown this once."""
        dashboards.definition(project, content.what, content.id)
        made, secret = links.make(project, content.what, content.id, days=content.days, label=content.label)
        return MadeLink(**_item(made).model_dump(), secret=secret, path=f"/shared/{secret}")

    @routes.delete("/{link_id}", status_code=204, summary="Revoke a link")
    def revoke_link(project: ProjectOf, link_id: _LinkId) -> None:
        """It shows nothing any more, at once."""
        links.revoke(project, link_id)

    return routes


def shared_router(dashboards: Dashboards, links: Links, answering: Answering) -> APIRouter:
    """The routes of those who were given a link; its secret is all that they need, and good for nothing else."""

    class Shown(Declared):
        """Lets through whoever has a link's secret, and says what it shows."""

        def __call__(self, secret: _Secret) -> _Shown:
            link = links.find(secret)
            book = dashboards.book(link.project_id)
            match book.definition(link.what, link.definition_id):
                case SavedQuestion() as question:
                    return _Shown(link, question.name, book, (Tile(question=link.definition_id, width=12),))
                case Dashboard() as dashboard:
                    return _Shown(link, dashboard.name, book, dashboard.tiles)
            raise NotFound("what this link showed has been removed; ask who gave it to you")

    shown = Depends(Shown())
    routes = APIRouter(prefix="/v1/shared", tags=["shared"], dependencies=[shown])

    @routes.get("/{secret}", summary="What a link shows")
    def show_shared(found: _Shown = shown) -> SharedItem:
        """The name, and the tiles without their answers."""
        tiles = [
            SharedTile(title=found.book.title(tile), kind=found.book.asked(tile).kind, width=tile.width, form=tile.form)
            for tile in found.tiles
        ]
        return SharedItem(name=found.name, tiles=tiles, ends=write_time(found.link.ends_us))

    @routes.get("/{secret}/tiles/{tile}", summary="The answer of one shared tile", response_model=None)
    async def show_shared_tile(tile: _Tile, found: _Shown = shown) -> BaseModel:
        """As the tile's kind of question is answered by its own route, of now."""
        if tile >= len(found.tiles):
            raise NotFound(f"this dashboard has {len(found.tiles)} tiles; the first one is 0")
        return await answering.answer(found.link.project_id, found.book.asked(found.tiles[tile]))

    return routes


def _item(link: Link) -> LinkItem:
    return LinkItem(
        id=link.link_id,
        what=link.what,
        definition=link.definition_id,
        label=link.label,
        made=write_time(link.made_us),
        ends=write_time(link.ends_us),
        revoked=None if link.revoked_us is None else write_time(link.revoked_us),
    )
