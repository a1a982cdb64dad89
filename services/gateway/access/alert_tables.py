"""What the rules over the log remember: alerts, how people work, and who stands near to whom. Digests, no names."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.gateway.tables import Base
from shared.db.database import UtcDateTime


class AlertRow(Base):
    """Something in the log that a human should look at. It is a question, no finding."""

    __tablename__ = "gateway_alerts"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    rule: Mapped[str] = mapped_column(String(40))
    person: Mapped[str] = mapped_column(String(100))
    organisation: Mapped[str] = mapped_column(String(200))
    member: Mapped[str] = mapped_column(String(3))
    role: Mapped[str] = mapped_column(String(40))
    entry: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int]
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acknowledged_by: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(Text)


class PersonDayRow(Base):
    """How much somebody asked for on one day: their own history, which the next days are held against."""

    __tablename__ = "gateway_person_days"

    person: Mapped[str] = mapped_column(String(100), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    busiest: Mapped[int]
    repeats: Mapped[int]
    late: Mapped[int]


class WatchedDayRow(Base):
    """Up to where the log was looked at: the open day and its first entry. One row."""

    __tablename__ = "gateway_watched_day"

    one: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(Date)
    first_entry: Mapped[int] = mapped_column(BigInteger)


class InterestRow(Base):
    """A record that somebody stands too near to: their family's, their employer's, one who complained of them.

    `who`: `person ID`, or `organisation NAME`, or `sought help`, which is whoever has an interest; the record is a
    digest, as in the log.
    """

    __tablename__ = "gateway_interests"

    who: Mapped[str] = mapped_column(String(220), primary_key=True)
    subject_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    told_at: Mapped[datetime] = mapped_column(UtcDateTime)
