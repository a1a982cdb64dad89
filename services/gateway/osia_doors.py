"""The doors to OSIA's biometric operations, for systems of a member state: a table, read top to bottom.

The biometric service shows a system only the persons that its own organisation has enrolled; the registry's workers
are not among them. A search finds everybody, as opaque ids.
"""

from typing import Final

from pydantic import BaseModel

from services.gateway.access.policy import Action, Kind
from services.gateway.audit.shown import PERSON, Shown
from services.gateway.door import Door, Method
from shared.contracts import osia
from shared.contracts.disclosure import FieldClass

_TASK: Final = ("transactionId", "callback")
_ANY: Final = (*_TASK, "priority")
_WRITES: Final = (*_ANY, "algorithm")
_SEARCHES: Final = (*_ANY, "maxNbCand", "threshold", "accuracyLevel", "serviceLevel")
_PERSON: Final = "/v1/persons/{personId}"
_ENCOUNTER: Final = f"{_PERSON}/encounters/{{encounterId}}"
_TARGET: Final = "/v1/persons/{personIdTarget}"
_SHOWS: Final = (Shown(("*", "personId"), PERSON),)
_READ, _WRITE = "abis.encounter.read", "abis.encounter.write"


def _door(  # noqa: PLR0913, PLR0917  a row of the table
    method: Method,
    path: str,
    action: Action,
    operation: str,
    summary: str,
    scope: str,
    query: tuple[str, ...],
    takes: type[BaseModel] | None = None,
    gives: type[BaseModel] | None = None,
    *,
    many: bool = False,
    status: int | None = None,
    whole: FieldClass | None = None,
) -> Door:
    empty = gives is None and not many
    return Door(
        method,
        path,
        action,
        operation,
        f"{summary} (OSIA)",
        takes,
        gives,
        query,
        service="biometrics",
        kind=Kind.BIOMETRIC,
        tag="biometrics",
        scopes=frozenset({scope}),
        status=status or (204 if empty else 200),
        many=many,
        shows=_SHOWS if many else (),
        accepted=osia.TaskId,
        whole=whole,
    )


OSIA_DOORS: Final[tuple[Door, ...]] = (
    _door(
        "POST", "/v1/persons", Action.CREATE, "createEncounterNoIds", "Enrol a person",
        _WRITE, _WRITES, osia.Encounter, osia.ExtendablePersonIds,
    ),
    _door(
        "POST", f"{_PERSON}/encounters", Action.CREATE, "createEncounterNoId", "Add an encounter to a person",
        _WRITE, _WRITES, osia.Encounter, osia.ExtendablePersonIds,
    ),
    _door(
        "POST", _ENCOUNTER, Action.CREATE, "createEncounter", "Add an encounter of this id",
        _WRITE, _WRITES, osia.Encounter, osia.ExtendablePersonIds,
    ),
    _door(
        "GET", f"{_PERSON}/encounters", Action.READ, "readAllEncounters", "All encounters of a person",
        _READ, _ANY, None, osia.Encounter, many=True,
    ),
    _door("GET", _ENCOUNTER, Action.READ, "readEncounter", "One encounter", _READ, _ANY, None, osia.Encounter),
    _door(
        "PUT", _ENCOUNTER, Action.WRITE, "updateEncounter", "Replace an encounter",
        _WRITE, _WRITES, osia.Encounter, osia.ExtendablePersonIds,
    ),
    _door("DELETE", _ENCOUNTER, Action.WRITE, "deleteEncounter", "Erase an encounter", _WRITE, _ANY),
    _door(
        "POST", f"{_TARGET}/merge/{{personIdSource}}", Action.WRITE,
        "mergeEncounter", "Give all encounters of a person to another", _WRITE, _ANY,
    ),
    _door(
        "POST", f"{_TARGET}/move/{{personIdSource}}/encounters/{{encounterId}}", Action.WRITE,
        "moveEncounter", "Give one encounter to another person", _WRITE, _ANY,
    ),
    _door(
        "PUT", f"{_ENCOUNTER}/status", Action.WRITE,
        "updateEncounterStatus", "Whether an encounter is searched", _WRITE, (*_TASK, "status"),
    ),
    _door(
        "PUT", f"{_ENCOUNTER}/galleries", Action.WRITE,
        "updateEncounterGalleries", "Where an encounter is searched", _WRITE, _TASK,
    ),
    _door(
        "GET", f"{_ENCOUNTER}/templates", Action.READ, "readTemplate", "The templates of an encounter", _READ,
        (*_ANY, "biometricType", "biometricSubType", "instance", "templateFormat", "qualityFormat"),
        None, osia.BiometricComputedData, many=True,
    ),
    _door("DELETE", _PERSON, Action.WRITE, "deleteAll", "Erase a person", _WRITE, _ANY),
    _door(
        "POST", "/v1/identify/{galleryId}", Action.IDENTIFY, "identify", "Who may this be?",
        "abis.identify", _SEARCHES, osia.IdentifyRequest, osia.Candidate, many=True,
    ),
    _door(
        "POST", "/v1/identify/{galleryId}/{personId}", Action.IDENTIFY,
        "identifyFromId", "Who else may this person be?",
        "abis.identify", _SEARCHES, osia.Filter, osia.Candidate, many=True,
    ),
    _door(
        "POST", "/v1/identify/{galleryId}/{personId}/encounters/{encounterId}", Action.IDENTIFY,
        "identifyFromEncounterId", "Who else may the person of this encounter be?",
        "abis.identify", _SEARCHES, osia.Filter, osia.Candidate, many=True,
    ),
    _door(
        "POST", "/v1/verify/{galleryId}/{personId}", Action.IDENTIFY,
        "verifyFromId", "Is this the person of that id?",
        "abis.verify", (*_ANY, "threshold", "accuracyLevel", "serviceLevel"),
        osia.VerifyFromIdRequest, osia.Verification,
    ),
    _door(
        "GET", "/v1/galleries", Action.READ, "readGalleries", "The names of all galleries",
        "abis.gallery.read", _ANY, many=True, whole=FieldClass.BIOMETRIC_REFERENCE,
    ),
    _door(
        "GET", "/v1/galleries/{galleryId}", Action.READ, "readGalleryContent", "Who is in a gallery",
        "abis.gallery.read", (*_ANY, "offset", "limit"), None, osia.PersonIds, many=True,
    ),
    _door(
        "GET", "/v1/tasks/{taskId}/status", Action.READ, "readTaskStatus", "How far a task is",
        "abis.task.read", ("transactionId",), status=200, whole=FieldClass.RECORD,
    ),
    _door(
        "POST", "/v1/tasks/{taskId}/redeliver", Action.WRITE, "redeliverTaskResult", "Send a task's result again",
        "abis.task.update", ("transactionId",),
    ),
)  # fmt: skip
"""`POST /v1/verify` compares what is sent with what is sent; it stands with the desks' doors."""
