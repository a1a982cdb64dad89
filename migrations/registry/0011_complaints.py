"""Complaints

The old version of the service may still run while this is applied: add before you use, drop after nobody uses.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import shared.db.database

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "registry_complaints",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("office", sa.String(length=20), nullable=False),
        sa.Column("reference_digest", sa.String(length=64), nullable=False),
        sa.Column("text_digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("offences", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(length=3), nullable=False),
        sa.Column("officer", sa.String(length=64), nullable=True),
        sa.Column("party", sa.String(length=64), nullable=True),
        sa.Column("assessment", sa.String(length=64), nullable=True),
        sa.Column("again", sa.Integer(), nullable=False),
        sa.Column("same_as", sa.Integer(), nullable=True),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("about", sa.LargeBinary(), nullable=True),
        sa.Column("contact", sa.LargeBinary(), nullable=True),
        sa.Column("received_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["same_as"], ["registry_complaints.seq"], name=op.f("fk_registry_complaints_same_as")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_registry_complaints")),
        sa.UniqueConstraint("id", name=op.f("uq_registry_complaints_id")),
        sa.UniqueConstraint("reference_digest", name=op.f("uq_registry_complaints_reference_digest")),
    )
    with op.batch_alter_table("registry_complaints") as batch_op:
        batch_op.create_index("ix_registry_complaints_office", ["member", "office", "seq"], unique=False)
        batch_op.create_index(batch_op.f("ix_registry_complaints_party"), ["party"], unique=False)
        batch_op.create_index(batch_op.f("ix_registry_complaints_text_digest"), ["text_digest"], unique=False)

    op.create_table(
        "registry_complaint_files",
        sa.Column("complaint_seq", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("media", sa.String(length=20), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_seq"], ["registry_complaints.seq"], name=op.f("fk_registry_complaint_files_complaint_seq")
        ),
        sa.PrimaryKeyConstraint("complaint_seq", "number", name=op.f("pk_registry_complaint_files")),
    )
    op.create_table(
        "registry_complaint_messages",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("complaint_seq", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=True),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_seq"], ["registry_complaints.seq"], name=op.f("fk_registry_complaint_messages_complaint_seq")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_registry_complaint_messages")),
    )
    with op.batch_alter_table("registry_complaint_messages") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_registry_complaint_messages_complaint_seq"), ["complaint_seq"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("registry_complaint_messages") as batch_op:
        batch_op.drop_index(batch_op.f("ix_registry_complaint_messages_complaint_seq"))

    op.drop_table("registry_complaint_messages")
    op.drop_table("registry_complaint_files")
    with op.batch_alter_table("registry_complaints") as batch_op:
        batch_op.drop_index(batch_op.f("ix_registry_complaints_text_digest"))
        batch_op.drop_index(batch_op.f("ix_registry_complaints_party"))
        batch_op.drop_index("ix_registry_complaints_office")

    op.drop_table("registry_complaints")
