"""OSIA identify, verify and galleries, with real engines over made-up faces and prints."""

import asyncio
import math
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.biometrics.osia_client import (
    Abis,
    astronaut_png,
    encounter,
    face,
    finger,
    missing,
    new_id,
    portrait_png,
    running,
)

pytestmark = pytest.mark.anyio

ONE, ONE_AGAIN, STRANGER = (0, 1), (0, 0), (2, 1)
"""Seed and impression; the stranger's print is less like the first than nine in ten strangers' are."""


@pytest.fixture(scope="module")
async def abis(anyio_backend: object, make_deployment: Any) -> AsyncIterator[Abis]:
    async with running(make_deployment("sqlite")) as service:
        yield service


def persons(found: list[dict[str, Any]]) -> list[str]:
    return [each["personId"] for each in found]


async def test_a_person_is_found_among_others_with_the_evidence(abis: Abis) -> None:
    gallery = new_id()
    wanted, encounter_id = await abis.enrol(finger(10), finger(11, position="LEFT_INDEX"), galleries=(gallery,))
    for seed in (12, 13, 14):
        await abis.enrol(finger(seed), galleries=(gallery,))
    found = await abis.identify(finger(10, 1), finger(11, 1, "LEFT_INDEX"), gallery=gallery)
    assert persons(found) == [wanted]
    assert found[0]["rank"] == 1
    details = found[0]["scores"]
    others = found[0]["others"]
    assert others["bans"] == pytest.approx(sum(each["others"]["counted"] for each in details), abs=1e-3)
    assert others["threshold"] == pytest.approx(math.log10(4 / 0.001), abs=1e-4)
    assert found[0]["score"] > others["threshold"]
    assert others["extrapolated"] is True
    assert "contradiction" not in others
    assert {each["biometricSubType"] for each in details} == {"RIGHT_INDEX", "LEFT_INDEX"}
    for each in details:
        assert each["encounterId"] == encounter_id
        assert each["galleries"] == [gallery]
        assert 0 < each["score"] < 1
        assert each["others"]["evidence"] >= 3


async def test_faces_of_one_person_are_found_and_of_another_are_not(abis: Abis) -> None:
    gallery = new_id()
    wanted, _ = await abis.enrol(face(portrait_png(1)), galleries=(gallery,))
    assert persons(await abis.identify(face(portrait_png(1, 1)), gallery=gallery)) == [wanted]
    assert await abis.identify(face(astronaut_png()), gallery=gallery) == []


async def test_a_finger_that_contradicts_the_face_is_told_and_does_not_hide_the_candidate(abis: Abis) -> None:
    gallery = new_id()
    twin, _ = await abis.enrol(face(astronaut_png()), finger(*ONE), galleries=(gallery,))
    (alone,) = await abis.identify(face(astronaut_png(10)), gallery=gallery)
    (contradicted,) = await abis.identify(face(astronaut_png(10)), finger(*STRANGER), gallery=gallery)
    face_bans, finger_bans = [each["others"]["counted"] for each in contradicted["scores"]]
    assert contradicted["personId"] == twin
    assert face_bans == pytest.approx(alone["others"]["bans"])
    assert finger_bans < -1
    assert contradicted["others"]["contradiction"] == [
        {"modality": "FACE", "bans": face_bans},
        {"modality": "FINGER", "bans": finger_bans},
    ]
    assert alone["score"] - 1 <= contradicted["score"] + 1e-3 < alone["score"]


async def test_a_print_that_the_face_contradicts_is_told_too(abis: Abis) -> None:
    gallery = new_id()
    borrowed, _ = await abis.enrol(face(portrait_png(1)), finger(10), galleries=(gallery,))
    (found,) = await abis.identify(face(astronaut_png()), finger(10, 1), gallery=gallery)
    assert found["personId"] == borrowed
    assert {each["modality"]: each["bans"] > 0 for each in found["others"]["contradiction"]} == {
        "FACE": False,
        "FINGER": True,
    }


