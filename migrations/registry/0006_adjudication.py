"""Adjudication: cases that people decide, links between registrations, victims, withdrawal

The old version of the service may still run while this is applied: add before you use, drop after nobody uses.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import shared.db.database

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:

    op.create_table(
        "registry_adjudications",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("registration_seq", sa.Integer(), nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("harm", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("appealed_from", sa.Integer(), nullable=False),
        sa.Column("grounds", sa.JSON(), nullable=False),
        sa.Column("papers", sa.JSON(), nullable=False),
        sa.Column("due_at", shared.db.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("finding", sa.String(length=30), nullable=True),
        sa.Column("other", sa.String(length=32), nullable=True),
        sa.Column("opened_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("decided_at", shared.db.database.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["registration_seq"],
            ["registry_registrations.seq"],
            name=op.f("fk_registry_adjudications_registration_seq"),
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_registry_adjudications")),
        sa.UniqueConstraint("id", name=op.f("uq_registry_adjudications_id")),
        sa.UniqueConstraint("registration_seq", name=op.f("uq_registry_adjudications_registration_seq")),
    )
    with op.batch_alter_table("registry_adjudications") as batch_op:
        batch_op.create_index(
            "ix_registry_adjudications_queue", ["member", "audience", "state", "harm", "opened_at"], unique=False
        )

    op.create_table(
        "registry_victim_statuses",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("registration_seq", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("since", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["registration_seq"],
            ["registry_registrations.seq"],
            name=op.f("fk_registry_victim_statuses_registration_seq"),
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_registry_victim_statuses")),
    )
    with op.batch_alter_table("registry_victim_statuses") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_registry_victim_statuses_registration_seq"), ["registration_seq"], unique=False
        )

    op.create_table(
        "registry_adjudication_events",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case_seq", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_seq"], ["registry_adjudications.seq"], name=op.f("fk_registry_adjudication_events_case_seq")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_registry_adjudication_events")),
        sa.UniqueConstraint("case_seq", "number", name=op.f("uq_registry_adjudication_events_case_seq_number")),
    )
    op.create_table(
        "registry_adjudication_seats",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case_seq", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("reviewer", sa.String(length=64), nullable=False),
        sa.Column("expires_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("finding", sa.String(length=30), nullable=True),
        sa.Column("other", sa.String(length=32), nullable=True),
        sa.Column("grounds", sa.JSON(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("decided_at", shared.db.database.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_seq"], ["registry_adjudications.seq"], name=op.f("fk_registry_adjudication_seats_case_seq")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_registry_adjudication_seats")),
        sa.UniqueConstraint(
            "case_seq", "round", "reviewer", name=op.f("uq_registry_adjudication_seats_case_seq_round_reviewer")
        ),
    )

    op.create_table(
        "registry_registration_links",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("from_seq", sa.Integer(), nullable=False),
        sa.Column("to_seq", sa.Integer(), nullable=False),
        sa.Column("relation", sa.String(length=20), nullable=False),
        sa.Column("case_seq", sa.Integer(), nullable=True),
        sa.Column("since", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("undone_at", shared.db.database.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_seq"], ["registry_adjudications.seq"], name=op.f("fk_registry_registration_links_case_seq")
        ),
        sa.ForeignKeyConstraint(
            ["from_seq"], ["registry_registrations.seq"], name=op.f("fk_registry_registration_links_from_seq")
        ),
        sa.ForeignKeyConstraint(
            ["to_seq"], ["registry_registrations.seq"], name=op.f("fk_registry_registration_links_to_seq")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_registry_registration_links")),
    )
    with op.batch_alter_table("registry_registration_links") as batch_op:
        batch_op.create_index(batch_op.f("ix_registry_registration_links_case_seq"), ["case_seq"], unique=False)
        batch_op.create_index(batch_op.f("ix_registry_registration_links_from_seq"), ["from_seq"], unique=False)
        batch_op.create_index(batch_op.f("ix_registry_registration_links_to_seq"), ["to_seq"], unique=False)

    with op.batch_alter_table("registry_registrations") as batch_op:
        batch_op.add_column(sa.Column("seal_ended", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("presumed_victim", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("withdrawal_asked", shared.db.database.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("registry_registrations") as batch_op:
        batch_op.drop_column("withdrawal_asked")
        batch_op.drop_column("presumed_victim")
        batch_op.drop_column("seal_ended")

    with op.batch_alter_table("registry_registration_links") as batch_op:
        batch_op.drop_index(batch_op.f("ix_registry_registration_links_to_seq"))
        batch_op.drop_index(batch_op.f("ix_registry_registration_links_from_seq"))
        batch_op.drop_index(batch_op.f("ix_registry_registration_links_case_seq"))

    op.drop_table("registry_registration_links")

    op.drop_table("registry_adjudication_seats")
    op.drop_table("registry_adjudication_events")

    with op.batch_alter_table("registry_victim_statuses") as batch_op:
        batch_op.drop_index(batch_op.f("ix_registry_victim_statuses_registration_seq"))

    op.drop_table("registry_victim_statuses")

    with op.batch_alter_table("registry_adjudications") as batch_op:
        batch_op.drop_index("ix_registry_adjudications_queue")

    op.drop_table("registry_adjudications")
