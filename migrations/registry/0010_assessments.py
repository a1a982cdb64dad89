"""Assessments: what workers told, and the leads

The old version of the service may still run while this is applied: add before you use, drop after nobody uses.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import shared.db.database

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "registry_assessments",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("office", sa.String(length=20), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=True),
        sa.Column("registration", sa.String(length=64), nullable=True),
        sa.Column("employer", sa.String(length=64), nullable=True),
        sa.Column("language", sa.String(length=3), nullable=False),
        sa.Column("child", sa.String(length=8), nullable=False),
        sa.Column("recruited_or_moved", sa.String(length=8), nullable=False),
        sa.Column("interviewer", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("strength", sa.String(length=8), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_registry_assessments")),
        sa.UniqueConstraint("id", name=op.f("uq_registry_assessments_id")),
    )
    with op.batch_alter_table("registry_assessments") as batch_op:
        batch_op.create_index(batch_op.f("ix_registry_assessments_employer"), ["employer"], unique=False)
        batch_op.create_index(
            "ix_registry_assessments_office", ["member", "office", "organisation", "seq"], unique=False
        )

    op.create_table(
        "registry_assessment_answers",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("assessment_seq", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=30), nullable=True),
        sa.Column("code", sa.String(length=10), nullable=True),
        sa.Column("answer", sa.String(length=8), nullable=True),
        sa.Column("confidence", sa.String(length=8), nullable=True),
        sa.Column("observed_on", sa.Date(), nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_seq"], ["registry_assessments.seq"], name=op.f("fk_registry_assessment_answers_assessment_seq")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_registry_assessment_answers")),
    )
    with op.batch_alter_table("registry_assessment_answers") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_registry_assessment_answers_assessment_seq"), ["assessment_seq"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("registry_assessment_answers") as batch_op:
        batch_op.drop_index(batch_op.f("ix_registry_assessment_answers_assessment_seq"))

    op.drop_table("registry_assessment_answers")
    with op.batch_alter_table("registry_assessments") as batch_op:
        batch_op.drop_index("ix_registry_assessments_office")
        batch_op.drop_index(batch_op.f("ix_registry_assessments_employer"))

    op.drop_table("registry_assessments")
