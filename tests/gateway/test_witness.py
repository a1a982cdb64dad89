"""Members watch each other's logs; versions of the protocol; how members are."""

import dataclasses
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from services.cli.connection import Identity
from services.gateway.audit.heads import TreeHead, signed_octets
from services.gateway.audit.log import AuditLog
from services.gateway.federation.messages import MessageSigner
from services.gateway.federation.peers import MOST_BYTES, MemberSilentError, Peers
from services.gateway.tables import AuditHeadRow, AuditNodeRow, AuditRow, WitnessedHeadRow
from shared.contracts.audit import Head
from shared.contracts.caller import Caller, Purpose
from shared.db.database import now
from tests.conftest import MakeDeployment
from tests.gateway.gateway_alone import create_gateway_alone
from tests.gateway.members_on_loopback import Member, Region, a_region

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]

AUDITOR = Identity("auditor", Purpose.AUDIT)
REGISTRAR = Identity("registrar", Purpose.REGISTER_MAINTENANCE)
LICENSING = Identity("licensing", Purpose.LICENCE_CHECK)
QUERY = {"queries": {"q": {"schema": "Company", "properties": {"name": ["Sinar Teduh Sdn Bhd"]}}}}
COMPANY = {
    "schema": "Company", "properties": {"name": ["Sinar Teduh Sdn Bhd"], "country": ["my"]}, "source": "A register",
}  # fmt: skip


@pytest.fixture(scope="module")
async def region(tmp_path_factory: pytest.TempPathFactory, make_deployment: MakeDeployment) -> AsyncIterator[Region]:
    folder, codes = tmp_path_factory.mktemp("region"), ("IDN", "MYS", "THA")
    async with a_region(folder, make_deployment, codes, (Purpose.LICENCE_CHECK,), create_gateway_alone) as region:
        await region["MYS"].api.ask(REGISTRAR, "PUT", "/v1/parties/company", json=COMPANY)
        yield region


async def go_round(*members: Member) -> None:
    for member in members:
        await member.app.state.rounds.go_round()


async def a_minute_passes(region: Region) -> None:
    """Every member signs what its log is now."""
    for member in region.members.values():
        await member.app.state.head_signer.sign()


async def alerts(member: Member) -> list[tuple[str, str]]:
    found = (await member.api.ask(AUDITOR, "GET", "/v1/members/alerts")).json()["results"]
    return [(each["member"], each["kind"]) for each in found]


async def witnessed(member: Member, code: str) -> list[dict[str, Any]]:
    found = (await member.api.ask(AUDITOR, "GET", "/v1/log/witnessed")).json()["heads"]
    return [each for each in found if each["member"] == code]


async def rewrite(member: Member, entries: int) -> None:
    """Another log in the place of the member's own, whole and signed: only others can tell."""
    database = member.app.state.database
    async with database.write() as session:
        for table in (AuditRow, AuditNodeRow, AuditHeadRow):
            await session.execute(sa.delete(table))
    caller = Caller(client_id="c", organisation="An office", member=member.code)
    await AuditLog(database, b"k" * 32).append(caller, "party", "read", [b"%d" % number for number in range(entries)])


async def test_logs_that_only_grow_raise_no_alarm(region: Region) -> None:
    indonesia, malaysia, thailand = region.members.values()
    for _ in range(3):
        await malaysia.api.ask(LICENSING, "POST", "/match/default", json=QUERY)
        await a_minute_passes(region)
        await go_round(indonesia, thailand)
    (head,) = await witnessed(indonesia, "MYS")
    async with malaysia.app.state.database.read() as session:
        size = (await session.execute(sa.text("SELECT max(number) FROM gateway_audit_entries"))).scalar_one()
    assert 0 < head["size"] <= size
    assert not head["forked"]
    assert await alerts(indonesia) == await alerts(thailand) == []


async def test_the_members_are_seen_with_clock_log_and_versions(region: Region) -> None:
    await a_minute_passes(region)
    await go_round(region["IDN"])
    answer = (await region["IDN"].api.ask(REGISTRAR, "GET", "/v1/members")).json()
    assert (answer["directory"], answer["current"]) == (region.version, True)
    assert [each["member"] for each in answer["members"]] == ["MYS", "THA"]
    for each in answer["members"]:
        assert (each["reachable"], each["reason"], each["versions"]) == (True, None, [2, 1])
        assert (each["directory"], each["forked"], each["corrections_open"]) == (region.version, False, 0)
        assert abs(each["clock_skew_s"]) < 2
        assert each["head_size"] > 0


async def test_a_member_of_the_version_before_is_answered_and_understood(region: Region) -> None:
    indonesia, malaysia = region["IDN"], region["MYS"]
    state = malaysia.app.state
    ours = state.federation
    key = (malaysia.settings.key_folder / "federation-signing.pem").read_bytes()
    old = Peers(ours.receipts, ours.membership, MessageSigner("MYS/1", key), versions=(1,))
    state.federation = dataclasses.replace(ours, versions=(1,), peers=old)
    try:
        await indonesia.api.ask(REGISTRAR, "PUT", "/v1/parties/company-idn", json=COMPANY)
        for asking in (indonesia, malaysia):  # the new asks the old, the old asks the new
            answer = (await asking.api.ask(LICENSING, "POST", "/match/default", json=QUERY)).json()
            assert {each["member"]: each["state"] for each in answer["members"]} == dict.fromkeys(
                ("IDN", "MYS", "THA"), "answered"
            )
            assert {each["member"] for each in answer["responses"]["q"]["results"]} == {"IDN", "MYS"}
        state.federation = dataclasses.replace(ours, versions=(0,))
        answer = (await indonesia.api.ask(LICENSING, "POST", "/match/default", json=QUERY)).json()
        (missing,) = [each for each in answer["members"] if each["state"] != "answered"]
        assert (missing["member"], missing["state"], missing["reason"]) == ("MYS", "silent", "refused")
    finally:
        state.federation = ours
        await old.close()


