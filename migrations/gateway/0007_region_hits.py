"""Hits that were answered to other members, and requests for what is behind them

The old version of the service may still run while this is applied: add before you use, drop after nobody uses.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import shared.db.database

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "gateway_content_requests",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("reference", sa.String(length=32), nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("case_reference", sa.String(length=100), nullable=False),
        sa.Column("legal_basis", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", shared.db.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateway_content_requests")),
        sa.UniqueConstraint("reference", name=op.f("uq_gateway_content_requests_reference")),
    )
    with op.batch_alter_table("gateway_content_requests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_gateway_content_requests_state"), ["state"], unique=False)

    op.create_table(
        "gateway_hits",
        sa.Column("reference", sa.String(length=32), nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("persons", sa.JSON(), nullable=False),
        sa.Column("band", sa.String(length=12), nullable=True),
        sa.Column("at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_gateway_hits")),
    )
    with op.batch_alter_table("gateway_hits", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_gateway_hits_expires_at"), ["expires_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("gateway_hits", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_gateway_hits_expires_at"))

    op.drop_table("gateway_hits")
    with op.batch_alter_table("gateway_content_requests", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_gateway_content_requests_state"))

    op.drop_table("gateway_content_requests")
