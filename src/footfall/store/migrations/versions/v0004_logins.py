"""Log-ins: browsers that showed a token."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "login",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("token_id", sa.String(32), sa.ForeignKey("token.id"), nullable=False, index=True),
        sa.Column("created_us", sa.BigInteger(), nullable=False),
        sa.Column("ends_us", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("login")
