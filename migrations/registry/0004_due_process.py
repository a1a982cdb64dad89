"""Due process: days and corrections of every statement, listings, appeals of licences, inspections

The old version of the service may still run while this is applied: add before you use, drop after nobody uses.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import shared.db.database

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "registry_inspections",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("party_seq", sa.Integer(), nullable=False),
        sa.Column("licence_seq", sa.Integer(), nullable=True),
        sa.Column("follow_up_of", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("workplace", sa.String(length=20), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("as_of", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["follow_up_of"], ["registry_inspections.seq"], name=op.f("fk_registry_inspections_follow_up_of")
        ),
        sa.ForeignKeyConstraint(
            ["licence_seq"], ["registry_licences.seq"], name=op.f("fk_registry_inspections_licence_seq")
        ),
        sa.ForeignKeyConstraint(
            ["party_seq"], ["registry_parties.seq"], name=op.f("fk_registry_inspections_party_seq")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_registry_inspections")),
        sa.UniqueConstraint("id", name=op.f("uq_registry_inspections_id")),
    )
    with op.batch_alter_table("registry_inspections") as batch_op:
        batch_op.create_index(batch_op.f("ix_registry_inspections_party_seq"), ["party_seq"], unique=False)

    op.create_table(
        "registry_licence_particulars",
        sa.Column("licence_seq", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("as_of", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["licence_seq"], ["registry_licences.seq"], name=op.f("fk_registry_licence_particulars_licence_seq")
        ),
        sa.PrimaryKeyConstraint("licence_seq", name=op.f("pk_registry_licence_particulars")),
    )
    op.create_table(
        "registry_licence_strikes",
        sa.Column("licence_seq", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("strikes", sa.Integer(), nullable=False),
        sa.Column("told_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["licence_seq"], ["registry_licences.seq"], name=op.f("fk_registry_licence_strikes_licence_seq")
        ),
        sa.PrimaryKeyConstraint("licence_seq", "version", name=op.f("pk_registry_licence_strikes")),
    )
    op.create_table(
        "registry_listings",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("party_seq", sa.Integer(), nullable=False),
        sa.Column("case_seq", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("as_of", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_seq"], ["registry_cases.seq"], name=op.f("fk_registry_listings_case_seq")),
        sa.ForeignKeyConstraint(["party_seq"], ["registry_parties.seq"], name=op.f("fk_registry_listings_party_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_registry_listings")),
        sa.UniqueConstraint("id", name=op.f("uq_registry_listings_id")),
    )
    with op.batch_alter_table("registry_listings") as batch_op:
        batch_op.create_index(batch_op.f("ix_registry_listings_case_seq"), ["case_seq"], unique=False)
        batch_op.create_index(batch_op.f("ix_registry_listings_party_seq"), ["party_seq"], unique=False)
        batch_op.create_index("ix_registry_listings_state", ["state", "id"], unique=False)

    op.create_table(
        "registry_listing_moves",
        sa.Column("listing_seq", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("move", sa.String(length=12), nullable=True),
        sa.Column("on", sa.Date(), nullable=True),
        sa.Column("strikes", sa.Integer(), nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("told_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_seq"], ["registry_listings.seq"], name=op.f("fk_registry_listing_moves_listing_seq")
        ),
        sa.PrimaryKeyConstraint("listing_seq", "number", name=op.f("pk_registry_listing_moves")),
    )
    with op.batch_alter_table("registry_cases") as batch_op:
        batch_op.add_column(sa.Column("stage_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("appeal_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("stay", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("sanctions", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("authority", sa.String(length=500), nullable=True))
        batch_op.add_column(sa.Column("document_digest", sa.String(length=64), nullable=True))

    with op.batch_alter_table("registry_history") as batch_op:
        batch_op.add_column(sa.Column("valid_from", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("valid_to", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("authority", sa.String(length=500), nullable=True))
        batch_op.add_column(sa.Column("document_digest", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("correction", sa.String(length=20), nullable=True))

    with op.batch_alter_table("registry_licence_periods") as batch_op:
        batch_op.add_column(sa.Column("appeal", sa.String(length=10), server_default="none", nullable=False))
        batch_op.add_column(
            sa.Column("effective_despite_appeal", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.alter_column(
            "status", existing_type=sa.String(length=16), type_=sa.String(length=24), existing_nullable=False
        )

    with op.batch_alter_table("registry_links") as batch_op:
        batch_op.add_column(sa.Column("source", sa.String(length=500), nullable=True))
        batch_op.add_column(sa.Column("authority", sa.String(length=500), nullable=True))
        batch_op.add_column(sa.Column("document_digest", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("retracted", sa.String(length=20), nullable=True))

    with op.batch_alter_table("registry_parties") as batch_op:
        batch_op.add_column(sa.Column("told", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("registry_parties") as batch_op:
        batch_op.drop_column("told")

    with op.batch_alter_table("registry_links") as batch_op:
        batch_op.drop_column("retracted")
        batch_op.drop_column("document_digest")
        batch_op.drop_column("authority")
        batch_op.drop_column("source")

    with op.batch_alter_table("registry_licence_periods") as batch_op:
        batch_op.alter_column(
            "status",
            existing_type=sa.String(length=24),
            type_=sa.String(length=16),
            existing_nullable=False,
            postgresql_using="substr(status, 1, 16)",
        )
        batch_op.drop_column("effective_despite_appeal")
        batch_op.drop_column("appeal")

    with op.batch_alter_table("registry_history") as batch_op:
        batch_op.drop_column("correction")
        batch_op.drop_column("document_digest")
        batch_op.drop_column("authority")
        batch_op.drop_column("valid_to")
        batch_op.drop_column("valid_from")

    with op.batch_alter_table("registry_cases") as batch_op:
        batch_op.drop_column("document_digest")
        batch_op.drop_column("authority")
        batch_op.drop_column("sanctions")
        batch_op.drop_column("stay")
        batch_op.drop_column("appeal_on")
        batch_op.drop_column("stage_on")

    op.drop_table("registry_listing_moves")
    with op.batch_alter_table("registry_listings") as batch_op:
        batch_op.drop_index("ix_registry_listings_state")
        batch_op.drop_index(batch_op.f("ix_registry_listings_party_seq"))
        batch_op.drop_index(batch_op.f("ix_registry_listings_case_seq"))

    op.drop_table("registry_listings")
    op.drop_table("registry_licence_strikes")
    op.drop_table("registry_licence_particulars")
    with op.batch_alter_table("registry_inspections") as batch_op:
        batch_op.drop_index(batch_op.f("ix_registry_inspections_party_seq"))

    op.drop_table("registry_inspections")
