"""Corrections: who was told of whom, what changed since; heads of other members' logs, and alerts

The old version of the service may still run while this is applied: add before you use, drop after nobody uses.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import shared.db.database

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "gateway_corrections",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("office", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=3), nullable=False),
        sa.Column("change_id", sa.String(length=160), nullable=False),
        sa.Column("created_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("acknowledged_at", shared.db.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.String(length=64), nullable=True),
        sa.Column("escalated_at", shared.db.database.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_gateway_corrections")),
        sa.UniqueConstraint(
            "member",
            "office",
            "source",
            "change_id",
            name=op.f("uq_gateway_corrections_member_office_source_change_id"),
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("gateway_corrections", schema=None) as batch_op:
        batch_op.create_index(
            "ix_gateway_corrections_open", ["acknowledged_at", "member", "office", "number"], unique=False
        )

    op.create_table(
        "gateway_deliveries",
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("office", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=3), nullable=False),
        sa.Column("party", sa.String(length=64), nullable=False),
        sa.Column("told_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("member", "office", "source", "party", name=op.f("pk_gateway_deliveries")),
    )
    with op.batch_alter_table("gateway_deliveries", schema=None) as batch_op:
        batch_op.create_index("ix_gateway_deliveries_party", ["source", "party"], unique=False)
        batch_op.create_index(batch_op.f("ix_gateway_deliveries_told_at"), ["told_at"], unique=False)

    op.create_table(
        "gateway_federation_alerts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateway_federation_alerts")),
    )
    with op.batch_alter_table("gateway_federation_alerts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_gateway_federation_alerts_at"), ["at"], unique=False)

    op.create_table(
        "gateway_known_changes",
        sa.Column("source", sa.String(length=3), nullable=False),
        sa.Column("id", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("record", sa.String(length=64), nullable=False),
        sa.Column("party", sa.String(length=64), nullable=False),
        sa.Column("change", sa.String(length=12), nullable=False),
        sa.Column("since", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("received_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "id", name=op.f("pk_gateway_known_changes")),
    )
    with op.batch_alter_table("gateway_known_changes", schema=None) as batch_op:
        batch_op.create_index("ix_gateway_known_changes_party", ["source", "party", "received_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_gateway_known_changes_received_at"), ["received_at"], unique=False)

    op.create_table(
        "gateway_witnessed_heads",
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("log_key", sa.JSON(), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=100), nullable=False),
        sa.Column("received_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("forked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("member", "size", "root", name=op.f("pk_gateway_witnessed_heads")),
    )


def downgrade() -> None:
    op.drop_table("gateway_witnessed_heads")
    with op.batch_alter_table("gateway_known_changes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_gateway_known_changes_received_at"))
        batch_op.drop_index("ix_gateway_known_changes_party")

    op.drop_table("gateway_known_changes")
    with op.batch_alter_table("gateway_federation_alerts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_gateway_federation_alerts_at"))

    op.drop_table("gateway_federation_alerts")
    with op.batch_alter_table("gateway_deliveries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_gateway_deliveries_told_at"))
        batch_op.drop_index("ix_gateway_deliveries_party")

    op.drop_table("gateway_deliveries")
    with op.batch_alter_table("gateway_corrections", schema=None) as batch_op:
        batch_op.drop_index("ix_gateway_corrections_open")

    op.drop_table("gateway_corrections")
