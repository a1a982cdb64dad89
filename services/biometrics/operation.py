"""What every operation of the standard has in common: query parameters, ids in paths, and how it is documented."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

from fastapi import Depends, Path, Query, Security
from fastapi.params import Depends as Dependency

from services.biometrics.refusals import NotSupportedError
from shared.contracts.osia import Error, GalleryId, OpaqueId
from shared.http.callers import read_caller

PersonIdPath = Annotated[OpaqueId, Path(alias="personId", description="the id of the person")]
EncounterIdPath = Annotated[OpaqueId, Path(alias="encounterId", description="the id of the encounter")]
GalleryIdPath = Annotated[GalleryId, Path(alias="galleryId", description="the id of the gallery; ALL for every one")]

_UNUSED: Final = "A hint that changes nothing here."


def read_transaction(
    _transaction: Annotated[
        str, Query(alias="transactionId", pattern=r"^[!-~]{1,128}$", description="The id of the transaction")
    ],
    callback: Annotated[str | None, Query(max_length=2000, description="Not supported yet: refused.")] = None,
    _priority: Annotated[
        int | None, Query(alias="priority", ge=0, le=9, description=f"0 lowest, 9 highest. {_UNUSED}")
    ] = None,
) -> None:
    """The parameters that every operation takes.

    Raises:
        NotSupportedError: a callback is asked for; the answer would come another way than the caller expects.
    """
    if callback is not None:
        raise NotSupportedError("callbacks are not supported yet")


def read_algorithm(
    _algorithm: Annotated[str | None, Query(alias="algorithm", max_length=100, description=_UNUSED)] = None,
) -> None:
    """The parameter that every creation takes."""


def read_levels(
    _accuracy: Annotated[str | None, Query(alias="accuracyLevel", max_length=100, description=_UNUSED)] = None,
    _service: Annotated[int | None, Query(alias="serviceLevel", ge=0, le=9, description=_UNUSED)] = None,
) -> None:
    """The parameters that every search takes."""


def scoped(scope: str) -> list[Dependency]:
    """Who may, then what every operation takes: a caller without the scope learns nothing else."""
    return [Security(read_caller, scopes=[scope]), Depends(read_transaction)]


def answers(*others: int) -> dict[int | str, dict[str, Any]]:
    """What is answered besides success, for the service's description."""
    texts = {403: "Operation not allowed", 404: "Unknown record", 409: "Conflict of ids; nothing was changed"}
    problems: dict[int | str, dict[str, Any]] = {status: {"description": texts[status]} for status in (403, *others)}
    errors = {400: "Bad request", 500: "Failure"}
    return problems | {status: {"model": Error, "description": text} for status, text in errors.items()}


def route(operation_id: str, scope: str, others: Sequence[int] = ()) -> dict[str, Any]:
    """Keyword arguments that make a route an operation of the standard."""
    return {
        "operation_id": operation_id,
        "dependencies": scoped(scope),
        "responses": answers(*others),
        "response_model_exclude_none": True,
    }
