"""Whose a record is: nobody else reads, changes or erases it, or learns that it is there."""

from typing import NamedTuple

from shared.contracts.caller import Caller


class Owner(NamedTuple):
    """A system of a member state. The registry's own persons are the registry's alone.

    Attributes:
        member: ISO 3166-1 alpha-3; whose key wraps the keys of its persons.
        organisation: of the caller; two organisations of a member do not see each other's persons.
    """

    member: str
    organisation: str


def owner_of(caller: Caller) -> Owner:
    """Whose the records are that a caller makes and may see.

    A caller with a role comes through the gateway: whatever its organisation is called, it is none of our services.
    """
    organisation = caller.organisation if caller.role is None else f"client/{caller.organisation}"
    return Owner(caller.member, organisation)
