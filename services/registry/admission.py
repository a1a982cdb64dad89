"""Which purposes the registry serves. The gateway decides who may come with which; here nobody comes without one."""

from collections.abc import Set as AbstractSet
from typing import Annotated, Final

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


async def _reader(caller: CallerDep) -> Caller:
    return require_purpose(caller, READING)


async def _everybody(caller: CallerDep) -> Caller:
    return require_purpose(caller, PUBLISHED)


async def _maintainer(caller: CallerDep) -> Caller:
    return require_purpose(caller, MAINTENANCE)


ReaderDep = Annotated[Caller, Depends(_reader)]
EverybodyDep = Annotated[Caller, Depends(_everybody)]
MaintainerDep = Annotated[Caller, Depends(_maintainer)]
