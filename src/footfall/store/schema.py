"""Brings a control database to the present schema, quickly when it is new or there already."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Column, Connection, Engine, MetaData, String, inspect, select, text
from sqlalchemy import Table as Plain

from footfall.errors import Conflict
from footfall.store.models import Table

HEAD = "0011"
"""The newest migration; a test compares it with the files."""

_LOCK = 0x666F6F7466616C6C
"""Number of the PostgreSQL advisory lock that keeps two processes from migrating at once."""


_VERSION = Plain("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
"""Where Alembic remembers which migrations have been run."""


def migrate(engine: Engine) -> None:
    """Make all tables in a new database, else run the migrations that are missing.

    Raises `errors.Conflict` for a database of a newer Footfall.
    """
    with engine.begin() as connection:
        if _revision(connection) == HEAD:
            return
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # which Python's driver leaves out before tables are made
        if inspect(connection).has_table(_VERSION.name):
            _upgrade(connection)
        else:
            _create(connection)


def _create(connection: Connection) -> None:
    """As the migrations would, one after the other, but at once."""
    Table.metadata.create_all(connection)
    _VERSION.create(connection)
    connection.execute(_VERSION.insert().values(version_num=HEAD))


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise Conflict(
            f"the control database ({connection.engine.url.render_as_string()}) is of a version that this Footfall "
            "does not know; start the newer Footfall that wrote it"
        ) from error


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION.name):
        return None
    return connection.execute(select(_VERSION.c.version_num)).scalar()
