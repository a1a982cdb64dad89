"""Figures for everybody."""

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, Field

from shared.contracts.caller import Member


class Table(StrEnum):
    """What is counted."""

    LICENCES = "licences"
    """Licences of agencies, by how they stand on the day."""
    LISTINGS = "listings"
    """Final listings that are public on the day, by ground; one listing can have several."""
    CASES = "cases"
    """Cases by what may be said of them on the day. Only the final ones are proven."""
    DECISIONS = "decisions"
    """Final decisions, by the kind of proceeding, of those that became final in the year."""
    COMPLAINTS = "complaints"
    """Complaints received, by month. The same words again count once."""
    COMPLAINT_OFFENCES = "complaint_offences"
    """Complaints received in the year, by what they are about. They are not a finding."""
    REGISTRATIONS = "registrations"
    """Workers registered, by month."""
    REGISTRATION_STATES = "registration_states"
    """Workers registered in the year, by how their registration stands today."""
    LEADS = "leads"
    """Conversations with workers begun in the year, by how strong the lead is. A lead is not a finding."""
    REFERRALS = "referrals"
    """Referrals sent in the year, by the office that they were sent to."""
    REFERRAL_STATES = "referral_states"
    """Referrals sent in the year, by how far they got."""


class Figure(BaseModel):
    """One number, which says by itself what it is of."""

    member: Member
    year: int
    on: date = Field(description="The day of what is counted as it stands.")
    table: Table
    value: str = Field(description="Of what it is counted: a status, an offence, a month (`YYYY-MM`).")
    count: int
    exact: bool = Field(description="False: rounded at random to a multiple of three; parts need not add up.")


class Statistics(BaseModel):
    """What one member state's register counts."""

    member: Member
    year: int
    on: date = Field(description="The day of what is counted as it stands.")
    until: date = Field(description="What came in from this day on is not counted yet: only whole months are.")
    says: str
    results: list[Figure]
