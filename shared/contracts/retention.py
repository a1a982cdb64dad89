"""How long a record is kept, who stops that, and what was erased: counts."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.caller import Member
from shared.contracts.support_plan import Remark


class HoldBody(BaseModel):
    """Nothing is erased until after this day, whatever the clock says; null: the clock holds again."""

    model_config = ConfigDict(extra="forbid")

    until: date | None = Field(description="At most five years from today; another hold can follow.")
    reason: Remark


class Keeping(BaseModel):
    """Until when a record is kept at least. What stands in the way of erasing it keeps it for longer."""

    until: date | None = Field(description="Last day by the member's clock; null: it does not run, or not yet.")
    held_until: date | None = Field(description="Last day of a hold.")
    source: str = Field(description="Where the clock's length is from.")
    confirmed: bool = Field(description="Whether somebody has checked it against the text.")


class Erasure(BaseModel):
    """How many records were erased at once, by which clock."""

    id: int
    member: Member
    clock: str
    number: int
    at: datetime


class ErasureList(BaseModel):
    """Erasures that the log of accesses does not have yet, oldest first."""

    items: list[Erasure]


class ErasuresLogged(BaseModel):
    """Ids of those that it has now."""

    model_config = ConfigDict(extra="forbid")

    ids: list[int] = Field(max_length=1000)