async def test_the_default_threshold_grows_with_the_gallery_searched(abis: Abis) -> None:
    gallery = new_id()
    for seed in (10, 12):
        await abis.enrol(finger(seed), galleries=(gallery,))
    (small,) = await abis.identify(finger(10, 1), gallery=gallery)
    assert small["others"]["threshold"] == pytest.approx(math.log10(2 / 0.001), abs=1e-4)
    third, name = await abis.enrol(finger(13), galleries=(gallery,))
    await abis.enrol(finger(13, 1), person=third, galleries=(gallery,))  # again the same person
    (larger,) = await abis.identify(finger(10, 1), gallery=gallery)
    assert larger["others"]["threshold"] == pytest.approx(math.log10(3 / 0.001), abs=1e-4)
    assert larger["score"] == small["score"]
    away = f"/v1/persons/{third}/encounters/{name}"
    assert (await abis.ask("DELETE", away)).status_code in {200, 204}
    (same,) = await abis.identify(finger(10, 1), gallery=gallery)
    assert same["others"]["threshold"] == larger["others"]["threshold"]


async def test_evidence_of_several_encounters_is_one_candidate(abis: Abis) -> None:
    gallery = new_id()
    wanted, _ = await abis.enrol(finger(10), galleries=(gallery,))
    _, second = await abis.enrol(finger(11, position="LEFT_INDEX"), person=wanted, galleries=(gallery,))
    (found,) = await abis.identify(finger(10, 1), finger(11, 1, "LEFT_INDEX"), gallery=gallery)
    assert found["personId"] == wanted
    assert len({each["encounterId"] for each in found["scores"]}) == 2
    assert second in {each["encounterId"] for each in found["scores"]}


async def test_positions_are_respected_and_unknown_ones_searched_everywhere(abis: Abis) -> None:
    gallery = new_id()
    named, _ = await abis.enrol(finger(10, position="RIGHT_THUMB"), galleries=(gallery,))
    unnamed, _ = await abis.enrol(finger(10, position=None), galleries=(gallery,))
    search = {"gallery": gallery}
    assert set(persons(await abis.identify(finger(10, 1, "RIGHT_THUMB"), **search))) == {named, unnamed}
    assert persons(await abis.identify(finger(10, 1, "LEFT_THUMB"), **search)) == [unnamed]
    assert set(persons(await abis.identify(finger(10, 1, "UNKNOWN"), **search))) == {named, unnamed}


async def test_inactive_encounters_are_kept_and_not_searched(abis: Abis) -> None:
    gallery = new_id()
    person, name = await abis.enrol(finger(10), galleries=(gallery,), status="INACTIVE")
    assert await abis.identify(finger(10, 1), gallery=gallery) == []
    assert (await abis.ask("GET", f"/v1/persons/{person}/encounters/{name}")).json()["status"] == "INACTIVE"
    verified = await abis.ask("POST", f"/v1/verify/{gallery}/{person}", json={"biometricData": [finger(10, 1)]})
    assert verified.json()["decision"] is False


async def test_the_filter_leaves_modalities_out(abis: Abis) -> None:
    gallery = new_id()
    await abis.enrol(finger(10), galleries=(gallery,))
    both = (finger(10, 1), face(astronaut_png()))
    assert len(await abis.identify(*both, gallery=gallery, filter={"biometricType": ["FINGER"]})) == 1
    assert await abis.identify(*both, gallery=gallery, filter={"biometricType": ["FACE"]}) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"filter": {"dateOfBirthMin": "1990-01-01"}, "biometricData": [finger(10)]}, "no biographic data"),
        ({"filter": {"biometricType": ["NOSE"]}, "biometricData": [finger(10)]}, "biometricType"),
        ({"filter": {}, "biometricData": [missing()]}, "nothing to compare"),
        ({"filter": {}, "biometricData": []}, "nothing to compare"),
        ({"filter": {"biometricType": ["IRIS"]}, "biometricData": [finger(10)]}, "nothing to compare"),
        ({"filter": {}, "biometricData": [face(astronaut_png()[:900])]}, "biometricData/0: DAMAGED"),
        ({"biometricData": [finger(10)]}, "filter"),
        (
            {"filter": {}, "biometricData": [finger(10)], "integrity": [{"scope": "$", "alg": "x", "hash": "y"}]},
            "integ",
        ),
    ],
)
async def test_a_search_that_makes_no_sense_is_refused(abis: Abis, body: dict[str, Any], said: str) -> None:
    answer = await abis.ask("POST", "/v1/identify/ALL", json=body)
    assert answer.status_code == 400
    assert said in answer.json()["message"]


