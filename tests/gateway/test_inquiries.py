"""A registration asks the other member by itself, with real engines: what comes of it here, and what is left there."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa

from services.cli.connection import Identity
from services.cli.enrol import encode, register
from services.gateway.probes import inquiries
from services.gateway.probes.tables import HitRow
from services.gateway.tables import AuditRow
from services.sandbox.faces import CAST
from services.sandbox.region import Impression, Shot
from services.sandbox.studio import Studio
from shared.contracts.caller import Caller, Purpose
from shared.contracts.region import Probe
from tests.conftest import MakeDeployment
from tests.gateway.members_on_loopback import Member, Region, a_region
from tests.gateway.test_probes import everything_on_disk

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(120)]

DESK = Identity("desk", Purpose.WORKER_REGISTRATION)
REVIEWER = Identity("adjudicator", Purpose.ADJUDICATION, "KES 7/2026")
STUDIO = Studio()
AGREED = (Purpose.WORKER_REGISTRATION, Purpose.ADJUDICATION)


@pytest.fixture(scope="module")
async def region(tmp_path_factory: pytest.TempPathFactory, make_deployment: MakeDeployment) -> AsyncIterator[Region]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inquiries, "CHECK_S", 3600.0)  # tests ask when they want to
        async with a_region(tmp_path_factory.mktemp("region"), make_deployment, ("IDN", "MYS"), AGREED) as region:
            yield region


def worker(person: int, shot: int, number: str, **changes: Any) -> dict[str, Any]:
    return {
        "name": "Siti Aminah", "born": "1996-04-02", "nationality": "IDN",
        "photo": encode(STUDIO.photo(Shot(CAST[person], shot))),
        "fingers": [{"position": "right-index", "image": encode(STUDIO.fingerprint(Impression(100 + person, shot)))}],
        "document": {"issuer": "IDN", "number": number},
    } | changes  # fmt: skip


UNSEEN = {
    "name": "Ani Susanti", "born": "1996-04-02", "nationality": "IDN", "no_biometrics": "INJURED",
    "document": {"issuer": "IDN", "number": "C1234567"},
}  # fmt: skip


@pytest.fixture(scope="module")
async def siti(region: Region) -> dict[str, Any]:
    """Known in Malaysia."""
    return await register(region["MYS"].api, DESK, worker(0, 1, "C1234567"), "siti")


async def read(region: Region, registration: dict[str, Any]) -> dict[str, Any]:
    return (await region["IDN"].api.ask(DESK, "GET", f"/v1/registrations/{registration['registration']}")).json()


async def register_and_ask(region: Region, key: str, body: dict[str, Any]) -> dict[str, Any]:
    """What stands in the registration when the other member was asked; at the desk's answer nobody was."""
    registered = await register(region["IDN"].api, DESK, body, key)
    assert registered["elsewhere"] == []
    assert await region["IDN"].app.state.inquirer.ask_due() == 1
    return await read(region, registered)


async def hits(member: Member) -> int:
    async with member.app.state.database.read() as session:
        return int((await session.scalar(sa.select(sa.func.count()).select_from(HitRow))) or 0)


async def test_who_is_registered_there_under_another_document_is_a_case_here(
    region: Region, siti: dict[str, Any]
) -> None:
    found = await register_and_ask(region, "dewi", worker(0, 2, "X7654321", name="Dewi Lestari"))
    (signal,) = found["signals"]
    assert (signal["code"], signal["strength"]) == ("CANDIDATE_IN_OTHER_MEMBER", "strong")
    (candidate,) = signal["evidence"]["candidates"]
    assert (candidate["member"], candidate["band"], candidate["document"]) == ("MYS", "very_strong", "not shown")
    assert siti["registration"] not in str(found)
    assert [(each["member"], each["state"], each["compared"]) for each in found["elsewhere"]] == [
        ("MYS", "answered", True)
    ]
    question = {"member": "MYS", "reference": candidate["reference"], "legal_basis": "Agreement, article 7"}
    content = (await region["IDN"].api.ask(REVIEWER, "POST", "/v1/region/content", json=question)).json()
    assert content["state"] == "waiting"  # the reference is one that the reviewers of the case can ask with


