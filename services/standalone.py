"""The three applications in one process: embedded databases, no other server, one worker."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from httpx import ASGITransport

from services.biometrics.app import create_app as create_biometrics
from services.gateway.app import create_app as create_gateway
from services.registry.app import create_app as create_registry
from shared.settings import Settings


def create_app(settings: Settings) -> FastAPI:
    """The gateway, with registry and biometric service behind it in the same process.

    The services behind are reached by the same clients as over a network. Their lifespans are entered here: an
    in-process transport starts none.
    """
    biometrics = create_biometrics(settings)
    to_biometrics = ASGITransport(biometrics, raise_app_exceptions=False)
    registry = create_registry(settings, to_biometrics)
    gateway = create_gateway(settings, ASGITransport(registry, raise_app_exceptions=False), to_biometrics)
    own_lifespan = gateway.router.lifespan_context

    @asynccontextmanager
    async def all_three(app: FastAPI) -> AsyncIterator[None]:
        async with (
            biometrics.router.lifespan_context(biometrics),
            registry.router.lifespan_context(registry),
            own_lifespan(app),
        ):
            yield

    gateway.router.lifespan_context = all_three
    return gateway
