"""MOSIP's messages through the HTTP door: every message, every number of failure, and nobody else's records."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Any

import anyio
import jsonschema
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from services.biometrics.mosip.cbeff import MAX_BYTES
from services.biometrics.mosip.references import gallery_of
from services.biometrics.ownership import Owner
from shared.contracts.mosip import FailureReason
from shared.settings import Settings
from tests.biometrics.mosip_share import Mosip, Shares, block, cbeff, face_block, finger_block, sealed, sharing
from tests.biometrics.osia_client import ALL_SCOPES, Abis, astronaut_png, finger, new_id, print_png, running
from tests.vectors.finger_image_records import RAW_2011, record_2011

pytestmark = pytest.mark.anyio

KEY = rsa.generate_private_key(65537, 2048)
MESSAGES = ("insert", "identify", "delete", "ping", "pendingJobs", "referenceCount")
SCOPES = {
    "insert": "abis.encounter.write",
    "identify": "abis.identify",
    "delete": "abis.encounter.write",
    "pendingJobs": "abis.task.read",
    "referenceCount": "abis.gallery.read",
}
IDENTIFY_ANSWER = {
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "requestId", "responsetime", "returnValue", "candidateList"],
    "properties": {
        "id": {"const": "mosip.abis.identify"},
        "requestId": {"type": "string"},
        "responsetime": {"type": "string"},
        "returnValue": {"const": "1"},
        "candidateList": {
            "type": "object",
            "additionalProperties": False,
            "required": ["count", "candidates"],
            "properties": {
                "count": {"type": "string", "pattern": r"^\d+$"},
                "candidates": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["referenceId", "analytics", "modalities"],
                        "properties": {
                            "referenceId": {"type": "string"},
                            "analytics": {"type": "object"},
                            "modalities": {
                                "type": "array",
                                "minItems": 1,
                                "items": {
                                    "type": "object",
                                    "required": ["biometricType", "analytics"],
                                    "properties": {"biometricType": {"enum": ["FIR", "FID", "IIR"]}},
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}


@pytest.fixture(scope="module")
def shares() -> Iterator[Shares]:
    with sharing() as started:
        yield started


@pytest.fixture(scope="module")
def settings(deployment: Settings, shares: Shares) -> Settings:
    return deployment.model_copy(update={"mosip_hosts": f"named.example, {shares.host}", "engine_threads": 1})


@pytest.fixture(scope="module")
async def abis(anyio_backend: object, settings: Settings) -> AsyncIterator[Abis]:
    async with running(settings) as service:
        yield service


@pytest.fixture
def mosip(abis: Abis) -> Mosip:
    return Mosip(abis)


async def failure(mosip: Mosip, name: str, **changed: Any) -> FailureReason:
    answer = await mosip.send(name, **changed)
    assert answer["returnValue"] == "2", answer
    assert set(answer) == {"id", "requestId", "responsetime", "returnValue", "failureReason"}
    return FailureReason(answer["failureReason"])


async def test_who_was_inserted_is_found_among_ones_own_and_deleted(mosip: Mosip, shares: Shares) -> None:
    first = await mosip.insert(shares.put(cbeff(finger_block(61), face_block(astronaut_png()))))
    again = await mosip.insert(shares.put(cbeff(finger_block(61, 1), face_block(astronaut_png(8)))))
    other = await mosip.insert(shares.put(cbeff(finger_block(62))))
    assert (await mosip.send("referenceCount"))["count"] == "3"
    answer = await mosip.send("identify", referenceId=first)
    jsonschema.validate(answer, IDENTIFY_ANSWER)
    assert answer["candidateList"]["count"] == "1"
    (candidate,) = answer["candidateList"]["candidates"]
    assert candidate["referenceId"] == again  # neither itself nor another
    assert [each["biometricType"] for each in candidate["modalities"]] == ["FID", "FIR"]
    assert float(candidate["analytics"]["internalScore"]) > 3
    assert await mosip.found(referenceId=other) == []
    assert (await mosip.send("delete", referenceId=again))["returnValue"] == "1"
    assert await mosip.found(referenceId=first) == []
    assert (await mosip.send("referenceCount"))["count"] == "2"
    assert await failure(mosip, "delete", referenceId=again) is FailureReason.REFERENCE_UNKNOWN


async def test_a_search_takes_images_a_gallery_and_flags(mosip: Mosip, shares: Shares) -> None:
    urls = [shares.put(cbeff(finger_block(63, shot))) for shot in range(3)]
    one, two = [await mosip.insert(url) for url in urls[:2]]
    assert set(await mosip.found(referenceURL=urls[2])) == {one, two}
    assert set(await mosip.found(referenceId="", referenceURL=urls[2], gallery={"referenceIds": []})) == {one, two}
    only = {"referenceIds": [{"referenceId": two}, {"referenceId": "nobody"}]}
    assert await mosip.found(referenceURL=urls[2], gallery=only) == [two]
    assert await mosip.found(referenceId=two, gallery=only) == []
    assert len(await mosip.found(referenceURL=urls[2], flags={"maxResults": "1", "flag1": "any"})) == 1
    assert set(await mosip.found(referenceURL=urls[2], flags={"maxResults": 5, "targetFPIR": "30"})) == {one, two}
    assert await mosip.found(referenceURL=urls[2], flags={"targetFPIR": 300}) == []  # 1 in 10^30: never


async def test_nobody_elses_records_are_found_or_touched(mosip: Mosip, shares: Shares, abis: Abis) -> None:
    url = shares.put(cbeff(finger_block(64)))
    mine = await mosip.insert(url)
    other = Mosip(abis)
    intruder = [gallery_of(Owner("IDN", other.organisation))]  # an OSIA system may name any gallery
    await abis.enrol(finger(64, 1), galleries=intruder)
    assert await other.found(referenceURL=url) == []
    assert (await other.send("referenceCount"))["count"] == "0"
    assert await failure(other, "identify", referenceId=mine) is FailureReason.REFERENCE_UNKNOWN
    assert await failure(other, "delete", referenceId=mine) is FailureReason.REFERENCE_UNKNOWN
    taken = await failure(other, "insert", referenceId=mine, referenceURL=url)
    assert taken is FailureReason.REFERENCE_EXISTS
    assert await mosip.found(referenceURL=url) == [mine]
    abroad = await mosip.ask("identify", mosip.message("identify", referenceId=mine), member="MYS")
    assert abroad.json()["failureReason"] == FailureReason.REFERENCE_UNKNOWN


async def test_an_inserted_record_is_a_person_of_the_osia_interface_too(
    mosip: Mosip, shares: Shares, abis: Abis
) -> None:
    reference = await mosip.insert(shares.put(cbeff(finger_block(65))))
    answer = await abis.ask("GET", f"/v1/persons/{reference}/encounters", organisation=mosip.organisation)
    (encounter,) = answer.json()
    assert (encounter["encounterId"], encounter["encounterType"]) == ("mosip", "mosip.abis.insert")
    stranger = await abis.ask("GET", f"/v1/persons/{reference}/encounters")
    assert stranger.status_code == 404


@pytest.mark.parametrize("name", ["ping", "pendingJobs", "referenceCount"])
async def test_messages_without_a_record(mosip: Mosip, name: str) -> None:
    answer = await mosip.send(name)
    assert (answer["id"], answer["returnValue"]) == (f"mosip.abis.{name}", "1")
    assert answer["requestId"] == "91234567-89AB-CDEF-0123-456789ABCDEF"
    assert answer["responsetime"].endswith("Z")
    datetime.fromisoformat(answer["responsetime"])
    counted = {"ping": set(), "pendingJobs": {"jobscount"}, "referenceCount": {"count"}}[name]
    assert set(answer) - {"id", "requestId", "responsetime", "returnValue"} == counted
    assert all(answer[each] == "0" for each in counted)


@pytest.mark.parametrize("name", MESSAGES)
async def test_every_message_asks_who_is_there(mosip: Mosip, name: str) -> None:
    message = mosip.message(name)
    assert (await mosip.ask(name, message, token="")).status_code == 401
    assert (await mosip.ask(name, message, token="not.a.token")).status_code == 401
    scopes = ALL_SCOPES - {SCOPES.get(name, "")}
    assert (await mosip.ask(name, message, scopes=scopes)).status_code == (200 if name == "ping" else 403)


@pytest.mark.parametrize("name", MESSAGES)
@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"id": None}, FailureReason.BAD_ID),
        ({"id": "mosip.abis.other"}, FailureReason.BAD_ID),
        ({"version": None}, FailureReason.BAD_VERSION),
        ({"version": "2.0"}, FailureReason.BAD_VERSION),
        ({"version": 1.1}, FailureReason.BAD_VERSION),
        ({"requestId": None}, FailureReason.NO_REQUEST_ID),
        ({"requestId": ""}, FailureReason.NO_REQUEST_ID),
        ({"requestId": 7}, FailureReason.BAD_STRUCTURE),
        ({"requestId": "x" * 200}, FailureReason.BAD_STRUCTURE),
        ({"requesttime": None}, FailureReason.NO_REQUEST_TIME),
        ({"requesttime": ""}, FailureReason.NO_REQUEST_TIME),
        ({"requesttime": "yesterday"}, FailureReason.BAD_REQUEST_TIME),
        ({"requesttime": "2025-13-40T07:01:24.692Z"}, FailureReason.BAD_REQUEST_TIME),
        ({"requesttime": 1539777717}, FailureReason.BAD_REQUEST_TIME),
        ({"requesttime": ["2025"]}, FailureReason.BAD_REQUEST_TIME),
    ],
)
async def test_what_every_message_needs(
    mosip: Mosip, name: str, changed: dict[str, Any], reason: FailureReason
) -> None:
    whole = {"referenceId": "r", "referenceURL": "http://named.example/"} | changed
    assert await failure(mosip, name, **whole) is reason


@pytest.mark.parametrize(
    ("name", "changed", "reason"),
    [
        ("insert", {"referenceURL": "http://named.example/"}, FailureReason.NO_REFERENCE_ID),
        ("insert", {"referenceId": "", "referenceURL": "http://named.example/"}, FailureReason.NO_REFERENCE_ID),
        ("insert", {"referenceId": "r"}, FailureReason.NO_REFERENCE_URL),
        ("insert", {"referenceId": "r", "referenceURL": ""}, FailureReason.NO_REFERENCE_URL),
        ("insert", {"referenceId": "a b", "referenceURL": "x"}, FailureReason.BAD_STRUCTURE),
        ("insert", {"referenceId": 7, "referenceURL": "x"}, FailureReason.BAD_STRUCTURE),
        ("insert", {"referenceId": "r", "referenceURL": "http://named.example/" + 2000 * "a"}, FailureReason("4")),
        ("identify", {}, FailureReason.NO_REFERENCE_ID),
        ("identify", {"referenceId": "", "referenceURL": ""}, FailureReason.NO_REFERENCE_ID),
        ("identify", {"referenceId": "nobody"}, FailureReason.REFERENCE_UNKNOWN),
        ("identify", {"referenceId": "r", "flags": []}, FailureReason.BAD_STRUCTURE),
        ("identify", {"referenceId": "r", "flags": {"maxResults": "0"}}, FailureReason.BAD_STRUCTURE),
        ("identify", {"referenceId": "r", "flags": {"maxResults": True}}, FailureReason.BAD_STRUCTURE),
        ("identify", {"referenceId": "r", "flags": {"targetFPIR": "-30"}}, FailureReason.BAD_STRUCTURE),
        ("identify", {"referenceId": "r", "flags": {"targetFPIR": 3.5}}, FailureReason.BAD_STRUCTURE),
        ("identify", {"referenceId": "r", "gallery": "all"}, FailureReason.BAD_STRUCTURE),
        ("identify", {"referenceId": "r", "gallery": {"referenceIds": ["r"]}}, FailureReason.BAD_STRUCTURE),
        ("delete", {}, FailureReason.NO_REFERENCE_ID),
        ("delete", {"referenceId": "nobody"}, FailureReason.REFERENCE_UNKNOWN),
    ],
)
async def test_what_each_message_needs(mosip: Mosip, name: str, changed: dict[str, Any], reason: FailureReason) -> None:
    assert await failure(mosip, name, **changed) is reason


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b"[" * 100_000, b"9" * 5000])
async def test_what_is_no_object_has_no_structure(mosip: Mosip, content: bytes) -> None:
    answer = await mosip.ask("insert", content=content)
    assert answer.status_code == 200
    assert (answer.json()["failureReason"], answer.json()["requestId"]) == ("4", "")


async def refused_share(mosip: Mosip, url: str) -> FailureReason:
    """Why an insert from an address fails; nothing of it is kept."""
    reference = new_id()
    reason = await failure(mosip, "insert", referenceId=reference, referenceURL=url)
    assert await failure(mosip, "identify", referenceId=reference) is FailureReason.REFERENCE_UNKNOWN
    assert (await mosip.send("referenceCount"))["count"] == "0"
    return reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", FailureReason.CBEFF_EMPTY),
        (cbeff(), FailureReason.CBEFF_EMPTY),
        (b"no document", FailureReason.BAD_CBEFF),
        (cbeff(finger_block(66), block(9, b"iris", "Left")), FailureReason.BAD_CBEFF),
        (cbeff(block(7, record_2011(b"no image", 300, 400, 6))), FailureReason.BAD_CBEFF),
        (cbeff(block(7, RAW_2011)), FailureReason.BAD_CBEFF),
        (cbeff(face_block(astronaut_png()[:-200])), FailureReason.BAD_CBEFF),
        (cbeff(before='<!DOCTYPE BIR [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), FailureReason.BAD_CBEFF),
        (b" " * (MAX_BYTES + 1), FailureReason.NOT_FETCHED),
        (json.dumps({"errors": [{"errorCode": "KER-ATH-401", "message": "Authentication Failed"}]}).encode(), "7"),
        (json.dumps({"errors": [{"errorCode": "DAT-SER-006", "message": "Data share not found"}]}).encode(), "7"),
        (json.dumps({"errors": [{"errorCode": "DAT-SER-006", "message": "Data share usage expired"}]}).encode(), "17"),
        (b'{"errors": 5}', FailureReason.NOT_FETCHED),
        (b"{", FailureReason.NOT_FETCHED),
    ],
)
async def test_shares_that_are_not_taken(mosip: Mosip, shares: Shares, content: bytes, reason: str) -> None:
    assert await refused_share(mosip, shares.put(content)) == reason


async def test_a_face_that_is_none_fails_for_quality(mosip: Mosip, shares: Shares) -> None:
    assert await refused_share(mosip, shares.put(cbeff(face_block(print_png(1))))) is FailureReason.QUALITY


@pytest.mark.parametrize(
    ("status", "headers", "reason"),
    [
        (404, {}, FailureReason.NOT_FETCHED),
        (500, {}, FailureReason.NOT_FETCHED),
        (302, {"Location": "/share/elsewhere"}, FailureReason.NOT_FETCHED),
        (410, {}, FailureReason.SHARE_EXPIRED),
        (200, {"Content-Encoding": "gzip"}, FailureReason.BAD_CBEFF),  # nothing is unpacked
    ],
)
async def test_answers_that_are_no_share(
    mosip: Mosip, shares: Shares, status: int, headers: dict[str, str], reason: FailureReason
) -> None:
    shares.held["/share/elsewhere"] = (200, {}, cbeff(finger_block(66)))
    before = shares.asked.count("/share/elsewhere")
    assert await refused_share(mosip, shares.put(b"\x1f\x8b none", status, headers)) is reason
    assert shares.asked.count("/share/elsewhere") == before  # no redirect is followed


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:{port}/share/x",
        "http://127.0.0.1/share/x",
        "http://127.0.0.2:{port}/share/x",
        "http://[::1]:{port}/share/x",
        "http://2130706433:{port}/share/x",
        "http://named.example:8080/",
        "http://named.example.evil.example/",
        "http://user@127.0.0.1:{port}/share/x",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "ftp://127.0.0.1:{port}/share/x",
        "//127.0.0.1:{port}/share/x",
        "text",
    ],
)
async def test_nothing_is_fetched_but_from_named_hosts(mosip: Mosip, shares: Shares, url: str) -> None:
    before = len(shares.asked)
    assert await refused_share(mosip, url.format(port=shares.port)) is FailureReason.NOT_FETCHED
    assert len(shares.asked) == before


async def test_a_second_insert_of_an_id_fails_also_at_the_same_time(mosip: Mosip, shares: Shares) -> None:
    url, reference = shares.put(cbeff(finger_block(67))), new_id()
    asked = {"referenceId": reference, "referenceURL": url}
    answers = await asyncio.gather(*(mosip.send("insert", **asked) for _ in range(3)))
    assert sorted(each["returnValue"] for each in answers) == ["1", "2", "2"]
    assert {each.get("failureReason") for each in answers} == {None, "10"}
    assert await failure(mosip, "insert", **asked) is FailureReason.REFERENCE_EXISTS
    assert (await mosip.send("referenceCount"))["count"] == "1"


async def test_a_search_waits_for_the_inserts_that_came_before_it(mosip: Mosip, shares: Shares) -> None:
    probe = await mosip.insert(shares.put(cbeff(finger_block(68))))
    shares.arrived.clear()
    shares.release.clear()
    slow, late = shares.put(cbeff(finger_block(68, 1)), slow=True), new_id()
    async with asyncio.TaskGroup() as group:
        inserting = group.create_task(mosip.insert(slow, late))
        await anyio.to_thread.run_sync(shares.arrived.wait, 20)
        searching = group.create_task(mosip.found(referenceId=probe))
        while (await mosip.send("pendingJobs"))["jobscount"] != "2":  # noqa: ASYNC110  asked as a client must
            await asyncio.sleep(0.01)
        assert not inserting.done()
        assert not searching.done()
        shares.release.set()
    assert searching.result() == [late]
    assert (await mosip.send("pendingJobs"))["jobscount"] == "0"


async def test_faults_of_ours_have_numbers_too(mosip: Mosip, shares: Shares, abis: Abis) -> None:
    message = mosip.message("insert", referenceId=new_id(), referenceURL=shares.put(cbeff(finger_block(61))))
    keyless = await mosip.ask("insert", message, member="FRA")
    assert keyless.json()["failureReason"] == FailureReason.INTERNAL
    store, abis.app.state.store = abis.app.state.store, None
    try:
        assert (await mosip.ask("insert", message)).json()["failureReason"] == FailureReason.UNEXPECTED
    finally:
        abis.app.state.store = store


async def test_what_takes_too_long_is_aborted(settings: Settings, shares: Shares, abis: Abis) -> None:
    shares.release.clear()
    abis.app.state.settings = settings.model_copy(update={"request_seconds": 1.0})
    try:
        url = shares.put(cbeff(finger_block(69)), slow=True)
        assert await failure(Mosip(abis), "insert", referenceId=new_id(), referenceURL=url) is FailureReason.ABORTED
    finally:
        abis.app.state.settings = settings
        shares.release.set()


async def test_shares_come_sealed_where_there_is_a_key(settings: Settings, shares: Shares) -> None:
    path = settings.var / "mosip.pem"
    form, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(KEY.private_bytes(serialization.Encoding.PEM, form, none))
    document = cbeff(finger_block(70))
    async with running(settings.model_copy(update={"mosip_key_file": path})) as service:
        mosip = Mosip(service)
        stranger = rsa.generate_private_key(65537, 2048).public_key()
        for share in (document, sealed(document, stranger), sealed(document, KEY.public_key())[:-9]):
            assert await refused_share(mosip, shares.put(share)) is FailureReason.NOT_FETCHED
        assert await refused_share(mosip, shares.put(sealed(b"", KEY.public_key()))) is FailureReason.CBEFF_EMPTY
        await mosip.insert(shares.put(sealed(document, KEY.public_key())))


async def test_without_named_hosts_nothing_is_inserted(deployment: Settings, shares: Shares) -> None:
    async with running(deployment) as service:
        assert await refused_share(Mosip(service), shares.put(cbeff(finger_block(61)))) is FailureReason.NOT_FETCHED
