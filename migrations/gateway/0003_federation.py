"""The federation: documents believed, nonces used, receipts kept

The old version of the service may still run while this is applied: add before you use, drop after nobody uses.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import shared.db.database

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "gateway_federation_documents",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("received_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_gateway_federation_documents")),
    )
    op.create_table(
        "gateway_federation_nonces",
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("expires_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("member", "nonce", name=op.f("pk_gateway_federation_nonces")),
    )
    with op.batch_alter_table("gateway_federation_nonces") as batch_op:
        batch_op.create_index(batch_op.f("ix_gateway_federation_nonces_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "gateway_federation_receipts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("direction", sa.String(length=10), nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("question", sa.JSON(), nullable=False),
        sa.Column("reply", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateway_federation_receipts")),
    )
    with op.batch_alter_table("gateway_federation_receipts") as batch_op:
        batch_op.create_index(batch_op.f("ix_gateway_federation_receipts_at"), ["at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("gateway_federation_receipts") as batch_op:
        batch_op.drop_index(batch_op.f("ix_gateway_federation_receipts_at"))

    op.drop_table("gateway_federation_receipts")
    with op.batch_alter_table("gateway_federation_nonces") as batch_op:
        batch_op.drop_index(batch_op.f("ix_gateway_federation_nonces_expires_at"))

    op.drop_table("gateway_federation_nonces")
    op.drop_table("gateway_federation_documents")
