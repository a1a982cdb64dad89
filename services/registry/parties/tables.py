"""Parties and links as they stand; earlier versions lie in the history."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.tables import Base
from shared.db.database import UtcDateTime


class PartyRow(Base):
    """A party. `seq` is what other tables refer to; `caption_folded` is for filters by name.

    `properties` are those it is found and compared by today; `told` is what was told besides them, where anything was:
    the properties as they were told, facts, birth interval, days, authority and document.
    """

    __tablename__ = "registry_parties"
    __table_args__ = (
        Index("ix_registry_parties_caption_folded", "caption_folded"),
        Index("ix_registry_parties_member_last_change", "member", "last_change"),
    )

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(64), unique=True)
    schema: Mapped[str] = mapped_column(String(16))
    caption: Mapped[str] = mapped_column(String(500))
    caption_folded: Mapped[str] = mapped_column(String(1500).with_variant(String(1500, collation="C"), "postgresql"))
    properties: Mapped[dict[str, list[str]]] = mapped_column(JSON)
    told: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    member: Mapped[str] = mapped_column(String(3))
    source: Mapped[str] = mapped_column(String(500))
    version: Mapped[int]
    first_seen: Mapped[datetime] = mapped_column(UtcDateTime)
    last_change: Mapped[datetime] = mapped_column(UtcDateTime)


class PartyCountryRow(Base):
    """Countries of a party, lower case, for the list's filter; derived from its properties."""

    __tablename__ = "registry_party_countries"
    __table_args__ = (Index("ix_registry_party_countries_country", "country", "party_seq"),)

    party_seq: Mapped[int] = mapped_column(ForeignKey("registry_parties.seq", ondelete="CASCADE"), primary_key=True)
    country: Mapped[str] = mapped_column(String(2), primary_key=True)


class LinkRow(Base):
    """`from_seq` is the KIND of `to_seq`. A retracted one should never have been told, and is not shown."""

    __tablename__ = "registry_links"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(64), unique=True)
    from_seq: Mapped[int] = mapped_column(ForeignKey("registry_parties.seq"), index=True)
    to_seq: Mapped[int] = mapped_column(ForeignKey("registry_parties.seq"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    since: Mapped[date | None]
    until: Mapped[date | None]
    source: Mapped[str | None] = mapped_column(String(500))
    authority: Mapped[str | None] = mapped_column(String(500))
    document_digest: Mapped[str | None] = mapped_column(String(64))
    retracted: Mapped[str | None] = mapped_column(String(20))
    member: Mapped[str] = mapped_column(String(3))
    version: Mapped[int]
