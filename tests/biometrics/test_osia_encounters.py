"""OSIA CRUD: what is kept, what is refused with nothing changed, and what is truly gone."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa

from services.biometrics.encounters.tables import EncounterGalleryRow, EncounterRow, ItemRow, PersonRow
from services.biometrics.ownership import Owner
from shared.contracts.osia import Encounter
from shared.settings import Settings
from tests.biometrics.osia_client import (
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

TABLES = (PersonRow, EncounterRow, EncounterGalleryRow, ItemRow)


@pytest.fixture(scope="module")
async def abis(anyio_backend: object, deployment: Settings) -> AsyncIterator[Abis]:
    async with running(deployment) as service:
        yield service


async def rows(abis: Abis) -> list[int]:
    async with abis.app.state.database.read() as session:
        return [await session.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in TABLES]


async def test_what_was_sent_is_read_back(abis: Abis) -> None:
    sent = encounter(
        finger(1) | {"captureDevice": "scanner 7", "captureDate": "2026-01-02T03:04:05+07:00", "resolution": 500},
        face(astronaut_png()),
        missing(),
        galleries=("b", "a"),
        clientData=base64.b64encode(b"\x00kept as it is").decode(),
    )
    person, name = new_id(), new_id()
    created = await abis.ask("POST", f"/v1/persons/{person}/encounters/{name}", json=sent)
    assert created.status_code == 200
    assert (created.json()["personId"], created.json()["encounterId"]) == (person, name)
    read = (await abis.ask("GET", f"/v1/persons/{person}/encounters/{name}")).json()
    assert read["encounterId"] == name
    assert read["galleries"] == ["a", "b"]
    assert read["clientData"] == sent["clientData"]
    assert [item.get("image") for item in read["biometricData"]] == [
        item.get("image") for item in sent["biometricData"]
    ]
    assert read["biometricData"][0]["captureDevice"] == "scanner 7"
    assert read["biometricData"][2] == missing()
    assert read["createdDate"] == read["updatedDate"]


async def test_creating_tells_the_quality_of_each_item(abis: Abis) -> None:
    answer = await abis.ask("POST", "/v1/persons", json=encounter(finger(1), missing()))
    first, second = answer.json()["others"]["quality"]
    assert 0 < first["quality"] <= 100
    assert first["qualityFormat"] == "LINDUNG_FINGER_1"
    assert "quality" not in second


async def test_ids_are_made_when_not_given(abis: Abis) -> None:
    one, two = await abis.enrol(missing()), await abis.enrol(missing())
    assert len({*one, *two}) == 4
    person, first = one
    same_person, second = await abis.enrol(missing(), person=person)
    assert same_person == person
    read = (await abis.ask("GET", f"/v1/persons/{person}/encounters")).json()
    assert [each["encounterId"] for each in read] == [first, second]


async def test_what_was_read_can_be_created_elsewhere(abis: Abis) -> None:
    person, name = await abis.enrol(finger(1))
    read = (await abis.ask("GET", f"/v1/persons/{person}/encounters/{name}")).json()
    other = new_id()
    created = await abis.ask("POST", f"/v1/persons/{other}/encounters/{name}", json=read)
    assert created.status_code == 200
    assert (await abis.ask("GET", f"/v1/persons/{other}/encounters/{name}")).json() == read


async def test_an_id_that_is_taken_is_a_conflict_and_changes_nothing(abis: Abis) -> None:
    person, name = await abis.enrol(missing("LEFT_THUMB"))
    before = await rows(abis)
    again = await abis.ask("POST", f"/v1/persons/{person}/encounters/{name}", json=encounter(finger(2)))
    assert again.status_code == 409
    assert await rows(abis) == before
    read = (await abis.ask("GET", f"/v1/persons/{person}/encounters/{name}")).json()
    assert read["biometricData"] == [missing("LEFT_THUMB")]


async def test_of_many_at_once_one_takes_the_id(abis: Abis) -> None:
    person, name = new_id(), new_id()
    path = f"/v1/persons/{person}/encounters/{name}"
    answers = await asyncio.gather(*(abis.ask("POST", path, json=encounter(missing())) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 5


NOT_AN_IMAGE = {"biometricType": "FACE", "image": base64.b64encode(b"not an image").decode()}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"biometricData": [NOT_AN_IMAGE]}, "biometricData/0: UNKNOWN_FORMAT"),
        ({"biometricData": [missing(), face(print_png(1))]}, "biometricData/1: NO_FACE"),
        ({"biometricData": [finger(1, position="PLAIN_THUMBS")]}, "PLAIN_THUMBS"),
        ({"biometricData": [finger(1) | {"biometricType": "IRIS"}]}, "IRIS"),
        ({"biometricData": [{"biometricType": "FINGER"}]}, "neither an image"),
        ({"biometricData": [{"biometricType": "FINGER", "template": "AAAA"}]}, "template: only of a FINGER"),
        ({"biometricData": [finger(1) | {"template": "AAAA"}]}, "template: only of a FINGER"),
        ({"biometricData": [{"biometricType": "FACE", "imageRef": "http://example.com/1"}]}, "imageRef"),
        ({"biometricData": [{"biometricType": "FACE", "image": "*not base64*"}]}, "base64"),
        ({"biometricData": [missing() | {"colour": "red"}]}, "colour"),
        ({"biographicData": {"name": "somebody"}}, "not held here"),
        ({"contextualData": {"place": "somewhere"}}, "not held here"),
        ({"encryption": {"type": "JWE", "scope": "$"}}, "encryption"),
        ({"galleries": []}, "galleries"),
        ({"galleries": ["a", "a"]}, "named twice"),
        ({"galleries": ["ALL"]}, "ALL"),
        ({"status": "ASLEEP"}, "status"),
        ({"encounterId": "mine"}, "read-only"),
        ({"createdDate": "2026-01-01T00:00:00"}, "createdDate"),
        ({"createdDate": "0001-01-01T00:00:00+14:00"}, "createdDate"),
        ({"createdDate": 5}, "RFC 3339"),
        ({"encounterType": "a\u0000b"}, "encounterType"),
        ({"encounterType": "\ud800"}, "encounterType"),
        ({"\ud800": 1}, "unicode"),
        ({200 * "a": 1}, f"body/{60 * 'a'}: Extra inputs"),
    ],
)
async def test_what_cannot_be_taken_is_refused_and_nothing_is_kept(
    abis: Abis, change: dict[str, Any], said: str
) -> None:
    before = await rows(abis)
    body = json.dumps(encounter(missing()) | change).encode()
    answer = await abis.ask("POST", "/v1/persons", content=body)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/json"
    assert set(answer.json()) == {"code", "message"}
    assert said in answer.json()["message"]
    assert "somebody" not in answer.text
    assert await rows(abis) == before


async def test_empty_biographic_data_is_no_data(abis: Abis) -> None:
    body = encounter(missing(), biographicData={}, contextualData={})
    assert (await abis.ask("POST", "/v1/persons", json=body)).status_code == 200


async def test_deleting_the_last_encounter_deletes_the_person_and_the_key(abis: Abis) -> None:
    before = await rows(abis)
    person, first = await abis.enrol(finger(3))
    _, second = await abis.enrol(missing(), person=person)
    assert (await abis.ask("DELETE", f"/v1/persons/{person}/encounters/{first}")).status_code == 204
    assert (await abis.ask("GET", f"/v1/persons/{person}/encounters/{first}")).status_code == 404
    assert (await abis.ask("GET", f"/v1/persons/{person}/encounters/{second}")).status_code == 200
    assert (await abis.ask("DELETE", f"/v1/persons/{person}/encounters/{second}")).status_code == 204
    assert (await abis.ask("GET", f"/v1/persons/{person}/encounters")).status_code == 404
    assert await rows(abis) == before


async def test_deleting_a_person_deletes_everything(abis: Abis) -> None:
    before = await rows(abis)
    person, _ = await abis.enrol(finger(3), face(astronaut_png()))
    await abis.enrol(missing(), person=person)
    assert (await abis.ask("DELETE", f"/v1/persons/{person}")).status_code == 204
    assert await rows(abis) == before
    assert (await abis.ask("DELETE", f"/v1/persons/{person}")).status_code == 404


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_what_is_not_there_is_404(abis: Abis, method: str) -> None:
    person, _ = await abis.enrol(missing())
    assert (await abis.ask(method, f"/v1/persons/{person}/encounters/nobody")).status_code == 404
    assert (await abis.ask(method, "/v1/persons/nobody/encounters/nobody")).status_code == 404


async def test_nothing_of_a_body_lies_open_in_the_tables(abis: Abis) -> None:
    body = encounter(finger(4) | {"comment": "SEEN-IN-CLEAR"}, clientData=base64.b64encode(b"SEEN-IN-CLEAR").decode())
    person = (await abis.ask("POST", "/v1/persons", json=body)).json()["personId"]
    image = print_png(4)
    async with abis.app.state.database.read() as session:
        seqs = sa.select(EncounterRow.seq).where(EncounterRow.person_id == person)
        item = (await session.execute(sa.select(*ItemRow.__table__.c).where(ItemRow.encounter_seq.in_(seqs)))).one()
        row = (await session.execute(sa.select(*EncounterRow.__table__.c).where(EncounterRow.seq.in_(seqs)))).one()
    kept = b"".join(value for value in (*item, *row) if isinstance(value, bytes))
    assert len(kept) > len(image)
    assert b"SEEN-IN-CLEAR" not in kept
    assert image[:32] not in kept
    assert b"LFT1" not in kept


async def test_each_member_state_seals_with_its_own_key(abis: Abis) -> None:
    body = encounter(missing())
    person = (await abis.ask("POST", "/v1/persons", json=body, member="THA")).json()["personId"]
    async with abis.app.state.database.read() as session:
        assert (await session.get_one(PersonRow, person)).member == "THA"
    assert (await abis.ask("POST", "/v1/persons", json=body, member="FRA")).status_code == 403


async def test_a_caller_who_goes_away_leaves_table_and_memory_in_step(abis: Abis) -> None:
    await abis.enrol(finger(5), galleries=("hasty",))
    sent = Encounter.model_validate(encounter(finger(5, 1), galleries=("hasty",)))
    store, extracted = abis.app.state.store, await abis.app.state.extractor.extract_all(sent.biometricData)
    person, name = new_id(), new_id()
    task = asyncio.create_task(store.create(sent, extracted, Owner("IDN", "test"), person, name))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await store.close()
    assert (await abis.ask("GET", f"/v1/persons/{person}/encounters/{name}")).status_code == 200
    assert person in [found["personId"] for found in await abis.identify(finger(5), gallery="hasty")]
