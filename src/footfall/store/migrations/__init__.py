"""Alembic migrations of the control database; `footfall.store.schema` runs them when a database is opened."""
