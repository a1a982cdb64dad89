"""What everybody may ask without naming themselves: licences, final listings, fees, ages."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from shared.contracts.licences import PublicLicence
from shared.contracts.listings import PublicListing

Asked = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]


class PublicLookup(BaseModel):
    """Agencies and employers of a name or licence number, as everybody may know them."""

    asked: str
    on: date
    licences: list[PublicLicence]
    listings: list[PublicListing]
    says: str = Field(description="In plain words, and what it does not mean.")


class PublicRule(BaseModel):
    """A rule that governs a corridor."""

    set_by: str = Field(description="ISO 3166-1 alpha-3, or INT.")
    rule: str
    basis: str
    confirmed: bool = Field(description="False: from memory; ask the labour office before you rely on it.")


class PublicMinimumAge(BaseModel):
    """The lowest lawful age for a corridor and sector."""

    minimum: int
    rules: list[PublicRule]
    advisory: list[PublicRule] = Field(description="Rules that still have to be confirmed; they do not count.")


class PublicFees(BaseModel):
    """What a worker may be charged in a corridor and sector."""

    rules: list[PublicRule]
    says: str
