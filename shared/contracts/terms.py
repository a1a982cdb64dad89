"""Terms of work as a contract states them: told at registration, sealed with it, compared and shown to nobody."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""ISO 4217."""


class Money(BaseModel):
    """An amount in one currency."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    amount: Annotated[Decimal, Field(ge=0, le=10_000_000_000, decimal_places=2)]
    currency: Currency


class ContractTerms(BaseModel):
    """What somebody is to work, for what. What is not stated contradicts nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    occupation: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,4}$")] | None = Field(
        default=None, description="ISCO-08, as many digits as are known"
    )
    wage: Money | None = Field(default=None, description="A month, before deductions")
    deductions: Money | None = Field(default=None, description="A month, all together")
    hours_a_week: int | None = Field(default=None, ge=1, le=168)
    rest_days_a_month: int | None = Field(default=None, ge=0, le=31)
    months: int | None = Field(default=None, ge=1, le=240, description="How long the contract runs")
