"""People decide through the real gateway, with real engines: a case, its images, a withdrawal, no biometrics."""

import secrets
from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest
import sqlalchemy as sa

from services.biometrics.encounters.tables import PersonRow
from services.cli.connection import Api, Identity, RefusedError, connect
from services.cli.enrol import encode, register
from services.gateway.access.policy import Action, Kind, load_policy
from services.registry.workers.tables import RegistrationRow
from services.sandbox.faces import CAST
from services.sandbox.region import Impression, Shot
from services.sandbox.studio import Studio
from shared.contracts.caller import Purpose, Role
from shared.db.database import Database
from shared.settings import Settings
from tests.conftest import MakeDeployment

pytestmark = pytest.mark.anyio

DESK = Identity("desk", Purpose.WORKER_REGISTRATION)
ADJUDICATOR = Identity("adjudicator", Purpose.ADJUDICATION)
CHILD = Identity("child-protection", Purpose.CHILD_PROTECTION)
SUPPORT = Identity("child-protection", Purpose.VICTIM_SUPPORT)
STUDIO = Studio()


@pytest.fixture(scope="module")
def settings(make_deployment: MakeDeployment) -> Settings:
    return make_deployment("sqlite")


@pytest.fixture(scope="module")
async def api(settings: Settings) -> AsyncIterator[Api]:
    async with connect(settings) as connected:
        yield connected


def a_worker(shot: int, **particulars: Any) -> dict[str, Any]:
    prints = [{"position": "right-index", "image": encode(STUDIO.fingerprint(Impression(640, shot)))}]
    return {"photo": encode(STUDIO.photo(Shot(CAST[9], shot))), "fingers": prints, "born": "1994-05-06"} | particulars


async def refusal(api: Api, *asked: Any, **options: Any) -> RefusedError:
    with pytest.raises(RefusedError) as refused:
        await api.ask(*asked, **options)
    return refused.value


async def cases(api: Api, about: str) -> list[dict[str, Any]]:
    """The cases about a registration, once its signals are weighed."""
    with anyio.fail_after(30):
        while True:
            items = (await api.ask(ADJUDICATOR, "GET", "/v1/adjudications")).json()["items"]
            if found := [item for item in items if item["registration"] == about]:
                return found
            await anyio.sleep(0.05)


async def persons(settings: Settings, registration: str) -> int:
    """How many persons the biometric service holds for a registration."""
    registry, biometrics = (Database(settings.database_url(name)) for name in ("registry", "biometrics"))
    async with registry.read() as session:
        query = sa.select(RegistrationRow.person_id).where(RegistrationRow.id == registration)
        person = (await session.scalars(query)).one()
    async with biometrics.read() as session:
        held = sa.select(sa.func.count()).select_from(PersonRow).where(PersonRow.person_id == person)
        count = await session.scalar(held) or 0
    await registry.close()
    await biometrics.close()
    return count


async def test_a_contradiction_comes_to_people_and_a_withdrawal_erases_it(api: Api, settings: Settings) -> None:
    first = await register(api, DESK, a_worker(1, name="Maya Sari"), secrets.token_hex(8))
    second = await register(api, DESK, a_worker(2, name="Dewi Lestari"), secrets.token_hex(8))
    assert second["state"] == "PROVISIONAL"
    (item,) = await cases(api, second["registration"])
    assert item["codes"] == ["SAME_PERSON_OTHER_IDENTITY"]
    path = f"/v1/adjudications/{item['case']}"
    case = (await api.ask(ADJUDICATOR, "POST", f"{path}/claim", json={})).json()
    mine, other = case["records"]
    assert (mine["name"], other["name"], other["differs"]) == ("Dewi Lestari", "Maya Sari", ["name"])
    photo = await api.ask(ADJUDICATOR, "GET", other["images"][0]["address"])
    assert photo.headers["content-type"].startswith("image/")
    assert photo.headers["cache-control"] == "no-store"
    body = {"finding": "SAME_IDENTITY", "other": first["registration"], "reason": "Seen."}
    alone = await refusal(api, ADJUDICATOR, "POST", f"{path}/decision", json=body | {"grounds": ["FACE_AGE_ESTIMATE"]})
    assert (alone.status, alone.problem["type"]) == (422, "urn:lindung:problem:sole-ground")
    await api.ask(ADJUDICATOR, "POST", f"{path}/decision", json=body | {"grounds": ["FACES_COMPARED"]})
    assert (await refusal(api, CHILD, "GET", path)).status == 404

    gone = second["registration"]
    assert await persons(settings, gone) == 1
    done = await api.ask(DESK, "POST", f"/v1/registrations/{gone}/withdrawal", json={"reason": "I go home."})
    assert done.json()["state"] == "WITHDRAWN"
    with anyio.fail_after(30):
        while await persons(settings, gone):  # noqa: ASYNC110  what is awaited is a job
            await anyio.sleep(0.05)
    assert await persons(settings, first["registration"]) == 1
    again = await register(api, DESK, a_worker(3, name="Maya Sari"), secrets.token_hex(8))
    assert [each["registration"] for each in again["candidates"]] == [first["registration"]]


async def test_who_refuses_biometrics_is_registered_and_marked(api: Api) -> None:
    notice = {"version": "2026-1", "language": "id", "biometrics_agreed": False}
    made = await register(api, DESK, {"name": "Rini", "born": "1990", "notice": notice}, secrets.token_hex(8))
    assert (made["state"], made["missing"]) == ("PROVISIONAL", ["biometrics: none captured (REFUSED)"])
    hurt = {"name": "Yuni", "born": "1991", "no_biometrics": "INJURED"}
    made = await register(api, DESK, hurt, secrets.token_hex(8))
    assert made["missing"] == ["biometrics: none captured (INJURED)"]
    for against in ({"notice": notice}, {"no_biometrics": "REFUSED"}):
        taken = a_worker(4, name="Wati") | against
        headers = {"Idempotency-Key": secrets.token_hex(8)}
        assert (await refusal(api, DESK, "POST", "/v1/registrations", json=taken, headers=headers)).status == 422


async def test_protection_as_a_victim_is_for_those_who_support(api: Api) -> None:
    made = await register(api, DESK, {"name": "Lia", "born": "2012"}, secrets.token_hex(8))
    path = f"/v1/registrations/{made['registration']}/victim-status"
    told = await api.ask(SUPPORT, "PUT", path, json={"status": "PRESUMED", "reason": "She asked for help."})
    assert told.json()["status"] == "PRESUMED"
    for nobody in (DESK, ADJUDICATOR):
        assert (await refusal(api, nobody, "GET", path)).status == 403


def test_only_reviewers_and_support_are_let_through() -> None:
    rows = load_policy().rows
    deciding = {(row.role, row.purpose) for row in rows if row.kind is Kind.ADJUDICATION}
    assert deciding == {
        (Role.ADJUDICATOR, Purpose.ADJUDICATION),
        (Role.CHILD_PROTECTION, Purpose.CHILD_PROTECTION),
    }
    support = {row.role for row in rows if row.kind is Kind.VICTIM}
    assert support == {Role.CHILD_PROTECTION, Role.VICTIM_SUPPORT}
    assert {row.action for row in rows if row.kind is Kind.VICTIM} == {Action.READ, Action.WRITE}
