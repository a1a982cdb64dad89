"""Administrators: one asks, another confirms; nobody changes their own, and whoever lets people in sees no record."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from services.gateway.access.people.users import User
from services.gateway.tables import AuditRow
from shared.contracts.caller import Role
from shared.crypto.keyfiles import new_signing_key, public_jwk
from shared.settings import Settings
from tests.gateway.front_door import FrontDoor, open_front_door

pytestmark = pytest.mark.anyio

ADMINISTRATOR = (Role.ADMINISTRATOR,)
OFFICER = {"user": "o-20", "name": "Officer 20", "organisation": "Licensing office"}


@pytest.fixture(scope="module")
async def door(deployment: Settings) -> AsyncIterator[FrontDoor]:
    async with open_front_door(deployment) as opened:
        for user, roles, member in (
            ("a-1", ADMINISTRATOR, "IDN"),
            ("a-2", ADMINISTRATOR, "IDN"),
            ("a-3", ADMINISTRATOR, "IDN"),
            ("a-9", ADMINISTRATOR, "MYS"),
            ("r-1", (Role.REGISTRAR,), "IDN"),
        ):
            await opened.people.users.add(User(user, f"Name of {user}", "Ministry", member, roles))
        yield opened


class Asking:
    """One administrator's requests."""

    def __init__(self, door: FrontDoor, http: httpx.AsyncClient, token: str) -> None:
        self.door = door
        self._http = http
        self._headers = {"Authorization": f"Bearer {token}", "Lindung-Purpose": "administration"}

    async def get(self, path: str, **params: Any) -> httpx.Response:
        return await self._http.get(f"/v1/access/{path}", headers=self._headers, params=params)

    async def ask(self, act: str, **body: Any) -> httpx.Response:
        return await self._http.post("/v1/access/acts", headers=self._headers, json={"act": act} | body)

    async def decide(self, act: httpx.Response, how: str = "confirmation") -> httpx.Response:
        return await self._http.post(f"/v1/access/acts/{act.json()['id']}/{how}", headers=self._headers)


@asynccontextmanager
async def asking(door: FrontDoor, user: str, role: Role = Role.ADMINISTRATOR) -> AsyncIterator[Asking]:
    secret = await door.people.sessions.start(user, role)
    async with door.browser() as browser:
        browser.cookies.set("lindung", secret)
        yield Asking(door, browser, (await browser.get("/test/token")).json())


@pytest.fixture
async def three(door: FrontDoor) -> AsyncIterator[tuple[Asking, Asking, Asking]]:
    async with AsyncExitStack() as stack:
        one, two, abroad = [await stack.enter_async_context(asking(door, user)) for user in ("a-1", "a-2", "a-9")]
        yield one, two, abroad


async def steps(door: FrontDoor, count: int) -> list[tuple[str, str | None, str]]:
    query = sa.select(AuditRow).where(AuditRow.kind == "access").order_by(AuditRow.number.desc()).limit(count)
    async with door.app.state.database.read() as session:
        return [(row.action, row.user_id, row.outcome) for row in reversed((await session.scalars(query)).all())]


async def test_a_person_is_let_in_by_two_and_their_code_is_shown_once(
    door: FrontDoor, three: tuple[Asking, Asking, Asking]
) -> None:
    one, two, abroad = three
    asked = await one.ask("add_person", **OFFICER, roles=["licensing_officer"])
    assert (asked.status_code, asked.json()["state"], asked.json()["code"]) == (201, "waiting", None)
    assert (await one.decide(asked)).json()["type"].endswith("second-person")
    assert (await abroad.decide(asked)).status_code == 404
    assert "o-20" not in (await two.get("people")).text
    confirmed = await two.decide(asked)
    assert (confirmed.status_code, confirmed.json()["state"]) == (200, "done")
    assert await door.people.users.invited(confirmed.json()["code"]) is not None
    assert (await two.decide(asked)).status_code == 409
    acts = (await one.get("acts")).json()["items"]
    assert (acts[0]["decided_by"], acts[0]["code"]) == ("a-2", None)
    assert await steps(door, 2) == [("ask", "a-1", "admitted"), ("user_add", "a-2", "admitted")]
    assert {each["user"]: each["state"] for each in (await one.get("people")).json()["items"]}["o-20"] == "invited"
    assert "o-20" not in (await abroad.get("people")).text

    raised = await one.ask("set_roles", user="o-20", roles=["auditor", "registrar"])
    assert raised.json()["details"] == [{"name": "roles", "value": "auditor, registrar"}]
    assert (await two.decide(raised)).status_code == 200
    assert (await door.people.users.find("o-20")).roles == ["auditor", "registrar"]  # type: ignore[union-attr]
    cut = await one.ask("cut_person", user="o-20")
    assert (cut.json()["state"], cut.json()["decided_by"]) == ("done", "a-1")
    assert await door.people.users.find("o-20") is None
    back = await two.decide(await one.ask("reset_person", user="o-20"))
    assert back.json()["code"]
    left = await one.decide(await one.ask("reset_person", user="o-20"), "refusal")
    assert (left.json()["state"], (await steps(door, 1))[0]) == ("refused", ("user_reset", "a-1", "refused"))


