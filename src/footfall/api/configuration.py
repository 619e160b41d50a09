"""`/v1/config`: every setting with its value and where that came from; secrets stay hidden."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from footfall.api.ports import NodeOf
from footfall.settings import TABLE, Setting, Settings, Unit
from footfall.store.access import Permission
from footfall.store.guard import needs

router = APIRouter(tags=["control"])


class SettingItem(BaseModel):
    """One setting."""

    name: str
    value: str = Field(description="As people read it; never a secret's text.")
    source: str = Field(description="flag, environment …, footfall.toml or default.")
    default: str
    unit: Unit
    allowed: str
    variables: list[str] = Field(description="Environment variables that set it, the stronger first.")
    meaning: str


class Configuration(BaseModel):
    """All settings, in the order of the documentation."""

    items: list[SettingItem]


@router.get("/v1/config", dependencies=[needs(Permission.MANAGE, every_project=True)])
def show_configuration(node: NodeOf) -> Configuration:
    """Every setting, its value, and where it came from."""
    return Configuration(items=[_item(row, node.settings) for row in TABLE.values()])


def _item(row: Setting, settings: Settings) -> SettingItem:
    return SettingItem(
        name=row.name,
        value=row.shown(getattr(settings, row.name)),
        source=settings.source(row.name),
        default=row.shown(row.default),
        unit=row.unit,
        allowed=row.allowed,
        variables=list(row.variables),
        meaning=row.meaning,
    )
