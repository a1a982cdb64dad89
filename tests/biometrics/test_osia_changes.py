"""OSIA's changes: update, status, galleries, merge and move; what is refused changes nothing."""

import asyncio
import base64
from collections.abc import AsyncIterator

import httpx
import pytest
import sqlalchemy as sa

from services.biometrics.encounters.tables import PersonRow
from shared.contracts.osia import Error
from shared.settings import Settings
from tests.biometrics.osia_client import Abis, encounter, finger, missing, new_id, running

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def abis(anyio_backend: object, deployment: Settings) -> AsyncIterator[Abis]:
    async with running(deployment) as service:
        yield service


async def read(abis: Abis, person: str) -> list[dict[str, object]]:
    answer = await abis.ask("GET", f"/v1/persons/{person}/encounters")
    assert answer.status_code == 200
    found: list[dict[str, object]] = answer.json()
    return found


async def found(abis: Abis, gallery: str, seed: int) -> set[str]:
    """Who is found; nobody where the gallery is not there."""
    wanted = {"filter": {}, "biometricData": [finger(seed, 1)]}
    answer = await abis.ask("POST", f"/v1/identify/{gallery}", json=wanted)
    return {each["personId"] for each in answer.json()} if answer.status_code == 200 else set()


def is_error(answer: httpx.Response, code: int) -> bool:
    return answer.status_code == 400 and Error.model_validate(answer.json()).code == code


async def test_an_update_takes_the_place_of_what_was_there(abis: Abis) -> None:
    gallery, other = new_id(), new_id()
    person, name = await abis.enrol(finger(21), galleries=(gallery,), clientData="AAAA")
    before = (await read(abis, person))[0]
    sent = encounter(finger(22), missing(), galleries=(other,))
    answer = await abis.ask("PUT", f"/v1/persons/{person}/encounters/{name}", json=sent)
    assert answer.status_code == 200
    assert (answer.json()["personId"], answer.json()["encounterId"]) == (person, name)
    after = (await read(abis, person))[0]
    assert after["createdDate"] == before["createdDate"]
    assert str(after["updatedDate"]) > str(before["updatedDate"])
    assert after["galleries"] == [other]
    assert "clientData" not in after
    assert [each["biometricType"] for each in after["biometricData"]] == ["FINGER", "FINGER"]  # type: ignore[attr-defined]
    assert await found(abis, other, 22) == {person}
    assert await found(abis, "ALL", 21) & {person} == set()


async def test_an_update_that_cannot_be_taken_changes_nothing(abis: Abis) -> None:
    person, name = await abis.enrol(finger(21))
    before = await read(abis, person)
    path = f"/v1/persons/{person}/encounters/{name}"
    bad = {"biometricType": "FACE", "image": base64.b64encode(b"not an image").decode()}
    assert is_error(await abis.ask("PUT", path, json=encounter(bad)), 3)
    assert is_error(await abis.ask("PUT", path, json=encounter(missing(), encounterId="another")), 1)
    unknown = await abis.ask("PUT", f"/v1/persons/{person}/encounters/none", json=encounter(missing()))
    nobody = await abis.ask("PUT", f"/v1/persons/{new_id()}/encounters/none", json=encounter(missing()))
    assert (unknown.status_code, nobody.status_code) == (404, 404)
    assert await read(abis, person) == before


async def test_an_inactive_encounter_is_kept_and_not_searched(abis: Abis) -> None:
    gallery = new_id()
    person, name = await abis.enrol(finger(23), galleries=(gallery,))
    path = f"/v1/persons/{person}/encounters/{name}/status"
    for status, seen in (("INACTIVE", set()), ("INACTIVE", set()), ("ACTIVE", {person}), ("ACTIVE", {person})):
        answer = await abis.ask("PUT", path, status=status)
        assert (answer.status_code, answer.content) == (204, b"")
        assert (await read(abis, person))[0]["status"] == status
        assert await found(abis, gallery, 23) == seen
    assert is_error(await abis.ask("PUT", path, status="ASLEEP"), 1)
    assert is_error(await abis.ask("PUT", path), 1)
    assert is_error(await abis.ask("PUT", f"/v1/persons/{new_id()}/encounters/x/status", status="ACTIVE"), 6)


