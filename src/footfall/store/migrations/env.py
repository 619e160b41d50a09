"""Where Alembic enters: runs the migrations on the connection that `footfall.store.schema` hands over."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from footfall.store.models import Table


def _run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Table.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


if hasattr(context, "config"):  # not where a tool merely imports this file
    _run(context.config.attributes["connection"])
