"""Changes of class rules and kinds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rules_change",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("thresholds", sa.JSON(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("changed_us", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.String(32), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("rules_change")
