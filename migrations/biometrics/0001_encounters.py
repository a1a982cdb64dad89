"""Persons, encounters, their galleries and biometric items.

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

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "biometrics_persons",
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("subject_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_biometrics_persons")),
    )
    op.create_table(
        "biometrics_encounters",
        sa.Column("seq", _SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("encounter_id", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("encounter_type", sa.String(length=100), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("client_data", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["biometrics_persons.person_id"],
            name=op.f("fk_biometrics_encounters_person_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_biometrics_encounters")),
        sa.UniqueConstraint("person_id", "encounter_id", name=op.f("uq_biometrics_encounters_person_id_encounter_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "biometrics_encounter_galleries",
        sa.Column("encounter_seq", _SEQUENCE, nullable=False),
        sa.Column("gallery", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["encounter_seq"],
            ["biometrics_encounters.seq"],
            name=op.f("fk_biometrics_encounter_galleries_encounter_seq"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("encounter_seq", "gallery", name=op.f("pk_biometrics_encounter_galleries")),
    )
    op.create_index(
        op.f("ix_biometrics_encounter_galleries_gallery_encounter_seq"),
        "biometrics_encounter_galleries",
        ["gallery", "encounter_seq"],
    )
    op.create_table(
        "biometrics_items",
        sa.Column("seq", _SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("encounter_seq", _SEQUENCE, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("biometric_type", sa.String(length=16), nullable=False),
        sa.Column("biometric_sub_type", sa.String(length=48), nullable=True),
        sa.Column("instance", sa.String(length=100), nullable=True),
        sa.Column("model_id", sa.String(length=64), nullable=True),
        sa.Column("quality", sa.Integer(), nullable=True),
        sa.Column("template", sa.LargeBinary(), nullable=True),
        sa.Column("description", sa.LargeBinary(), nullable=False),
        sa.Column("image", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["encounter_seq"],
            ["biometrics_encounters.seq"],
            name=op.f("fk_biometrics_items_encounter_seq"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_biometrics_items")),
        sa.UniqueConstraint("encounter_seq", "ordinal", name=op.f("uq_biometrics_items_encounter_seq_ordinal")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("biometrics_items")
    op.drop_table("biometrics_encounter_galleries")
    op.drop_table("biometrics_encounters")
    op.drop_table("biometrics_persons")
