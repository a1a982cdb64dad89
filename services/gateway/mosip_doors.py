"""The doors to MOSIP's ABIS messages, for systems of a member state. A message names its record in its body."""

from typing import Final

from pydantic import BaseModel

from services.gateway.access.policy import Action, Kind
from services.gateway.audit.shown import PERSON, Shown
from services.gateway.door import Door, Method
from shared.contracts import mosip

_FOUND: Final = (Shown(("candidateList", "candidates", "*", "referenceId"), PERSON),)


def _door(  # noqa: PLR0913, PLR0917  a row of the table
    method: Method,
    name: str,
    action: Action,
    operation: str,
    summary: str,
    scopes: frozenset[str],
    takes: type[BaseModel],
    gives: type[BaseModel],
    shows: tuple[Shown, ...] = (),
) -> Door:
    return Door(
        method,
        f"/v1/mock-abis-service/abis/{name}request",
        action,
        operation,
        f"{summary} (MOSIP)",
        takes,
        gives,
        service="biometrics",
        kind=Kind.BIOMETRIC,
        tag="biometrics",
        scopes=scopes,
        shows=shows,
    )


_WRITE: Final = frozenset({"abis.encounter.write"})

MOSIP_DOORS: Final[tuple[Door, ...]] = (
    _door(
        "POST", "insert", Action.CREATE, "mosipInsert", "Enrol a record", _WRITE,
        mosip.InsertRequest, mosip.MosipAnswer,
    ),
    _door(
        "POST", "identify", Action.IDENTIFY, "mosipIdentify", "Who else may this record be?",
        frozenset({"abis.identify"}), mosip.MosipIdentifyRequest, mosip.MosipIdentifyAnswer, _FOUND,
    ),
    _door(
        "DELETE", "delete", Action.WRITE, "mosipDelete", "Erase a record", _WRITE,
        mosip.DeleteRequest, mosip.MosipAnswer,
    ),
    _door(
        "POST", "ping", Action.READ, "mosipPing", "Are messages served?", frozenset(),
        mosip.MosipRequest, mosip.MosipAnswer,
    ),
    _door(
        "POST", "pendingjobs", Action.READ, "mosipPendingJobs", "How many messages are under way",
        frozenset({"abis.task.read"}), mosip.MosipRequest, mosip.PendingJobsAnswer,
    ),
    _door(
        "POST", "referencecount", Action.READ, "mosipReferenceCount", "How many records there are",
        frozenset({"abis.gallery.read"}), mosip.MosipRequest, mosip.ReferenceCountAnswer,
    ),
)  # fmt: skip
