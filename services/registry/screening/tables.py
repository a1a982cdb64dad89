"""The index that screening finds candidates by: derived from the parties, and made anew from them at any time."""

from sqlalchemy import ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.tables import Base


class PartyCardRow(Base):
    """What a party is indexed by (see cards.py): read when candidates are ranked, and to take back its postings."""

    __tablename__ = "registry_party_cards"

    party_seq: Mapped[int] = mapped_column(ForeignKey("registry_parties.seq", ondelete="CASCADE"), primary_key=True)
    card: Mapped[str] = mapped_column(Text)


class PartyNamesRow(Base):
    """A party's names made ready for comparison (see kept_names.py)."""

    __tablename__ = "registry_party_names"

    party_seq: Mapped[int] = mapped_column(ForeignKey("registry_parties.seq", ondelete="CASCADE"), primary_key=True)
    names: Mapped[bytes] = mapped_column(LargeBinary)


class PostingsRow(Base):
    """All postings of the keys that fall into a bucket, sorted (see postings.py)."""

    __tablename__ = "registry_postings"

    bucket: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    postings: Mapped[bytes] = mapped_column(LargeBinary)


class StagedPostingsRow(Base):
    """Postings of a large import, by slice of the buckets, until they are merged into their buckets."""

    __tablename__ = "registry_staged_postings"
    __table_args__ = (Index("ix_registry_staged_postings_slice", "slice"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    slice: Mapped[int]
    postings: Mapped[bytes] = mapped_column(LargeBinary)
