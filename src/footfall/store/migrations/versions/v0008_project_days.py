"""Each project's time zone, and the day on which its weeks begin."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("project", sa.Column("zone", sa.String(100), nullable=False, server_default="UTC"))
    op.add_column("project", sa.Column("week_starts", sa.String(9), nullable=False, server_default="monday"))


def downgrade() -> None:
    op.drop_column("project", "week_starts")
    op.drop_column("project", "zone")
