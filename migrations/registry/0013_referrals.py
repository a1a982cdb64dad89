"""Referrals from one office to another

The old version of the service may still run while this is applied: add before you use, drop after nobody uses.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import shared.db.database

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "registry_referrals",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("sender", sa.String(length=20), nullable=False),
        sa.Column("sender_organisation", sa.String(length=200), nullable=False),
        sa.Column("receiver", sa.String(length=20), nullable=False),
        sa.Column("receiver_organisation", sa.String(length=200), nullable=True),
        sa.Column("about", sa.String(length=8), nullable=False),
        sa.Column("assessment", sa.String(length=64), nullable=True),
        sa.Column("party", sa.String(length=64), nullable=True),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("urgency", sa.String(length=10), nullable=False),
        sa.Column("consent_on", sa.Date(), nullable=True),
        sa.Column("consent_language", sa.String(length=3), nullable=True),
        sa.Column("law", sa.String(length=500), nullable=True),
        sa.Column("decided_by", sa.String(length=500), nullable=True),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("sent_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_registry_referrals")),
        sa.UniqueConstraint("id", name=op.f("uq_registry_referrals_id")),
    )
    with op.batch_alter_table("registry_referrals") as batch_op:
        batch_op.create_index("ix_registry_referrals_sender", ["member", "sender", "seq"], unique=False)
        batch_op.create_index("ix_registry_referrals_receiver", ["member", "receiver", "seq"], unique=False)

    op.create_table(
        "registry_referral_events",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("referral_seq", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=True),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_seq"], ["registry_referrals.seq"], name=op.f("fk_registry_referral_events_referral_seq")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_registry_referral_events")),
    )
    with op.batch_alter_table("registry_referral_events") as batch_op:
        batch_op.create_index(batch_op.f("ix_registry_referral_events_referral_seq"), ["referral_seq"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("registry_referral_events") as batch_op:
        batch_op.drop_index(batch_op.f("ix_registry_referral_events_referral_seq"))

    op.drop_table("registry_referral_events")
    with op.batch_alter_table("registry_referrals") as batch_op:
        batch_op.drop_index("ix_registry_referrals_receiver")
        batch_op.drop_index("ix_registry_referrals_sender")

    op.drop_table("registry_referrals")
