"""Who looked at whom: written before the answer, provable to others, and no change to it goes unseen."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import jwt
import pytest
import sqlalchemy as sa

from services.cli.connection import Api, Identity, RefusedError, connect
from services.gateway.audit.heads import HeadSigner, TreeHead, verify_head
from services.gateway.audit.log import AuditLog
from services.gateway.audit.shown import PARTY, Shown, shown_subjects
from services.gateway.audit.verification import Verification, verify_log
from services.gateway.tables import AuditHeadRow, AuditRow, AuditSubjectRow
from shared.contracts.caller import Caller, Purpose, Role
from shared.crypto.keyfiles import load_trusted, new_signing_key
from shared.db.database import Database
from shared.settings import Settings
from shared.standards.merkle import verify_consistency, verify_inclusion
from tests.conftest import MakeDeployment

pytestmark = pytest.mark.anyio

LICENSING = Identity("licensing", Purpose.LICENCE_CHECK)
REGISTRAR = Identity("registrar", Purpose.REGISTER_MAINTENANCE)
AUDITOR = Identity("auditor", Purpose.AUDIT)
QUERY = {"queries": {"q": {"schema": "Company", "properties": {"name": ["Sinar Teduh Sdn Bhd"]}}}}
CALLER = Caller(client_id="c", organisation="An office", member="IDN", role=Role.AUDITOR, purpose=Purpose.AUDIT)
PARTY_BODY = {
    "schema": "Company", "properties": {"name": ["Sinar Teduh Sdn Bhd"], "country": ["my"]},
    "source": "A register of the tests",
}  # fmt: skip


@pytest.fixture(scope="module")
async def api(deployment: Settings) -> AsyncIterator[Api]:
    async with connect(deployment) as connected:
        yield connected


@pytest.fixture(scope="module")
async def database(deployment: Settings) -> AsyncIterator[Database]:
    opened = Database(deployment.database_url("gateway"))
    yield opened
    await opened.close()


@pytest.fixture
async def bare(make_deployment: MakeDeployment, backend: str) -> AsyncIterator["Bare"]:
    settings = make_deployment(backend)
    opened = Database(settings.database_url("gateway"))
    yield Bare(settings, opened)
    await opened.close()


class Bare:
    """A log without the service around it."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.database, self.keys = database, keys(settings)
        self.log = AuditLog(database, b"k" * 32)
        self.signer = HeadSigner(database, (settings.key_folder / "gateway-signing.pem").read_bytes())

    async def fill(self, count: int) -> None:
        await asyncio.gather(
            *(self.log.append(CALLER, "party", "read", b"subject %d" % (number % 7)) for number in range(count))
        )

    async def run(self, *statements: str) -> None:
        async with self.database.write() as session:
            for statement in statements:
                await session.execute(sa.text(statement))

    async def verify(self) -> Verification:
        return await verify_log(self.database, self.keys)


def keys(settings: Settings) -> dict[str, jwt.PyJWK]:
    return load_trusted(settings.key_folder / "trusted.jwks")


async def newest(database: Database, count: int) -> list[AuditRow]:
    async with database.read() as session:
        return list((await session.scalars(sa.select(AuditRow).order_by(AuditRow.number.desc()).limit(count))).all())


async def test_every_look_is_logged_before_it_is_answered(api: Api, deployment: Settings, database: Database) -> None:
    await api.headers(LICENSING.client, "GET", "/v1/parties")  # a token is an entry too
    assert [(row.kind, row.action, row.client_id) for row in await newest(database, 1)] == [
        ("access", "token", "licensing")
    ]
    before = (await verify_log(database, keys(deployment))).entries
    await api.ask(LICENSING, "POST", "/match/default", json=QUERY)
    with pytest.raises(RefusedError):
        await api.ask(LICENSING, "GET", "/v1/parties/nobody")
    after = await verify_log(database, keys(deployment))
    assert (after.entries, after.ok, after.first_bad) == (before + 2, True, None)
    rows = await newest(database, 2)
    assert [(row.client_id, row.purpose, row.action, row.outcome) for row in rows] == [
        ("licensing", "licence_check", "read", "admitted"),
        ("licensing", "licence_check", "screen", "admitted"),
    ]
    assert not any("Sinar" in str(vars(row)) for row in rows)


async def test_a_refused_request_is_logged_too(api: Api, database: Database) -> None:
    with pytest.raises(RefusedError):
        await api.ask(Identity("licensing", Purpose.WORKER_REGISTRATION), "GET", "/v1/registrations")
    (row,) = await newest(database, 1)
    assert (row.purpose, row.kind, row.outcome) == ("worker_registration", "registration", "refused")


