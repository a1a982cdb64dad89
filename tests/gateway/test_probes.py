"""Hit or no hit between two members with real engines: what the asked one learns, keeps and gives, and what not."""

import base64
import json
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from services import standalone
from services.biometrics.app import create_app as create_biometric_service
from services.cli.connection import Identity, RefusedError
from services.cli.enrol import encode, register
from services.gateway.federation.peers import Answer
from services.gateway.probes.inbound import band_of
from services.gateway.probes.seals import NotSealedToUsError, Opener, seal_to
from services.sandbox.faces import CAST
from services.sandbox.region import Impression, Shot
from services.sandbox.studio import Studio
from shared.contracts.caller import Caller, Purpose
from shared.contracts.region import Probe, ScoreBand, SealedProbe
from shared.crypto.keyfiles import new_signing_key
from shared.settings import Settings
from tests.conftest import MakeDeployment
from tests.gateway.members_on_loopback import Member, Region, a_region

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]

DESK = Identity("desk", Purpose.WORKER_REGISTRATION)
ASKER = Identity("adjudicator", Purpose.ADJUDICATION, "KES 7/2026")
NO_CASE = Identity("adjudicator", Purpose.ADJUDICATION)
STUDIO = Studio()


BIOMETRICS: dict[str, FastAPI] = {}


def make_app(settings: Settings) -> FastAPI:
    """The three services, with a look at the memory of the biometric one."""

    def create_biometrics(settings: Settings) -> FastAPI:
        BIOMETRICS[settings.member] = create_biometric_service(settings)
        return BIOMETRICS[settings.member]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(standalone, "create_biometrics", create_biometrics)
        return standalone.create_app(settings)


@pytest.fixture(scope="module")
async def region(tmp_path_factory: pytest.TempPathFactory, make_deployment: MakeDeployment) -> AsyncIterator[Region]:
    folder = tmp_path_factory.mktemp("region")
    async with a_region(folder, make_deployment, ("IDN", "MYS"), (Purpose.ADJUDICATION,), make_app) as region:
        yield region


def images(person: int, shot: int) -> dict[str, Any]:
    photo = encode(STUDIO.photo(Shot(CAST[person], shot)))
    finger = encode(STUDIO.fingerprint(Impression(100 + person, shot)))
    return {
        "biometricData": [
            {"biometricType": "FACE", "biometricSubType": "PORTRAIT", "image": photo},
            {"biometricType": "FINGER", "biometricSubType": "RIGHT_INDEX", "image": finger},
        ]
    }


@pytest.fixture(scope="module")
async def siti(region: Region) -> dict[str, Any]:
    """Known in Malaysia."""
    worker = {
        "name": "Siti Aminah", "born": "1996-04-02", "nationality": "IDN", "sex": "F",
        "photo": encode(STUDIO.photo(Shot(CAST[0], 1))),
        "fingers": [{"position": "right-index", "image": encode(STUDIO.fingerprint(Impression(100, 1)))}],
        "document": {"issuer": "IDN", "number": "C1234567"},
    }  # fmt: skip
    return await register(region["MYS"].api, DESK, worker, "siti")


async def ask(region: Region, path: str, body: dict[str, Any], identity: Identity = ASKER) -> dict[str, Any]:
    return (await region["IDN"].api.ask(identity, "POST", path, json=body)).json()


async def hit(region: Region, shot: int = 2) -> dict[str, Any]:
    (malaysia,) = (await ask(region, "/v1/region/identify", images(0, shot)))["members"]
    assert (malaysia["state"], malaysia["outcome"]) == ("answered", "hit")
    return malaysia["hits"][0]


async def test_a_hit_is_a_reference_and_nothing_of_the_content(region: Region, siti: dict[str, Any]) -> None:
    found = await hit(region)
    assert set(found) == {"reference", "band", "compared", "quality", "expires", "same_as"}
    assert found["same_as"] == []
    assert (found["band"], found["compared"]) == ("very_strong", ["FACE", "FINGER"])
    assert (await hit(region))["reference"] != found["reference"]  # random, of this request


