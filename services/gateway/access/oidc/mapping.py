"""What a provider's claims make of a person here: a file that says which claim gives which role. Default deny."""

import hashlib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from services.gateway.access.people.users import EXTERNAL_PREFIX, RoleRefusedError, User
from shared.contracts.caller import Member, Role

_DIGEST_LETTERS: Final = 32
_Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class MappingInvalidError(Exception):
    """The mapping file cannot be read, or names what does not exist."""


class NotMappedError(Exception):
    """The provider proved somebody to whom no row gives a role here, or rows of two offices do."""


class Grant(BaseModel):
    """Whoever's `claim` is `value`, or has it among its values, has this role, for this office."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    claim: _Text
    value: _Text
    role: Role
    organisation: _Text
    member: Member

    def given_to(self, claims: Mapping[str, Any]) -> bool:
        """Whether the claims have it."""
        held = claims.get(self.claim)
        return self.value in held if isinstance(held, list) else held == self.value


class ClaimMapping(BaseModel):
    """The mapping file: rows, in the order in which roles are offered."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    grant: tuple[Grant, ...]

    @property
    def claims(self) -> frozenset[str]:
        """The claims that count."""
        return frozenset(grant.claim for grant in self.grant)

    def person(self, claims: Mapping[str, Any]) -> User:
        """Who the provider proved, as they are known here.

        Args:
            claims: of an ID token that holds.

        Raises:
            NotMappedError: no role, or two offices.
        """
        given = [grant for grant in self.grant if grant.given_to(claims)]
        offices = {(grant.organisation, grant.member) for grant in given}
        if len(offices) != 1:
            raise NotMappedError("no role here" if not offices else "roles of two offices")
        ((organisation, member),) = offices
        name = claims.get("name")
        user_id = external_id(str(claims["iss"]), str(claims["sub"]))
        known_as = name[:200] if isinstance(name, str) and name else user_id
        roles = tuple(dict.fromkeys(grant.role for grant in given))
        try:
            return User(user_id, known_as, organisation, member, roles)
        except RoleRefusedError as error:
            raise NotMappedError(str(error)) from error


def external_id(issuer: str, subject: str) -> str:
    """The id here of a person of another provider: the same for ever, and nobody else's."""
    return EXTERNAL_PREFIX + hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()[:_DIGEST_LETTERS]


def load_mapping(path: Path | None) -> ClaimMapping:
    """Read the mapping file.

    Raises:
        MappingInvalidError: there is none, or it does not hold.
    """
    if path is None:
        raise MappingInvalidError("LINDUNG_OIDC_ISSUER needs LINDUNG_OIDC_MAPPING")
    try:
        return ClaimMapping.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError) as error:
        raise MappingInvalidError(f"{path}: {error}") from error
