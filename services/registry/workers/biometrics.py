"""What registration asks of the biometric service, in OSIA's words; no name and no birth date ever goes there."""

import asyncio
import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from shared.contracts.age_estimates import AgeEstimate
from shared.contracts.caller import Caller
from shared.contracts.correspondences import Correspondences
from shared.contracts.osia import Candidate, QualityResult, Verification
from shared.contracts.problem import FieldProblem
from shared.contracts.registrations import FingerCapture, RegistrationRequest
from shared.http.client import ServiceClient, ServiceUnavailableError

GALLERY: Final = "workers"
_ENCOUNTER: Final = "registration"
PORTRAIT_SCORE: Final = 2.0
"""Score from which a document's portrait and a live photo pass for one person: one stranger in 100 reaches it.

A false alarm here sends a worker's true passport to a human, a miss leaves the other checks.
"""
_REFUSALS: Final = frozenset({400, 404, 409, 413, 422})
"""Answers that speak of what was sent; the same again would be answered the same."""
_NO_QUERY: Final[Mapping[str, float]] = {}
_SCOPES: Final = frozenset({"abis.encounter.read", "abis.encounter.write", "abis.identify", "abis.verify"})


class BiometricsRefusedError(Exception):
    """The biometric service took the request for wrong; it will do so again."""


@dataclass(frozen=True)
class Item:
    """One thing to look at, and where it stands in the request."""

    pointer: str
    data: dict[str, Any]


def photo_item(image: bytes) -> dict[str, Any]:
    """A live or document portrait as OSIA BiometricData."""
    encoded = base64.b64encode(image).decode()
    return {"biometricType": "FACE", "biometricSubType": "PORTRAIT", "image": encoded}


def finger_item(finger: FingerCapture) -> dict[str, Any]:
    """A finger as OSIA BiometricData: its print, or that it is missing."""
    item: dict[str, Any] = {"biometricType": "FINGER", "biometricSubType": finger.position.osia}
    if finger.image is None:
        presence = finger.exception.value if finger.exception else None
        return item | {"missing": [{"biometricSubType": finger.position.osia, "presence": presence}]}
    item["image"] = base64.b64encode(finger.image).decode()
    return item | ({"resolution": finger.dpi} if finger.dpi else {})


def captured_items(request: RegistrationRequest) -> list[Item]:
    """Everything captured live, with its place in the request."""
    photo = [Item("/body/photo", photo_item(request.photo))] if request.photo else []
    return photo + [Item(f"/body/fingers/{n}", finger_item(finger)) for n, finger in enumerate(request.fingers)]


class BiometricSearch:
    """Enrols, identifies and verifies for one registration at a time.

    Args:
        client: to the biometric service.
    """

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def assess(self, member: str, item: dict[str, Any]) -> QualityResult:
        """Whether a capture can be used at all, and how good the engine finds it.

        Raises:
            ServiceUnavailableError: no answer.
            BiometricsRefusedError: the item is malformed.
        """
        answer = await self._ask(member, "/v1/quality", "quality", {"graded": 0}, json=item)
        return QualityResult.model_validate_json(_good(answer).content)

    async def problems(self, member: str, items: list[Item]) -> list[FieldProblem]:
        """Which captures cannot be used, by their place in the request, and why (the engine's own code).

        Raises:
            ServiceUnavailableError: no answer.
        """
        found = await asyncio.gather(*(self._problem(member, item) for item in items))
        return [problem for problem in found if problem is not None]

    async def _problem(self, member: str, item: Item) -> FieldProblem | None:
        try:
            quality = await self.assess(member, item.data)
        except BiometricsRefusedError:
            return FieldProblem(pointer=item.pointer, detail="UNREADABLE")
        return None if quality.usable else FieldProblem(pointer=item.pointer, detail=quality.reason or "UNUSABLE")

    async def enrol(self, member: str, person_id: str, items: list[dict[str, Any]]) -> None:
        """Store what was captured in the gallery; asking again changes nothing.

        Raises:
            ServiceUnavailableError: no answer.
            BiometricsRefusedError: an item cannot be used.
        """
        encounter = {
            "encounterId": _ENCOUNTER,
            "status": "ACTIVE",
            "encounterType": "registration",
            "galleries": [GALLERY],
            "biometricData": items,
        }
        path = f"/v1/persons/{person_id}/encounters/{_ENCOUNTER}"
        answer = await self._ask(member, path, person_id, json=encounter)
        if answer.status_code != 409:  # enrolled by an earlier try
            _good(answer)

    async def identify(self, member: str, person_id: str) -> list[Candidate]:
        """Who else in the gallery may be this person, most alike first.

        Raises:
            ServiceUnavailableError: no answer.
            BiometricsRefusedError: refused.
        """
        answer = await self._ask(member, f"/v1/identify/{GALLERY}/{person_id}", person_id, json={})
        return [Candidate.model_validate(item) for item in _good(answer).json()]

    async def verify(self, member: str, one: dict[str, Any], other: dict[str, Any]) -> Verification:
        """Whether two captures look like one person.

        Raises:
            ServiceUnavailableError: no answer.
            BiometricsRefusedError: one of them cannot be used.
        """
        body = {"biometricData1": [one], "biometricData2": [other]}
        answer = await self._ask(member, "/v1/verify", "verify", {"threshold": PORTRAIT_SCORE}, json=body)
        return Verification.model_validate_json(_good(answer).content)

    async def estimate_age(self, member: str, photo: bytes) -> AgeEstimate:
        """How old a face looks, with the measured error.

        Raises:
            ServiceUnavailableError: no answer.
            BiometricsRefusedError: no face that can be used, or no estimates there.
        """
        answer = await self._ask(member, "/v1/age-estimates", "age", json=photo_item(photo))
        return AgeEstimate.model_validate_json(_good(answer).content)

    async def correspondences(self, member: str, one: FingerCapture, other: FingerCapture) -> Correspondences:
        """Two prints point by point.

        Raises:
            ServiceUnavailableError: no answer.
            BiometricsRefusedError: one of them cannot be used.
        """
        body = {"one": finger_item(one), "other": finger_item(other)}
        answer = await self._ask(member, "/v1/correspondences", "correspondences", json=body)
        return Correspondences.model_validate_json(_good(answer).content)

    async def erase(self, member: str, person_id: str) -> None:
        """Erase everything captured of a person, with their key; erased before, nothing happens.

        Raises:
            ServiceUnavailableError: no answer.
            BiometricsRefusedError: refused.
        """
        answer = await self._ask(member, f"/v1/persons/{person_id}", person_id, json=None, method="DELETE")
        if answer.status_code != 404:
            _good(answer)

    async def _ask(
        self,
        member: str,
        path: str,
        transaction: str,
        query: Mapping[str, float] = _NO_QUERY,
        *,
        json: Any,
        method: str = "POST",
    ) -> httpx.Response:
        caller = Caller(client_id="registry", organisation="registry", member=member, scopes=_SCOPES)
        params = {"transactionId": transaction, **query}
        return await self._client.request(caller, method, path, params=params, json=json)


def _good(answer: httpx.Response) -> httpx.Response:
    if answer.is_success:
        return answer
    if answer.status_code >= 500:
        answer.raise_for_status()
    if answer.status_code not in _REFUSALS:  # 401, 403 …: nobody looked at the capture; a clock or a key is wrong
        raise ServiceUnavailableError(f"the biometric service answered {answer.status_code}")
    raise BiometricsRefusedError(f"the biometric service answered {answer.status_code}")