async def test_a_message_over_the_bound_is_refused_before_it_is_read(region: Region) -> None:
    federation = region["IDN"].app.state.federation
    caller = Caller(client_id="t", organisation="t", member="IDN", purpose=Purpose.LICENCE_CHECK)
    entry = federation.membership.member("THA")
    answer = await federation.peers.ask(
        entry, "POST", "/federation/v1/match", caller, b" " * (MOST_BYTES + 1), federation.seconds
    )
    assert answer.status == 413


async def test_a_rewritten_log_is_an_alarm_at_every_other_member(region: Region) -> None:
    """Longer than before, whole by its own account: it just did not begin as the one that was seen."""
    indonesia, malaysia, thailand = region.members.values()
    await a_minute_passes(region)
    await go_round(indonesia, thailand)
    (before,) = await witnessed(indonesia, "MYS")
    await rewrite(malaysia, before["size"] + 25)
    await go_round(indonesia, thailand)
    assert ("MYS", "log_fork") in await alerts(indonesia)
    assert ("MYS", "log_fork") in await alerts(thailand)
    kept, lie = await witnessed(indonesia, "MYS")
    assert (kept["forked"], lie["forked"]) == (False, True)
    assert kept["size"] == before["size"]  # what was seen first stays what others are held against
    told = await alerts(indonesia)
    await malaysia.app.state.head_signer.sign()
    await go_round(indonesia)
    assert await alerts(indonesia) == told  # no later head of it fits either: one alarm a day


async def test_a_log_that_lost_entries_is_an_alarm(region: Region) -> None:
    indonesia, _, thailand = region.members.values()
    caller = Caller(client_id="c", organisation="An office", member="THA")
    await thailand.app.state.audit_log.append(caller, "party", "read", [b"%d" % number for number in range(50)])
    await thailand.app.state.head_signer.sign()
    await go_round(indonesia)
    await rewrite(thailand, 1)
    await go_round(indonesia)
    assert ("THA", "log_shrunk") in await alerts(indonesia)


async def test_a_log_that_shows_two_faces_is_found_by_what_others_saw(region: Region) -> None:
    """Thailand saw another head of Indonesia's log than Malaysia did, of one size, both signed by Indonesia."""
    indonesia, malaysia, thailand = region.members.values()
    async with thailand.app.state.database.write() as session:
        await session.execute(sa.delete(WitnessedHeadRow).where(WitnessedHeadRow.member == "IDN"))
    tree: TreeHead = await indonesia.app.state.head_signer.sign()
    await go_round(malaysia)

    async def never(_first: int, _second: int) -> None:
        raise AssertionError("the first head of a log needs no proof")

    lie = b"\7" * 32
    at = now().replace(microsecond=0)
    private = serialization.load_pem_private_key(
        (indonesia.settings.key_folder / "gateway-signing.pem").read_bytes(), password=None
    )
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    forged = private.sign(signed_octets(tree.size, at, lie), ec.ECDSA(hashes.SHA256()))
    seen = Head.model_construct(member="IDN", size=tree.size, at=at, root=lie, key_id=tree.key_id, signature=forged)
    assert await thailand.app.state.witness.see(indonesia.entry, seen, never)  # its first: it cannot know
    assert ("IDN", "log_fork") not in await alerts(malaysia)
    await go_round(malaysia)
    assert ("IDN", "log_fork") in await alerts(malaysia)


async def test_a_head_that_its_member_did_not_sign_is_not_kept(region: Region) -> None:
    indonesia, malaysia, _ = region.members.values()
    before = await witnessed(indonesia, "MYS")
    forged = Head.model_construct(
        member="MYS", size=10**6, at=now(), root=b"\1" * 32, key_id="gateway", signature=b"\0" * 70
    )

    async def never(_first: int, _second: int) -> None:
        raise AssertionError("it is not believed so far")

    assert not await indonesia.app.state.witness.see(malaysia.entry, forged, never)
    assert await witnessed(indonesia, "MYS") == before
    assert ("MYS", "log_key") in await alerts(indonesia)


class ClosingLine(httpx.AsyncHTTPTransport):
    """A kept connection that the other side closes as the question goes out."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.left = times

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await super().handle_async_request(request)
        if self.left:
            self.left -= 1
            await answer.aclose()
            raise httpx.ReadError("", request=request)
        return answer


async def test_a_line_that_was_closed_for_want_of_use_silences_nobody(region: Region) -> None:
    federation = region["IDN"].app.state.federation
    caller = Caller(client_id="t", organisation="t", member="IDN", purpose=Purpose.LICENCE_CHECK)
    entry, body = federation.membership.member("THA"), json.dumps(QUERY).encode()
    key = (region["IDN"].settings.key_folder / "federation-signing.pem").read_bytes()
    peers = Peers(federation.receipts, federation.membership, MessageSigner("IDN/1", key), ClosingLine(times=3))
    try:
        with pytest.raises(MemberSilentError, match="away"):
            await peers.ask(entry, "POST", "/federation/v1/match", caller, body, federation.seconds)
        answer = await peers.ask(entry, "POST", "/federation/v1/match", caller, body, federation.seconds)
        assert answer.status == 200
    finally:
        await peers.close()
