"""Parties found by the beginning of their name and counted by member without a scan; screening's index made anew

The old version of the service may still run while this is applied: add before you use, drop after nobody uses.
What the register holds is indexed anew by the service when it starts.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_NAME = "registry_parties"


def upgrade() -> None:
    op.execute("UPDATE registry_parties SET caption_folded = substr(caption_folded, 1, 600)")  # an index entry's limit
    _collate("C")
    op.create_index("ix_registry_parties_caption_folded", _NAME, ["caption_folded"])
    op.create_index("ix_registry_parties_member_last_change", _NAME, ["member", "last_change"])
    _empty_index()


def downgrade() -> None:
    _empty_index()
    op.drop_index("ix_registry_parties_member_last_change", _NAME)
    op.drop_index("ix_registry_parties_caption_folded", _NAME)
    _collate("default")


def _collate(name: str) -> None:
    """By code points, so that all names that begin alike lie together; SQLite does so anyway."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f'ALTER TABLE registry_parties ALTER COLUMN caption_folded TYPE VARCHAR(1500) COLLATE "{name}"')


def _empty_index() -> None:
    for table in ("registry_party_cards", "registry_postings", "registry_staged_postings"):
        op.execute(f"DELETE FROM {table}")  # noqa: S608  fixed names