@pytest.mark.parametrize(
    ("act", "body", "status"),
    sorted(
        (
            ("set_roles", {"user": "a-1", "roles": ["registrar"]}, 403),
            ("reset_person", {"user": "a-1"}, 403),
            ("cut_person", {"user": "a-9"}, 404),
            ("add_person", OFFICER | {"user": "x-1", "roles": ["administrator", "registrar"]}, 403),
            ("add_person", OFFICER | {"user": "x-1", "roles": ["member_system"]}, 403),
            ("add_person", OFFICER | {"user": "oidc-1", "roles": ["auditor"]}, 422),
            ("add_person", OFFICER | {"user": "a-2", "roles": ["auditor"]}, 409),
            ("add_client", {"client": "gateway", "organisation": "o", "role": "desk_officer", "jwk": {}}, 422),
            ("add_client", {"client": "d", "organisation": "o", "role": "administrator", "jwk": {}}, 422),
            ("set_cap", {"client": "nobody", "cap": "reading"}, 404),
        ),
        key=repr,
    ),
)
async def test_what_is_not_asked_for(door: FrontDoor, act: str, body: dict[str, Any], status: int) -> None:
    async with asking(door, "a-1") as one:
        assert (await one.ask(act, **body)).status_code == status


async def test_a_system_is_let_in_by_its_public_key(door: FrontDoor, three: tuple[Asking, Asking, Asking]) -> None:
    one, two, _ = three
    private = new_signing_key()
    desk = {"client": "desk-1", "organisation": "Desk", "role": "desk_officer"}
    assert (await one.ask("add_client", **desk, jwk=public_jwk(private, "x") | {"d": "AA"})).status_code == 422
    assert (await two.decide(await one.ask("add_client", **desk, jwk=public_jwk(private, "x")))).status_code == 200
    capped = await one.ask("set_cap", client="desk-1", cap="registering", minute=7, day=70)
    assert (await two.decide(capped)).status_code == 200
    first = (await one.get("clients")).json()["items"][0]
    assert (first["client"], first["caps"]) == ("desk-1", [{"cap": "registering", "minute": 7, "day": 70}])
    anew = await one.ask("new_key", client="desk-1", jwk=public_jwk(new_signing_key(), "y"))
    assert (await two.decide(anew)).status_code == 200
    second = (await one.get("clients")).json()["items"][0]
    assert second["thumbprint"] == anew.json()["details"][0]["value"] != first["thumbprint"]
    assert (await two.ask("cut_client", client="desk-1")).json()["state"] == "done"
    assert not (await one.get("clients", limit=1)).json()["items"][0]["active"]


async def test_what_was_asked_by_somebody_cut_off_is_not_confirmed(door: FrontDoor) -> None:
    async with asking(door, "a-3") as third, asking(door, "a-1") as one:
        asked = await third.ask("set_roles", user="r-1", roles=["auditor"])
        assert (await one.ask("cut_person", user="a-3")).status_code == 201
        assert (await one.decide(asked)).status_code == 403


async def test_administrators_see_keys_without_keys_and_no_record(door: FrontDoor) -> None:
    async with asking(door, "a-1") as one:
        keys = (await one.get("keys")).json()
        assert keys["silent"] == ["registry", "biometrics"]
        known = {each["name"]: each for each in keys["items"]}
        assert known["registry-sealing.json"]["ids"] == ["1"]
        assert known["gateway-digest.key"]["ids"] == []
        for path, purpose in (("/v1/parties", "register_maintenance"), ("/v1/log/entries", "audit")):
            headers = one._headers | {"Lindung-Purpose": purpose}
            assert (await one._http.get(path, headers=headers)).status_code == 403
    async with asking(door, "r-1", Role.REGISTRAR) as registrar:
        assert (await registrar.get("people")).status_code == 403
