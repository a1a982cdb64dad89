"""Sessions: they end when they should, and a form or a token is good for its own session only."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa

from services.gateway.access.people.session_store import IDLE, LIFETIME
from services.gateway.access.people.tables import SessionRow
from services.gateway.tables import AuditRow
from shared.contracts.caller import Role
from shared.db.database import now
from tests.conftest import MakeDeployment
from tests.gateway.front_door import FrontDoor, open_front_door

pytestmark = pytest.mark.anyio

BOTH = (Role.LICENSING_OFFICER, Role.AUDITOR)


@pytest.fixture(scope="module")
async def door(make_deployment: MakeDeployment) -> AsyncIterator[FrontDoor]:
    settings = make_deployment("sqlite").model_copy(update={"public_url": "https://gateway.example"})
    async with open_front_door(settings) as opened:
        yield opened


@pytest.fixture(scope="module")
async def secret(door: FrontDoor) -> str:
    return await door.somebody("s-1", BOTH)


@pytest.fixture
async def browser(door: FrontDoor, secret: str) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody's, signed in."""
    async with door.browser() as opened:
        await sign_in(door, opened, secret)
        yield opened


async def sign_in(door: FrontDoor, browser: httpx.AsyncClient, secret: str) -> httpx.Response:
    """Again within the same half minute: the code that was used is forgotten."""
    async with door.app.state.database.write() as session:
        await session.execute(sa.text("UPDATE gateway_users SET code_step = 0"))
    answer = await door.sign_in(browser, "s-1", secret)
    assert answer.status_code == 200
    return answer


async def me(browser: httpx.AsyncClient) -> dict[str, str] | None:
    return (await browser.get("/test/me")).json()


async def shift(door: FrontDoor, **values: object) -> None:
    async with door.app.state.database.write() as session:
        await session.execute(sa.update(SessionRow).values(**values))


async def test_the_cookie_goes_to_this_address_alone_and_to_no_script(door: FrontDoor, secret: str) -> None:
    async with door.browser() as browser:
        field = (await sign_in(door, browser, secret)).headers["set-cookie"]
    name, _, rest = field.partition("=")
    assert name == "__Host-lindung"
    assert {part.strip().lower() for part in rest.split(";")[1:]} == {
        "httponly", "secure", "path=/", "samesite=lax", f"max-age={int(LIFETIME.total_seconds())}"
    }  # fmt: skip
    assert len(rest.split(";")[0]) == 43  # 256 bits


async def test_a_session_ends_when_it_lies_idle_and_after_a_working_day(
    door: FrontDoor, browser: httpx.AsyncClient, secret: str
) -> None:
    await shift(door, seen_at=now() - IDLE + timedelta(seconds=20))
    assert await me(browser) is not None
    await shift(door, seen_at=now() - IDLE - timedelta(seconds=1))
    assert await me(browser) is None
    await sign_in(door, browser, secret)
    await shift(door, started_at=now() - LIFETIME - timedelta(seconds=1))
    assert await me(browser) is None


async def test_use_keeps_a_session_awake(door: FrontDoor, browser: httpx.AsyncClient) -> None:
    for _ in range(3):
        await shift(door, seen_at=now() - IDLE + timedelta(seconds=20))
        assert await me(browser) is not None


async def test_each_sign_in_is_a_new_session(door: FrontDoor, browser: httpx.AsyncClient, secret: str) -> None:
    planted = "x" * 43
    async with door.browser() as victim:
        victim.cookies.set("__Host-lindung", planted, domain="gateway.example", path="/")
        await sign_in(door, victim, secret)
        assert victim.cookies["__Host-lindung"] not in {planted, browser.cookies["__Host-lindung"]}


async def test_another_role_is_another_session_that_ends_no_later(door: FrontDoor, browser: httpx.AsyncClient) -> None:
    begun = now() - timedelta(hours=7)
    await shift(door, started_at=begun)
    old, token = dict(browser.cookies), (await browser.get("/test/token")).json()
    switched = (await browser.post("/test/role/auditor")).json()
    assert switched["role"] == "auditor"
    async with door.browser() as thief:
        thief.cookies.update(old)
        assert await me(thief) is None
    headers = {"Authorization": f"Bearer {token}", "Lindung-Purpose": "audit"}
    assert (await browser.get("/v1/log/head", headers=headers)).status_code == 401
    async with door.app.state.database.read() as session:
        row = await session.get_one(SessionRow, switched["session"])
        entry = await session.scalar(sa.select(AuditRow).order_by(AuditRow.number.desc()))
    assert row.started_at == begun
    assert (entry.kind, entry.action, entry.user_id, entry.role) == ("access", "switch_role", "s-1", "auditor")
    assert (await browser.post("/test/role/registrar")).status_code == 403


async def test_one_sees_and_ends_one_s_own(door: FrontDoor, browser: httpx.AsyncClient, secret: str) -> None:
    async with door.browser() as other:
        await sign_in(door, other, secret)
        listed = (await browser.get("/test/sessions")).json()
        current = [each["session"] for each in listed if each["current"]]
        assert current == [(await me(browser) or {})["session"]]
        theirs = (await me(other) or {})["session"]
        assert theirs in {each["session"] for each in listed}
        await browser.delete(f"/test/sessions/{theirs}")
        assert await me(other) is None
        assert await me(browser) is not None


async def test_nobody_ends_another_s(door: FrontDoor, browser: httpx.AsyncClient) -> None:
    stranger = await door.somebody("s-2")
    async with door.browser() as other:
        await door.sign_in(other, "s-2", stranger)
        await other.delete(f"/test/sessions/{(await me(browser) or {})['session']}")
    assert await me(browser) is not None


async def test_who_is_cut_off_is_out_at_once(door: FrontDoor) -> None:
    secret = await door.somebody("s-3", (Role.AUDITOR,))
    async with door.browser() as browser:
        await door.sign_in(browser, "s-3", secret)
        token = (await browser.get("/test/token")).json()
        headers = {"Authorization": f"Bearer {token}", "Lindung-Purpose": "audit"}
        assert (await browser.get("/v1/log/head", headers=headers)).status_code == 200
        await door.people.users.cut("s-3")
        assert await me(browser) is None
        assert (await browser.get("/v1/log/head", headers=headers)).status_code == 401


async def test_a_form_is_of_its_own_session(door: FrontDoor, browser: httpx.AsyncClient, secret: str) -> None:
    own = (await me(browser) or {})["csrf"]
    async with door.browser() as other:
        await sign_in(door, other, secret)
        theirs = (await me(other) or {})["csrf"]
    for token, status in ((own, 200), (theirs, 403), ("", 403)):
        assert (await browser.post("/test/form", headers={"csrf": token})).status_code == status
    assert (await browser.post("/test/form")).status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "https://gateway.example"}, 200),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"origin": "https://elsewhere.example"}, 403),
        ({"origin": "http://gateway.example"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({}, 403),
    ],
)
async def test_a_form_before_signing_in_is_sent_by_a_page_of_ours(
    door: FrontDoor, headers: dict[str, str], status: int
) -> None:
    async with door.browser() as browser:
        assert (await browser.post("/test/strange-form", headers=headers)).status_code == status
