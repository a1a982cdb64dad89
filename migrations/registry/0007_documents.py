"""Documents: pictures that may come again, documents reported lost, and which agency places whom

The old version of the service may still run while this is applied: add before you use, drop after nobody uses.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import shared.db.database

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "registry_lost_documents",
        sa.Column("list_name", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("document_type", sa.String(length=2), nullable=True),
        sa.Column("reported_on", sa.Date(), nullable=True),
        sa.Column("loaded_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("list_name", "digest", name=op.f("pk_registry_lost_documents")),
    )
    with op.batch_alter_table("registry_lost_documents") as batch_op:
        batch_op.create_index(batch_op.f("ix_registry_lost_documents_digest"), ["digest"], unique=False)

    op.create_table(
        "registry_agency_candidates",
        sa.Column("registration", sa.String(length=32), nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration"],
            ["registry_registrations.id"],
            name=op.f("fk_registry_agency_candidates_registration"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration", name=op.f("pk_registry_agency_candidates")),
    )
    with op.batch_alter_table("registry_agency_candidates") as batch_op:
        batch_op.create_index(batch_op.f("ix_registry_agency_candidates_agency"), ["agency"], unique=False)

    op.create_table(
        "registry_portraits",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("registration", sa.String(length=32), nullable=False),
        sa.Column("bits", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration"],
            ["registry_registrations.id"],
            name=op.f("fk_registry_portraits_registration"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_registry_portraits")),
    )
    with op.batch_alter_table("registry_portraits") as batch_op:
        batch_op.create_index(batch_op.f("ix_registry_portraits_registration"), ["registration"], unique=False)


def downgrade() -> None:
    op.drop_table("registry_portraits")
    op.drop_table("registry_agency_candidates")
    op.drop_table("registry_lost_documents")
