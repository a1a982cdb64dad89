"""Caps of single clients; alerts of the rules over the log, how people work, and who stands near to whom

The old version of the service may still run while this is applied: add before you use, drop after nobody uses.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import shared.db.database

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "gateway_client_caps",
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("cap", sa.String(length=40), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("set_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "cap", name=op.f("pk_gateway_client_caps")),
    )
    op.create_table(
        "gateway_alerts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=100), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("acknowledged_at", shared.db.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateway_alerts")),
    )
    op.create_index(op.f("ix_gateway_alerts_at"), "gateway_alerts", ["at"], unique=False)
    op.create_table(
        "gateway_person_days",
        sa.Column("person", sa.String(length=100), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("busiest", sa.Integer(), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("person", "day", name=op.f("pk_gateway_person_days")),
    )
    op.create_table(
        "gateway_watched_day",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("first_entry", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_gateway_watched_day")),
    )
    op.create_table(
        "gateway_interests",
        sa.Column("who", sa.String(length=220), nullable=False),
        sa.Column("subject_digest", sa.String(length=64), nullable=False),
        sa.Column("told_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("who", "subject_digest", name=op.f("pk_gateway_interests")),
    )


def downgrade() -> None:
    op.drop_table("gateway_interests")
    op.drop_table("gateway_watched_day")
    op.drop_table("gateway_person_days")
    op.drop_index(op.f("ix_gateway_alerts_at"), table_name="gateway_alerts")
    op.drop_table("gateway_alerts")
    op.drop_table("gateway_client_caps")
