"""Claims, and the aid fund's ledger, to whose postings and lines rows are added and nothing else

The old version of the service may still run while this is applied: add before you use, drop after nobody uses.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import shared.db.database

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_KEPT = ("registry_fund_postings", "registry_fund_lines")


def upgrade() -> None:
    _create_claims()
    _create_fund()
    _create_ledger()
    _keep()


def _create_claims() -> None:
    op.create_table(
        "registry_claims",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("forum", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("about", sa.String(length=64), nullable=True),
        sa.Column("against", sa.String(length=64), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("claimed", sa.BigInteger(), nullable=False),
        sa.Column("granted", sa.BigInteger(), nullable=True),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_registry_claims")),
        sa.UniqueConstraint("id", name=op.f("uq_registry_claims_id")),
    )
    with op.batch_alter_table("registry_claims") as batch_op:
        batch_op.create_index(batch_op.f("ix_registry_claims_about"), ["about"], unique=False)
        batch_op.create_index(batch_op.f("ix_registry_claims_against"), ["against"], unique=False)
        batch_op.create_index("ix_registry_claims_office", ["member", "organisation", "seq"], unique=False)

    op.create_table(
        "registry_claim_events",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("claim_seq", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("move", sa.String(length=16), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("told", sa.LargeBinary(), nullable=True),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_seq"], ["registry_claims.seq"], name=op.f("fk_registry_claim_events_claim_seq")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_registry_claim_events")),
    )
    with op.batch_alter_table("registry_claim_events") as batch_op:
        batch_op.create_index(batch_op.f("ix_registry_claim_events_claim_seq"), ["claim_seq"], unique=False)


def _create_fund() -> None:
    op.create_table(
        "registry_funds",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_registry_funds")),
        sa.UniqueConstraint(
            "member", "organisation", "currency", name=op.f("uq_registry_funds_member_organisation_currency")
        ),
    )

    op.create_table(
        "registry_fund_payments",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("fund_seq", sa.Integer(), nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("idempotency_key", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("claim_seq", sa.Integer(), nullable=True),
        sa.Column("about", sa.String(length=64), nullable=True),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("told", sa.LargeBinary(), nullable=False),
        sa.Column("proposed_by", sa.String(length=64), nullable=False),
        sa.Column("proposed_at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", shared.db.database.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state = 'proposed' OR decided_by IS NOT NULL", name=op.f("ck_registry_fund_payments_decided")
        ),
        sa.CheckConstraint(
            "state NOT IN ('released', 'reversed') OR decided_by <> proposed_by",
            name=op.f("ck_registry_fund_payments_two_persons"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_registry_fund_payments_amount")),
        sa.ForeignKeyConstraint(
            ["claim_seq"], ["registry_claims.seq"], name=op.f("fk_registry_fund_payments_claim_seq")
        ),
        sa.ForeignKeyConstraint(["fund_seq"], ["registry_funds.seq"], name=op.f("fk_registry_fund_payments_fund_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_registry_fund_payments")),
        sa.UniqueConstraint("id", name=op.f("uq_registry_fund_payments_id")),
        sa.UniqueConstraint(
            "member",
            "organisation",
            "idempotency_key",
            name=op.f("uq_registry_fund_payments_member_organisation_idempotency_key"),
        ),
    )
    with op.batch_alter_table("registry_fund_payments") as batch_op:
        batch_op.create_index(batch_op.f("ix_registry_fund_payments_claim_seq"), ["claim_seq"], unique=False)
        batch_op.create_index(batch_op.f("ix_registry_fund_payments_fund_seq"), ["fund_seq"], unique=False)


def _create_ledger() -> None:
    op.create_table(
        "registry_fund_postings",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("fund_seq", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("payment_seq", sa.Integer(), nullable=True),
        sa.Column("reverses", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("idempotency_key", sa.String(length=128), nullable=True),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["fund_seq"], ["registry_funds.seq"], name=op.f("fk_registry_fund_postings_fund_seq")),
        sa.ForeignKeyConstraint(
            ["payment_seq"], ["registry_fund_payments.seq"], name=op.f("fk_registry_fund_postings_payment_seq")
        ),
        sa.ForeignKeyConstraint(
            ["reverses"], ["registry_fund_postings.seq"], name=op.f("fk_registry_fund_postings_reverses")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_registry_fund_postings")),
        sa.UniqueConstraint(
            "fund_seq", "idempotency_key", name=op.f("uq_registry_fund_postings_fund_seq_idempotency_key")
        ),
        sa.UniqueConstraint("fund_seq", "number", name=op.f("uq_registry_fund_postings_fund_seq_number")),
        sa.UniqueConstraint("id", name=op.f("uq_registry_fund_postings_id")),
        sa.UniqueConstraint("reverses", name=op.f("uq_registry_fund_postings_reverses")),
    )
    with op.batch_alter_table("registry_fund_postings") as batch_op:
        batch_op.create_index(batch_op.f("ix_registry_fund_postings_payment_seq"), ["payment_seq"], unique=False)

    op.create_table(
        "registry_fund_lines",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("fund_seq", sa.Integer(), nullable=False),
        sa.Column("posting_seq", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "balance >= 0 OR substr(account, 1, 6) = 'donor:'", name=op.f("ck_registry_fund_lines_balance")
        ),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_registry_fund_lines_amount")),
        sa.ForeignKeyConstraint(["fund_seq"], ["registry_funds.seq"], name=op.f("fk_registry_fund_lines_fund_seq")),
        sa.ForeignKeyConstraint(
            ["posting_seq"], ["registry_fund_postings.seq"], name=op.f("fk_registry_fund_lines_posting_seq")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_registry_fund_lines")),
        sa.UniqueConstraint(
            "fund_seq", "account", "number", name=op.f("uq_registry_fund_lines_fund_seq_account_number")
        ),
    )
    with op.batch_alter_table("registry_fund_lines") as batch_op:
        batch_op.create_index("ix_registry_fund_lines_posting", ["posting_seq"], unique=False)


def _keep() -> None:
    """Refuse to change or delete a row of the ledger, whoever asks."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION registry_fund_kept() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'rows of the ledger are added, never changed'; END $$"
        )
    for table in _KEPT:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION registry_fund_kept()"
            )
            continue
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_kept_{deed.lower()} BEFORE {deed} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'rows of the ledger are added, never changed'); END"
            )


def downgrade() -> None:
    with op.batch_alter_table("registry_fund_lines") as batch_op:
        batch_op.drop_index("ix_registry_fund_lines_posting")

    op.drop_table("registry_fund_lines")
    with op.batch_alter_table("registry_fund_postings") as batch_op:
        batch_op.drop_index(batch_op.f("ix_registry_fund_postings_payment_seq"))

    op.drop_table("registry_fund_postings")
    with op.batch_alter_table("registry_fund_payments") as batch_op:
        batch_op.drop_index(batch_op.f("ix_registry_fund_payments_fund_seq"))
        batch_op.drop_index(batch_op.f("ix_registry_fund_payments_claim_seq"))

    op.drop_table("registry_fund_payments")
    with op.batch_alter_table("registry_claim_events") as batch_op:
        batch_op.drop_index(batch_op.f("ix_registry_claim_events_claim_seq"))

    op.drop_table("registry_claim_events")
    op.drop_table("registry_funds")
    with op.batch_alter_table("registry_claims") as batch_op:
        batch_op.drop_index("ix_registry_claims_office")
        batch_op.drop_index(batch_op.f("ix_registry_claims_against"))
        batch_op.drop_index(batch_op.f("ix_registry_claims_about"))

    op.drop_table("registry_claims")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION registry_fund_kept()")
