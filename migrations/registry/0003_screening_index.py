"""Screening's index as cards and packed postings instead of a row a key; imports of lists

The old version of the service may still run while this is applied: add before you use, drop after nobody uses. What the
register holds already is indexed anew by the service when it starts.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import shared.db.database

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "registry_party_cards",
        sa.Column("party_seq", sa.Integer(), nullable=False),
        sa.Column("card", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["party_seq"],
            ["registry_parties.seq"],
            name=op.f("fk_registry_party_cards_party_seq"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("party_seq", name=op.f("pk_registry_party_cards")),
    )
    op.create_table(
        "registry_postings",
        sa.Column("bucket", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("postings", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_registry_postings")),
    )
    op.create_table(
        "registry_staged_postings",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("slice", sa.Integer(), nullable=False),
        sa.Column("postings", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_registry_staged_postings")),
    )
    with op.batch_alter_table("registry_staged_postings") as batch_op:
        batch_op.create_index("ix_registry_staged_postings_slice", ["slice"], unique=False)
    op.drop_table("registry_party_keys")
    _create_exchange()


def _create_exchange() -> None:
    op.create_table(
        "registry_import_jobs",
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
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_import_jobs")),
    )
    with op.batch_alter_table("registry_import_jobs") as batch_op:
        batch_op.create_index("ix_registry_import_jobs_state_due_at", ["state", "due_at"], unique=False)
        batch_op.create_index("ix_registry_import_jobs_subject", ["subject"], unique=False)

    op.create_table(
        "registry_imports",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("caller", sa.JSON(), nullable=False),
        sa.Column("order", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("parts_received", sa.Integer(), nullable=False),
        sa.Column("parts_read", sa.Integer(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("delisted", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("finished_at", shared.db.database.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_imports")),
    )
    with op.batch_alter_table("registry_imports") as batch_op:
        batch_op.create_index("ix_registry_imports_member_source", ["member", "source"], unique=False)

    op.create_table(
        "registry_list_entries",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("entry", sa.String(length=64), nullable=False),
        sa.Column("party", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("listed_from", sa.Date(), nullable=True),
        sa.Column("listed_to", sa.Date(), nullable=True),
        sa.Column("grounds", sa.String(length=500), nullable=True),
        sa.Column("national_code", sa.String(length=500), nullable=True),
        sa.Column("last_import", sa.String(length=32), nullable=False),
        sa.Column("delisted_at", shared.db.database.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_registry_list_entries")),
        sa.UniqueConstraint("member", "source", "entry", name=op.f("uq_registry_list_entries_member_source_entry")),
    )
    with op.batch_alter_table("registry_list_entries") as batch_op:
        batch_op.create_index("ix_registry_list_entries_party", ["party"], unique=False)

    op.create_table(
        "registry_import_parts",
        sa.Column("import_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_line", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["registry_imports.id"], name=op.f("fk_registry_import_parts_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_registry_import_parts")),
    )
    op.create_table(
        "registry_import_rejections",
        sa.Column("import_id", sa.String(length=32), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["registry_imports.id"],
            name=op.f("fk_registry_import_rejections_import_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("import_id", "line", name=op.f("pk_registry_import_rejections")),
    )


def downgrade() -> None:
    for table in ("import_rejections", "import_parts", "list_entries", "imports", "import_jobs"):
        op.drop_table(f"registry_{table}")
    op.create_table(
        "registry_party_keys",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("party_seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["party_seq"],
            ["registry_parties.seq"],
            name=op.f("fk_registry_party_keys_party_seq"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", "party_seq", name=op.f("pk_registry_party_keys")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("registry_party_keys") as batch_op:
        batch_op.create_index("ix_registry_party_keys_party_seq", ["party_seq"], unique=False)
    op.drop_table("registry_staged_postings")
    op.drop_table("registry_postings")
    op.drop_table("registry_party_cards")
