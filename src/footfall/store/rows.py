"""New projects, write keys and tokens as rows of the control database, with the secrets that it does not keep."""

from __future__ import annotations

import time

from footfall.store.access import Role
from footfall.store.days import USUAL, Days
from footfall.store.keys import KeyKind
from footfall.store.models import Key, Project, Token
from footfall.store.secrets import Prefix, digest, new_id, new_secret


def now_us() -> int:
    """µs since the epoch."""
    return time.time_ns() // 1000


def new_project(project_id: str, name: str, currency: str | None = None, days: Days = USUAL) -> Project:
    """A project that was made now."""
    zone, week_starts = days.zone, days.week_starts
    made_us = now_us()
    return Project(id=project_id, name=name, currency=currency, zone=zone, week_starts=week_starts, created_us=made_us)


def new_key(project_id: str, kind: KeyKind, origins: list[str], label: str) -> tuple[Key, str]:
    """A write key that was made now, and its secret."""
    secret = new_secret(Prefix.PUBLIC_KEY if kind == "public" else Prefix.SERVER_KEY)
    made = Key(
        id=new_id("key"),
        project_id=project_id,
        kind=kind,
        origins=origins,
        label=label,
        digest=digest(secret),
        created_us=now_us(),
    )
    return made, secret


def new_token(name: str, role: Role, project_id: str | None) -> tuple[Token, str]:
    """A token that was made now, and its secret."""
    secret = new_secret(Prefix.TOKEN)
    made = Token(
        id=new_id("token"),
        project_id=project_id,
        name=name,
        role=role.value,
        digest=digest(secret),
        created_us=now_us(),
    )
    return made, secret