async def test_a_list_is_a_look_at_everybody_in_it(api: Api, database: Database) -> None:
    await api.ask(REGISTRAR, "PUT", "/v1/parties/seen-1", json=PARTY_BODY)
    await api.ask(LICENSING, "GET", "/v1/parties")
    shown, listed = await newest(database, 2)
    assert (shown.action, shown.outcome, listed.outcome) == ("list", "shown", "admitted")
    await api.ask(LICENSING, "GET", "/v1/parties/seen-1")
    (read,) = await newest(database, 1)
    assert read.subject_digest == shown.subject_digest


def test_what_an_answer_showed_is_read_off_it() -> None:
    places = (Shown(("results", "*", "id"), PARTY),)
    assert shown_subjects(places, b'{"results": [{"id": "a"}, {"id": "b"}, {"id": "a"}, {"id": 3}, 4]}') == [
        b"/v1/parties/a",
        b"/v1/parties/b",
    ]
    assert shown_subjects(places, b"a,b\n") == []


async def test_an_auditor_proves_an_entry_and_growth_without_trusting_the_answers(
    api: Api, deployment: Settings
) -> None:
    key = keys(deployment)["gateway"]
    first = read_head((await api.ask(AUDITOR, "GET", "/v1/log/head")).json())
    verify_head(first, key)
    await api.ask(LICENSING, "GET", "/v1/parties")
    second = read_head((await api.ask(AUDITOR, "GET", "/v1/log/head")).json())
    verify_head(second, key)
    assert second.size > first.size
    sizes = {"first": first.size, "second": second.size}
    grown = (await api.ask(AUDITOR, "GET", "/v1/log/consistency", params=sizes)).json()
    assert verify_consistency(first.size, second.size, first.root, second.root, octets(grown["path"]))
    about = {"number": first.size, "size": second.size}
    proof = (await api.ask(AUDITOR, "GET", "/v1/log/inclusion", params=about)).json()
    (leaf,) = octets([proof["leaf"]])
    assert verify_inclusion(first.size - 1, second.size, leaf, octets(proof["path"]), second.root)
    assert not verify_inclusion(first.size - 2, second.size, leaf, octets(proof["path"]), second.root)
    assert proof["entry"]["number"] == first.size


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        ("inclusion", {"number": 10**9}, 404),
        ("inclusion", {"number": 1, "size": 10**9}, 422),
        ("consistency", {"first": 5, "second": 2}, 422),
        ("consistency", {"first": 10**9}, 422),
        ("inclusion", {"number": 0}, 422),
    ],
)
async def test_there_is_no_proof_of_what_is_not(api: Api, path: str, params: dict[str, int], status: int) -> None:
    with pytest.raises(RefusedError) as refused:
        await api.ask(AUDITOR, "GET", f"/v1/log/{path}", params=params)
    assert refused.value.problem["status"] == status


async def test_entries_come_in_pages_and_by_client(api: Api) -> None:
    page = (await api.ask(AUDITOR, "GET", "/v1/log/entries", params={"limit": 2})).json()
    assert [entry["number"] for entry in page["entries"]] == [1, 2]
    assert page["next"] == 3
    own = (await api.ask(AUDITOR, "GET", "/v1/log/entries", params={"client_id": "auditor", "limit": 1000})).json()
    assert {entry["client_id"] for entry in own["entries"]} == {"auditor"}
    assert own["next"] is None


async def test_nobody_but_an_auditor_reads_the_log(api: Api) -> None:
    for path in ("head", "entries", "inclusion?number=1", "consistency?first=1"):
        with pytest.raises(RefusedError) as refused:
            await api.ask(LICENSING, "GET", f"/v1/log/{path}")
        assert refused.value.problem["status"] == 403


async def test_many_at_once_are_written_in_few_transactions(bare: Bare) -> None:
    await bare.fill(500)
    assert (await bare.verify()).entries == 500
    async with bare.database.read() as session:
        instants = (await session.execute(sa.select(sa.func.count(AuditRow.at.distinct())))).scalar_one()
    assert instants < 25


async def test_two_gateways_on_one_log_take_turns(bare: Bare) -> None:
    other = AuditLog(bare.database, b"k" * 32)
    for _ in range(20):
        await asyncio.gather(
            bare.log.append(CALLER, "party", "read", b"one"), other.append(CALLER, "party", "read", b"one")
        )
    found = await bare.verify()
    assert (found.entries, found.ok) == (40, True)


