"""People: an invitation, a password and an app; what is refused looks the same whatever was wrong."""

import time
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa

from services.gateway.access.people.passwords import PasswordRefusedError, Passwords, check_password
from services.gateway.access.people.slowing import FREE_TOGETHER
from services.gateway.access.people.tables import FailureRow, SessionRow, UserRow
from services.gateway.access.people.users import RoleRefusedError, User
from services.gateway.tables import AuditRow
from shared.contracts.caller import Caller, Role
from shared.db.database import Database, now
from shared.settings import Settings
from tests.gateway.front_door import PASSWORD, FrontDoor, code_of, open_front_door

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def door(deployment: Settings) -> AsyncIterator[FrontDoor]:
    async with open_front_door(deployment) as opened:
        yield opened


@pytest.fixture
def database(door: FrontDoor) -> Database:
    return door.app.state.database


@pytest.fixture
async def browser(door: FrontDoor) -> AsyncIterator[httpx.AsyncClient]:
    async with door.browser() as opened:
        yield opened


async def entries(database: Database, count: int) -> list[tuple[str, str, str | None, str]]:
    """The newest entries of the log, oldest of them first."""
    async with database.read() as session:
        rows = await session.scalars(sa.select(AuditRow).order_by(AuditRow.number.desc()).limit(count))
        return [(row.kind, row.action, row.user_id, row.outcome) for row in reversed(rows.all())]


async def test_somebody_signs_in_and_asks_as_themselves(
    door: FrontDoor, browser: httpx.AsyncClient, database: Database
) -> None:
    secret = await door.somebody("o-1", (Role.AUDITOR, Role.REGISTRAR))
    answer = await door.sign_in(browser, "O-1 ", secret)
    assert answer.status_code == 200
    assert (answer.json()["role"], answer.json()["roles"]) == ("auditor", ["auditor", "registrar"])
    token = (await browser.get("/test/token")).json()
    headers = {"Authorization": f"Bearer {token}", "Lindung-Purpose": "audit"}
    page = await browser.get("/v1/log/entries", headers=headers, params={"limit": 1000})
    told = {(entry["action"], entry["user_id"]) for entry in page.json()["entries"]}
    assert {("enrol", None), ("sign_in", "o-1"), ("read", "o-1")} <= told
    assert "Name of" not in page.text
    assert await entries(database, 1) == [("audit", "read", "o-1", "admitted")]
    await browser.post("/test/logout")
    assert (await browser.get("/v1/log/head", headers=headers)).status_code == 401
    assert (await browser.get("/test/me")).json() is None


async def test_what_is_refused_is_refused_in_the_same_words(door: FrontDoor, browser: httpx.AsyncClient) -> None:
    secret = await door.somebody("o-2")
    cut = await door.somebody("o-2b")
    await door.people.users.cut("o-2b")
    await door.people.users.add(User("o-2c", "n", "o", "IDN", (Role.AUDITOR,)))  # invited, nothing set yet
    attempts = [
        await door.sign_in(browser, "o-2", secret, "another password altogether"),
        await door.sign_in(browser, "o-2", secret, step=5),
        await door.sign_in(browser, "nobody", secret),
        await door.sign_in(browser, "No\x00body", secret),
        await door.sign_in(browser, "o-2b", cut),
        await door.sign_in(browser, "o-2c", secret, ""),
    ]
    assert {(answer.status_code, answer.text) for answer in attempts} == {(401, attempts[0].text)}
    assert not any("set-cookie" in answer.headers for answer in attempts)


