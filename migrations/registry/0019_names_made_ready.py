"""Screening: names made ready for comparison, kept with the index; PostgreSQL keeps postings with their row

The old version of the service may still run while this is applied: add before you use, drop after nobody uses. The
names of parties that are there already are made ready by a durable job when the service starts; until then each is
made ready when it is compared.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "registry_party_names",
        sa.Column("party_seq", sa.Integer(), nullable=False),
        sa.Column("names", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["party_seq"],
            ["registry_parties.seq"],
            name=op.f("fk_registry_party_names_party_seq_registry_parties"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("party_seq", name=op.f("pk_registry_party_names")),
    )
    if op.get_bind().dialect.name == "postgresql":
        # Postings do not compress, and most fit a page: read with their row, not from another table.
        op.execute("ALTER TABLE registry_postings ALTER COLUMN postings SET STORAGE EXTERNAL")
        op.execute("ALTER TABLE registry_postings SET (toast_tuple_target = 8160)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE registry_postings RESET (toast_tuple_target)")
        op.execute("ALTER TABLE registry_postings ALTER COLUMN postings SET STORAGE EXTENDED")
    op.drop_table("registry_party_names")
