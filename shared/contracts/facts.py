"""Facts about a party: one value of one property, since when, until when, and who says so."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from shared.contracts.lines import Line
from shared.contracts.provenance import Provenance

PASSPORT_DIGEST: Final = "passportDigest"
"""SHA-256 of a passport number, where the number itself may not be passed on. No property of FollowTheMoney's."""

IDENTIFIER_FACTS: Final = (
    *("idNumber", "passportNumber", PASSPORT_DIGEST, "registrationNumber", "taxNumber", "licenseNumber", "leiCode"),
    *("vatCode", "wikidataId"),
)
"""Properties whose values are numbers that somebody issued."""

SCRIPTED_FACTS: Final = ("name", "alias", "previousName", "weakAlias", "address", "birthPlace")
"""Properties whose values are texts in a script worth telling."""


class Spelling(StrEnum):
    """Which spelling of a name it is: both are kept, neither replaces the other."""

    NATIVE = "native"
    PASSPORT = "passport"
    OTHER = "other"


class Validation(StrEnum):
    """What the rule of the issuing register says of a number. A wrong check digit is often a slip of the pen."""

    VALID = "valid"
    INVALID = "invalid"
    UNVALIDATED = "unvalidated"


class FactBody(Provenance):
    """One value of one property, with all that is known about it."""

    model_config = ConfigDict(extra="forbid")

    property: Annotated[str, StringConstraints(pattern=r"^[a-z][A-Za-z]{1,39}$")]
    value: Line
    spelling: Spelling | None = None
    scheme: Line | None = Field(default=None, description="The register's own name of a number's kind, verbatim.")
    country: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2}$")] | None = Field(
        default=None, description="Whose number it is, ISO 3166-1 alpha-2."
    )
    source: Line | None = Field(default=None, description="null: the source of the whole record.")
    valid_from: date | None = None
    valid_to: date | None = None

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("valid_to is before valid_from")
        if self.property not in IDENTIFIER_FACTS and (self.scheme or self.country):
            raise ValueError("only a number has a scheme and a country")
        return self


class Fact(FactBody):
    """A fact as the register holds it, with what can be seen from the value itself."""

    source: Line
    script: str | None = Field(description="ISO 15924 code of the script that a text is written in.")
    validation: Validation | None = Field(description="Of numbers only.")


class BirthInterval(Provenance):
    """Every day that somebody may have been born on; both ends belong to it."""

    model_config = ConfigDict(extra="forbid")

    earliest: date
    latest: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.latest < self.earliest:
            raise ValueError("latest is before earliest")
        return self
