"""A capture is bad when the biometric service says so, not when it would not listen."""

import httpx
import pytest

from services.registry.workers.biometrics import BiometricSearch, Item, photo_item
from shared.crypto.keyfiles import new_signing_key
from shared.http.client import ServiceClient, ServiceUnavailableError
from shared.http.tokens import CallerSigner

pytestmark = pytest.mark.anyio


def search(status: int) -> BiometricSearch:
    transport = httpx.MockTransport(lambda _request: httpx.Response(status, json={"code": 1, "message": "no"}))
    signer = CallerSigner("registry", new_signing_key())
    return BiometricSearch(ServiceClient("biometrics", signer, "http://biometrics", transport))


ITEMS = [Item("/body/photo", photo_item(b"x"))]


async def test_a_refused_capture_is_named() -> None:
    (problem,) = await search(400).problems("IDN", ITEMS)
    assert (problem.pointer, problem.detail) == ("/body/photo", "UNREADABLE")


@pytest.mark.parametrize("status", [301, 401, 403, 429, 503])
async def test_what_says_nothing_of_the_capture_is_tried_again(status: int) -> None:
    with pytest.raises(ServiceUnavailableError):
        await search(status).problems("IDN", ITEMS)
