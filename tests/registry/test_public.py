"""What everybody may ask, and complaints: through the gateway without a token, and at the office's side."""

import base64
import re
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.access.flooding import A_MINUTE, FloodError, Flooding
from services.registry.public.rules import MOVES, is_what_it_says, may_follow, new_reference
from services.registry.public.texts import LONGEST, read_message, shorten
from shared.contracts.caller import Caller, Purpose, Role
from shared.contracts.complaints import ComplaintState
from shared.standards.ages import Sector
from shared.standards.placement_fees import fee_rules, load_fee_rules
from tests.registry.door import RegistryDoor

pytestmark = pytest.mark.anyio

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


async def ask(
    door: RegistryDoor, role: Role, purpose: Purpose, method: str, path: str, **options: Any
) -> httpx.Response:
    caller = Caller(client_id="x", user="officer", organisation="Office", member="IDN", role=role, purpose=purpose)
    headers = {"Authorization": f"Bearer {door.signer.sign(caller, 'registry')}"} | options.pop("headers", {})
    return await door.client.request(method, path, headers=headers, **options)


async def public(door: RegistryDoor, method: str, path: str, **options: Any) -> httpx.Response:
    return await ask(door, Role.PUBLIC, Purpose.PUBLIC, method, f"/v1/public/{path}", **options)


async def office(door: RegistryDoor, method: str, path: str, **options: Any) -> httpx.Response:
    return await ask(door, Role.LABOUR_INSPECTOR, Purpose.LABOUR_INSPECTION, method, path, **options)


async def children(door: RegistryDoor, method: str, path: str, **options: Any) -> httpx.Response:
    return await ask(door, Role.CHILD_PROTECTION, Purpose.CHILD_PROTECTION, method, path, **options)


async def complain(door: RegistryDoor, text: str, **body: Any) -> str:
    answer = await public(door, "POST", "complaints", json={"text": text, **body})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["reference"])


@pytest.fixture(scope="module")
async def agency(door: RegistryDoor) -> AsyncIterator[str]:
    await door.party("agency-1", "Company", name="Cahaya Timur Penempatan", country="id")
    await door.party("person-1", "Person", name="Cahaya Timur", nationality="id")
    body = {"party": "agency-1", "number": "SIP-77/2025", "authority": "Ministry of Manpower"}
    body |= {"status": "valid", "valid_from": "2025-01-01", "valid_to": "2035-01-01"}
    answer = await door.put("/v1/licences/licence-1", body)
    assert answer.status_code in (200, 201), answer.text
    return "SIP-77/2025"


@pytest.mark.parametrize("asked", ["Cahaya Timur Penempatan", "cahaya timor penempatan", "SIP-77/2025"])
async def test_an_agency_is_found_by_name_and_by_number(door: RegistryDoor, agency: str, asked: str) -> None:
    found = (await public(door, "GET", "lookup", params={"q": asked})).json()
    assert [(licence["number"], licence["status"]) for licence in found["licences"]] == [(agency, "valid")]
    assert "says nothing of a single offer" in found["says"]
    assert "person-1" not in str(found)


async def test_not_found_is_no_verdict(door: RegistryDoor, agency: str) -> None:
    found = (await public(door, "GET", "lookup", params={"q": "Nusa Lain Sekali"})).json()
    assert (found["licences"], found["listings"]) == ([], [])
    assert "ask the labour office" in found["says"]


async def test_a_private_person_is_not_looked_up(door: RegistryDoor, agency: str) -> None:
    assert "person-1" not in (await public(door, "GET", "lookup", params={"q": "Cahaya Timur"})).text


async def test_plain_text_fits_three_short_messages(door: RegistryDoor, agency: str) -> None:
    for words, expected in (
        ("IZIN cahaya timur penempatan", "SIP-77/2025 (IDN) valid"),
        ("age IDN MYS domestic", "Minimum age"),
        ("FEE PHL SGP domestic", "PHL: No placement fee"),
        ("", "LICENCE name or number"),
        ("AGE somewhere", "LICENCE name or number"),
    ):
        answer = await public(door, "GET", "text", params={"q": words})
        assert answer.headers["content-type"].startswith("text/plain")
        assert expected in answer.text
        assert len(answer.text) <= LONGEST


