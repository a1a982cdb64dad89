"""Two prints point by point: the minutiae of each, and which of them the comparison took for the same."""

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field

from shared.contracts.osia import BiometricData


class _Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CorrespondenceRequest(_Wire):
    """Two prints, each with its image."""

    one: BiometricData
    other: BiometricData


class Minutia(_Wire):
    """A ridge ending or bifurcation; pixels at 500 dpi, from the upper left."""

    x: float
    y: float
    direction: float = Field(description="Radians, counter-clockwise from the x axis as seen on the image.")


class PrintView(_Wire):
    """A print as it was compared."""

    image: Base64Bytes = Field(description="PNG, grey, at 500 dpi.")
    width: int
    height: int
    minutiae: list[Minutia]


class MatchedPair(_Wire):
    """Two minutiae that the comparison took for the same."""

    one: int = Field(description="Place in the minutiae of the one print, from 0.")
    other: int
    strength: float = Field(description="0 to 1: how far the other pairs bear it out.")


class Correspondences(_Wire):
    """What two prints have in common, strongest pairs first. A drawing to look at, never a decision."""

    one: PrintView
    other: PrintView
    pairs: list[MatchedPair] = Field(description="The 4 to 12 pairs that the score is the mean of.")
