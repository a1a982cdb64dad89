"""An age estimated from a face, with how wrong such estimates were measured to be."""

from pydantic import BaseModel, ConfigDict, Field


class MeasuredShare(BaseModel):
    """A share of people, 0..1, with its 95 % interval."""

    model_config = ConfigDict(frozen=True)

    share: float
    low: float
    high: float


class MeasuredAges(BaseModel):
    """What the model did on photos of people whose age is known (docs/accuracy.md)."""

    model_config = ConfigDict(frozen=True)

    photos: int
    of: str = Field(description="The set; not the people who are enrolled.")
    mean_error_years: float
    minors_missed: MeasuredShare = Field(description="Of those under 18: estimated at or above the limit.")
    adults_taken: MeasuredShare = Field(description="Of adults: estimated below it.")
    worst_group: str = Field(description="Of the set's groups, whose adults are taken most often.")
    worst_group_taken: float


class AgeEstimate(BaseModel):
    """One face's."""

    model_config = ConfigDict(frozen=True)

    model: str
    years: float
    limit: float = Field(description="Years below which a birth record is worth asking for.")
    measured: MeasuredAges
