"""Who belongs to the federation, as the regional secretariat says it: signed, versioned, expiring."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.contracts.caller import Member, Purpose

KeyId = Annotated[str, StringConstraints(pattern=r"^[\w.-]{1,64}$")]
Address = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/?#@]{1,255}$")]


class PublicKey(BaseModel):
    """An ES256 key (RFC 7517; RFC 7518, section 6.2)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kid: KeyId
    kty: Literal["EC"] = "EC"
    crv: Literal["P-256"] = "P-256"
    x: str = Field(max_length=64)
    y: str = Field(max_length=64)
    alg: Literal["ES256"] = "ES256"
    use: Literal["sig"] = "sig"


class SealingKey(BaseModel):
    """A P-256 key that others seal to (HPKE, RFC 9180)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kid: KeyId
    kty: Literal["EC"] = "EC"
    crv: Literal["P-256"] = "P-256"
    x: str = Field(max_length=64)
    y: str = Field(max_length=64)
    use: Literal["enc"] = "enc"


class StandingAgreement(BaseModel):
    """Content that is given without a human's approval each time, because both sides agreed on it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    member: Member = Field(description="Who may ask.")
    purposes: list[Purpose] = Field(min_length=1)
    agreement: str = Field(min_length=1, max_length=200)


class Signed(BaseModel):
    """A document with its signatures, each a JWS with detached payload (RFC 7515, appendix F; RFC 7797)."""

    model_config = ConfigDict(extra="forbid")

    payload: str = Field(max_length=2_000_000, description="The document, JSON, exactly as it was signed.")
    signatures: list[str] = Field(min_length=1, max_length=20)


class Root(BaseModel):
    """Whose signatures count. A new root is signed by the threshold of the old and of the new one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["root"] = "root"
    version: int = Field(ge=1)
    expires: datetime
    threshold: int = Field(ge=1, le=20)
    keys: list[PublicKey] = Field(min_length=1, max_length=20)

    @model_validator(mode="after")
    def _reachable(self) -> "Root":
        names = {key.kid for key in self.keys}
        if len(names) != len(self.keys) or len({(key.x, key.y) for key in self.keys}) != len(self.keys):
            raise ValueError("a key stands twice")
        if self.threshold > len(self.keys):
            raise ValueError("the threshold is above the number of keys")
        return self


class MemberEntry(BaseModel):
    """One member state: where it is, with which keys it signs, and what it may be asked for and may ask.

    What a later version of the protocol adds is passed over, so that an older node believes the same directory.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    member: Member
    name: str = Field(min_length=1, max_length=200)
    address: Address = Field(description="Of its gateway, without path.")
    keys: list[PublicKey] = Field(min_length=1, max_length=10)
    sealing_key: SealingKey | None = Field(default=None, description="To which probes and content are sealed.")
    log_key: PublicKey | None = Field(default=None, description="With which it signs the heads of its log.")
    standing: list[StandingAgreement] = Field(
        default_factory=list, max_length=100, description="Content that it gives without asking a human each time."
    )
    asks: list[Purpose] = Field(description="Purposes that it may ask others for.")
    answers: list[Purpose] = Field(description="Purposes that it may be asked for.")
    agreement: str = Field(min_length=1, max_length=200, description="The agreement that this rests on.")
    contact: str = Field(min_length=1, max_length=200)
    active: bool = Field(default=True, description="False: cut off; neither asks nor is asked.")


class Directory(BaseModel):
    """All members, signed by the threshold of the root."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    type: Literal["directory"] = "directory"
    version: int = Field(ge=1)
    expires: datetime
    members: list[MemberEntry] = Field(max_length=100)

    @model_validator(mode="after")
    def _distinct(self) -> "Directory":
        if len({entry.member for entry in self.members}) != len(self.members):
            raise ValueError("a member stands twice")
        return self
