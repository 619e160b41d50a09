"""Who may do what: permissions, the roles that bundle them, and the principal that a token stands for.

How a request proves who it is stands in `guard`; how tokens are kept stands in `store`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct


class Permission(StrEnum):
    """What a route can ask for; every route declares one or says that it is open."""

    READ = "read"
    IMPORT = "import"
    REBUILD = "rebuild"
    MANAGE = "manage"
    METRICS = "metrics"
    ERASE = "erase"
    CONTACTS = "contacts"


class Role(StrEnum):
    """What a token was made for."""

    ADMIN = "admin"
    READER = "reader"
    IMPORTER = "importer"
    MONITOR = "monitor"


GRANTS: Mapping[Role, frozenset[Permission]] = {
    Role.ADMIN: frozenset(Permission),
    Role.READER: frozenset({Permission.READ}),
    Role.IMPORTER: frozenset({Permission.READ, Permission.IMPORT}),
    Role.MONITOR: frozenset({Permission.METRICS}),
}
"""The permissions of each role."""


class Principal(Struct, frozen=True, kw_only=True):
    """Who is asking. `project_id` is the only project that a token is for; None means all of them."""

    token_id: str
    name: str
    role: Role
    project_id: str | None = None

    @property
    def permissions(self) -> frozenset[Permission]:
        """Everything that this principal may do, in its projects."""
        return GRANTS[self.role]
