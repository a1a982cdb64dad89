"""Visits of workplaces by labour inspection, planned by risk

The old version of the service may still run while this is applied: add before you use, drop after nobody uses.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import shared.db.database

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "registry_visits",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=20), nullable=False),
        sa.Column("informal", sa.Boolean(), nullable=False),
        sa.Column("area", sa.String(length=12), nullable=False),
        sa.Column("party", sa.String(length=64), nullable=True),
        sa.Column("joint", sa.Boolean(), nullable=False),
        sa.Column("chosen", sa.String(length=10), nullable=False),
        sa.Column("factors", sa.JSON(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("carried_out_on", sa.Date(), nullable=True),
        sa.Column("access", sa.String(length=16), nullable=True),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("remedies", sa.JSON(), nullable=False),
        sa.Column("next_due_on", sa.Date(), nullable=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_registry_visits")),
        sa.UniqueConstraint("id", name=op.f("uq_registry_visits_id")),
    )
    with op.batch_alter_table("registry_visits") as batch_op:
        batch_op.create_index("ix_registry_visits_member", ["member", "seq"], unique=False)

    op.create_table(
        "registry_visit_events",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("visit_seq", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("office", sa.String(length=8), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["visit_seq"], ["registry_visits.seq"], name=op.f("fk_registry_visit_events_visit_seq")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_registry_visit_events")),
    )
    with op.batch_alter_table("registry_visit_events") as batch_op:
        batch_op.create_index(batch_op.f("ix_registry_visit_events_visit_seq"), ["visit_seq"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("registry_visit_events") as batch_op:
        batch_op.drop_index(batch_op.f("ix_registry_visit_events_visit_seq"))

    op.drop_table("registry_visit_events")
    with op.batch_alter_table("registry_visits") as batch_op:
        batch_op.drop_index("ix_registry_visits_member")

    op.drop_table("registry_visits")
