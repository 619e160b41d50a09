"""Secrets of destinations are kept sealed, which takes more room; plain ones are sealed at the next start."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("destination") as table:
        table.alter_column("secret", existing_type=sa.String(500), type_=sa.String(4000), existing_nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("destination") as table:
        table.alter_column("secret", existing_type=sa.String(4000), type_=sa.String(500), existing_nullable=False)
