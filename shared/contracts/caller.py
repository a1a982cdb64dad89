"""Who asks, for whom, and why: the caller that every request carries from the gateway inwards."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, StringConstraints

Member = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""A member state, ISO 3166-1 alpha-3."""


class Purpose(StrEnum):
    """The closed list of purposes. There is none for immigration enforcement, deportation or border refusal."""

    WORKER_REGISTRATION = "worker_registration"
    LICENCE_CHECK = "licence_check"
    EMPLOYER_SCREENING = "employer_screening"
    LABOUR_INSPECTION = "labour_inspection"
    CRIMINAL_INVESTIGATION = "criminal_investigation"
    CHILD_PROTECTION = "child_protection"
    VICTIM_SUPPORT = "victim_support"
    CONSULAR_ASSISTANCE = "consular_assistance"
    """Protection of one's own state, where the person wants it."""
    REGISTER_MAINTENANCE = "register_maintenance"
    ADJUDICATION = "adjudication"
    AUDIT = "audit"
    ADMINISTRATION = "administration"
    PUBLIC = "public"
    """What everybody may know, and complaints; asked without a name."""


NEEDS_CASE = frozenset({Purpose.CRIMINAL_INVESTIGATION})
"""Purposes that are only lawful for a numbered case."""


class Role(StrEnum):
    """What a caller is appointed to do."""

    DESK_OFFICER = "desk_officer"
    LICENSING_OFFICER = "licensing_officer"
    LABOUR_INSPECTOR = "labour_inspector"
    INVESTIGATOR = "investigator"
    PROSECUTOR = "prosecutor"
    CHILD_PROTECTION = "child_protection"
    VICTIM_SUPPORT = "victim_support"
    CONSULAR_OFFICER = "consular_officer"
    ADJUDICATOR = "adjudicator"
    REGISTRAR = "registrar"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    """Lets people and systems in and cuts them off; sees no record."""
    MEMBER_SYSTEM = "member_system"
    PUBLIC = "public"
    """Whoever asks without naming themselves; never a client or a user of this node."""
    PARTNER_MEMBER = "partner_member"
    """Another member state, proven by its signature; never a client of this node."""


APPOINTED: Final = tuple(role for role in Role if role not in (Role.PUBLIC, Role.PARTNER_MEMBER))
"""Roles that a client or a user of this node can have."""


class Caller(BaseModel):
    """A caller whom a trusted service vouches for.

    `user` is the id of the person who signed in, where one did; `client_id` is the system that they work with.
    `scopes` are those of the callee's own standard (OSIA's `abis.*`); empty for the registry.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: str
    user: str | None = None
    organisation: str
    member: Member
    role: Role | None = None
    purpose: Purpose | None = None
    case_reference: str | None = None
    scopes: frozenset[str] = frozenset()

    @property
    def person(self) -> str:
        """What tells one person from another: the user; else the client, which then is one desk of one person."""
        return self.user or self.client_id
