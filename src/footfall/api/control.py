"""Projects, write keys and tokens over HTTP; a token for one project sees and changes that project's alone."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field, StringConstraints

from footfall.api.asked import named
from footfall.api.ports import NodeOf
from footfall.api.values import Time, time_text
from footfall.errors import Forbidden
from footfall.events.time import write_time
from footfall.store.access import Permission, Role
from footfall.store.days import Days, Weekday
from footfall.store.guard import Caller, ProjectOf, needs
from footfall.store.keys import KeyKind
from footfall.store.models import Key, Project, Token

router = APIRouter(tags=["control"])

_MANAGE = [needs(Permission.MANAGE)]
_MANAGE_ALL = [needs(Permission.MANAGE, every_project=True)]
_Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*$")
]
_Zone = Annotated[str, Field(max_length=100, description="Time zone of days and hours, such as `Europe/Berlin`.")]
_WeekStarts = Annotated[Weekday, Field(description="Day on which weeks begin.")]
_Origin = Annotated[str, StringConstraints(max_length=300)]
_Id = Annotated[str, Path(max_length=64, description="Its id, as the lists show it.")]


class ProjectItem(BaseModel):
    """A project."""

    id: str
    name: str
    currency: str = Field(description="The project's currency.")
    zone: str = Field(description="Time zone of its days and hours.")
    week_starts: Weekday = Field(description="Day on which its weeks begin.")
    created: Time


class NewProject(BaseModel):
    """What a new project is."""

    id: str = Field(description="1–64 of `a-z 0-9 _ -`.", pattern="^[a-z0-9][a-z0-9_-]{0,63}$")
    name: _Name | None = Field(default=None, description="For people; the id when absent.")
    currency: str | None = Field(default=None, description="ISO 4217; the setting when absent.", pattern="^[A-Z]{3}$")
    zone: _Zone = "UTC"
    week_starts: _WeekStarts = "monday"


class ChangedProject(BaseModel, extra="forbid"):
    """What changes of a project; what is absent stays. Its currency does not change: sums of it are stored."""

    name: _Name | None = Field(default=None, description="For people.")
    zone: _Zone | None = None
    week_starts: _WeekStarts | None = None


class KeyItem(BaseModel):
    """A write key; its secret is kept nowhere."""

    id: str
    project: str
    kind: KeyKind
    origins: list[str] = Field(description="Origins from which browsers may use a public key.")
    label: str
    created: Time
    revoked: Time | None


class NewKey(BaseModel):
    """What a new write key is."""

    kind: KeyKind = Field(description="`public` stands in pages; `server` may state addresses and old times.")
    origins: list[_Origin] = Field(default=[], max_length=100, description="Origins of the pages, or `*`; public only.")
    label: _Name = Field(default="key", description="For people.")


class KeySecret(KeyItem):
    """A new write key with its secret, which can't be had again."""

    secret: str


class TokenItem(BaseModel):
    """A token; its secret is kept nowhere."""

    id: str
    name: str
    role: Role
    project: str | None = Field(description="The only project that it is for; null means all.")
    created: Time
    revoked: Time | None


class NewToken(BaseModel):
    """What a new token is."""

    name: _Name = Field(description="For people.")
    role: Role = Field(description="What it may do.")
    project: str | None = Field(default=None, max_length=64, description="The only project it is for; null means all.")


class TokenSecret(TokenItem):
    """A new token with its secret, which can't be had again."""

    secret: str


class Projects(BaseModel):
    """Projects, by id."""

    items: list[ProjectItem]


class Keys(BaseModel):
    """Write keys, oldest first, revoked ones too."""

    items: list[KeyItem]


class Tokens(BaseModel):
    """Tokens, oldest first, revoked ones too."""

    items: list[TokenItem]


@router.get("/v1/projects", dependencies=[needs(Permission.READ)])
def list_projects(node: NodeOf, principal: Caller) -> Projects:
    """The projects that the token is for."""
    seen = [p for p in node.store.projects() if principal.project_id in {None, p.id}]
    return Projects(items=[_project(node, project) for project in seen])


