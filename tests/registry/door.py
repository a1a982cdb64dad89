"""The registry behind its HTTP door, as the gateway comes to it."""

from dataclasses import dataclass
from typing import Any

import httpx

from shared.contracts.caller import Caller, Purpose
from shared.http.tokens import CallerSigner


@dataclass(frozen=True)
class RegistryDoor:
    """Asks the registry as a caller of the gateway."""

    client: httpx.AsyncClient
    signer: CallerSigner

    async def ask(
        self, method: str, path: str, *, purpose: Purpose | None, member: str = "IDN", **options: Any
    ) -> httpx.Response:
        case = "C-1" if purpose is Purpose.CRIMINAL_INVESTIGATION else None
        caller = Caller(
            client_id="desk", organisation="Labour office", member=member, purpose=purpose, case_reference=case
        )
        headers = {"Authorization": f"Bearer {self.signer.sign(caller, 'registry')}"}
        return await self.client.request(method, path, headers=headers, **options)

    async def put(self, path: str, body: Any, member: str = "IDN") -> httpx.Response:
        return await self.ask("PUT", path, purpose=Purpose.REGISTER_MAINTENANCE, member=member, json=body)

    async def get(self, path: str, **params: Any) -> httpx.Response:
        return await self.ask("GET", path, purpose=Purpose.LABOUR_INSPECTION, params=params)

    async def tell(self, path: str, body: Any, member: str = "IDN") -> dict[str, Any]:
        response = await self.put(path, body, member)
        assert response.status_code in (200, 201), response.text
        return response.json()

    async def party(self, party_id: str, schema: str = "Person", member: str = "IDN", **properties: Any) -> None:
        body = {"schema": schema, "properties": as_lists(properties), "source": "Ministry register"}
        await self.tell(f"/v1/parties/{party_id}", body, member)

    async def screen(self, schema: str = "Person", **properties: Any) -> list[dict[str, Any]]:
        query = {"schema": schema, "properties": as_lists(properties)}
        response = await self.ask(
            "POST", "/match/default", purpose=Purpose.EMPLOYER_SCREENING, json={"queries": {"q": query}}
        )
        assert response.status_code == 200, response.text
        return response.json()["responses"]["q"]["results"]


def as_lists(properties: dict[str, Any]) -> dict[str, list[str]]:
    return {name: value if isinstance(value, list) else [value] for name, value in properties.items()}


def a_case(party: str, stage: str, **changes: Any) -> dict[str, Any]:
    return {
        "party": party,
        "offences": ["forced_labour"],
        "stage": stage,
        "opened_on": "2021-05-04",
        "source": "Court register",
    } | changes