@pytest.mark.parametrize(
    "words", ["a\0b", "\0\0", "LICENCE \0\0", "\u202e\u200f", "%", "_", "' OR 1", "\U0001f600" * 60, "x" * 200]
)
async def test_whatever_is_asked_gets_an_answer(door: RegistryDoor, words: str) -> None:
    assert (await public(door, "GET", "lookup", params={"q": words})).status_code in (200, 422)
    assert (await public(door, "GET", "text", params={"q": words})).status_code == 200


async def test_a_minimum_age_names_its_rules_and_keeps_the_unconfirmed_apart(door: RegistryDoor) -> None:
    found = (await public(door, "GET", "minimum-age", params={"origin": "IDN", "destination": "MYS"})).json()
    assert found["minimum"] >= 18
    assert found["rules"]
    assert not [rule for rule in found["advisory"] if rule["confirmed"]]


async def test_a_complaint_goes_back_and_forth_without_a_name(door: RegistryDoor, agency: str) -> None:
    reference = await complain(door, "They took my passport.", about="Cahaya Timur", offences=["passport_retention"])
    (item,) = (await office(door, "GET", "/v1/complaints?limit=1")).json()["items"]
    path = f"/v1/complaints/{item['id']}"
    assert reference not in (await office(door, "GET", path)).text
    nobody = await office(door, "POST", f"{path}/state", json={"state": "in_hand", "party": "nobody"})
    assert (nobody.status_code, nobody.json()["type"]) == (422, "urn:lindung:problem:unknown-party")
    taken = (await office(door, "POST", f"{path}/state", json={"state": "in_hand", "party": "agency-1"})).json()
    assert (taken["officer"], taken["party"]) == ("officer", "agency-1")
    await office(door, "POST", f"{path}/messages", json={"text": "Are you safe now?"})
    seen = (await public(door, "POST", "complaints/status", json={"reference": reference.lower()})).json()
    assert seen["state"] == "in_hand"
    assert [(each["by"], each["text"]) for each in seen["messages"]] == [
        ("worker", "They took my passport."),
        ("office", "Are you safe now?"),
    ]
    await office(door, "POST", f"{path}/state", json={"state": "closed"})
    again = await public(door, "POST", "complaints/messages", json={"reference": reference, "text": "No."})
    assert again.json()["state"] == "in_hand"


async def test_files_are_limited_and_are_what_they_say(door: RegistryDoor) -> None:
    reference = await complain(door, "Here is the photo.")
    good = {"reference": reference, "media": "image/png", "content": base64.b64encode(PNG).decode()}
    assert (await public(door, "POST", "complaints/files", json=good)).json()["files"] == 1
    assert (
        await public(door, "POST", "complaints/files", json={**good, "media": "application/pdf"})
    ).status_code == 422
    for _ in range(4):
        await public(door, "POST", "complaints/files", json=good)
    assert (await public(door, "POST", "complaints/files", json=good)).status_code == 422
    item = (await office(door, "GET", "/v1/complaints?limit=1")).json()["items"][0]
    answer = await office(door, "GET", f"/v1/complaints/{item['id']}/files/5")
    assert (answer.content, answer.headers["content-disposition"]) == (PNG, "attachment")
    assert (await office(door, "GET", f"/v1/complaints/{item['id']}/files/6")).status_code == 404


