"""The messages of MOSIP's ABIS interface (specification 0.9, messages 1.1) as they go over the wire, by its own names.

Source: MOSIP documentation, "ABIS API". Requests may carry more than is named here; it is read over.
"""
# ruff: noqa: N815  the names are MOSIP's own

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class FailureReason(StrEnum):
    """Why a message was not served."""

    INTERNAL = "1"
    ABORTED = "2"
    UNEXPECTED = "3"
    BAD_STRUCTURE = "4"
    NO_REFERENCE_ID = "5"
    NO_REQUEST_ID = "6"
    NOT_FETCHED = "7"
    NO_REFERENCE_URL = "8"
    NO_REQUEST_TIME = "9"
    REFERENCE_EXISTS = "10"
    CBEFF_EMPTY = "11"
    REFERENCE_UNKNOWN = "12"
    BAD_VERSION = "13"
    BAD_ID = "14"
    BAD_REQUEST_TIME = "15"
    BAD_CBEFF = "16"
    SHARE_EXPIRED = "17"
    QUALITY = "18"


class MosipModel(BaseModel):
    """An object of the interface."""

    model_config = ConfigDict(frozen=True)


class MosipRequest(MosipModel):
    """What every message has: ping, pendingJobs and referenceCount have nothing else."""

    id: str
    version: Annotated[str, Field(description="1.0 or 1.1")]
    requestId: str
    requesttime: Annotated[str, Field(description="Date and time, ISO 8601")]


class DeleteRequest(MosipRequest):
    """mosip.abis.delete."""

    referenceId: Annotated[str, Field(description="Opaque id of the record: 1 to 64 of A-Z a-z 0-9 . _ : @ -")]


class InsertRequest(DeleteRequest):
    """mosip.abis.insert."""

    referenceURL: Annotated[str, Field(description="Where the CBEFF is fetched; hosts are named by the deployment")]


class IdentifyFlags(MosipModel):
    """What a search may be asked to do."""

    model_config = ConfigDict(frozen=True, extra="allow")

    maxResults: Annotated[str | int, Field(description="1 to 100")] = 10
    targetFPIR: Annotated[str | int | None, Field(description="round(-10 log10 FPIR): 30 is 1 in 1,000")] = None


class GalleryReference(MosipModel):
    """A record that may be answered."""

    referenceId: str


class ReferenceGallery(MosipModel):
    """The records that may be answered."""

    referenceIds: list[GalleryReference] = []


class MosipIdentifyRequest(MosipRequest):
    """mosip.abis.identify: by referenceId, or without one by referenceURL."""

    referenceId: str | None = None
    referenceURL: str | None = None
    flags: IdentifyFlags | None = None
    gallery: ReferenceGallery | None = None


class ModalityMatch(MosipModel):
    """What one modality says of a candidate: FIR fingers, FID face."""

    biometricType: Literal["FIR", "FID"]
    analytics: dict[str, Any]


class MosipCandidate(MosipModel):
    """A record that may be of the same person. `internalScore`: bans of evidence."""

    referenceId: str
    analytics: dict[str, Any]
    modalities: list[ModalityMatch]


class CandidateList(MosipModel):
    """All candidates, strongest first."""

    count: str
    candidates: list[MosipCandidate]


class MosipAnswer(MosipModel):
    """What is answered: returnValue 1 served, 2 failed for a reason."""

    id: str
    requestId: str
    responsetime: str
    returnValue: Literal["1", "2"]
    failureReason: FailureReason | None = None


class PendingJobsAnswer(MosipAnswer):
    """mosip.abis.pendingJobs."""

    jobscount: str | None = None


class ReferenceCountAnswer(MosipAnswer):
    """mosip.abis.referenceCount."""

    count: str | None = None


class MosipIdentifyAnswer(MosipAnswer):
    """mosip.abis.identify."""

    candidateList: CandidateList | None = None
