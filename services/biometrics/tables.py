"""The base of every table of the biometric service."""

from sqlalchemy.orm import DeclarativeBase

from shared.db.database import new_metadata


class Base(DeclarativeBase):
    """The biometric service's tables: opaque ids, sealed images and templates; no name and no birth date."""

    metadata = new_metadata()
