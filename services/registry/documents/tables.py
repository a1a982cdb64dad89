"""Pictures that may come again, documents that were reported lost, and which agency places whom."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.tables import Base
from shared.db.database import UtcDateTime

_REGISTRATION = "registry_registrations.id"


class PortraitRow(Base):
    """256 bits of the picture on a document, under a key: distances can be taken, the picture cannot be told."""

    __tablename__ = "registry_portraits"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    registration: Mapped[str] = mapped_column(ForeignKey(_REGISTRATION, ondelete="CASCADE"), index=True)
    bits: Mapped[bytes] = mapped_column(LargeBinary(32))


class LostDocumentRow(Base):
    """A document on a list of lost, stolen or invalid ones: a keyed digest of issuer and number, never the number."""

    __tablename__ = "registry_lost_documents"

    list_name: Mapped[str] = mapped_column(String(40), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)
    status: Mapped[str] = mapped_column(String(20))
    document_type: Mapped[str | None] = mapped_column(String(2))
    reported_on: Mapped[date | None] = mapped_column(Date)
    loaded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AgencyCandidateRow(Base):
    """Which agency places the worker of a registration: for figures about agencies, never about a worker.

    `at_floor`: within a year above the minimum age of the intended work; null: below it, or not known. The digests are
    keyed, of the worker's telephone and account and of whoever handed the document over. `worse_terms`: of the contract
    after arrival against the one before; `above_cap`: more was paid than may be charged. Null: not known.
    """

    __tablename__ = "registry_agency_candidates"

    registration: Mapped[str] = mapped_column(ForeignKey(_REGISTRATION, ondelete="CASCADE"), primary_key=True)
    agency: Mapped[str] = mapped_column(String(64), index=True)
    at_floor: Mapped[bool | None]
    employer: Mapped[str | None] = mapped_column(String(64))
    phone_digest: Mapped[str | None] = mapped_column(String(64))
    account_digest: Mapped[str | None] = mapped_column(String(64))
    holder_digest: Mapped[str | None] = mapped_column(String(64))
    worse_terms: Mapped[bool | None]
    above_cap: Mapped[bool | None]
