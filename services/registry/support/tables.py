"""Support cases, their services, what was done, and who provides. What is about a person is sealed.

No column says where somebody is, nor what they do or say for a proceeding.
"""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.tables import Base
from shared.db.database import UtcDateTime

_CASE = "registry_support_cases.seq"


class SupportCaseRow(Base):
    """A case. `office` and `organisation` are whose it is; `manager` and `stand_in` who reads `content`.

    `assessment`, `referral` and `registration` stand in the open because each is asked, whenever a case is looked for,
    whether it is a child's by now. Of one that was erased they are gone, and `content` is empty under a fresh key.
    """

    __tablename__ = "registry_support_cases"
    __table_args__ = (Index("ix_registry_support_cases_office", "member", "office", "organisation", "seq"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    member: Mapped[str] = mapped_column(String(3))
    office: Mapped[str] = mapped_column(String(20))
    organisation: Mapped[str] = mapped_column(String(200))
    manager: Mapped[str] = mapped_column(String(64))
    stand_in: Mapped[str | None] = mapped_column(String(64))
    stand_in_until: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(8))
    child: Mapped[str] = mapped_column(String(8))
    assessment: Mapped[str | None] = mapped_column(String(64), index=True)
    referral: Mapped[str | None] = mapped_column(String(64), index=True)
    registration: Mapped[str | None] = mapped_column(String(64), index=True)
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    held_until: Mapped[date | None]
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SupportServiceRow(Base):
    """A service of a case's plan. `follow_up_on` stands in the open: it is what overdue ones are found by."""

    __tablename__ = "registry_support_services"
    __table_args__ = (Index("ix_registry_support_services_follow_up", "case_seq", "follow_up_on"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    case_seq: Mapped[int] = mapped_column(ForeignKey(_CASE))
    follow_up_on: Mapped[date | None]
    content: Mapped[bytes] = mapped_column(LargeBinary)


class SupportEventRow(Base):
    """Something done in a case. Rows are added, never changed."""

    __tablename__ = "registry_support_events"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    case_seq: Mapped[int] = mapped_column(ForeignKey(_CASE), index=True)
    by: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ProviderRow(Base):
    """A provider in an office's directory; `organisation` is empty where the directory is all of an office's.

    `services` and `languages` are words between blanks, one before and one after each.
    """

    __tablename__ = "registry_support_providers"
    __table_args__ = (UniqueConstraint("member", "office", "organisation", "id"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(64))
    member: Mapped[str] = mapped_column(String(3))
    office: Mapped[str] = mapped_column(String(20))
    organisation: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(100))
    services: Mapped[str] = mapped_column(String(200))
    languages: Mapped[str] = mapped_column(String(200))
    accepts_children: Mapped[bool]
    active: Mapped[bool]
