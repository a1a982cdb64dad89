"""Whose system keeps a person; tasks whose result goes to a callback.

The old version of the service may still run while this is applied: add before you use, drop after nobody uses.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from shared.db.database import UtcDateTime

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column(  # who was there before, the registry enrolled
        "biometrics_persons",
        sa.Column("organisation", sa.String(length=220), server_default="registry", nullable=False),
    )
    op.create_table(
        "biometrics_tasks",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("organisation", sa.String(length=220), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("subject_key", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=True),
        sa.Column("effect", sa.String(length=200), nullable=True),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("deliveries", sa.Integer(), nullable=False),
        sa.Column("accepted_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("finished_at", UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_biometrics_tasks")),
    )


def downgrade() -> None:
    op.drop_table("biometrics_tasks")
    with op.batch_alter_table("biometrics_persons") as batch_op:
        batch_op.drop_column("organisation")
