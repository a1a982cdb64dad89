"""How the service does: error rates of the calibrations in force, sizes, times, and work that waits. About nobody."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.adjudication import Workload

_Share = Field(ge=0, le=1)


class _Wire(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TailPoint(_Wire):
    """A score, and the share of pairs beyond it."""

    score: float
    share: float = _Share


class TradeOff(_Wire):
    """Both errors at one threshold."""

    score: float
    fmr: float = Field(description="Share of pairs of strangers that reach the score.")
    fnmr: float | None = Field(description="Share of pairs of mates below it; null: more than half, not kept.")
    extrapolated: bool = Field(description="No stranger of the measurement reached it.")


class CalibrationInForce(_Wire):
    """What one engine's scores are worth here."""

    model: str = Field(description="The engine.")
    kind: Literal["face", "finger", "finger_record"] = Field(description="finger_record: minutiae of another maker.")
    source: str = Field(description="Which people or fingers were compared, and how many pairs.")
    digest: str | None = Field(description="Of the document that two officers signed; null: as shipped.")
    measured_on: str | None = Field(description="Day of the measurement, where the document says it.")
    refused: str | None = Field(description="Why what was put in force does not verify; null: it does, or nothing was.")
    strangers: list[TailPoint] = Field(description="Scores from the median up, and the share that reaches them.")
    mates: list[TailPoint] = Field(description="Scores up to the median, and the share below them.")
    trade_off: list[TradeOff] = Field(description="At every half decade of the false match rate.")


class IndexSize(_Wire):
    """What is searched by one engine, over all galleries."""

    model: str
    entries: int
    memory_bytes: int = Field(description="Held by the process; for prints without Python's own.")
    mapped_bytes: int = Field(description="Mapped from files.")
    disk_bytes: int


class BiometricOperations(_Wire):
    """The biometric service."""

    persons: int
    target_fpir: float = Field(description="Share of searches for somebody who is not there that may find somebody.")
    threshold: float = Field(description="Score that gives it among these persons: one stranger in 10^score.")
    resident_bytes: int | None = Field(description="Of the process; null where the system does not say.")
    indexes: list[IndexSize]
    calibrations: list[CalibrationInForce]


class RouteTimes(_Wire):
    """How long a service took to answer, since its process started."""

    service: str
    route: str
    requests: int
    mean_ms: float
    most_within_ms: float | None = Field(description="95 of 100 within this (edge of a bucket); null: beyond the last.")


class Operations(_Wire):
    """The whole; a part whose service does not answer is null."""

    biometrics: BiometricOperations | None
    workload: Workload | None
    times: list[RouteTimes] = Field(description="Most asked first.")
    silent: list[str] = Field(description="Services that did not answer.")
