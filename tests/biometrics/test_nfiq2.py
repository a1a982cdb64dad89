"""NFIQ 2 where it is installed, our own quality where it is not; slaps are refused in words."""

import base64
import io
from collections.abc import AsyncIterator, Callable

import numpy as np
import pytest
from PIL import Image

from services.biometrics.quality.nfiq2 import FORMAT, Nfiq2, is_installed
from shared.contracts.osia import Error
from shared.settings import Settings
from tests.biometrics.osia_client import Abis, encounter, finger, print_png, running

pytestmark = pytest.mark.anyio

SLAPS = ("PLAIN_RIGHT_FOUR_FINGERS", "PLAIN_LEFT_FOUR_FINGERS", "PLAIN_THUMBS", "RIGHT_INDEX_AND_MIDDLE")


@pytest.fixture(scope="module")
async def abis(anyio_backend: object, make_deployment: Callable[[str], Settings]) -> AsyncIterator[Abis]:
    async with running(make_deployment("sqlite").model_copy(update={"engine_threads": 1})) as service:
        yield service


@pytest.mark.skipif(not is_installed(), reason="NFIQ 2 (nbis-py) is not installed")
async def test_a_print_is_graded_by_nfiq2_where_it_is_installed(abis: Abis) -> None:
    answer = (await abis.ask("POST", "/v1/quality", json=finger(1))).json()
    assert answer["usable"] is True
    assert (answer["qualityFormat"], answer["quality"]) == (FORMAT, Nfiq2().grade(print_png(1), 500))
    assert 0 <= answer["quality"] <= 100


@pytest.mark.skipif(not is_installed(), reason="NFIQ 2 (nbis-py) is not installed")
def test_a_print_that_it_gives_up_on_has_none() -> None:
    png = io.BytesIO()
    Image.fromarray(np.full((96, 96), 255, np.uint8)).save(png, "PNG")
    assert Nfiq2().grade(png.getvalue(), 500) is None


async def test_without_it_the_quality_is_our_own_and_says_so(abis: Abis) -> None:
    there, abis.app.state.nfiq2 = abis.app.state.nfiq2, None
    try:
        answer = (await abis.ask("POST", "/v1/quality", json=finger(1))).json()
    finally:
        abis.app.state.nfiq2 = there
    assert answer["qualityFormat"] == "LINDUNG_FINGER_1"
    enrolled = (await abis.ask("POST", "/v1/persons", json=encounter(finger(1)))).json()
    assert enrolled["others"]["quality"][0]["qualityFormat"] == "LINDUNG_FINGER_1"


@pytest.mark.parametrize("position", SLAPS)
async def test_several_fingers_in_one_image_are_refused_in_words(abis: Abis, position: str) -> None:
    slap = {
        "biometricType": "FINGER",
        "biometricSubType": position,
        "image": base64.b64encode(print_png(1)).decode(),
    }
    wanted = {"filter": {}, "biometricData": [slap]}
    for path, body in (
        ("/v1/persons", encounter(slap)),
        ("/v1/quality", slap),
        ("/v1/identify/ALL", wanted),
        ("/v1/verify", {"biometricData1": [slap], "biometricData2": [slap]}),
    ):
        answer = await abis.ask("POST", path, json=body)
        assert answer.status_code == 400
        error = Error.model_validate(answer.json())
        assert error.code == 2
        assert position in error.message