@router.post("/v1/projects", status_code=201, dependencies=_MANAGE_ALL)
def create_project(node: NodeOf, new: NewProject) -> ProjectItem:
    """A new, empty project."""
    days = _checked(Days(new.zone, new.week_starts))
    return _project(node, node.store.create_project(new.id, name=new.name or new.id, currency=new.currency, days=days))


@router.patch("/v1/projects/{project_id}", dependencies=_MANAGE)
def change_project(node: NodeOf, principal: Caller, project_id: _Id, new: ChangedProject) -> ProjectItem:
    """Gives a project another name, time zone or first day of the week; every question asked from now on has them."""
    if principal.project_id not in {None, project_id}:
        raise Forbidden(f"this token is for the project {principal.project_id!r} alone")
    now = node.store.days(project_id)
    days = _checked(Days(new.zone or now.zone, new.week_starts or now.week_starts))
    return _project(node, node.store.change_project(project_id, name=new.name, days=days))


@router.get("/v1/keys", dependencies=_MANAGE)
def list_keys(node: NodeOf, project: ProjectOf) -> Keys:
    """The project's write keys."""
    return Keys(items=[KeyItem.model_validate(_key(key)) for key in node.store.keys(project)])


@router.post("/v1/keys", status_code=201, dependencies=_MANAGE)
def create_key(node: NodeOf, project: ProjectOf, new: NewKey) -> KeySecret:
    """A new write key; its secret is shown this once."""
    key, secret = node.store.create_key(project, new.kind, origins=new.origins, label=new.label)
    return KeySecret.model_validate({**_key(key), "secret": secret})


@router.delete("/v1/keys/{key_id}", status_code=204, dependencies=_MANAGE)
def revoke_key(node: NodeOf, project: ProjectOf, key_id: _Id) -> None:
    """Makes the key useless at once."""
    node.store.revoke_key(project, key_id)


@router.get("/v1/tokens", dependencies=_MANAGE)
def list_tokens(node: NodeOf, principal: Caller) -> Tokens:
    """All tokens, or with a token for one project that project's."""
    tokens = node.store.tokens(principal.project_id)
    return Tokens(items=[TokenItem.model_validate(_token(token)) for token in tokens])


@router.post("/v1/tokens", status_code=201, dependencies=_MANAGE)
def create_token(node: NodeOf, principal: Caller, new: NewToken) -> TokenSecret:
    """A new token; its secret is shown this once. A token for one project makes such for that project only."""
    if principal.project_id not in {None, new.project}:
        raise Forbidden(f"this token is for the project {principal.project_id!r} alone; name it in `project`")
    token, secret = node.store.create_token(new.name, new.role, project_id=new.project)
    return TokenSecret.model_validate({**_token(token), "secret": secret})


@router.delete("/v1/tokens/{token_id}", status_code=204, dependencies=_MANAGE)
def revoke_token(node: NodeOf, principal: Caller, token_id: _Id) -> None:
    """Makes the token useless at once."""
    node.store.revoke_token(token_id, project_id=principal.project_id)


def _project(node: NodeOf, project: Project) -> ProjectItem:
    currency = node.settings.currency_of(project.id, project.currency)
    return ProjectItem(
        id=project.id,
        name=project.name,
        currency=currency,
        zone=project.zone,
        week_starts=project.week_starts,
        created=write_time(project.created_us),
    )


def _checked(days: Days) -> Days:
    """The same; raises `errors.BadRequest` for a zone that is none."""
    from footfall.metrics.calendar import Calendar

    with named("zone"):
        Calendar(days.zone)
    return days


def _key(key: Key) -> dict[str, object]:
    return {
        "id": key.id,
        "project": key.project_id,
        "kind": key.kind,
        "origins": key.origins,
        "label": key.label,
        "created": write_time(key.created_us),
        "revoked": time_text(key.revoked_us),
    }


def _token(token: Token) -> dict[str, object]:
    return {
        "id": token.id,
        "name": token.name,
        "role": token.role,
        "project": token.project_id,
        "created": write_time(token.created_us),
        "revoked": time_text(token.revoked_us),
    }
