"""A child's registration leaves no trace in what others are shown: lists, filters, candidates, evidence, waiting."""

import base64
import secrets
from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest

from services.cli.connection import Api, Identity, RefusedError
from services.cli.enrol import encode, register
from services.registry.workers.findings import number_reused, other_identity
from services.registry.workers.particulars import Particulars
from services.registry.workers.reading import Wanted, show_page
from services.registry.workers.store import Conclusion, RegistrationStore, RegistrationUnknownError, Submission
from services.registry.workers.views import Scope, address, scope_of
from services.sandbox.faces import CAST
from services.sandbox.region import Impression, Shot
from services.sandbox.studio import Studio
from shared.contracts.caller import Caller, Purpose, Role
from shared.contracts.registrations import (
    RegistrationCandidate,
    RegistrationRequest,
    Relation,
    Signal,
    SignalCode,
)
from shared.crypto.sealing import KeyRing
from shared.db.database import Database
from shared.settings import Settings
from shared.standards.mrz import MrzFormat, write_mrz

pytestmark = pytest.mark.anyio

DESK = Identity("desk", Purpose.WORKER_REGISTRATION)
CHILD = Identity("child-protection", Purpose.CHILD_PROTECTION)
ADJUDICATOR = Identity("adjudicator", Purpose.ADJUDICATION)
STUDIO = Studio()


def scope(role: Role) -> Scope:
    return scope_of(Caller(client_id="c", organisation="o", member="IDN", role=role))


@pytest.fixture
async def store(deployment: Settings) -> AsyncIterator[RegistrationStore]:
    database = Database(deployment.database_url("registry"))
    ring = KeyRing.load(deployment.key_folder / "registry-sealing.json")
    digest_key = base64.b64decode((deployment.key_folder / "registry-digest.key").read_text())
    yield RegistrationStore(database, ring, digest_key)
    await database.close()


class Enrolments:
    """Registrations put into the table with what checks would have found, without any engine."""

    def __init__(self, store: RegistrationStore) -> None:
        self.store = store
        self.reference = secrets.token_hex(8)  # of this test alone: the table is a module's

    async def take(self) -> str:
        request = RegistrationRequest(name="Siti", born="1996", reference=self.reference)
        particulars = Particulars("Siti", None, "1996", None, None, None)
        body = secrets.token_bytes(8)
        return (await self.store.accept(Submission("IDN", "desk", body.hex(), body, request, particulars))).id

    async def check(
        self, registration: str, *signals: Signal, candidates: tuple[RegistrationCandidate, ...] = ()
    ) -> None:
        row, _ = await self.store.packet(registration)
        child = any(signal.code is SignalCode.CHILD_POSSIBLE for signal in signals)
        await self.store.conclude(row, Conclusion(address(list(signals)), list(candidates), [], child, []))

    async def checked(self, *signals: Signal, candidates: tuple[RegistrationCandidate, ...] = ()) -> str:
        registration = await self.take()
        await self.check(registration, *signals, candidates=candidates)
        return registration

    async def listed(self, role: Role, limit: int = 50, signal: str | None = None) -> list[tuple[str, ...]]:
        """Pages of ids, as this role turns them."""
        pages, before = [], None
        while True:
            page = await show_page(self.store, scope(role), before, limit, Wanted(signal, self.reference))
            pages.append(tuple(item.registration for item in page.items))
            if page.next is None:
                return pages
            before = int(page.next)


@pytest.fixture
def enrolments(store: RegistrationStore) -> Enrolments:
    return Enrolments(store)


CHILD_POSSIBLE = Signal(
    code=SignalCode.CHILD_POSSIBLE, strength="strong", evidence={}, rule="r", says="s", does_not_prove="d"
)


def candidate(registration: str, score: float, *differences: str) -> RegistrationCandidate:
    relation = Relation.OTHER_IDENTITY if differences else Relation.RE_REGISTRATION
    return RegistrationCandidate(
        registration=registration, score=score, relation=relation, differences=list(differences), scores=[]
    )


async def test_before_it_is_checked_nobody_knows_that_it_is_no_childs(enrolments: Enrolments) -> None:
    registration = await enrolments.take()
    assert await enrolments.listed(Role.ADJUDICATOR) == [()]
    with pytest.raises(RegistrationUnknownError):
        await enrolments.store.read(registration, scope(Role.ADJUDICATOR))
    assert await enrolments.listed(Role.DESK_OFFICER) == [(registration,)]
    await enrolments.check(registration)
    assert await enrolments.listed(Role.ADJUDICATOR) == [(registration,)]


async def test_nothing_points_at_a_sealed_registration(enrolments: Enrolments) -> None:
    sealed, waiting = await enrolments.checked(CHILD_POSSIBLE), await enrolments.take()
    for other in (sealed, waiting):
        shown = await enrolments.checked(
            number_reused({other: ["name"]}, compared=True), candidates=(candidate(other, 9.0),)
        )
        page = await show_page(enrolments.store, scope(Role.ADJUDICATOR), None, 1, Wanted(None, enrolments.reference))
        assert page.items[0].registration == shown
        assert (page.items[0].signals, page.items[0].candidates) == ([], [])
        assert other not in page.model_dump_json()
    desk = await show_page(enrolments.store, scope(Role.DESK_OFFICER), None, 1, Wanted(None, enrolments.reference))
    assert desk.items[0].candidates[0].registration == waiting


