"""Registrations: which of them other members are still to be asked about

The old version of the service may still run while this is applied: add before you use, drop after nobody uses.
Registrations that were checked before are not asked about.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from shared.db.database import UtcDateTime

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "registry_inquiries",
        sa.Column("registration_seq", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("until", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["registration_seq"],
            ["registry_registrations.seq"],
            name=op.f("fk_registry_inquiries_registration_seq_registry_registrations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_seq", name=op.f("pk_registry_inquiries")),
    )
    op.create_index("ix_registry_inquiries_due_at", "registry_inquiries", ["due_at"])


def downgrade() -> None:
    op.drop_index("ix_registry_inquiries_due_at", table_name="registry_inquiries")
    op.drop_table("registry_inquiries")
