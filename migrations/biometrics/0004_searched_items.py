"""An index that holds all that a start reads of an item, so that no page with a template is touched.

The old version of the service may still run while this is applied: add before you use, drop after nobody uses.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_INDEX = "ix_biometrics_items_searched"
_COLUMNS = ["encounter_seq", "ordinal", "biometric_type", "biometric_sub_type", "instance", "model_id", "seq"]


def upgrade() -> None:
    op.create_index(_INDEX, "biometrics_items", _COLUMNS)


def downgrade() -> None:
    op.drop_index(_INDEX, table_name="biometrics_items")
