"""When support cases were closed, what is held, and what was erased

The old version of the service may still run while this is applied: add before you use, drop after nobody uses.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from shared.db.database import UtcDateTime

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_INSTANT = UtcDateTime(timezone=True)
_COLUMNS = (
    ("registry_support_cases", "closed_at", _INSTANT),
    ("registry_support_cases", "held_until", sa.Date()),
    ("registry_support_cases", "erased_at", _INSTANT),
    ("registry_claims", "held_until", sa.Date()),
    ("registry_claims", "erased_at", _INSTANT),
    ("registry_fund_payments", "erased_at", _INSTANT),
)


def upgrade() -> None:
    op.create_table(
        "registry_erasures",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("clock", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("logged_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_registry_erasures")),
    )
    with op.batch_alter_table("registry_erasures") as batch_op:
        batch_op.create_index(batch_op.f("ix_registry_erasures_logged_at"), ["logged_at"], unique=False)
    for table, name, kind in _COLUMNS:
        op.add_column(table, sa.Column(name, kind, nullable=True))
    with op.batch_alter_table("registry_fund_payments") as batch_op:
        batch_op.create_index(batch_op.f("ix_registry_fund_payments_subject"), ["subject"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("registry_fund_payments") as batch_op:
        batch_op.drop_index(batch_op.f("ix_registry_fund_payments_subject"))
    for table, name, _ in reversed(_COLUMNS):
        op.drop_column(table, name)
    with op.batch_alter_table("registry_erasures") as batch_op:
        batch_op.drop_index(batch_op.f("ix_registry_erasures_logged_at"))

    op.drop_table("registry_erasures")
