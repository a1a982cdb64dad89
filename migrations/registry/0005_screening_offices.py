"""What screening keeps for offices: thresholds, cleared hits, batches, watches and their notices

The old version of the service may still run while this is applied: add before you use, drop after nobody uses.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import shared.db.database

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "registry_batches",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("caller", sa.JSON(), nullable=False),
        sa.Column("subject_key", sa.LargeBinary(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("matches", sa.Integer(), nullable=False),
        sa.Column("possible", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("finished_at", shared.db.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("kept_until", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_batches")),
    )
    op.create_table(
        "registry_screening_jobs",
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
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_screening_jobs")),
    )
    with op.batch_alter_table("registry_screening_jobs") as batch_op:
        batch_op.create_index("ix_registry_screening_jobs_state_due_at", ["state", "due_at"], unique=False)
        batch_op.create_index("ix_registry_screening_jobs_subject", ["subject"], unique=False)

    op.create_table(
        "registry_thresholds",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("threshold", sa.Double(), nullable=False),
        sa.Column("cutoff", sa.Double(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("set_by", sa.String(length=64), nullable=False),
        sa.Column("set_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_registry_thresholds")),
        sa.UniqueConstraint(
            "member", "organisation", "version", name=op.f("uq_registry_thresholds_member_organisation_version")
        ),
    )
    op.create_table(
        "registry_batch_parts",
        sa.Column("batch_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("asked", sa.LargeBinary(), nullable=False),
        sa.Column("found", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["registry_batches.id"], name=op.f("fk_registry_batch_parts_batch_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("batch_id", "number", name=op.f("pk_registry_batch_parts")),
    )
    op.create_table(
        "registry_clearances",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("query", sa.String(length=64), nullable=False),
        sa.Column("party_seq", sa.Integer(), nullable=False),
        sa.Column("material", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("evidence", sa.String(length=500), nullable=True),
        sa.Column("document_digest", sa.String(length=64), nullable=True),
        sa.Column("cleared_by", sa.String(length=64), nullable=False),
        sa.Column("cleared_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", shared.db.database.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["party_seq"], ["registry_parties.seq"], name=op.f("fk_registry_clearances_party_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_registry_clearances")),
        sa.UniqueConstraint("id", name=op.f("uq_registry_clearances_id")),
    )
    with op.batch_alter_table("registry_clearances") as batch_op:
        batch_op.create_index(
            "ix_registry_clearances_office", ["member", "organisation", "query", "party_seq"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_registry_clearances_party_seq"), ["party_seq"], unique=False)

    op.create_table(
        "registry_watches",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("party_seq", sa.Integer(), nullable=True),
        sa.Column("subject_key", sa.LargeBinary(), nullable=False),
        sa.Column("asked", sa.LargeBinary(), nullable=True),
        sa.Column("label", sa.String(length=500), nullable=True),
        sa.Column("webhook", sa.String(length=2000), nullable=True),
        sa.Column("known", sa.JSON(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("checked_at", shared.db.database.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["party_seq"], ["registry_parties.seq"], name=op.f("fk_registry_watches_party_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_registry_watches")),
        sa.UniqueConstraint("id", name=op.f("uq_registry_watches_id")),
    )
    with op.batch_alter_table("registry_watches") as batch_op:
        batch_op.create_index("ix_registry_watches_office", ["member", "organisation"], unique=False)
        batch_op.create_index(batch_op.f("ix_registry_watches_party_seq"), ["party_seq"], unique=False)

    op.create_table(
        "registry_notices",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("watch_id", sa.String(length=32), nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("party", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("delivery", sa.String(length=10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["watch_id"], ["registry_watches.id"], name=op.f("fk_registry_notices_watch_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_registry_notices")),
        sa.UniqueConstraint("id", name=op.f("uq_registry_notices_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("registry_notices") as batch_op:
        batch_op.create_index("ix_registry_notices_office", ["member", "organisation", "number"], unique=False)
        batch_op.create_index(batch_op.f("ix_registry_notices_watch_id"), ["watch_id"], unique=False)


def downgrade() -> None:
    op.drop_table("registry_notices")
    op.drop_table("registry_clearances")
    op.drop_table("registry_batch_parts")
    op.drop_table("registry_watches")
    op.drop_table("registry_batches")
    op.drop_table("registry_thresholds")
    op.drop_table("registry_screening_jobs")