async def test_a_name_that_nobody_has_takes_as_long(
    door: FrontDoor, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Passwords()
    monkeypatch.setattr(door.people.passwords, "_hasher", real._hasher)
    monkeypatch.setattr(door.people.passwords, "_nobodys", real._nobodys)
    secret = await door.somebody("o-3")
    spent = {"o-3": 0.0, "no-such-name": 0.0}
    for _ in range(3):
        for name in spent:
            begun = time.process_time()
            await door.sign_in(browser, name, secret, "wrong, and long enough")
            spent[name] += time.process_time() - begun
    assert 0.6 < spent["o-3"] / spent["no-such-name"] < 1.7


async def test_a_code_is_taken_once_and_none_before_it(door: FrontDoor, browser: httpx.AsyncClient) -> None:
    secret = await door.somebody("o-4")
    assert (await door.sign_in(browser, "o-4", secret)).status_code == 200
    assert (await door.sign_in(browser, "o-4", secret)).status_code == 401
    assert (await door.sign_in(browser, "o-4", secret, step=-1)).status_code == 401
    assert (await door.sign_in(browser, "o-4", secret, step=1)).status_code == 200


@pytest.mark.parametrize("known", [False, True])
async def test_failures_slow_a_name_from_an_address_but_not_for_ever(
    door: FrontDoor, browser: httpx.AsyncClient, database: Database, known: bool
) -> None:
    name = f"slow-{known}".lower()
    secret = await door.somebody(name) if known else "A" * 32
    for _ in range(FREE_TOGETHER):
        assert (await door.sign_in(browser, name, secret, "wrong, and long enough")).status_code == 401
    assert [entry[1:] for entry in await entries(database, 2)] == [
        ("sign_in", None, "refused"),
        ("lock_out", None, "refused"),
    ]
    slowed = await door.sign_in(browser, name, secret)
    assert (slowed.status_code, slowed.headers["retry-after"]) in {(429, "1"), (429, "2")}
    async with door.browser("203.0.113.9") as elsewhere:
        assert (await door.sign_in(elsewhere, name, secret)).status_code == (200 if known else 401)
    async with database.write() as session:
        await session.execute(sa.update(FailureRow).values(last_at=now() - timedelta(minutes=16)))
    assert (await door.sign_in(browser, name, secret, step=1)).status_code == (200 if known else 401)


async def test_an_invitation_is_good_once_and_for_a_while(
    door: FrontDoor, browser: httpx.AsyncClient, database: Database
) -> None:
    code = await door.people.users.add(User("o-6", "Name", "Office", "IDN", (Role.AUDITOR,)))
    first = (await browser.post("/test/enrol/begin", json={"code": code})).json()
    again = (await browser.post("/test/enrol/begin", json={"code": code.lower().replace("-", " ")})).json()
    assert first == again
    assert first["uri"].startswith("otpauth://totp/Lindung:o-6?secret=")
    body = {"code": code, "password": PASSWORD, "totp": code_of(first["secret"], 9)}
    assert (await browser.post("/test/enrol/finish", json=body)).status_code == 403
    body["totp"] = code_of(first["secret"])
    weak = await browser.post("/test/enrol/finish", json=body | {"password": "password1234"})
    assert (weak.status_code, "guessed" in weak.json()["reason"]) == (422, True)
    assert (await browser.post("/test/enrol/finish", json=body)).status_code == 204
    assert (await browser.post("/test/enrol/finish", json=body)).status_code == 403
    late = await door.people.users.reset("o-6")
    async with database.write() as session:
        await session.execute(sa.update(UserRow).values(invited_until=now() - timedelta(seconds=1)))
    assert (await browser.post("/test/enrol/begin", json={"code": late})).status_code == 403


async def test_a_reset_takes_everything_back(door: FrontDoor, browser: httpx.AsyncClient) -> None:
    secret = await door.somebody("o-7")
    await door.sign_in(browser, "o-7", secret)
    await door.people.users.reset("o-7")
    assert (await browser.get("/test/me")).json() is None
    assert (await door.sign_in(browser, "o-7", secret, step=1)).status_code == 401


async def test_nothing_of_them_lies_open_in_the_database(door: FrontDoor, database: Database) -> None:
    secret = await door.somebody("o-8")
    async with database.read() as session:
        row = await session.get_one(UserRow, "o-8")
        sessions = (await session.scalars(sa.select(SessionRow))).all()
    assert row.password is not None
    assert row.password.startswith("$argon2id$")
    assert secret.encode() not in (row.code_key or b"")
    assert all(len(each.id) == 64 for each in sessions)


def test_a_person_has_a_role_and_none_of_a_system() -> None:
    for roles in ((), (Role.MEMBER_SYSTEM,), (Role.AUDITOR, Role.PARTNER_MEMBER)):
        with pytest.raises(RoleRefusedError):
            User("x", "x", "x", "IDN", roles)


def test_a_person_is_told_from_another_by_user_before_client() -> None:
    system = Caller(client_id="console", organisation="o", member="IDN")
    people = [system.model_copy(update={"user": user}) for user in ("a", "b")]
    assert [caller.person for caller in (system, *people)] == ["console", "a", "b"]


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "x" * 129,
        "aaaaaaaaaaaaaaaa",
        "123456789012",
        "abcdefghijklmnop",
        "Password1234!",
        "Lindung-2026-Desk",
        "qwertyuiop123456",
        "Siti1996Aminah!!",
        "kantor batam 2026",
    ],
)
def test_what_is_guessed_first_is_refused(password: str) -> None:
    with pytest.raises(PasswordRefusedError):
        check_password(password, ("o-9", "Siti Aminah", "Kantor Batam"))


@pytest.mark.parametrize(
    "password", [PASSWORD, "9!x7#2-48$aQ", "ក្រុងភ្នំពេញស្អាត", "7291 0486 3357 1920", "x" * 9 + "longwords"]
)
def test_no_character_is_asked_for_and_none_forbidden(password: str) -> None:
    check_password(password, ("o-9", "Siti Aminah", "Kantor Batam"))


async def test_one_password_typed_on_two_keyboards_is_one() -> None:
    passwords = Passwords()
    kept = await passwords.keep("cafe\u0301 ﬁne and long")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert await passwords.verify(kept, "caf\u00e9 fine and long")
    assert not await passwords.verify(kept, "cafe fine and long")
    assert not await passwords.verify(None, "cafe\u0301 ﬁne and long")
    assert not await passwords.verify("no hash", "x")
