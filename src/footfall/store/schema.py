"""Brings a control database to the present schema, quickly when it is there already."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from footfall.errors import Conflict

HEAD = "0010"
"""The newest migration; a test compares it with the files."""

_LOCK = 0x666F6F7466616C6C
"""Number of the PostgreSQL advisory lock that keeps two processes from migrating at once."""


def migrate(engine: Engine) -> None:
    """Run the migrations that are missing; raises `errors.Conflict` for a database of a newer Footfall."""
    with engine.begin() as connection:
        if _revision(connection) == HEAD:
            return
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise Conflict(
                f"the control database ({engine.url.render_as_string()}) is of a version that this Footfall does not "
                "know; start the newer Footfall that wrote it"
            ) from error


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
