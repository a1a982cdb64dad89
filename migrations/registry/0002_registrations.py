"""Registrations, packets, signals, jobs

The old version of the service may still run while this is applied: add before you use, drop after nobody uses.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import shared.db.database

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "registry_jobs",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("leased_until", shared.db.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.Column("created_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("finished_at", shared.db.database.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_jobs")),
    )
    with op.batch_alter_table("registry_jobs") as batch_op:
        batch_op.create_index("ix_registry_jobs_state_due_at", ["state", "due_at"], unique=False)
        batch_op.create_index("ix_registry_jobs_subject", ["subject"], unique=False)

    op.create_table(
        "registry_registrations",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("idempotency_key", sa.String(length=128), nullable=False),
        sa.Column("request_digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("progress", sa.String(length=20), nullable=False),
        sa.Column("child_sealed", sa.Boolean(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("particulars", sa.LargeBinary(), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.Column("document_digest", sa.String(length=64), nullable=True),
        sa.Column("reference_digest", sa.String(length=64), nullable=True),
        sa.Column("created_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("checked_at", shared.db.database.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_registry_registrations")),
        sa.UniqueConstraint(
            "client_id", "idempotency_key", name=op.f("uq_registry_registrations_client_id_idempotency_key")
        ),
        sa.UniqueConstraint("id", name=op.f("uq_registry_registrations_id")),
        sa.UniqueConstraint("person_id", name=op.f("uq_registry_registrations_person_id")),
    )
    with op.batch_alter_table("registry_registrations") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_registry_registrations_document_digest"), ["document_digest"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_registry_registrations_member"), ["member"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_registry_registrations_reference_digest"), ["reference_digest"], unique=False
        )

    op.create_table(
        "registry_packets",
        sa.Column("registration_seq", sa.Integer(), nullable=False),
        sa.Column("packet", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_seq"],
            ["registry_registrations.seq"],
            name=op.f("fk_registry_packets_registration_seq"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_seq", name=op.f("pk_registry_packets")),
    )
    op.create_table(
        "registry_signals",
        sa.Column("registration_seq", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_seq"],
            ["registry_registrations.seq"],
            name=op.f("fk_registry_signals_registration_seq"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_seq", "code", name=op.f("pk_registry_signals")),
    )
    with op.batch_alter_table("registry_signals") as batch_op:
        batch_op.create_index("ix_registry_signals_code", ["code", "audience"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("registry_signals") as batch_op:
        batch_op.drop_index("ix_registry_signals_code")

    op.drop_table("registry_signals")
    op.drop_table("registry_packets")
    with op.batch_alter_table("registry_registrations") as batch_op:
        batch_op.drop_index(batch_op.f("ix_registry_registrations_reference_digest"))
        batch_op.drop_index(batch_op.f("ix_registry_registrations_member"))
        batch_op.drop_index(batch_op.f("ix_registry_registrations_document_digest"))

    op.drop_table("registry_registrations")
    with op.batch_alter_table("registry_jobs") as batch_op:
        batch_op.drop_index("ix_registry_jobs_subject")
        batch_op.drop_index("ix_registry_jobs_state_due_at")

    op.drop_table("registry_jobs")
