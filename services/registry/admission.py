"""Which purposes the registry serves. The gateway decides who may come with which; here nobody comes without one."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Annotated, Any, Final

from fastapi import Depends

from shared.contracts.caller import NEEDS_CASE, Caller, Purpose
from shared.http.callers import CallerDep

MAINTENANCE: Final = frozenset({Purpose.REGISTER_MAINTENANCE})
"""Who writes parties, links, cases and licences."""

READING: Final = MAINTENANCE | {
    Purpose.LICENCE_CHECK,
    Purpose.EMPLOYER_SCREENING,
    Purpose.LABOUR_INSPECTION,
    Purpose.CRIMINAL_INVESTIGATION,
}
"""Who reads the register and screens against it."""


PUBLISHED: Final = READING | {Purpose.PUBLIC}
"""Who reads what everybody may read."""


class PurposeNotAllowedError(Exception):
    """The caller's purpose does not open this door, or lacks the case it is for."""


def require_purpose(caller: Caller, allowed: AbstractSet[Purpose]) -> Caller:
    """The caller, if their purpose is among those allowed.

    Raises:
        PurposeNotAllowedError: no purpose, another one, or one that needs a case reference and has none.
    """
    if caller.purpose not in allowed:
        raise PurposeNotAllowedError(f"this asks for one of the purposes {', '.join(sorted(allowed))}")
    if caller.purpose in NEEDS_CASE and not caller.case_reference:
        raise PurposeNotAllowedError(f"the purpose {caller.purpose} asks for a case reference")
    return caller


def of_caller(read: Callable[[Caller], Any]) -> Any:
    """A dependency on what a caller is to a room.

    Args:
        read: says it of the caller whom the gateway vouches for, or refuses by an error.
    """

    async def dependency(caller: CallerDep) -> Any:
        return read(caller)

    return Depends(dependency)


def with_purpose(allowed: AbstractSet[Purpose]) -> Any:
    """A dependency on a caller who comes with one of some purposes."""
    return of_caller(lambda caller: require_purpose(caller, allowed))


ReaderDep = Annotated[Caller, with_purpose(READING)]
EverybodyDep = Annotated[Caller, with_purpose(PUBLISHED)]
MaintainerDep = Annotated[Caller, with_purpose(MAINTENANCE)]
