"""The register: parties, links, cases, licences, history and the screening index.

The old version of the service may still run while this is applied: add before you use, drop after nobody uses.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from shared.db.database import UtcDateTime

revision: str = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "registry_history",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("record", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_registry_history"),
        sa.UniqueConstraint("kind", "record", "version", name="uq_registry_history_kind_record_version"),
    )
    op.create_table(
        "registry_parties",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("schema", sa.String(length=16), nullable=False),
        sa.Column("caption", sa.String(length=500), nullable=False),
        sa.Column("caption_folded", sa.String(length=1500), nullable=False),
        sa.Column("properties", sa.JSON(), nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.Column("last_change", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_registry_parties"),
        sa.UniqueConstraint("id", name="uq_registry_parties_id"),
    )
    op.create_table(
        "registry_cases",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("party_seq", sa.Integer(), nullable=False),
        sa.Column("proceeding", sa.String(length=16), nullable=False),
        sa.Column("offences", sa.JSON(), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("appeal", sa.String(length=10), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("final_on", sa.Date(), nullable=True),
        sa.Column("court", sa.String(length=500), nullable=True),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("as_of", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["party_seq"], ["registry_parties.seq"], name="fk_registry_cases_party_seq"),
        sa.PrimaryKeyConstraint("seq", name="pk_registry_cases"),
        sa.UniqueConstraint("id", name="uq_registry_cases_id"),
    )
    op.create_index("ix_registry_cases_party_seq", "registry_cases", ["party_seq"])
    op.create_table(
        "registry_licences",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("party_seq", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=500), nullable=False),
        sa.Column("authority", sa.String(length=500), nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["party_seq"], ["registry_parties.seq"], name="fk_registry_licences_party_seq"),
        sa.PrimaryKeyConstraint("seq", name="pk_registry_licences"),
        sa.UniqueConstraint("id", name="uq_registry_licences_id"),
    )
    op.create_index("ix_registry_licences_party_seq", "registry_licences", ["party_seq"])
    op.create_table(
        "registry_links",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("from_seq", sa.Integer(), nullable=False),
        sa.Column("to_seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["from_seq"], ["registry_parties.seq"], name="fk_registry_links_from_seq"),
        sa.ForeignKeyConstraint(["to_seq"], ["registry_parties.seq"], name="fk_registry_links_to_seq"),
        sa.PrimaryKeyConstraint("seq", name="pk_registry_links"),
        sa.UniqueConstraint("id", name="uq_registry_links_id"),
    )
    op.create_index("ix_registry_links_from_seq", "registry_links", ["from_seq"])
    op.create_index("ix_registry_links_to_seq", "registry_links", ["to_seq"])
    op.create_table(
        "registry_party_countries",
        sa.Column("party_seq", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.ForeignKeyConstraint(
            ["party_seq"],
            ["registry_parties.seq"],
            name="fk_registry_party_countries_party_seq",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("party_seq", "country", name="pk_registry_party_countries"),
    )
    op.create_index("ix_registry_party_countries_country", "registry_party_countries", ["country", "party_seq"])
    op.create_table(
        "registry_party_keys",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("party_seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["party_seq"], ["registry_parties.seq"], name="fk_registry_party_keys_party_seq", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", "party_seq", name="pk_registry_party_keys"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_registry_party_keys_party_seq", "registry_party_keys", ["party_seq"])
    op.create_table(
        "registry_licence_periods",
        sa.Column("licence_seq", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("national_code", sa.String(length=500), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["licence_seq"], ["registry_licences.seq"], name="fk_registry_licence_periods_licence_seq"
        ),
        sa.PrimaryKeyConstraint("licence_seq", "version", name="pk_registry_licence_periods"),
    )


def downgrade() -> None:
    for table in (
        "registry_licence_periods",
        "registry_party_keys",
        "registry_party_countries",
        "registry_links",
        "registry_licences",
        "registry_cases",
        "registry_parties",
        "registry_history",
    ):
        op.drop_table(table)