async def test_an_inactive_encounter_stays_unseen_whatever_is_done_to_it(abis: Abis) -> None:
    one, two = new_id(), new_id()
    person, name = await abis.enrol(finger(23), galleries=(one,), status="INACTIVE")
    await abis.ask("PUT", f"/v1/persons/{person}/encounters/{name}/galleries", json=[one, two])
    target, _ = await abis.enrol(missing(), galleries=(two,))
    moved = await abis.ask("POST", f"/v1/persons/{target}/move/{person}/encounters/{name}")
    assert moved.status_code == 204
    assert await found(abis, one, 23) | await found(abis, two, 23) == set()


async def test_galleries_change_in_table_and_memory_alike(abis: Abis) -> None:
    one, two, three = new_id(), new_id(), new_id()
    person, name = await abis.enrol(finger(24), galleries=(one, two))
    path = f"/v1/persons/{person}/encounters/{name}/galleries"
    assert (await abis.ask("PUT", path, json=[two, three])).status_code == 204
    assert (await read(abis, person))[0]["galleries"] == sorted([two, three])
    assert await found(abis, one, 24) == set()
    assert await found(abis, two, 24) == await found(abis, three, 24) == {person}
    for bad in ([], ["a", "a"], ["ALL"], "a", [1]):
        assert is_error(await abis.ask("PUT", path, json=bad), 1)
    assert (await read(abis, person))[0]["galleries"] == sorted([two, three])
    assert is_error(await abis.ask("PUT", f"/v1/persons/{person}/encounters/none/galleries", json=["a"]), 6)


async def test_merging_gives_everything_to_one_person(abis: Abis) -> None:
    gallery = new_id()
    target, _ = await abis.enrol(finger(25), galleries=(gallery,))
    source, first = await abis.enrol(finger(26), galleries=(gallery,), clientData="AAAA")
    _, second = await abis.enrol(missing(), galleries=(gallery,), person=source)
    before = {each["encounterId"]: each for each in await read(abis, source)}
    answer = await abis.ask("POST", f"/v1/persons/{target}/merge/{source}")
    assert (answer.status_code, answer.content) == (204, b"")
    after = {each["encounterId"]: each for each in await read(abis, target)}
    assert len(after) == 3
    assert {name: after[name] for name in (first, second)} == before
    assert (await abis.ask("GET", f"/v1/persons/{source}/encounters")).status_code == 404
    async with abis.app.state.database.read() as session:
        assert await session.get(PersonRow, source) is None
    assert await found(abis, gallery, 25) == await found(abis, gallery, 26) == {target}


async def test_what_was_merged_or_moved_is_read_by_a_service_that_starts_anew(abis: Abis) -> None:
    gallery = new_id()
    target, _ = await abis.enrol(missing(), galleries=(gallery,))
    for seed, way in ((27, "merge/{}"), (28, "move/{}/encounters/{}")):
        source, name = await abis.enrol(finger(seed), galleries=(gallery,))
        answer = await abis.ask("POST", f"/v1/persons/{target}/{way.format(source, name)}")
        assert answer.status_code == 204
    async with running(abis.settings) as again:
        assert await found(again, gallery, 27) == await found(again, gallery, 28) == {target}
        assert len(await read(again, target)) == 3


async def test_a_conflict_of_ids_merges_and_moves_nothing(abis: Abis) -> None:
    target, source = new_id(), new_id()
    for person, name in ((target, "same"), (source, "same"), (source, "other")):
        await abis.ask("POST", f"/v1/persons/{person}/encounters/{name}", json=encounter(missing()))
    before = await read(abis, target), await read(abis, source)
    for way in (f"merge/{source}", f"move/{source}/encounters/same", f"merge/{target}"):
        assert (await abis.ask("POST", f"/v1/persons/{target}/{way}")).status_code == 409
    for way in (f"merge/{new_id()}", f"move/{source}/encounters/none", f"move/{new_id()}/encounters/same"):
        assert (await abis.ask("POST", f"/v1/persons/{target}/{way}")).status_code == 404
    assert (await abis.ask("POST", f"/v1/persons/{new_id()}/merge/{source}")).status_code == 404
    assert (await read(abis, target), await read(abis, source)) == before


