"""The service as the standard describes it: who may, what every operation takes, and the form of every answer."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import structlog
import yaml
from openapi_spec_validator import validate

from services.biometrics.app import create_app
from shared.contracts.osia import Error
from shared.http.observation import configure_logging
from tests.biometrics.osia_client import (
    ALL_SCOPES,
    Abis,
    astronaut_png,
    encounter,
    face,
    finger,
    missing,
    new_id,
    print_png,
    running,
)

pytestmark = pytest.mark.anyio

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "osia" / "abis.yaml"

OPERATIONS = {
    "createEncounterNoIds": ("POST", "/v1/persons", "abis.encounter.write"),
    "createEncounterNoId": ("POST", "/v1/persons/{personId}/encounters", "abis.encounter.write"),
    "createEncounter": ("POST", "/v1/persons/{personId}/encounters/{encounterId}", "abis.encounter.write"),
    "readEncounter": ("GET", "/v1/persons/{personId}/encounters/{encounterId}", "abis.encounter.read"),
    "readAllEncounters": ("GET", "/v1/persons/{personId}/encounters", "abis.encounter.read"),
    "updateEncounter": ("PUT", "/v1/persons/{personId}/encounters/{encounterId}", "abis.encounter.write"),
    "updateEncounterStatus": (
        "PUT",
        "/v1/persons/{personId}/encounters/{encounterId}/status",
        "abis.encounter.write",
    ),
    "updateEncounterGalleries": (
        "PUT",
        "/v1/persons/{personId}/encounters/{encounterId}/galleries",
        "abis.encounter.write",
    ),
    "mergeEncounter": ("POST", "/v1/persons/{personIdTarget}/merge/{personIdSource}", "abis.encounter.write"),
    "moveEncounter": (
        "POST",
        "/v1/persons/{personIdTarget}/move/{personIdSource}/encounters/{encounterId}",
        "abis.encounter.write",
    ),
    "readTemplate": ("GET", "/v1/persons/{personId}/encounters/{encounterId}/templates", "abis.encounter.read"),
    "deleteEncounter": ("DELETE", "/v1/persons/{personId}/encounters/{encounterId}", "abis.encounter.write"),
    "deleteAll": ("DELETE", "/v1/persons/{personId}", "abis.encounter.write"),
    "identify": ("POST", "/v1/identify/{galleryId}", "abis.identify"),
    "identifyFromId": ("POST", "/v1/identify/{galleryId}/{personId}", "abis.identify"),
    "identifyFromEncounterId": (
        "POST",
        "/v1/identify/{galleryId}/{personId}/encounters/{encounterId}",
        "abis.identify",
    ),
    "verifyFromId": ("POST", "/v1/verify/{galleryId}/{personId}", "abis.verify"),
    "verifyFromBio": ("POST", "/v1/verify", "abis.verify"),
    "readGalleries": ("GET", "/v1/galleries", "abis.gallery.read"),
    "readGalleryContent": ("GET", "/v1/galleries/{galleryId}", "abis.gallery.read"),
    "assessQuality": ("POST", "/v1/quality", "abis.verify"),
    "readTaskStatus": ("GET", "/v1/tasks/{taskId}/status", "abis.task.read"),
    "redeliverTaskResult": ("POST", "/v1/tasks/{taskId}/redeliver", "abis.task.update"),
}
WITHOUT_CALLBACK = {"readTaskStatus", "redeliverTaskResult"}
WITHOUT_PRIORITY = {*WITHOUT_CALLBACK, "updateEncounterStatus", "updateEncounterGalleries"}


@pytest.fixture(scope="module")
async def abis(anyio_backend: object, make_deployment: Any) -> AsyncIterator[Abis]:
    async with running(make_deployment("sqlite")) as service:
        yield service


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    if not REFERENCE.exists():
        pytest.skip("the standard's own description (abis.yaml) is not beside the repository")
    document: dict[str, Any] = yaml.safe_load(REFERENCE.read_text())
    return document


def filled(path: str) -> str:
    return path.format(
        personId="p1", encounterId="e1", galleryId="ALL", personIdTarget="p1", personIdSource="p2", taskId="t1"
    )


def params_for(name: str) -> dict[str, Any]:
    return {"status": "ACTIVE"} if name == "updateEncounterStatus" else {}


def body_for(name: str) -> Any:
    if name.startswith("create") or name == "updateEncounter":
        return encounter(missing())
    if name in {"identifyFromId", "identifyFromEncounterId"}:
        return {}
    return {
        "updateEncounterGalleries": ["g"],
        "identify": {"filter": {}, "biometricData": []},
        "verifyFromId": {"biometricData": []},
        "verifyFromBio": {"biometricData1": [], "biometricData2": []},
        "assessQuality": missing(),
    }.get(name)


@pytest.mark.parametrize("name", OPERATIONS)
async def test_every_operation_asks_for_its_scope(abis: Abis, name: str) -> None:
    method, path, scope = OPERATIONS[name]
    asked = {"json": body_for(name), **params_for(name)}
    nobody = await abis.ask(method, filled(path), token="", **asked)
    assert nobody.status_code == 401
    assert nobody.headers["www-authenticate"].startswith("Bearer")
    forged = await abis.ask(method, filled(path), token="not.a.token", **asked)
    assert forged.status_code == 401
    without = await abis.ask(method, filled(path), scopes=ALL_SCOPES - {scope}, **asked)
    assert without.status_code == 403
    assert (await abis.ask(method, filled(path), scopes=frozenset({scope}), **asked)).status_code not in {401, 403}


@pytest.mark.parametrize("name", OPERATIONS)
async def test_every_operation_takes_a_transaction(abis: Abis, name: str) -> None:
    method, path, _ = OPERATIONS[name]
    asked = {"json": body_for(name), **params_for(name)}
    without = await abis.ask(method, filled(path), transactionId=None, **asked)
    assert without.status_code == 400
    assert "transactionId" in Error.model_validate(without.json()).message
    if name not in WITHOUT_PRIORITY:
        hasty = await abis.ask(method, filled(path), priority=10, **asked)
        assert hasty.status_code == 400


@pytest.mark.parametrize("name", sorted(OPERATIONS.keys() - WITHOUT_CALLBACK))
async def test_a_callback_to_a_host_that_nobody_named_is_refused(abis: Abis, name: str) -> None:
    method, path, _ = OPERATIONS[name]
    asked = {"json": body_for(name), **params_for(name)}
    answer = await abis.ask(method, filled(path), callback="http://example.com/here", **asked)
    assert answer.status_code == 400
    assert "LINDUNG_CALLBACK_HOSTS" in Error.model_validate(answer.json()).message


@pytest.mark.parametrize(
    "content", [b"{", b"", b"[]", b'{"a": NaN}', b"\xff\xfe", b'"\xff"', b'"text"', b"[" * 100_000, b"9" * 5000]
)
@pytest.mark.parametrize("path", ["/v1/persons", "/v1/identify/ALL", "/v1/verify", "/v1/quality"])
async def test_what_is_not_the_right_json_is_400(abis: Abis, path: str, content: bytes) -> None:
    answer = await abis.ask("POST", path, content=content)
    assert answer.status_code == 400
    assert Error.model_validate(answer.json()).code == 1


@pytest.mark.parametrize("name", ["a b", "-a", "a" * 65, "%00", "ä", "a%2Fb"])
async def test_ids_are_opaque_words(abis: Abis, name: str) -> None:
    answer = await abis.ask("GET", f"/v1/persons/{name}/encounters")
    assert answer.status_code in {400, 404}


async def test_a_failure_of_ours_is_told_in_the_standards_form_and_logged_without_content(
    abis: Abis, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging("info")
    try:
        sent = encounter(missing() | {"comment": "SEEN-IN-CLEAR"})
        person = (await abis.ask("POST", "/v1/persons", json=sent)).json()["personId"]
        await abis.ask("POST", "/v1/persons", json=encounter(missing() | {"presence": "SEEN-IN-CLEAR"}))
        monkeypatch.setattr(abis.app.state.reader, "_ring", None)
        answer = await abis.ask("GET", f"/v1/persons/{person}/encounters")
    finally:
        structlog.reset_defaults()
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/json"
    assert Error.model_validate(answer.json()).code == 100
    logged = capsys.readouterr().err
    assert "unexpected_error" in logged
    assert "SEEN-IN-CLEAR" not in logged
    assert person not in logged


async def test_the_service_is_ready_only_when_loaded(abis: Abis) -> None:
    cold = Abis(create_app(abis.settings), abis.settings)
    assert (await cold.ask("GET", "/health/ready")).status_code == 503
    assert (await abis.ask("GET", "/health/ready")).status_code == 200


async def test_quality_tells_good_from_unusable_and_keeps_nothing(abis: Abis) -> None:
    before = (await abis.ask("GET", "/v1/galleries/ALL")).json()
    good = (await abis.ask("POST", "/v1/quality", json=face(astronaut_png()))).json()
    assert good["usable"] is True
    assert 0 < good["quality"] <= 100
    assert good["qualityFormat"] == "LINDUNG_FACE_1"
    bad = (await abis.ask("POST", "/v1/quality", json=face(print_png(1)))).json()
    assert (bad["usable"], bad["reason"]) == (False, "NO_FACE")
    assert "quality" not in bad
    text = {"biometricType": "FINGER", "image": base64.b64encode(b"text").decode()}
    assert (await abis.ask("POST", "/v1/quality", json=text)).json()["reason"] == "UNKNOWN_FORMAT"
    assert (await abis.ask("POST", "/v1/quality", json=missing())).status_code == 400
    assert (await abis.ask("GET", "/v1/galleries/ALL")).json() == before


async def test_the_description_is_valid_and_names_every_operation(abis: Abis) -> None:
    document = (await abis.ask("GET", "/openapi.json")).json()
    validate(document)
    described = {
        operation["operationId"]: (method.upper(), path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    for name, (method, path, scope) in OPERATIONS.items():
        assert described[name] == (method, path)
        operation = document["paths"][path][method.lower()]
        assert "422" not in operation["responses"]
        assert [scope] in [words for each in operation["security"] for words in each.values()]


async def test_operations_are_those_of_the_standard(abis: Abis, reference: dict[str, Any]) -> None:
    document = (await abis.ask("GET", "/openapi.json")).json()
    for name, (method, path, scope) in OPERATIONS.items():
        if name == "assessQuality":
            continue
        theirs = reference["paths"][path][method.lower()]
        ours = document["paths"][path][method.lower()]
        assert (theirs["operationId"], theirs["security"]) == (name, [{"BearerAuth": [scope]}])
        assert {each["name"] for each in theirs["parameters"]} == {each["name"] for each in ours["parameters"]}
        statuses = {status for status in ours["responses"] if status in theirs["responses"] or status == "401"}
        assert set(ours["responses"]) == statuses, name
        required = {each["name"] for each in theirs["parameters"] if each["required"]}
        assert required == {each["name"] for each in ours["parameters"] if each.get("required")}


async def test_answers_fit_the_standards_schemas(abis: Abis, reference: dict[str, Any]) -> None:
    def fits(value: Any, schema: dict[str, Any]) -> None:
        jsonschema.Draft4Validator({**schema, "components": reference["components"]}).validate(value)

    def named(name: str) -> dict[str, Any]:
        return {"$ref": f"#/components/schemas/{name}"}

    def listed(name: str) -> dict[str, Any]:
        return {"type": "array", "items": named(name)}

    gallery, person = new_id(), new_id()
    sent = encounter(finger(10), face(astronaut_png()), missing(), galleries=(gallery,), clientData="AAAA")
    fits(
        (await abis.ask("POST", f"/v1/persons/{person}/encounters/one", json=sent)).json(), named("ExtendablePersonIds")
    )
    fits((await abis.ask("GET", f"/v1/persons/{person}/encounters/one")).json(), named("Encounter"))
    fits((await abis.ask("GET", f"/v1/persons/{person}/encounters")).json(), listed("Encounter"))
    found = await abis.identify(finger(10, 1), face(astronaut_png(10)), gallery=gallery)
    assert found
    fits(found, listed("Candidate"))
    fits((await abis.ask("GET", f"/v1/galleries/{gallery}")).json(), listed("PersonIds"))
    fits((await abis.ask("GET", "/v1/galleries")).json(), {"type": "array", "items": {"type": "string"}})
    fits(
        (await abis.ask("GET", f"/v1/persons/{person}/encounters/one/templates")).json(),
        listed("BiometricComputedData"),
    )
    fits(
        (await abis.ask("PUT", f"/v1/persons/{person}/encounters/one", json=sent)).json(), named("ExtendablePersonIds")
    )
    verified = await abis.ask("POST", f"/v1/verify/{gallery}/{person}", json={"biometricData": [finger(10, 1)]})
    verify = reference["paths"]["/v1/verify/{galleryId}/{personId}"]["post"]["responses"]["200"]
    fits(verified.json(), verify["content"]["application/json"]["schema"])
    fits((await abis.ask("POST", "/v1/persons", json={})).json(), named("Error"))
