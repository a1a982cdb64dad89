"""The base of every table of the biometric service, and its promised work."""

from sqlalchemy.orm import DeclarativeBase

from shared.db.database import new_metadata
from shared.db.jobs import JobColumns, job_indexes


class Base(DeclarativeBase):
    """The biometric service's tables: opaque ids, sealed images and templates; no name and no birth date."""

    metadata = new_metadata()


class JobRow(JobColumns, Base):
    """The biometric service's promised work."""

    __tablename__ = "biometrics_jobs"
    __table_args__ = job_indexes("biometrics_jobs")