async def test_with_the_last_encounter_moved_the_person_is_gone(abis: Abis) -> None:
    target, _ = await abis.enrol(missing())
    source, first = await abis.enrol(missing())
    _, second = await abis.enrol(missing(), person=source)
    assert (await abis.ask("POST", f"/v1/persons/{target}/move/{source}/encounters/{first}")).status_code == 204
    assert [each["encounterId"] for each in await read(abis, source)] == [second]
    assert (await abis.ask("POST", f"/v1/persons/{target}/move/{source}/encounters/{second}")).status_code == 204
    assert (await abis.ask("GET", f"/v1/persons/{source}/encounters")).status_code == 404
    assert len(await read(abis, target)) == 3


async def test_merges_in_both_directions_at_once_lose_nothing(abis: Abis) -> None:
    one, _ = await abis.enrol(missing())
    two, _ = await abis.enrol(missing())
    ways = [f"/v1/persons/{one}/merge/{two}", f"/v1/persons/{two}/merge/{one}"]
    answers = await asyncio.gather(*(abis.ask("POST", way) for way in ways))
    assert sorted(answer.status_code for answer in answers) == [204, 404]
    left = one if answers[0].status_code == 204 else two
    assert len(await read(abis, left)) == 2


OTHERS = [{"member": "MYS"}, {"organisation": "another"}]


@pytest.mark.parametrize("other", OTHERS)
async def test_another_owners_person_is_not_there(abis: Abis, other: dict[str, str]) -> None:
    gallery = new_id()
    person, name = await abis.enrol(finger(29), galleries=(gallery,))
    own = (await abis.ask("POST", "/v1/persons", json=encounter(missing()), **other)).json()["personId"]
    mine = f"/v1/persons/{person}/encounters/{name}"
    none = f"/v1/persons/{new_id()}/encounters/{name}"
    for method, tail, more in (
        ("GET", "", {}),
        ("GET", "/templates", {}),
        ("PUT", "", {"json": encounter(missing())}),
        ("DELETE", "", {}),
        ("PUT", "/status", {"status": "INACTIVE"}),
        ("PUT", "/galleries", {"json": ["a"]}),
    ):
        theirs = await abis.ask(method, mine + tail, **more, **other)
        absent = await abis.ask(method, none + tail, **more, **other)
        assert theirs.status_code in {400, 404}
        assert (theirs.status_code, theirs.content) == (absent.status_code, absent.content)
    for method, path in (
        ("GET", f"/v1/persons/{person}/encounters"),
        ("DELETE", f"/v1/persons/{person}"),
        ("POST", f"/v1/persons/{own}/merge/{person}"),
        ("POST", f"/v1/persons/{person}/merge/{own}"),
        ("POST", f"/v1/persons/{own}/move/{person}/encounters/{name}"),
    ):
        assert (await abis.ask(method, path, **other)).status_code == 404
    for way in (person, f"{person}/encounters/{name}"):
        assert (await abis.ask("POST", f"/v1/identify/ALL/{way}", json={}, **other)).status_code == 404
    assert (await abis.ask("GET", f"/v1/galleries/{gallery}", **other)).json() == []
    assert await read(abis, person)


@pytest.mark.parametrize("other", OTHERS)
async def test_nobody_adds_to_another_owners_person(abis: Abis, other: dict[str, str]) -> None:
    person, _ = await abis.enrol(missing())
    for path in (f"/v1/persons/{person}/encounters", f"/v1/persons/{person}/encounters/new"):
        assert (await abis.ask("POST", path, json=encounter(missing()), **other)).status_code == 403
    assert len(await read(abis, person)) == 1


@pytest.mark.parametrize("other", OTHERS)
async def test_a_search_finds_persons_of_all_owners(abis: Abis, other: dict[str, str]) -> None:
    gallery = new_id()
    person, _ = await abis.enrol(finger(30), galleries=(gallery,))
    candidates = await abis.identify(finger(30, 1), gallery=gallery, **other)
    assert [each["personId"] for each in candidates] == [person]


async def test_of_a_person_that_is_gone_no_key_is_left(abis: Abis) -> None:
    target, source = (await abis.enrol(missing()))[0], (await abis.enrol(missing()))[0]
    async with abis.app.state.database.read() as session:
        key = await session.scalar(sa.select(PersonRow.subject_key).where(PersonRow.person_id == source))
    await abis.ask("POST", f"/v1/persons/{target}/merge/{source}")
    async with abis.app.state.database.read() as session:
        assert await session.scalar(sa.select(PersonRow.person_id).where(PersonRow.subject_key == key)) is None