@pytest.mark.parametrize("params", [{"threshold": 101}, {"threshold": "nan"}, {"maxNbCand": 0}, {"maxNbCand": 101}])
async def test_limits_and_thresholds_have_bounds(abis: Abis, params: dict[str, Any]) -> None:
    body = {"filter": {}, "biometricData": [finger(10)]}
    assert (await abis.ask("POST", "/v1/identify/ALL", json=body, **params)).status_code == 400


async def test_the_threshold_and_the_number_of_candidates_are_kept(abis: Abis) -> None:
    gallery = new_id()
    for impression in (0, 2):
        await abis.enrol(finger(10, impression), galleries=(gallery,))
    first, second = await abis.identify(finger(10, 1), gallery=gallery)
    assert (first["rank"], second["rank"]) == (1, 2)
    assert first["score"] >= second["score"]
    assert await abis.identify(finger(10, 1), gallery=gallery, maxNbCand=1) == [first]
    assert await abis.identify(finger(10, 1), gallery=gallery, threshold=50) == []


async def test_all_means_every_gallery(abis: Abis) -> None:
    one, two, both = new_id(), new_id(), new_id()
    first, _ = await abis.enrol(finger(20), galleries=(one, both))
    second, _ = await abis.enrol(finger(20, 2), galleries=(two, both))
    assert persons(await abis.identify(finger(20, 1), gallery=one)) == [first]
    found = await abis.identify(finger(20, 1), gallery="ALL")
    assert set(persons(found)) == {first, second}
    (detail,) = next(each["scores"] for each in found if each["personId"] == first)
    assert detail["galleries"] == sorted([one, both])


async def test_a_search_from_the_record_leaves_the_person_out(abis: Abis) -> None:
    gallery = new_id()
    person, first = await abis.enrol(finger(10), galleries=(gallery,))
    _, second = await abis.enrol(finger(12, position="LEFT_INDEX"), person=person, galleries=(gallery,))
    double, _ = await abis.enrol(finger(10, 1), galleries=(gallery,))
    path = f"/v1/identify/{gallery}/{person}"
    assert persons((await abis.ask("POST", path, json={})).json()) == [double]
    assert persons((await abis.ask("POST", f"{path}/encounters/{first}", json={})).json()) == [double]
    assert (await abis.ask("POST", f"{path}/encounters/{second}", json={})).json() == []
    only_faces = await abis.ask("POST", path, json={"biometricType": ["FACE"]})
    assert (only_faces.status_code, only_faces.json()["code"]) == (400, 4)
    assert (await abis.ask("POST", path, json={"name": "x"})).status_code == 400


async def test_verify_says_yes_to_the_person_and_no_to_another(abis: Abis) -> None:
    gallery = new_id()
    person, name = await abis.enrol(finger(*ONE), galleries=(gallery,))
    path = f"/v1/verify/{gallery}/{person}"
    yes = (await abis.ask("POST", path, json={"biometricData": [finger(*ONE_AGAIN)]})).json()
    assert yes["decision"] is True
    assert yes["scores"][0]["encounterId"] == name
    assert yes["scores"][0]["others"]["threshold"] == 3.0
    no = (await abis.ask("POST", path, json={"biometricData": [finger(*STRANGER)]})).json()
    assert no["decision"] is False
    assert no["scores"][0]["others"]["counted"] < 0
    nothing_common = (await abis.ask("POST", path, json={"biometricData": [face(astronaut_png())]})).json()
    assert nothing_common == {"decision": False, "scores": []}
    strict = await abis.ask("POST", path, json={"biometricData": [finger(*ONE_AGAIN)]}, threshold=50)
    assert strict.json()["decision"] is False