async def test_the_same_person_with_the_same_document_is_told_and_weak(region: Region, siti: dict[str, Any]) -> None:
    found = await register_and_ask(region, "siti-again", worker(0, 3, "c 123-4567"))
    ours = next(each for each in found["signals"] if each["code"] == "CANDIDATE_IN_OTHER_MEMBER")
    assert ours["strength"] == "weak"
    assert ours["evidence"]["candidates"][0]["document"] == "shown by the same person"


async def test_somebody_elses_document_number_there_is_strong(region: Region, siti: dict[str, Any]) -> None:
    found = await register_and_ask(region, "borrower", worker(3, 1, "C1234567", name="Rina Wati"))
    ours = [each for each in found["signals"] if each["code"].endswith("IN_OTHER_MEMBER")]
    assert [(each["code"], each["strength"]) for each in ours] == [("DOCUMENT_IN_OTHER_MEMBER", "strong")]
    found = await register_and_ask(region, "unseen", UNSEEN | {"name": "Wulan Dari"})
    ours = [each for each in found["signals"] if each["code"].endswith("IN_OTHER_MEMBER")]
    assert [(each["code"], each["strength"]) for each in ours] == [("DOCUMENT_IN_OTHER_MEMBER", "weak")]
    assert [(each["state"], each["compared"]) for each in found["elsewhere"]] == [("answered", None)]


async def test_who_is_not_there_leaves_nothing_there(region: Region, siti: dict[str, Any]) -> None:
    before, indonesia = await hits(region["MYS"]), region["IDN"]
    registered = await register(indonesia.api, DESK, worker(5, 1, "Z0000001", name="Ayu Putri"), "ayu")
    marks = [each[40:72] for each in await templates_due(indonesia)]
    assert len(marks) == 2
    assert await indonesia.app.state.inquirer.ask_due() == 1
    found = await read(region, registered)
    assert ([each["state"] for each in found["elsewhere"]], found["signals"]) == (["answered"], [])
    assert await hits(region["MYS"]) == before
    known = sa.select(AuditRow.kind, AuditRow.action).where(AuditRow.client_id == "registration").distinct()
    async with indonesia.app.state.database.read() as session:
        assert (await session.execute(known)).all() == [("probe", "identify")]  # that they went out stands in our log
    for name, octets in everything_on_disk(region["MYS"]):
        assert not any(mark in octets or base64.b64encode(mark)[4:36] in octets for mark in marks), name


async def test_a_member_that_is_away_is_listed_and_asked_again(region: Region) -> None:
    await region.publish(MYS={"address": "http://127.0.0.1:9"})
    found = await register_and_ask(region, "away", UNSEEN)
    (malaysia,) = found["elsewhere"]
    assert (malaysia["state"], malaysia["reason"]) == ("silent", "away")
    assert malaysia["again_until"] is not None
    await region.publish(MYS={"answers": []})
    found = await register_and_ask(region, "not agreed", UNSEEN)
    (malaysia,) = found["elsewhere"]
    assert (malaysia["state"], malaysia["reason"], malaysia["again_until"]) == ("not_asked", "purpose", None)
    await region.publish()


async def templates_due(member: Member) -> list[bytes]:
    """What will be sent of whose turn it is, as the gateway gets it."""
    scopes = frozenset({"abis.identify"})
    caller = Caller(
        client_id="t", organisation="t", member=member.code, purpose=Purpose.WORKER_REGISTRATION, scopes=scopes
    )
    state = member.app.state
    (inquiry,) = (await state.registry.request(caller, "GET", "/v1/region/inquiries")).json()["inquiries"]
    answer = await state.biometrics.request(caller, "GET", f"/v1/probes/{inquiry['person']}")
    return [item.template for item in Probe.model_validate_json(answer.content).items]
