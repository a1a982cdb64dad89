"""Red flags about agencies and employers, and what they rest on at registration: keyed digests and comparisons

The old version of the service may still run while this is applied: add before you use, drop after nobody uses. Workers
who were placed before count again when their registration is checked again.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import shared.db.database

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_ADDED = (
    ("employer", sa.String(length=64)),
    ("phone_digest", sa.String(length=64)),
    ("account_digest", sa.String(length=64)),
    ("holder_digest", sa.String(length=64)),
    ("worse_terms", sa.Boolean()),
    ("above_cap", sa.Boolean()),
)


def upgrade() -> None:
    with op.batch_alter_table("registry_agency_candidates") as batch_op:
        for name, kind in _ADDED:
            batch_op.add_column(sa.Column(name, kind, nullable=True))

    op.create_table(
        "registry_red_flags",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("party", sa.String(length=64), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("strength", sa.String(length=8), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("raised_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("weighed_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_registry_red_flags")),
        sa.UniqueConstraint("member", "party", "rule", name=op.f("uq_registry_red_flags_member_party_rule")),
    )


def downgrade() -> None:
    op.drop_table("registry_red_flags")
    with op.batch_alter_table("registry_agency_candidates") as batch_op:
        for name, _ in reversed(_ADDED):
            batch_op.drop_column(name)
