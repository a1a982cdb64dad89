"""Licences and every period told of them; rows of periods are added, never changed."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, false
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
    status: Mapped[str] = mapped_column(String(24))
    national_code: Mapped[str | None] = mapped_column(String(500))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    appeal: Mapped[str] = mapped_column(String(10), server_default="none")
    effective_despite_appeal: Mapped[bool] = mapped_column(server_default=false())
    told_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LicenceStrikeRow(Base):
    """A period taken back by a correction; ground and source lie in the history under the same version."""

    __tablename__ = "registry_licence_strikes"

    licence_seq: Mapped[int] = mapped_column(ForeignKey("registry_licences.seq"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    strikes: Mapped[int]
    told_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ParticularsRow(Base):
    """The file of a licence as it stands; earlier versions lie in the history."""

    __tablename__ = "registry_licence_particulars"

    licence_seq: Mapped[int] = mapped_column(ForeignKey("registry_licences.seq"), primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int]
    as_of: Mapped[datetime] = mapped_column(UtcDateTime)


class InspectionRow(Base):
    """An inspection as it stands; earlier versions lie in the history."""

    __tablename__ = "registry_inspections"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(64), unique=True)
    party_seq: Mapped[int] = mapped_column(ForeignKey("registry_parties.seq"), index=True)
    licence_seq: Mapped[int | None] = mapped_column(ForeignKey("registry_licences.seq"))
    follow_up_of: Mapped[int | None] = mapped_column(ForeignKey("registry_inspections.seq"))
    state: Mapped[str] = mapped_column(String(16))
    workplace: Mapped[str] = mapped_column(String(20))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    member: Mapped[str] = mapped_column(String(3))
    version: Mapped[int]
    as_of: Mapped[datetime] = mapped_column(UtcDateTime)
