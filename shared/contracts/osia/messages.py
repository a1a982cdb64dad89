"""What is asked and answered: searches, candidates, decisions, errors.

Part of the interface of OSIA ABIS 1.6.0, Copyright (c) Secure Identity Alliance (2022): see the package.
"""
# ruff: noqa: N815  the names are OSIA's own

from typing import Annotated

from pydantic import ConfigDict, Field

from shared.contracts.osia.objects import BiometricData, Encryption, Integrity, OsiaModel
from shared.contracts.osia.values import MAX_ITEMS, GalleryList, OpaqueId, Others, Prose, Word
from shared.contracts.osia.words import BiometricSubType, BiometricType


class Error(OsiaModel):
    """The body of every 400 and 500 answer."""

    code: Annotated[int, Field(ge=-(2**31), lt=2**31)]
    message: str


class Filter(OsiaModel):
    """What a search is narrowed to; a free object in the standard, of which one key has a meaning everywhere."""

    model_config = ConfigDict(extra="allow", frozen=True)

    biometricType: Annotated[list[BiometricType], Field(min_length=1, max_length=8)] | None = None


class ScoreDetail(OsiaModel):
    """One comparison behind a candidate or a decision.

    Attributes:
        score: the comparer's own, on its own scale.
        others: `evidence` (bans, log10 of FNMR / FMR at the score), `counted` (bans that went into the sum; negative
            when it speaks against), `extrapolated` (rarer than its calibration measured), `modelId`; in a verification
            also `threshold` and `fusedScore`.
    """

    score: float
    encounterId: OpaqueId | None = None
    galleries: GalleryList | None = None
    biometricType: BiometricType | None = None
    biometricSubType: BiometricSubType | None = None
    instance: Word | None = None
    others: Others | None = None


class Candidate(OsiaModel):
    """A person whom a search proposes, best first. A candidate is not a decision.

    Attributes:
        score: one stranger in 10^score, compared on the same things, is as much alike.
        others: `bans` (the sum), `threshold` (score that was asked for), `extrapolated`, and `contradiction`
            (`[{modality, bans}]` of face and fingers) only where one says yes and the other no.
    """

    personId: OpaqueId
    rank: Annotated[int, Field(ge=1, lt=2**31)]
    score: float
    scores: list[ScoreDetail] | None = None
    others: Others | None = None


class PersonIds(OsiaModel):
    """The two ids of a record."""

    personId: OpaqueId
    encounterId: OpaqueId


class ExtendablePersonIds(PersonIds):
    """The two ids of a record that was written, with what else there is to say."""

    others: Others | None = None


class TaskId(OsiaModel):
    """The id of work whose result will be sent to a callback."""

    taskId: Word
    others: Others | None = None


_Items = Annotated[list[BiometricData], Field(max_length=MAX_ITEMS)]
_Integrities = Annotated[list[Integrity], Field(max_length=16)]


class IdentifyRequest(OsiaModel):
    """A search with images."""

    filter: Filter
    biometricData: _Items
    encryption: Encryption | None = None
    integrity: _Integrities | None = None


class VerifyFromIdRequest(OsiaModel):
    """Images to be compared with one person's record."""

    biometricData: _Items
    encryption: Encryption | None = None
    integrity: _Integrities | None = None


class VerifyFromBioRequest(OsiaModel):
    """Two sets of images to be compared with each other."""

    biometricData1: _Items
    biometricData2: _Items
    encryption: Encryption | None = None
    integrity: _Integrities | None = None


class Verification(OsiaModel):
    """Whether two sets are of one person, and the comparisons that say so."""

    decision: bool
    scores: list[ScoreDetail] | None = None


class QualityResult(OsiaModel):
    """Whether an image could be enrolled, and how good it is: ours, beside the standard (`POST /v1/quality`).

    Attributes:
        usable: an encounter with this image would be taken.
        quality: 0..100, more is better; none when not usable.
        qualityFormat: the scale, such as LINDUNG_FACE_1.
        notes: what is poor, worst first (ISO/IEC 29794-5 names of a face's elements).
        reason: why it is not usable, a stable code such as NO_FACE or TOO_FEW_MINUTIAE.
        detail: the same in words.
    """

    biometricType: BiometricType
    biometricSubType: BiometricSubType | None = None
    usable: bool
    quality: Annotated[int, Field(ge=0, le=100)] | None = None
    qualityFormat: Word | None = None
    notes: Annotated[list[str], Field(default_factory=list)]
    reason: Word | None = None
    detail: Prose | None = None
