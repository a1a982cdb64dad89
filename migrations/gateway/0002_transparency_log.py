"""The log of accesses becomes a Merkle tree with signed heads

Entries of before have no outcome: they were all admitted. Their leaves are made anew, since the outcome is part of
them, and the tree is built over them.
"""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

import shared.db.database
from shared.standards.merkle import Node, completed, leaf_hash

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


FIELDS = (
    "number", "client_id", "organisation", "member", "role", "purpose", "case_reference", "kind", "action", "outcome",
    "subject_digest",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "gateway_audit_nodes",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("level", "position", name=op.f("pk_gateway_audit_nodes")),
    )
    op.create_table(
        "gateway_audit_heads",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", shared.db.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("key_id", sa.String(length=100), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=100), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_gateway_audit_heads")),
    )
    op.create_table(
        "gateway_audit_subjects",
        sa.Column("tag", sa.String(length=64), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_gateway_audit_subjects")),
    )
    with op.batch_alter_table("gateway_audit_entries") as batch_op:
        batch_op.add_column(sa.Column("outcome", sa.String(length=20), nullable=False, server_default="admitted"))
        batch_op.add_column(sa.Column("leaf", sa.LargeBinary(length=32), nullable=True))
    _grow_tree()
    with op.batch_alter_table("gateway_audit_entries") as batch_op:
        batch_op.alter_column("outcome", existing_type=sa.String(length=20), server_default=None)
        batch_op.alter_column("leaf", existing_type=sa.LargeBinary(length=32), nullable=False)
        batch_op.drop_column("chain")


def downgrade() -> None:
    with op.batch_alter_table("gateway_audit_entries") as batch_op:
        batch_op.add_column(sa.Column("chain", sa.LargeBinary(length=32), nullable=False, server_default=""))
        batch_op.drop_column("leaf")
        batch_op.drop_column("outcome")
    for table in ("gateway_audit_subjects", "gateway_audit_heads", "gateway_audit_nodes"):
        op.drop_table(table)


def _grow_tree() -> None:
    connection = op.get_bind()
    metadata = sa.MetaData()
    kept = sa.Table("gateway_audit_entries", metadata, autoload_with=connection)
    at = sa.type_coerce(kept.c.at, shared.db.database.UtcDateTime()).label("at")
    entries = sa.select(*[at if column.name == "at" else column for column in kept.c]).order_by(kept.c.number)
    tree = sa.Table("gateway_audit_nodes", metadata, autoload_with=connection)
    nodes: dict[Node, bytes] = {}
    for size, row in enumerate(connection.execute(entries).all()):
        leaf = _leaf_of(row)
        connection.execute(kept.update().where(kept.c.number == row.number).values(leaf=leaf))
        made = dict(completed(size, leaf, nodes.__getitem__))
        nodes |= made
        above = [{**node._asdict(), "digest": digest} for node, digest in made.items() if node.level]
        if above:
            connection.execute(tree.insert(), above)


def _leaf_of(row: Any) -> bytes:
    document = {name: getattr(row, name) for name in FIELDS} | {"at": row.at.isoformat(timespec="microseconds")}
    return leaf_hash(json.dumps(document, sort_keys=True, separators=(",", ":")).encode())
