"""OSIA's templates and the content of galleries: what is told, in which format."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest

from services.biometrics.fingerprint.records import minutiae_from_record
from services.biometrics.fingerprint.template import FingerTemplate
from shared.standards.iso19794_2 import RecordFormat
from tests.biometrics.osia_client import Abis, astronaut_png, face, finger, missing, new_id, running

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def abis(anyio_backend: object, make_deployment: Any) -> AsyncIterator[Abis]:
    async with running(make_deployment("sqlite")) as service:
        yield service


@pytest.fixture(scope="module")
async def templates(abis: Abis) -> str:
    person, name = await abis.enrol(finger(31), face(astronaut_png()), missing(), galleries=("t",))
    return f"/v1/persons/{person}/encounters/{name}/templates"


async def test_every_item_that_gave_a_template_has_one(abis: Abis, templates: str) -> None:
    first, second = (await abis.ask("GET", templates)).json()
    assert (first["biometricType"], first["biometricSubType"]) == ("FINGER", "RIGHT_INDEX")
    assert (first["templateFormat"], first["qualityFormat"]) == ("LINDUNG_MCC_1", "LINDUNG_FINGER_1")
    assert len(FingerTemplate.from_bytes(base64.b64decode(first["template"])).minutiae) > 12
    assert 0 < first["quality"] <= 100
    assert (second["biometricType"], second["templateFormat"]) == ("FACE", "LINDUNG_FACE_VECTOR_1")
    vector = np.frombuffer(base64.b64decode(second["template"]), "<f4")
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
    assert second["algorithm"]


@pytest.mark.parametrize("form", RecordFormat)
async def test_prints_come_in_the_formats_of_the_standards(abis: Abis, templates: str, form: RecordFormat) -> None:
    ours = FingerTemplate.from_bytes(base64.b64decode((await abis.ask("GET", templates)).json()[0]["template"]))
    (only,) = (await abis.ask("GET", templates, templateFormat=form.value)).json()
    assert (only["biometricType"], only["templateFormat"]) == ("FINGER", form.value)
    read = minutiae_from_record(base64.b64decode(only["template"]), form)
    assert np.abs(np.sort(read.x) - np.sort(ours.minutiae.x)).max() <= 1


async def test_what_is_asked_for_narrows_the_answer(abis: Abis, templates: str) -> None:
    async def types(**params: str) -> list[str]:
        return [each["biometricType"] for each in (await abis.ask("GET", templates, **params)).json()]

    assert await types(biometricType="FACE") == ["FACE"]
    assert await types(biometricSubType="RIGHT_INDEX") == ["FINGER"]
    assert await types(biometricSubType="LEFT_THUMB") == []  # it is there, and missing: nothing was computed
    graded = (await abis.ask("GET", templates, qualityFormat="LINDUNG_FACE_1")).json()
    assert ["quality" in each for each in graded] == [False, True]


async def test_what_is_not_there_or_not_written(abis: Abis, templates: str) -> None:
    assert (await abis.ask("GET", templates, biometricType="IRIS")).status_code == 404
    assert (await abis.ask("GET", templates, instance="second")).status_code == 404
    assert (await abis.ask("GET", f"/v1/persons/{new_id()}/encounters/e/templates")).status_code == 404
    for bad in ({"templateFormat": "ISO_19794_2_CS"}, {"qualityFormat": "NFIQ2"}, {"biometricType": "EAR"}):
        assert (await abis.ask("GET", templates, **bad)).status_code == 400


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/json, text/csv;q=0.5", "application/json"),
        ("text/csv", "text/csv"),
        ("text/csv; header=present, application/json", "text/csv"),
    ],
)
async def test_a_gallery_is_told_as_json_or_csv(abis: Abis, accept: str | None, media: str) -> None:
    gallery = new_id()
    both = [await abis.enrol(missing(), galleries=(gallery,)) for _ in range(3)]
    answer = await abis.ask("GET", f"/v1/galleries/{gallery}", accept=accept, offset=1)
    assert answer.headers["content-type"].partition(";")[0] == media
    if media == "text/csv":
        lines = answer.text.split("\r\n")
        assert lines == ["PersonId,encounterId", *(",".join(ids) for ids in both[1:]), ""]
    else:
        assert [(each["personId"], each["encounterId"]) for each in answer.json()] == both[1:]