async def test_what_is_left_of_a_signal_says_nothing_of_the_sealed_one(enrolments: Enrolments) -> None:
    sealed, plain = await enrolments.checked(CHILD_POSSIBLE), await enrolments.checked()
    both = (candidate(sealed, 9.0, "birth_date"), candidate(plain, 4.0, "name"))
    identity = other_identity(list(both))
    assert identity is not None
    await enrolments.checked(
        identity, number_reused({sealed: ["name"], plain: ["name"]}, compared=True), candidates=both
    )
    page = await show_page(enrolments.store, scope(Role.ADJUDICATOR), None, 1, Wanted(None, enrolments.reference))
    same_person, reused = page.items[0].signals
    assert same_person == other_identity([both[1]])
    assert reused.evidence["registrations"] == [plain]
    assert reused.evidence["differences"] == {plain: ["name"]}
    assert page.items[0].candidates == [both[1]]


async def test_a_filter_finds_and_counts_only_signals_that_are_shown(enrolments: Enrolments) -> None:
    sealed, plain = await enrolments.checked(CHILD_POSSIBLE), await enrolments.checked()
    shown = []
    for number in range(7):
        other = sealed if number in {0, 2, 3, 6} else plain
        registration = await enrolments.checked(number_reused({other: ["name"]}, compared=True))
        shown += [registration] if other == plain else []
    pages = await enrolments.listed(Role.ADJUDICATOR, limit=1, signal="DOCUMENT_NUMBER_REUSED")
    assert pages == [(registration,) for registration in reversed(shown)]
    assert len(await enrolments.listed(Role.DESK_OFFICER, limit=1, signal="DOCUMENT_NUMBER_REUSED")) == 7


def a_worker(shot: int, **particulars: Any) -> dict[str, Any]:
    return {
        "photo": encode(STUDIO.photo(Shot(CAST[11], shot))),
        "name": "Thida Win",
        "born": "1999-03-03",
    } | particulars


async def test_coming_again_without_the_document_undoes_no_seal(api: Api) -> None:
    zone = write_mrz(
        MrzFormat.TD3,
        document_code="P",
        issuer="MMR",
        surname="WIN",
        given_names="THIDA",
        document_number="MJ0123456",
        nationality="MMR",
        birth="110303",
        sex="F",
        expiry="300101",
    )
    first = await register(api, DESK, a_worker(1, document={"mrz": zone}), secrets.token_hex(8))
    second = await register(api, DESK, a_worker(2), secrets.token_hex(8))
    for registration in (first, second):
        path = f"/v1/registrations/{registration['registration']}"
        with pytest.raises(RefusedError) as refused:
            await api.ask(ADJUDICATOR, "GET", path)
        assert refused.value.status == 404
        assert "CHILD_POSSIBLE" in {signal["code"] for signal in (await api.ask(CHILD, "GET", path)).json()["signals"]}


async def test_a_birth_that_is_still_to_come_is_a_slip(api: Api) -> None:
    with pytest.raises(RefusedError) as refused:
        await register(api, DESK, {"name": "Rini", "born": "2096-01-01"}, secrets.token_hex(8))
    assert (refused.value.status, refused.value.problem["type"]) == (422, "urn:lindung:problem:invalid")


@pytest.mark.parametrize("typed", ["mj 012-3456", "MJ0123456<", " MJ012 3456"])
async def test_a_number_is_the_same_however_it_is_typed(api: Api, typed: str) -> None:
    shown = {"document": {"issuer": "LAO", "number": "MJ0123456"}}
    other = {"document": {"issuer": "LAO", "number": typed}}
    await register(api, DESK, {"name": "Kham", "born": "1990"} | shown, secrets.token_hex(8))
    second = await register(api, DESK, {"name": "Bounmy", "born": "1991"} | other, secrets.token_hex(8))
    assert "DOCUMENT_NUMBER_REUSED" in {signal["code"] for signal in second["signals"]}


async def test_an_earlier_registration_is_sealed_when_a_later_one_shows_a_child(api: Api) -> None:
    photo = {shot: encode(STUDIO.photo(Shot(CAST[12], shot))) for shot in (1, 2)}
    fingers = {
        shot: [{"position": "right-index", "image": encode(STUDIO.fingerprint(Impression(912, shot)))}]
        for shot in (1, 2)
    }
    grown = {"name": "Thida Win", "born": "1999-03-03", "photo": photo[1], "fingers": fingers[1]}
    first = await register(api, DESK, grown, secrets.token_hex(8))
    path = f"/v1/registrations/{first['registration']}"
    assert (await api.ask(ADJUDICATOR, "GET", path)).status_code == 200
    young = {"name": "Thida Win", "born": "2013-03-03", "photo": photo[2], "fingers": fingers[2]}
    second = await register(api, DESK, young, secrets.token_hex(8))
    with anyio.fail_after(30):
        while not await sealed(api, first["registration"]):  # noqa: ASYNC110  what is awaited is a job
            await anyio.sleep(0.1)
    for registration in (first, second):
        with pytest.raises(RefusedError) as refused:
            await api.ask(ADJUDICATOR, "GET", f"/v1/registrations/{registration['registration']}")
        assert refused.value.status == 404
    seen_by_desk = (await api.ask(DESK, "GET", path)).json()
    assert (seen_by_desk["signals"], seen_by_desk["candidates"]) == ([], [])


async def sealed(api: Api, registration: str) -> bool:
    """Whether child protection sees it."""
    listed = (await api.ask(CHILD, "GET", "/v1/registrations", params={"limit": 200})).json()["items"]
    return registration in {item["registration"] for item in listed}
