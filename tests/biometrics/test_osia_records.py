"""Prints that come by the standard's door as minutiae records, or inside finger image records."""

import base64
import io
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
from PIL import Image

from shared.standards.iso19794_2 import RecordFormat
from tests.biometrics.osia_client import Abis, finger, new_id, print_png, running
from tests.vectors.finger_image_records import record_2011

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def abis(anyio_backend: object, make_deployment: Any) -> AsyncIterator[Abis]:
    async with running(make_deployment("sqlite")) as service:
        yield service


@pytest.fixture(scope="module")
async def enrolled(abis: Abis) -> tuple[str, str]:
    return await abis.enrol(finger(41), galleries=("r",))


def a_print(**values: Any) -> dict[str, Any]:
    return {"biometricType": "FINGER", "biometricSubType": "RIGHT_INDEX", **values}


@pytest.mark.parametrize("form", RecordFormat)
async def test_a_template_finds_who_came_with_an_image(
    abis: Abis, enrolled: tuple[str, str], form: RecordFormat
) -> None:
    person, encounter = enrolled
    path = f"/v1/persons/{person}/encounters/{encounter}/templates"
    (ours,) = (await abis.ask("GET", path, templateFormat=form.value)).json()
    (found,) = await abis.identify(a_print(template=ours["template"], templateFormat=form.value), gallery="r")
    assert found["personId"] == person
    (detail,) = found["scores"]
    assert detail["others"]["modelId"] == "foreign-mcc16b-1"  # nobody can tell whose extractor found the minutiae


async def test_a_finger_image_record_finds_who_came_with_the_image(abis: Abis, enrolled: tuple[str, str]) -> None:
    pixels = np.asarray(Image.open(io.BytesIO(print_png(41, 1))).convert("L"))
    height, width = pixels.shape
    record = base64.b64encode(record_2011(pixels.tobytes(), width, height, 0)).decode()
    (found,) = await abis.identify(a_print(image=record), gallery="r")
    assert found["personId"] == enrolled[0]


async def test_who_is_enrolled_with_a_template_is_found_with_an_image(abis: Abis, enrolled: tuple[str, str]) -> None:
    person, encounter = enrolled
    path = f"/v1/persons/{person}/encounters/{encounter}/templates"
    (ours,) = (await abis.ask("GET", path, templateFormat="ISO_19794_2")).json()
    sent = a_print(template=ours["template"], templateFormat="ISO_19794_2")
    other, name = await abis.enrol(sent, person=new_id(), galleries=("by-template",))
    (found,) = await abis.identify(finger(41, 1), gallery="by-template")
    assert found["personId"] == other
    assert found["scores"][0]["others"]["modelId"] == "foreign-mcc16b-1"
    (again,) = await abis.identify(finger(41, 1), gallery="r")
    assert again["scores"][0]["others"]["modelId"] == "leader-mcc16b-1"
    (item,) = (await abis.ask("GET", f"/v1/persons/{other}/encounters/{name}")).json()["biometricData"]
    assert item["template"] == ours["template"]


@pytest.mark.usefixtures("enrolled")
async def test_a_damaged_template_is_refused(abis: Abis) -> None:
    sent = a_print(template=base64.b64encode(b"no record").decode(), templateFormat="ISO_19794_2")
    answer = await abis.ask("POST", "/v1/identify/r", json={"filter": {}, "biometricData": [sent]})
    assert (answer.status_code, answer.json()["code"]) == (400, 3)