async def test_two_sets_of_images_are_compared_and_not_kept(abis: Abis) -> None:
    async def decision(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> bool:
        answer = await abis.ask("POST", "/v1/verify", json={"biometricData1": one, "biometricData2": other})
        assert answer.status_code == 200, answer.text
        return bool(answer.json()["decision"])

    before = (await abis.ask("GET", "/v1/galleries/ALL", limit=10_000)).json()
    assert await decision([finger(10)], [finger(10, 1), finger(11, position="LEFT_INDEX")])
    assert not await decision([finger(10)], [finger(12)])
    assert await decision([face(astronaut_png())], [face(astronaut_png(15))])
    assert (await abis.ask("GET", "/v1/galleries/ALL", limit=10_000)).json() == before


@pytest.mark.parametrize(
    "path",
    ["/v1/identify/nowhere", "/v1/identify/nowhere/nobody", "/v1/verify/nowhere/nobody", "/v1/verify/ALL/nobody"],
)
async def test_unknown_galleries_and_persons_are_404(abis: Abis, path: str) -> None:
    body: dict[str, Any] = {"biometricData": [finger(10)]}
    if path.count("/") == 3:
        body["filter"] = {}
    answer = await abis.ask("POST", path, json={} if "nobody" in path and "identify" in path else body)
    assert answer.status_code == 404
    assert (await abis.ask("GET", "/v1/galleries/nowhere")).status_code == 404


async def test_galleries_are_listed_and_paged(abis: Abis) -> None:
    gallery = new_id()
    ids = [await abis.enrol(missing(), galleries=(gallery,)) for _ in range(3)]
    assert gallery in (await abis.ask("GET", "/v1/galleries")).json()
    content = (await abis.ask("GET", f"/v1/galleries/{gallery}")).json()
    assert [(each["personId"], each["encounterId"]) for each in content] == ids
    page = (await abis.ask("GET", f"/v1/galleries/{gallery}", offset=1, limit=1)).json()
    assert page == content[1:2]
    everywhere = (await abis.ask("GET", "/v1/galleries/ALL", limit=10_000)).json()
    assert everywhere[-3:] == content


async def test_what_was_erased_is_not_found(abis: Abis) -> None:
    gallery = new_id()
    stays, _ = await abis.enrol(finger(10), galleries=(gallery,))
    goes, name = await abis.enrol(finger(10, 2), galleries=(gallery,))
    assert set(persons(await abis.identify(finger(10, 1), gallery=gallery))) == {stays, goes}
    await abis.ask("DELETE", f"/v1/persons/{goes}/encounters/{name}")
    assert persons(await abis.identify(finger(10, 1), gallery=gallery)) == [stays]
    await abis.ask("DELETE", f"/v1/persons/{stays}")
    assert (await abis.ask("POST", f"/v1/identify/{gallery}/{stays}", json={})).status_code == 404


async def test_two_enrolled_at_once_do_not_miss_each_other(abis: Abis) -> None:
    async def enrol_then_search(impression: int) -> list[str]:
        person, _ = await abis.enrol(finger(21, impression), galleries=("both",))
        answer = await abis.ask("POST", f"/v1/identify/both/{person}", json={})
        return [person, *persons(answer.json())]

    one, two = await asyncio.gather(enrol_then_search(0), enrol_then_search(1))
    assert two[0] in one or one[0] in two


async def test_a_restart_keeps_everything(make_deployment: Any) -> None:
    settings = make_deployment("sqlite")
    async with running(settings) as before:
        person, _ = await before.enrol(finger(10), face(astronaut_png()))
        asleep, _ = await before.enrol(finger(10, 2), status="INACTIVE")
        gone, name = await before.enrol(finger(10, 1))
        await before.ask("DELETE", f"/v1/persons/{gone}/encounters/{name}")
    async with running(settings) as after:
        (found,) = await after.identify(finger(10, 1), face(astronaut_png(10)))
        assert found["personId"] == person
        assert {each["biometricType"] for each in found["scores"]} == {"FACE", "FINGER"}
        assert (await after.ask("GET", f"/v1/persons/{asleep}/encounters")).status_code == 200
        later, _ = await after.enrol(missing())
        content = (await after.ask("GET", "/v1/galleries/workers")).json()
        assert [each["personId"] for each in content] == [person, asleep, later]


async def test_a_whole_encounter_may_be_missing_everything(abis: Abis) -> None:
    person, _ = await abis.enrol(missing("LEFT_THUMB"), missing("RIGHT_THUMB"))
    answer = await abis.ask("POST", f"/v1/identify/ALL/{person}", json={})
    assert (answer.status_code, answer.json()["code"]) == (400, 4)
    assert (await abis.ask("POST", "/v1/persons", json=encounter())).status_code == 200