def everything_on_disk(member: Member) -> Iterator[tuple[str, bytes]]:
    """Every octet under a member's folder, write-ahead logs included."""
    for path in sorted(Path(member.settings.var).rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes()


def in_memory(code: str) -> tuple[Any, ...]:
    """How much the indexes of a member's biometric service hold, by index."""
    state = BIOMETRICS[code].state
    faces = {shelf: len(index) for shelf, index in state.face_shelves.shelves().items()}
    return len(state.galleries), state.galleries.finger_stats(), faces


async def probe_of(member: Member, taken: dict[str, Any]) -> Probe:
    """The templates of images, as the asking gateway gets them from its own biometric service."""
    caller = Caller(client_id="t", organisation="t", member=member.code, scopes=frozenset({"abis.identify"}))
    answer = await member.app.state.biometrics.request(caller, "POST", "/v1/probes/templates", json=taken)
    return Probe.model_validate_json(answer.content)


async def send_sealed(region: Region, content: bytes) -> Answer:
    """A probe as Indonesia's gateway sends it."""
    federation = region["IDN"].app.state.federation
    entry = federation.membership.member("MYS")
    sealed = SealedProbe.model_construct(id="0" * 32, sealed=seal_to(entry, "IDN", f"probe/{'0' * 32}", content))
    caller = Caller(client_id="t", organisation="t", member="IDN", purpose=Purpose.ADJUDICATION)
    return await federation.peers.ask(
        entry, "POST", "/federation/v1/identify", caller, sealed.model_dump_json().encode(), 20
    )


async def test_a_probe_that_matches_nobody_is_nowhere_afterwards(
    region: Region, siti: dict[str, Any], caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    malaysia = region["MYS"]
    before = in_memory("MYS")
    with caplog.at_level(logging.DEBUG):
        (answer,) = (await ask(region, "/v1/region/identify", images(5, 1)))["members"]
    assert (answer["state"], answer["outcome"], answer["hits"]) == ("answered", "no_hit", [])
    assert in_memory("MYS") == before
    templates = [item.template for item in (await probe_of(region["IDN"], images(5, 1))).items]
    assert len(templates) == 2
    marks = [mark for each in templates for mark in (each[40:72], base64.b64encode(each)[60:100])]
    for name, octets in everything_on_disk(malaysia):
        assert not any(mark in octets for mark in marks), name
    said = caplog.text + "".join(capsys.readouterr())
    assert not any(mark.decode("latin-1") in said for mark in marks)


async def test_the_marks_of_that_test_are_found_where_somebody_is_kept(region: Region, siti: dict[str, Any]) -> None:
    """A face that is enrolled lies in the index's memory as it is searched: the look at it sees something."""
    assert in_memory("MYS")[0] >= 1
    assert in_memory("IDN")[0] == 0


async def test_templates_of_another_model_are_not_comparable_and_never_no_hit(region: Region) -> None:
    probe = await probe_of(region["IDN"], images(0, 3))
    foreign = [{**item.model_dump(mode="json"), "model": "another-model-v9"} for item in probe.items]
    answer = await send_sealed(region, json.dumps({"items": foreign}).encode())
    told = json.loads(answer.body)
    assert (answer.status, told["outcome"], told["hits"]) == (200, "not_comparable", [])
    assert {item.model for item in probe.items} <= set(told["models"])


async def test_a_template_that_is_none_of_its_model_is_refused_in_words(region: Region) -> None:
    probe = await probe_of(region["IDN"], images(0, 3))
    for change in ({"template": base64.b64encode(b"\0" * 512).decode()}, {"template": "AAAA"}, {"type": "IRIS"}):
        items = [{**item.model_dump(mode="json"), **change} for item in probe.items]
        assert (await send_sealed(region, json.dumps({"items": items}).encode())).status == 422
    assert (await send_sealed(region, b"no probe")).status == 422


async def test_content_is_given_after_a_human_approved_it_once(region: Region, siti: dict[str, Any]) -> None:
    found = await hit(region)
    question = {"member": "MYS", "reference": found["reference"], "legal_basis": "Agreement, article 7"}
    with pytest.raises(RefusedError) as refused:
        await ask(region, "/v1/region/content", question, NO_CASE)
    assert refused.value.status == 400
    waiting = await ask(region, "/v1/region/content", question)
    assert (waiting["state"], waiting["records"], waiting["by"]) == ("waiting", [], None)
    (request,) = [
        each
        for each in (await region["MYS"].api.ask(NO_CASE, "GET", "/v1/region/requests")).json()["results"]
        if each["case_reference"] == ASKER.case
    ]
    assert (request["member"], request["user"], request["band"]) == ("IDN", "IDN:adjudicator", "very_strong")
    assert request["legal_basis"] == "Agreement, article 7"
    decision = f"/v1/region/requests/{request['id']}/decision"
    await region["MYS"].api.ask(NO_CASE, "POST", decision, json={"approve": True, "reason": "Same person"})
    with pytest.raises(RefusedError):
        await region["MYS"].api.ask(NO_CASE, "POST", decision, json={"approve": False, "reason": "Twice"})
    content = await ask(region, "/v1/region/content", question)
    assert (content["state"], content["by"]) == ("approved", "human")
    (record,) = content["records"]
    assert (record["registration"], record["name"], record["member"]) == (siti["registration"], "Siti Aminah", "MYS")


async def test_a_declined_request_tells_why_and_a_strange_reference_tells_nothing(region: Region) -> None:
    found = await hit(region)
    question = {"member": "MYS", "reference": found["reference"], "legal_basis": "None"}
    await ask(region, "/v1/region/content", question)
    (request,) = (await region["MYS"].api.ask(NO_CASE, "GET", "/v1/region/requests")).json()["results"]
    decision = {"approve": False, "reason": "No basis"}
    await region["MYS"].api.ask(NO_CASE, "POST", f"/v1/region/requests/{request['id']}/decision", json=decision)
    declined = await ask(region, "/v1/region/content", question)
    assert (declined["state"], declined["reason"], declined["records"]) == ("declined", "No basis", [])
    with pytest.raises(RefusedError) as refused:
        await ask(region, "/v1/region/content", question | {"reference": "x" * 32})
    assert refused.value.status == 503


async def test_a_standing_agreement_needs_no_human(region: Region, siti: dict[str, Any]) -> None:
    standing = [{"member": "IDN", "purposes": ["adjudication"], "agreement": "Exchange of letters 2026"}]
    entry = region["MYS"].entry.model_validate(region["MYS"].entry.model_dump() | {"standing": standing})
    await region.publish(MYS={"standing": entry.standing})
    found = await hit(region)
    question = {"member": "MYS", "reference": found["reference"], "legal_basis": "Exchange of letters 2026"}
    content = await ask(region, "/v1/region/content", question)
    assert (content["state"], content["by"], len(content["records"])) == ("approved", "standing_agreement", 1)
    await region.publish()


async def test_a_documents_number_is_hit_or_no_hit(region: Region, siti: dict[str, Any]) -> None:
    for number, outcome in (("C1234567", "hit"), ("ZZ9999999", "no_hit")):
        (answer,) = (await ask(region, "/v1/region/documents", {"issuer": "IDN", "number": number}))["members"]
        assert (answer["state"], answer["outcome"], len(answer["hits"])) == ("answered", outcome, outcome == "hit")


async def test_members_without_agreement_or_key_are_said_not_to_be_asked(region: Region) -> None:
    await region.publish(MYS={"answers": []})
    (answer,) = (await ask(region, "/v1/region/identify", images(0, 2)))["members"]
    assert (answer["state"], answer["reason"], answer["outcome"]) == ("not_asked", "purpose", None)
    await region.publish(MYS={"sealing_key": None})
    (answer,) = (await ask(region, "/v1/region/identify", images(0, 2)))["members"]
    assert (answer["state"], answer["reason"]) == ("not_asked", "no-sealing-key")
    await region.publish()


def test_what_is_sealed_opens_for_its_receiver_its_sender_and_its_subject_only(region: Region, tmp_path: Path) -> None:
    entry, keys = region["MYS"].entry, region["MYS"].settings.key_folder
    sealed = seal_to(entry, "IDN", "probe/1", b"template")
    assert b"template" not in sealed
    opener = Opener("MYS", keys / "federation-sealing.pem")
    assert opener.open("IDN", "probe/1", sealed) == b"template"
    (tmp_path / "other.pem").write_bytes(new_signing_key())
    for opens, sender, subject, octets in (
        (opener, "THA", "probe/1", sealed),
        (opener, "IDN", "probe/2", sealed),
        (Opener("THA", keys / "federation-sealing.pem"), "IDN", "probe/1", sealed),
        (Opener("MYS", tmp_path / "other.pem"), "IDN", "probe/1", sealed),
        (opener, "IDN", "probe/1", sealed[:-1] + bytes([sealed[-1] ^ 1])),
        (opener, "IDN", "probe/1", b""),
    ):
        with pytest.raises(NotSealedToUsError):
            opens.open(sender, subject, octets)


def test_scores_are_told_in_steps() -> None:
    assert [band_of(score) for score in (2.0, 5.99, 6.0, 8.9, 9.0, 30.0)] == [
        ScoreBand.POSSIBLE, ScoreBand.POSSIBLE, ScoreBand.STRONG, ScoreBand.STRONG,
        ScoreBand.VERY_STRONG, ScoreBand.VERY_STRONG,
    ]  # fmt: skip
