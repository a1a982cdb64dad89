"""The index that screening finds candidates by."""

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.tables import Base


class PartyKeyRow(Base):
    """A key that a party is found by (see index.py); derived from its properties, rebuilt with every change."""

    __tablename__ = "registry_party_keys"
    __table_args__ = ({"sqlite_with_rowid": False},)

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    party_seq: Mapped[int] = mapped_column(
        ForeignKey("registry_parties.seq", ondelete="CASCADE"), primary_key=True, index=True
    )
