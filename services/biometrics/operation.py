"""What every operation of the standard has in common: query parameters, ids in paths, callbacks, documentation."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from types import MappingProxyType
from typing import Annotated, Any, Final, ParamSpec, TypeVar, cast

from fastapi import Depends, Path, Query, Request, Security
from fastapi.params import Depends as Dependency
from fastapi.responses import JSONResponse, Response

from services.biometrics.ownership import Owner, owner_of
from services.biometrics.tasks.addresses import CallbackHosts
from services.biometrics.tasks.desk import TaskDesk
from services.biometrics.tasks.envelopes import Address, KeptRequest, RequestHead
from shared.contracts.caller import Caller
from shared.contracts.osia import Error, GalleryId, OpaqueId, TaskId
from shared.http.callers import CallerDep, read_caller

Asking = ParamSpec("Asking")
Answer = TypeVar("Answer")

PersonIdPath = Annotated[OpaqueId, Path(alias="personId", description="the id of the person")]
EncounterIdPath = Annotated[OpaqueId, Path(alias="encounterId", description="the id of the encounter")]
GalleryIdPath = Annotated[GalleryId, Path(alias="galleryId", description="the id of the gallery; ALL for every one")]

_UNUSED: Final = "A hint that changes nothing here."
_NOT_KEPT: Final = frozenset({"callback", "priority"})

_Transaction = Annotated[
    str, Query(alias="transactionId", pattern=r"^[!-~]{1,128}$", description="The id of the transaction")
]
_Callback = Annotated[
    str | None,
    Query(
        max_length=2000,
        description="Where the result is sent; the answer is then always 202. Hosts are named by the deployment.",
        json_schema_extra={"format": "uri"},
    ),
]
_Priority = Annotated[
    int | None,
    Query(ge=0, le=9, description="0 lowest, 9 highest: which of the requests with a callback is done first."),
]


@dataclass(frozen=True)
class _Asked:
    """The request at hand, and where its answer is wanted; None: in the answer."""

    request: Request
    caller: Caller
    address: Address | None
    priority: int


_asked: ContextVar[_Asked] = ContextVar("asked")


async def read_transaction(
    request: Request,
    caller: CallerDep,
    transaction: _Transaction,
    callback: _Callback = None,
    priority: _Priority = None,
) -> None:
    """The parameters that every operation with a callback and a priority takes.

    Raises:
        RefusedRequestError: results are not sent to the callback's host.
    """
    address = None
    if callback is not None:
        cast("CallbackHosts", request.app.state.callback_hosts).check(callback)
        address = Address(callback=callback, transaction_id=transaction)
    _asked.set(_Asked(request, caller, address, priority or 0))


async def read_unhurried(
    request: Request, caller: CallerDep, transaction: _Transaction, callback: _Callback = None
) -> None:
    """The same for operations that take no priority; raises as `read_transaction`."""
    await read_transaction(request, caller, transaction, callback)


async def read_transaction_only(_transaction: _Transaction) -> None:
    """The parameter of operations on tasks."""


def deferrable(work: Callable[Asking, Awaitable[Answer]]) -> Callable[Asking, Awaitable[Answer | Response]]:
    """Make an operation that is done at once, or, when a callback is given, kept as a task and answered with 202.

    Either way the caller and all parts of the request have been checked before.
    """

    @wraps(work)
    async def at_once_or_later(*args: Asking.args, **kwargs: Asking.kwargs) -> Answer | Response:
        asked = _asked.get()
        if asked.address is None:
            return await work(*args, **kwargs)
        task_id = await cast("TaskDesk", asked.request.app.state.tasks).accept(
            await _kept(asked), asked.address, asked.priority
        )
        return JSONResponse(TaskId(taskId=task_id).model_dump(exclude_none=True), 202)

    return at_once_or_later


async def _kept(asked: _Asked) -> KeptRequest:
    request = asked.request
    query = [pair for pair in request.query_params.multi_items() if pair[0] not in _NOT_KEPT]
    path = (request.scope.get("raw_path") or request.url.path.encode()).decode("ascii").partition("?")[0]
    head = RequestHead(caller=asked.caller, method=request.method, path=path, query=query)
    return KeptRequest(head, await request.body())


async def _owner(caller: CallerDep) -> Owner:
    return owner_of(caller)


OwnerDep = Annotated[Owner, Depends(_owner)]


async def read_algorithm(
    _algorithm: Annotated[str | None, Query(alias="algorithm", max_length=100, description=_UNUSED)] = None,
) -> None:
    """The parameter that every creation takes."""


async def read_levels(
    _accuracy: Annotated[str | None, Query(alias="accuracyLevel", max_length=100, description=_UNUSED)] = None,
    _service: Annotated[int | None, Query(alias="serviceLevel", ge=0, le=9, description=_UNUSED)] = None,
) -> None:
    """The parameters that every search takes."""


def answers(*others: int) -> dict[int | str, dict[str, Any]]:
    """What is answered besides success, for the service's description."""
    texts = {403: "Operation not allowed", 404: "Unknown record", 409: "Conflict of ids; nothing was changed"}
    problems: dict[int | str, dict[str, Any]] = {status: {"description": texts[status]} for status in (403, *others)}
    errors = {400: "Bad request", 500: "Failure"}
    return problems | {status: {"model": Error, "description": text} for status, text in errors.items()}


_LATER: Final[dict[int | str, dict[str, Any]]] = {
    202: {"model": TaskId, "description": "Kept as a task; the result is sent to the callback"}
}


def route(
    operation_id: str,
    scope: str,
    others: Sequence[int] = (),
    *,
    callback: bool = True,
    priority: bool = True,
    more: Mapping[int | str, dict[str, Any]] = MappingProxyType({}),
) -> dict[str, Any]:
    """Keyword arguments that make a route an operation of the standard.

    A caller without the scope learns nothing else: it is asked for first.

    Args:
        operation_id: the standard's.
        scope: that the caller needs.
        others: statuses answered besides 400, 403 and 500.
        callback: whether it takes one; the endpoint is then `deferrable`.
        priority: whether it takes one.
        more: what else there is to say of its answers.
    """
    hurried = read_transaction if priority else read_unhurried
    taken: list[Dependency] = [
        Security(read_caller, scopes=[scope]),
        Depends(hurried if callback else read_transaction_only),
    ]
    return {
        "operation_id": operation_id,
        "dependencies": taken,
        "responses": answers(*others) | (_LATER if callback else {}) | dict(more),
        "response_model_exclude_none": True,
    }
