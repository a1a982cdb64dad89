"""Persons, their encounters and biometric items. Everything of a body is sealed with the person's key."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.biometrics.tables import Base
from shared.db.database import UtcDateTime

_READ_AT_START = ("encounter_seq", "ordinal", "biometric_type", "biometric_sub_type", "instance", "model_id", "seq")
Sequence = BigInteger().with_variant(Integer, "sqlite")


class PersonRow(Base):
    """An opaque id and the key that all that is kept of this person is sealed with: without the row nothing opens."""

    __tablename__ = "biometrics_persons"

    person_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    member: Mapped[str] = mapped_column(String(3))
    organisation: Mapped[str] = mapped_column(String(220), server_default="registry")
    subject_key: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class EncounterRow(Base):
    """One occasion on which a person was captured. `seq` only ever grows: who comes after whom."""

    __tablename__ = "biometrics_encounters"
    __table_args__ = (UniqueConstraint("person_id", "encounter_id"), {"sqlite_autoincrement": True})

    seq: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("biometrics_persons.person_id", ondelete="CASCADE"))
    encounter_id: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(8))
    encounter_type: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    client_data: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed

    person: Mapped[PersonRow] = relationship(lazy="raise")
    galleries: Mapped[list["EncounterGalleryRow"]] = relationship(
        lazy="raise", order_by="EncounterGalleryRow.gallery", passive_deletes=True
    )
    items: Mapped[list["ItemRow"]] = relationship(lazy="raise", order_by="ItemRow.ordinal", passive_deletes=True)


class EncounterGalleryRow(Base):
    """That an encounter is in a gallery."""

    __tablename__ = "biometrics_encounter_galleries"
    __table_args__ = (Index(None, "gallery", "encounter_seq"),)

    encounter_seq: Mapped[int] = mapped_column(
        ForeignKey("biometrics_encounters.seq", ondelete="CASCADE"), primary_key=True
    )
    gallery: Mapped[str] = mapped_column(String(64), primary_key=True)


class ItemRow(Base):
    """One biometric item: its image and template sealed apart, so that a search index is rebuilt without images."""

    __tablename__ = "biometrics_items"
    __table_args__ = (
        UniqueConstraint("encounter_seq", "ordinal"),
        # All that a start reads of an item: a page with templates weighs fifty times as much.
        Index("ix_biometrics_items_searched", *_READ_AT_START),
        {"sqlite_autoincrement": True},
    )

    seq: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    encounter_seq: Mapped[int] = mapped_column(ForeignKey("biometrics_encounters.seq", ondelete="CASCADE"))
    ordinal: Mapped[int]
    biometric_type: Mapped[str] = mapped_column(String(16))
    biometric_sub_type: Mapped[str | None] = mapped_column(String(48))
    instance: Mapped[str | None] = mapped_column(String(100))
    model_id: Mapped[str | None] = mapped_column(String(64))
    quality: Mapped[int | None]
    template: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed
    description: Mapped[bytes] = mapped_column(LargeBinary)  # sealed: the item as it was sent, less the image
    image: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True, deferred_raiseload=True)  # sealed