@pytest.mark.parametrize(
    ("damage", "first_bad"),
    [
        (("UPDATE gateway_audit_entries SET purpose = 'audit' || purpose WHERE number = 12",), 12),
        (("UPDATE gateway_audit_entries SET subject_digest = '0' WHERE number = 12",), 12),
        (("UPDATE gateway_audit_entries SET outcome = 'shown' WHERE number = 12",), 12),
        (("DELETE FROM gateway_audit_entries WHERE number = 12",), 12),
        (("DELETE FROM gateway_audit_entries WHERE number > 18",), 19),
        (
            (
                "UPDATE gateway_audit_entries SET number = 99 WHERE number = 5",
                "UPDATE gateway_audit_entries SET number = 5 WHERE number = 6",
                "UPDATE gateway_audit_entries SET number = 6 WHERE number = 99",
            ),
            5,
        ),
        (("DELETE FROM gateway_audit_nodes WHERE level = 2 AND position = 1",), 8),
        (("UPDATE gateway_audit_nodes SET digest = leaf_of_one WHERE level = 1 AND position = 3",), 8),
        (("UPDATE gateway_audit_heads SET size = 19 WHERE size = 20",), 19),
    ],
)
async def test_what_is_done_behind_the_services_back_is_found(
    bare: Bare, damage: tuple[str, ...], first_bad: int
) -> None:
    await bare.fill(20)
    await bare.signer.sign()
    assert (await bare.verify()).ok
    leaf = "(SELECT leaf FROM gateway_audit_entries WHERE number = 1)"
    await bare.run(*(statement.replace("leaf_of_one", leaf) for statement in damage))
    found = await bare.verify()
    assert (found.ok, found.first_bad) == (False, first_bad)


async def test_a_log_that_was_rewritten_as_a_whole_does_not_fit_its_heads(bare: Bare) -> None:
    """Whoever writes the tables can make a tree that fits itself; not a head of before, without the key."""
    await bare.fill(20)
    await bare.signer.sign()
    await bare.run("DELETE FROM gateway_audit_entries", "DELETE FROM gateway_audit_nodes")
    await bare.fill(20)
    found = await bare.verify()
    assert (found.ok, found.first_bad) == (False, 20)
    async with bare.database.read() as session:
        head = TreeHead.of((await session.scalars(sa.select(AuditHeadRow))).one())
    forged = HeadSigner(bare.database, new_signing_key())
    await bare.run("DELETE FROM gateway_audit_heads")
    await forged.sign()
    assert not (await bare.verify()).ok
    verify_head(head, bare.keys["gateway"])  # what another had kept still proves what was


async def test_an_erased_subject_leaves_a_log_that_verifies_and_says_nothing_of_it(bare: Bare) -> None:
    await bare.fill(20)
    await bare.signer.sign()
    async with bare.database.write() as session:
        before = await bare.log.digests.find(session, b"subject 3")
        assert await bare.log.digests.erase(session, b"subject 3")
        assert not await bare.log.digests.erase(session, b"subject 3")
    async with bare.database.read() as session:
        assert await bare.log.digests.find(session, b"subject 3") is None
        assert (await session.execute(sa.select(sa.func.count()).select_from(AuditSubjectRow))).scalar_one() == 6
    await bare.log.append(CALLER, "party", "read", b"subject 3")
    (row,) = await newest(bare.database, 1)
    assert row.subject_digest != before
    assert (await bare.verify()).ok


async def test_nothing_is_answered_when_the_log_cannot_be_written(api: Api, deployment: Settings) -> None:
    async with broken_log(deployment):
        with pytest.raises(RefusedError) as refused:
            await api.ask(LICENSING, "GET", "/v1/parties")
    assert refused.value.problem["status"] == 500
    await api.ask(LICENSING, "GET", "/v1/parties")


@asynccontextmanager
async def broken_log(deployment: Settings) -> AsyncIterator[None]:
    database = Database(deployment.database_url("gateway"))
    rename = "ALTER TABLE {} RENAME TO {}"
    async with database.write() as session:
        await session.execute(sa.text(rename.format("gateway_audit_nodes", "gateway_audit_away")))
    yield
    async with database.write() as session:
        await session.execute(sa.text(rename.format("gateway_audit_away", "gateway_audit_nodes")))
    await database.close()


def read_head(document: dict[str, object]) -> TreeHead:
    root, signature = octets([str(document["root"]), str(document["signature"])])
    at = datetime.fromisoformat(str(document["at"]))
    return TreeHead(int(str(document["size"])), at, root, str(document["key_id"]), signature)


def octets(texts: list[str]) -> list[bytes]:
    return [base64.b64decode(text, validate=True) for text in texts]
