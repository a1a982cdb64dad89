"""Agencies: whether a worker is just old enough, for figures that open no packet

The old version of the service may still run while this is applied: add before you use, drop after nobody uses. Workers
who were placed before count again when their registration is checked again.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("registry_agency_candidates") as batch_op:
        batch_op.add_column(sa.Column("at_floor", sa.Boolean(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("registry_agency_candidates") as batch_op:
        batch_op.drop_column("at_floor")
