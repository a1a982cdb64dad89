"""Licences and every period told of them; rows of periods are added, never changed."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.tables import Base
from shared.db.database import UtcDateTime


class LicenceRow(Base):
    """A licence: whose, which number, from whom."""

    __tablename__ = "registry_licences"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(64), unique=True)
    party_seq: Mapped[int] = mapped_column(ForeignKey("registry_parties.seq"), index=True)
    number: Mapped[str] = mapped_column(String(500))
    authority: Mapped[str] = mapped_column(String(500))
    member: Mapped[str] = mapped_column(String(3))
    version: Mapped[int]


class LicencePeriodRow(Base):
    """A status from one day to another, as it was told. `version` is the order of telling."""

    __tablename__ = "registry_licence_periods"

    licence_seq: Mapped[int] = mapped_column(ForeignKey("registry_licences.seq"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(String(16))
    national_code: Mapped[str | None] = mapped_column(String(500))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    told_at: Mapped[datetime] = mapped_column(UtcDateTime)
