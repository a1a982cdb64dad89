"""What is kept of a person: encounters and their biometric items.

Part of the interface of OSIA ABIS 1.6.0, Copyright (c) Secure Identity Alliance (2022): see the package.
"""
# ruff: noqa: N815  the names are OSIA's own

from typing import Annotated

from pydantic import AnyUrl, BaseModel, ConfigDict, Field, StringConstraints

from shared.contracts.osia.values import (
    MAX_IMAGE_BYTES,
    MAX_ITEMS,
    Base64,
    GalleryList,
    Instant,
    OpaqueId,
    Others,
    Prose,
    Word,
)
from shared.contracts.osia.words import (
    BiometricSubType,
    BiometricType,
    CompressionType,
    EncounterStatus,
    EncryptionType,
    ImpressionType,
    Presence,
    SignatureType,
)


class OsiaModel(BaseModel):
    """An object of the standard: closed, immutable, no number that JSON cannot write."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Encryption(OsiaModel):
    """Says which parts of an object are encrypted."""

    type: EncryptionType
    scope: Prose


class Integrity(OsiaModel):
    """Hash, and perhaps signature, of parts of an object."""

    id: Word | None = None
    type: SignatureType = SignatureType.NONE
    scope: Prose
    alg: Word
    encrypted: bool = False
    followRef: bool = False
    hash: Prose
    signature: Annotated[str, StringConstraints(max_length=20_000)] | None = None
    signatureRef: AnyUrl | None = None


class MissingType(OsiaModel):
    """A part of the body that is not there, or cannot be captured."""

    biometricSubType: BiometricSubType | None = None
    presence: Presence | None = None


class BiometricData(OsiaModel):
    """One biometric item: an image by value, with what is known about it, or what is missing."""

    biometricType: BiometricType
    biometricSubType: BiometricSubType | None = None
    instance: Word | None = None
    encounterId: Word | None = None
    image: Annotated[Base64, Field(min_length=1, max_length=MAX_IMAGE_BYTES)] | None = None
    imageRef: AnyUrl | None = None
    captureDate: Instant | None = None
    captureDevice: Prose | None = None
    impressionType: ImpressionType | None = None
    width: Annotated[int, Field(ge=0, le=100_000)] | None = None
    height: Annotated[int, Field(ge=0, le=100_000)] | None = None
    bitdepth: Annotated[int, Field(ge=0, le=64)] | None = None
    mimeType: Word | None = None
    resolution: Annotated[int, Field(ge=1, le=20_000, description="dots per inch")] | None = None
    compression: CompressionType | None = None
    missing: Annotated[list[MissingType], Field(max_length=MAX_ITEMS)] | None = None
    metadata: Prose | None = None
    comment: Prose | None = None
    template: Annotated[Base64, Field(min_length=1, max_length=1_000_000)] | None = None
    templateRef: AnyUrl | None = None
    templateFormat: Word | None = None
    quality: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    qualityFormat: Word | None = None
    algorithm: Word | None = None
    vendor: Word | None = None
    encryption: Encryption | None = None
    integrity: Annotated[list[Integrity], Field(max_length=16)] | None = None


class BiometricComputedData(OsiaModel):
    """What was computed from one biometric item."""

    biometricType: BiometricType
    biometricSubType: BiometricSubType | None = None
    instance: Word | None = None
    template: Base64
    templateFormat: Word | None = None
    quality: int | None = None
    qualityFormat: Word | None = None
    algorithm: Word | None = None
    vendor: Word | None = None


class Encounter(OsiaModel):
    """What was captured of one person on one occasion.

    `encounterId` is read-only: always there in an answer, and not needed in a request, whose path gives it.
    """

    encounterId: OpaqueId | None = None
    status: EncounterStatus
    encounterType: Word
    createdDate: Instant | None = None
    updatedDate: Instant | None = None
    galleries: GalleryList
    clientData: Annotated[Base64, Field(max_length=100_000)] | None = None
    contextualData: Others | None = None
    biographicData: Others | None = None
    biometricData: Annotated[list[BiometricData], Field(max_length=MAX_ITEMS)]
    encryption: Encryption | None = None
    integrity: Annotated[list[Integrity], Field(max_length=16)] | None = None