async def test_the_same_words_again_are_one_for_the_office_and_answered_to_each(door: RegistryDoor) -> None:
    first, second = [await complain(door, "No wages since May, all of us.") for _ in range(2)]
    item = (await office(door, "GET", "/v1/complaints?limit=1")).json()["items"][0]
    assert item["again"] == 1
    await office(door, "POST", f"/v1/complaints/{item['id']}/messages", json={"text": "We come on Monday."})
    for reference in (first, second):
        seen = (await public(door, "POST", "complaints/status", json={"reference": reference})).json()
        assert [each["text"] for each in seen["messages"]][-1] == "We come on Monday."


async def test_a_childs_complaint_is_child_protections_alone(door: RegistryDoor) -> None:
    before = {item["id"] for item in (await children(door, "GET", "/v1/complaints")).json()["items"]}
    await complain(door, "She is fourteen.", child=True)
    after = {item["id"] for item in (await children(door, "GET", "/v1/complaints")).json()["items"]}
    (found,) = after - before
    sealed = await office(door, "GET", f"/v1/complaints/{found}")
    absent = await office(door, "GET", "/v1/complaints/K" + "0" * 24)
    assert sealed.status_code == absent.status_code == 404
    assert sealed.text.replace(found, "") == absent.text.replace("K" + "0" * 24, "")


async def test_a_reference_that_nobody_has_is_not_told_apart(door: RegistryDoor) -> None:
    answer = await public(door, "POST", "complaints/status", json={"reference": new_reference()})
    assert answer.status_code == 404
    assert (await public(door, "POST", "complaints/status", json={"reference": "1234"})).status_code == 422


async def test_nobody_else_reads_complaints(door: RegistryDoor) -> None:
    for role, purpose in ((Role.INVESTIGATOR, Purpose.CRIMINAL_INVESTIGATION), (Role.DESK_OFFICER, Purpose.PUBLIC)):
        answer = await ask(door, role, purpose, "GET", "/v1/complaints")
        assert answer.status_code == 403


@pytest.mark.parametrize("state", sorted(ComplaintState))
def test_every_illegal_step_of_a_complaint_is_refused(state: ComplaintState) -> None:
    assert {then for then in ComplaintState if may_follow(state, then)} == MOVES[state]
    assert not may_follow(state, ComplaintState.RECEIVED)


def test_references_are_hard_to_guess_and_easy_to_read() -> None:
    many = {new_reference() for _ in range(200)}
    assert len(many) == 200
    assert all(re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]{4}", reference) for reference in many)


@given(st.text(max_size=400))
def test_any_message_is_understood_or_helped(text: str) -> None:
    message = read_message(text)
    assert message.command != "licence" or message.name
    assert len(shorten(text)) <= LONGEST


@given(st.binary(max_size=40))
def test_a_file_is_never_two_things(content: bytes) -> None:
    kinds = [media for media in ("image/jpeg", "image/png", "application/pdf") if is_what_it_says(media, content)]
    assert len(kinds) <= 1


def test_the_strictest_rule_on_fees_comes_first() -> None:
    found = fee_rules("PHL", "SGP", Sector.DOMESTIC, date(2026, 1, 1), load_fee_rules())
    assert [(rule.iso, rule.may_charge) for rule in found] == [
        ("PHL", False), ("INT", False), ("PHL", True), ("SGP", True),
    ]  # fmt: skip
    assert {rule.confidence.value for rule in found} == {"M"}


def test_an_address_that_floods_waits_and_nobody_else_does() -> None:
    at = [0.0]
    flooding = Flooding(clock=lambda: at[0])
    for _ in range(A_MINUTE):
        flooding.take("203.0.113.7")
    with pytest.raises(FloodError) as refused:
        flooding.take("203.0.113.7")
    assert refused.value.headers["Retry-After"] == "2"
    flooding.take("203.0.113.8")
    at[0] = 2.0
    flooding.take("203.0.113.7")
    assert "203.0.113" not in repr(vars(flooding))


def test_a_network_of_ipv6_is_one_address() -> None:
    flooding = Flooding(a_minute=1, clock=lambda: 0.0)
    flooding.take("2001:db8::1")
    with pytest.raises(FloodError):
        flooding.take("2001:db8::2")
