"""Who may come in, and what is changed about it: people, client systems, their caps, and keys. Asked by one
administrator and confirmed by another.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.contracts.caller import Role

_Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")
]
_Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9.-]+$")]
_Roles = Annotated[list[Role], Field(min_length=1, max_length=len(Role))]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AddPerson(_Body):
    """Let somebody sign in."""

    act: Literal["add_person"]
    user: _Id
    name: _Name
    organisation: _Name
    roles: _Roles = Field(description="The first is taken at sign-in.")


class SetRoles(_Body):
    """Appoint somebody to other roles."""

    act: Literal["set_roles"]
    user: _Id
    roles: _Roles


class ResetPerson(_Body):
    """Take password and app from somebody who lost them; lets in again whoever was cut off."""

    act: Literal["reset_person"]
    user: _Id


class CutPerson(_Body):
    """Cut somebody off. Done at once, by one administrator."""

    act: Literal["cut_person"]
    user: _Id


class AddClient(_Body):
    """Let a system or a desk ask for tokens, proven by its public key."""

    act: Literal["add_client"]
    client: _Id
    organisation: _Name
    role: Role
    jwk: dict[str, Any] = Field(description="JSON Web Key of P-256 or RSA: the public half.")
    bound: bool = Field(default=True, description="False: it can send no proofs; its tokens are anybody's.")


class NewKey(_Body):
    """Another public key in the place of a client's; lets in again one that was cut off."""

    act: Literal["new_key"]
    client: _Id
    jwk: dict[str, Any]


class CutClient(_Body):
    """Cut a client off. Done at once, by one administrator."""

    act: Literal["cut_client"]
    client: _Id


class SetCap(_Body):
    """How much one client may ask for; without limits its role's again."""

    act: Literal["set_cap"]
    client: _Id
    cap: Annotated[str, StringConstraints(max_length=40)]
    minute: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    day: Annotated[int, Field(ge=1, le=100_000_000)] | None = None

    @model_validator(mode="after")
    def _both_or_none(self) -> "SetCap":
        if (self.minute is None) != (self.day is None):
            raise ValueError("both limits, or none for the role's")
        return self


Act = AddPerson | SetRoles | ResetPerson | CutPerson | AddClient | NewKey | CutClient | SetCap
ActBody = Annotated[Act, Field(discriminator="act")]


class ActState(StrEnum):
    """How far an act has got."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"


class ActDetail(BaseModel):
    """One thing that an act would set."""

    name: str
    value: str


class AccessAct(BaseModel):
    """A change that was asked for, and what became of it."""

    id: str
    act: str
    subject: str = Field(description="Id of the person or client.")
    details: list[ActDetail]
    state: ActState
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    code: str | None = Field(
        default=None,
        description="Shown once, to who confirms: with it the person chooses a password and sets up an app.",
    )
    code_days: int | None = Field(default=None, description="How long it is good for.")


class ActPage(BaseModel):
    """Some acts, newest first."""

    items: list[AccessAct]
    next: int | None = Field(description="The `before` of the next page; null on the last.")


class PersonState(StrEnum):
    """Whether somebody can sign in."""

    ACTIVE = "active"
    INVITED = "invited"
    EXTERNAL = "external"
    CUT_OFF = "cut off"


class PersonView(BaseModel):
    """Somebody who signs in."""

    user: str
    name: str
    organisation: str
    roles: list[Role]
    state: PersonState
    since: datetime


class PersonPage(BaseModel):
    """Some people, by id."""

    items: list[PersonView]
    next: str | None = Field(description="The `after` of the next page; null on the last.")


class OwnCap(BaseModel):
    """A limit of a client's own."""

    cap: str
    minute: int
    day: int


class ClientView(BaseModel):
    """A system or a desk."""

    client: str
    organisation: str
    role: Role
    bound: bool
    active: bool
    since: datetime
    thumbprint: str = Field(description="Of its public key (RFC 7638, SHA-256).")
    caps: list[OwnCap]


class ClientPage(BaseModel):
    """Some clients, by id."""

    items: list[ClientView]
    next: str | None = Field(description="The `after` of the next page; null on the last.")


class KeyFile(BaseModel):
    """A key of the node, as far as it may be told: never the key."""

    name: str = Field(description="Of its file.")
    use: Literal["signs", "seals", "digests", "opens_packets"]
    ids: list[str] = Field(description="Of a ring: the ids in use, the newest first; of a signing key its thumbprint.")
    changed_at: datetime


class KeyList(BaseModel):
    """Keys of a service, or of all."""

    items: list[KeyFile]
    silent: list[str] = Field(default_factory=list, description="Services that did not answer.")
