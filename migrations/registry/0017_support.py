"""Support: cases, services, what was done, providers

The old version of the service may still run while this is applied: add before you use, drop after nobody uses.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from shared.db.database import UtcDateTime

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_CASES = "registry_support_cases"
_SERVICES = "registry_support_services"
_EVENTS = "registry_support_events"
_PROVIDERS = "registry_support_providers"


def upgrade() -> None:
    op.create_table(
        _CASES,
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("office", sa.String(length=20), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("manager", sa.String(length=64), nullable=False),
        sa.Column("stand_in", sa.String(length=64), nullable=True),
        sa.Column("stand_in_until", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("child", sa.String(length=8), nullable=False),
        sa.Column("assessment", sa.String(length=64), nullable=True),
        sa.Column("referral", sa.String(length=64), nullable=True),
        sa.Column("registration", sa.String(length=64), nullable=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f(f"pk_{_CASES}")),
        sa.UniqueConstraint("id", name=op.f(f"uq_{_CASES}_id")),
    )
    with op.batch_alter_table(_CASES) as batch_op:
        batch_op.create_index(f"ix_{_CASES}_office", ["member", "office", "organisation", "seq"], unique=False)
        for column in ("assessment", "referral", "registration"):
            batch_op.create_index(batch_op.f(f"ix_{_CASES}_{column}"), [column], unique=False)
    op.create_table(
        _SERVICES,
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_seq", sa.Integer(), nullable=False),
        sa.Column("follow_up_on", sa.Date(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_seq"], [f"{_CASES}.seq"], name=op.f(f"fk_{_SERVICES}_case_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f(f"pk_{_SERVICES}")),
        sa.UniqueConstraint("id", name=op.f(f"uq_{_SERVICES}_id")),
    )
    with op.batch_alter_table(_SERVICES) as batch_op:
        batch_op.create_index(f"ix_{_SERVICES}_follow_up", ["case_seq", "follow_up_on"], unique=False)
    op.create_table(
        _EVENTS,
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case_seq", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_seq"], [f"{_CASES}.seq"], name=op.f(f"fk_{_EVENTS}_case_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f(f"pk_{_EVENTS}")),
    )
    with op.batch_alter_table(_EVENTS) as batch_op:
        batch_op.create_index(batch_op.f(f"ix_{_EVENTS}_case_seq"), ["case_seq"], unique=False)
    op.create_table(
        _PROVIDERS,
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("member", sa.String(length=3), nullable=False),
        sa.Column("office", sa.String(length=20), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("services", sa.String(length=200), nullable=False),
        sa.Column("languages", sa.String(length=200), nullable=False),
        sa.Column("accepts_children", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f(f"pk_{_PROVIDERS}")),
        sa.UniqueConstraint(
            "member", "office", "organisation", "id", name=op.f(f"uq_{_PROVIDERS}_member_office_organisation_id")
        ),
    )


def downgrade() -> None:
    op.drop_table(_PROVIDERS)
    op.drop_table(_EVENTS)
    op.drop_table(_SERVICES)
    op.drop_table(_CASES)
