"""People who sign in, their sessions and failures; clients bound to a key; who, beside which system, in the log

The old version of the service may still run while this is applied: add before you use, drop after nobody uses.
Clients that are known keep what they may: only those registered from now on, or anew, are bound.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import shared.db.database

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "gateway_users",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("password", sa.String(length=200), nullable=True),
        sa.Column("code_key", sa.LargeBinary(), nullable=True),
        sa.Column("code_step", sa.BigInteger(), nullable=False),
        sa.Column("invitation", sa.String(length=64), nullable=True),
        sa.Column("invited_until", shared.db.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateway_users")),
        sa.UniqueConstraint("invitation", name=op.f("uq_gateway_users_invitation")),
    )
    op.create_table(
        "gateway_sessions",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("started_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("seen_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["gateway_users.id"], name=op.f("fk_gateway_sessions_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateway_sessions")),
    )
    op.create_index(op.f("ix_gateway_sessions_user_id"), "gateway_sessions", ["user_id"], unique=False)
    op.create_index(op.f("ix_gateway_sessions_started_at"), "gateway_sessions", ["started_at"], unique=False)
    op.create_table(
        "gateway_sign_in_failures",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_gateway_sign_in_failures")),
    )
    op.create_index(op.f("ix_gateway_sign_in_failures_last_at"), "gateway_sign_in_failures", ["last_at"], unique=False)
    with op.batch_alter_table("gateway_clients") as batch_op:
        batch_op.add_column(sa.Column("bound", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("gateway_clients") as batch_op:
        batch_op.alter_column("bound", existing_type=sa.Boolean(), server_default=None)
    op.add_column("gateway_audit_entries", sa.Column("user_id", sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.drop_column("gateway_audit_entries", "user_id")
    op.drop_column("gateway_clients", "bound")
    for table in ("gateway_sign_in_failures", "gateway_sessions", "gateway_users"):
        op.drop_table(table)
