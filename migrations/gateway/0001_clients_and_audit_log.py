"""Clients, used assertions, audit log

The old version of the service may still run while this is applied: add before you use, drop after nobody uses.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import shared.db.database

revision: str = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "gateway_audit_entries",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("case_reference", sa.String(length=100), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("subject_digest", sa.String(length=64), nullable=False),
        sa.Column("chain", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_gateway_audit_entries")),
    )
    with op.batch_alter_table("gateway_audit_entries") as batch_op:
        batch_op.create_index(batch_op.f("ix_gateway_audit_entries_subject_digest"), ["subject_digest"], unique=False)

    op.create_table(
        "gateway_clients",
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("jwk", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_gateway_clients")),
    )
    op.create_table(
        "gateway_used_assertions",
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("jti", sa.String(length=128), nullable=False),
        sa.Column("expires_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "jti", name=op.f("pk_gateway_used_assertions")),
    )
    with op.batch_alter_table("gateway_used_assertions") as batch_op:
        batch_op.create_index(batch_op.f("ix_gateway_used_assertions_expires_at"), ["expires_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("gateway_used_assertions") as batch_op:
        batch_op.drop_index(batch_op.f("ix_gateway_used_assertions_expires_at"))

    op.drop_table("gateway_used_assertions")
    op.drop_table("gateway_clients")
    with op.batch_alter_table("gateway_audit_entries") as batch_op:
        batch_op.drop_index(batch_op.f("ix_gateway_audit_entries_subject_digest"))

    op.drop_table("gateway_audit_entries")
