"""Red flags: reasons to look at an agency or an employer. Never a finding, and never about a worker."""

from datetime import date
from enum import StrEnum
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.caller import Member

LABEL: Final = "A reason to look, not a finding: nothing follows from it by itself."


class FlagRule(StrEnum):
    """What was compared."""

    CONTRACT_SUBSTITUTION = "contract_substitution"
    SHARED_CONTACT = "shared_contact"
    ONE_HOLDER = "one_holder"
    FEES_ABOVE_CAP = "fees_above_cap"
    AGE_HEAPING = "age_heaping"
    RETAINED_PASSPORTS = "retained_passports"
    COMPLAINTS_FROM_SEVERAL_MEMBERS = "complaints_from_several_members"


class FlagStrength(StrEnum):
    """How much a flag says."""

    WEAK = "weak"
    MEDIUM = "medium"
    STRONG = "strong"


class _Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RedFlagRule(_Wire):
    """A rule, in words."""

    rule: FlagRule
    compares: str
    points_to: str
    does_not_prove: str
    threshold: str = Field(description="From when it is raised, and why from there")
    informs: list[str] = Field(description="Indicators to ask about when a worker of the party is interviewed")


class RedFlagRules(_Wire):
    """All rules."""

    items: list[RedFlagRule]


class RedFlag(_Wire):
    """One rule that holds of one party. Names no worker, and no complaint."""

    label: Literal["A reason to look, not a finding: nothing follows from it by itself."] = LABEL
    member: Member
    party: str = Field(description="Id of the agency or employer")
    rule: FlagRule
    strength: FlagStrength
    at_least: dict[str, int] = Field(description="What was counted, each rounded down to 2, 3, 5, 10, 20, 50, 100, …")
    first_on: date = Field(description="First day of the month of the earliest evidence")
    last_on: date = Field(description="First day of the month of the latest evidence")
    raised_on: date = Field(description="Since when the flag stands")


class RedFlagPage(_Wire):
    """Some flags, those raised last first."""

    items: list[RedFlag]
    next: int | None = Field(description="The `before` of the next page; null on the last")


class InterviewFlag(_Wire):
    """A flag of the employer whom a conversation is about, as far as it helps to ask. It answers nothing."""

    rule: FlagRule
    strength: FlagStrength
    points_to: str
    does_not_prove: str
    ask: list[str] = Field(description="Codes of questions still to be asked that it is about, in the guide's order")


class InterviewFlags(_Wire):
    """Flags of the employer whom a conversation is about. They raise no lead."""

    label: Literal["A reason to look, not a finding: nothing follows from it by itself."] = LABEL
    items: list[InterviewFlag]
