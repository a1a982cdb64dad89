"""Calibrations: what an engine's scores are worth, proposed, signed by two officers, in force."""

from typing import Annotated

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, StringConstraints

CalibrationDigest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class CalibrationProposal(BaseModel):
    """A calibration file of `lindung calibrate`."""

    model_config = ConfigDict(extra="forbid")

    document: Annotated[Base64Bytes, Field(max_length=1_400_000)]


class CalibrationSignature(BaseModel):
    """The signature of the officer who asks, over the document's bytes."""

    model_config = ConfigDict(extra="forbid")

    signature: Base64Bytes = Field(description="Ed25519 (RFC 8032): 64 bytes.")


class CalibrationVersion(BaseModel):
    """One proposed calibration."""

    digest: str = Field(description="SHA-256 of the document's bytes.")
    model: str
    source: str
    measured_on: str | None
    strangers: tuple[float, float] = Field(description="Last knot: score, and -log10 of the share that reaches it.")
    mates: tuple[float, float] = Field(description="Last knot: score, and -log10 of the share below it.")
    beyond: float = Field(description="Decades by unit of score after the last stranger; 0: not extrapolated.")
    signed_by: list[str] = Field(description="Officers whose signature holds.")
    active: bool = Field(description="In force: it was put in force, and it verifies.")
    document: Base64Bytes = Field(description="What is signed.")


class CalibrationList(BaseModel):
    """Every calibration that was proposed here."""

    items: list[CalibrationVersion]
    officers: list[str] = Field(description="Who may sign: ids of people. Whoever holds the key folder names them.")
