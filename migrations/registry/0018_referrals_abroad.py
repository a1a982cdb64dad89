"""Referrals across member states, offices' contact points, and what they are told of overdue referrals

The old version of the service may still run while this is applied: add before you use, drop after nobody uses.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import shared.db.database

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_MEMBERS = ("sender_member", "receiver_member")
_COUNTS = ("told", "heard", "reminders")


def upgrade() -> None:
    instant = shared.db.database.UtcDateTime(timezone=True)
    with op.batch_alter_table("registry_referrals") as batch_op:
        for name in _MEMBERS:
            batch_op.add_column(sa.Column(name, sa.String(length=3), nullable=False, server_default=""))
        for name in _COUNTS:
            batch_op.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("case_reference", sa.String(length=100), nullable=True))
        batch_op.add_column(sa.Column("owed_to", sa.String(length=3), nullable=True))
        batch_op.add_column(sa.Column("tried_at", instant, nullable=True))
        batch_op.add_column(sa.Column("undelivered", sa.String(length=20), nullable=True))
        batch_op.create_index("ix_registry_referrals_owed", ["owed_to", "tried_at"], unique=False)
        batch_op.create_index("ix_registry_referrals_due", ["state", "due_at"], unique=False)
    op.execute("UPDATE registry_referrals SET sender_member = member, receiver_member = member")

    op.create_table(
        "registry_referrals_taken_back",
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.PrimaryKeyConstraint("member", "id", name=op.f("pk_registry_referrals_taken_back")),
    )
    op.create_table(
        "registry_referral_contacts",
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("office", sa.String(length=20), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("webhook", sa.String(length=2000), nullable=False),
        sa.Column("set_by", sa.String(length=64), nullable=False),
        sa.Column("set_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("member", "office", "organisation", name=op.f("pk_registry_referral_contacts")),
    )
    op.create_table(
        "registry_referral_notices",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("referral_seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("webhook", sa.String(length=2000), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("next_at", instant, nullable=False),
        sa.Column("delivery", sa.String(length=10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_seq"], ["registry_referrals.seq"], name=op.f("fk_registry_referral_notices_referral_seq")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_referral_notices")),
    )
    with op.batch_alter_table("registry_referral_notices") as batch_op:
        batch_op.create_index(batch_op.f("ix_registry_referral_notices_referral_seq"), ["referral_seq"], unique=False)
        batch_op.create_index("ix_registry_referral_notices_due", ["delivery", "next_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("registry_referral_notices") as batch_op:
        batch_op.drop_index("ix_registry_referral_notices_due")
        batch_op.drop_index(batch_op.f("ix_registry_referral_notices_referral_seq"))

    op.drop_table("registry_referral_notices")
    op.drop_table("registry_referral_contacts")
    op.drop_table("registry_referrals_taken_back")
    with op.batch_alter_table("registry_referrals") as batch_op:
        batch_op.drop_index("ix_registry_referrals_due")
        batch_op.drop_index("ix_registry_referrals_owed")
        for name in ("undelivered", "tried_at", "owed_to", "case_reference", *reversed(_COUNTS), *reversed(_MEMBERS)):
            batch_op.drop_column(name)
