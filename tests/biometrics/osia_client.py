"""A running biometric service with real engines, a caller that a trusted service vouches for, and made-up captures."""

import base64
import io
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import httpx
import numpy as np
from fastapi import FastAPI
from PIL import Image
from skimage.data import astronaut

from services.biometrics.app import create_app
from services.sandbox.faces import CAST, portray
from services.sandbox.fingers import grow_finger, impress
from shared.contracts.caller import Caller
from shared.http.tokens import CallerSigner
from shared.settings import Settings

ALL_SCOPES = frozenset(
    {
        "abis.encounter.read",
        "abis.encounter.write",
        "abis.identify",
        "abis.verify",
        "abis.gallery.read",
        "abis.task.read",
        "abis.task.update",
    }
)


def _png(pixels: Any) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


@cache
def _finger(seed: int) -> Any:
    return grow_finger(seed)


@cache
def print_png(seed: int, impression: int = 0) -> bytes:
    return _png(impress(_finger(seed), impression, difficulty=0.1)[56:344, 38:262])


@cache
def astronaut_png(brighter: int = 0) -> bytes:
    photo = astronaut()[:256, 96:352]
    return _png(np.clip(photo.astype(int) + brighter, 0, 255).astype(np.uint8))


@cache
def portrait_png(person: int, shot: int = 0) -> bytes:
    return _png(portray(CAST[person], shot))


def finger(seed: int, impression: int = 0, position: str | None = "RIGHT_INDEX") -> dict[str, Any]:
    named = {"biometricSubType": position} if position else {}
    return {"biometricType": "FINGER", **named, "image": base64.b64encode(print_png(seed, impression)).decode()}


def face(png: bytes) -> dict[str, Any]:
    return {"biometricType": "FACE", "biometricSubType": "PORTRAIT", "image": base64.b64encode(png).decode()}


def missing(position: str = "LEFT_THUMB") -> dict[str, Any]:
    gone = {"biometricSubType": position, "presence": "AMPUTATED"}
    return {"biometricType": "FINGER", "biometricSubType": position, "missing": [gone]}


def encounter(*items: dict[str, Any], galleries: tuple[str, ...] = ("workers",), **more: Any) -> dict[str, Any]:
    return {
        "status": "ACTIVE",
        "encounterType": "registration",
        "galleries": list(galleries),
        "biometricData": list(items),
        **more,
    }


def new_id() -> str:
    return secrets.token_hex(8)


class Abis:
    """The service as a caller sees it."""

    def __init__(self, app: FastAPI, settings: Settings) -> None:
        self.app = app
        self.settings = settings
        self._signer = CallerSigner("gateway", (settings.key_folder / "gateway-signing.pem").read_bytes())
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://biometrics"
        )

    def token(self, scopes: frozenset[str] = ALL_SCOPES, member: str = "IDN", organisation: str = "test") -> str:
        caller = Caller(client_id="test", organisation=organisation, member=member, scopes=scopes)
        return self._signer.sign(caller, "biometrics")

    async def ask(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        content: bytes | None = None,
        scopes: frozenset[str] = ALL_SCOPES,
        member: str = "IDN",
        organisation: str = "test",
        token: str | None = None,
        accept: str | None = None,
        **params: Any,
    ) -> httpx.Response:
        bearer = token or self.token(scopes, member, organisation)
        headers = {"Authorization": f"Bearer {bearer}"} if token != "" else {}
        headers |= {"Accept": accept} if accept else {}
        headers |= {"Content-Type": "application/json"} if content is not None else {}
        params = {"transactionId": "T1"} | params
        given = {name: value for name, value in params.items() if value is not None}
        return await self._client.request(method, path, json=json, content=content, params=given, headers=headers)

    async def enrol(self, *items: dict[str, Any], person: str | None = None, **more: Any) -> tuple[str, str]:
        path = f"/v1/persons/{person}/encounters" if person else "/v1/persons"
        answer = await self.ask("POST", path, json=encounter(*items, **more))
        assert answer.status_code == 200, answer.text
        return answer.json()["personId"], answer.json()["encounterId"]

    async def identify(self, *items: dict[str, Any], gallery: str = "workers", **params: Any) -> list[dict[str, Any]]:
        wanted = {"filter": params.pop("filter", {}), "biometricData": list(items)}
        answer = await self.ask("POST", f"/v1/identify/{gallery}", json=wanted, **params)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()
        return found


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Abis]:
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield Abis(app, settings)
