"""A ministry with people: a gateway that listens, a register with something in it, and a browser for each role."""

import asyncio
import secrets
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import anyio
import httpx
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page

from services.cli.connection import Api, Identity
from services.cli.enrol import encode, register
from services.cli.preparation import register_clients
from services.gateway.access.people.users import User
from services.sandbox.faces import CAST
from services.sandbox.region import Impression, Shot
from services.sandbox.studio import Studio
from services.standalone import create_app
from shared.contracts.caller import Purpose, Role
from shared.settings import Settings

REGISTRAR = Identity("registrar", Purpose.REGISTER_MAINTENANCE)
DESK = Identity("desk", Purpose.WORKER_REGISTRATION)
ADJUDICATOR = Identity("adjudicator", Purpose.ADJUDICATION)
CLIENTS = (
    ("registrar", Role.REGISTRAR, "IDN"),
    ("desk", Role.DESK_OFFICER, "IDN"),
    ("adjudicator", Role.ADJUDICATOR, "IDN"),
)
NAMES = {
    Role.LICENSING_OFFICER: "Ratna Dewi",
    Role.INVESTIGATOR: "Somchai Prasert",
    Role.ADJUDICATOR: "Maria Santos",
    Role.CHILD_PROTECTION: "Nguyen Thi Hoa",
    Role.LABOUR_INSPECTOR: "Ahmad Faizal",
    Role.VICTIM_SUPPORT: "Thida Moe",
    Role.AUDITOR: "Chanthou Sok",
    Role.REGISTRAR: "Khin Mar Aye",
    Role.ADMINISTRATOR: "Dewi Anggraini",
}
SECONDS = {
    "second": (Role.ADJUDICATOR, "Bounmy Keo"),
    "administrator-2": (Role.ADMINISTRATOR, "Rosa Pereira"),
    "registrar-2": (Role.REGISTRAR, "Sokha Chea"),
    "victim-support-2": (Role.VICTIM_SUPPORT, "Sari Wulandari"),
}


@dataclass
class Office:
    """A running gateway, and the secrets of its people's sessions.

    Attributes:
        url: where it listens.
        sessions: cookie values by role, and of second people (`second` is an adjudicator).
        invitation: the code of somebody who has not signed in yet.
        case: an adjudication case.
        settings: of the deployment.
    """

    url: str
    sessions: dict[str, str]
    invitation: str
    case: str
    settings: Settings

    def context(self, browser: Browser, who: str | None, **options: Any) -> BrowserContext:
        """A browser of its own, signed in."""
        context = browser.new_context(base_url=self.url, **options)
        if who is not None:
            context.add_cookies([{"name": "lindung", "value": self.sessions[who], "url": self.url}])
        return context


class Watched:
    """A page, with all that a browser complains of, and every host that it asked."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        self.page.on("console", lambda told: self._hear(told.type, told.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda asked: self.hosts.add(urlsplit(asked.url).netloc))

    def _hear(self, kind: str, text: str) -> None:
        refused = "status of 422" in text  # the browser's own note of a form that comes back with what is wrong in it
        if kind in {"error", "warning"} and not refused:
            self.complaints.append(text)


@contextmanager
def open_office(settings: Settings) -> Iterator[Office]:
    """Serve a deployment on a thread of its own, with people and records in it."""
    opened, told = threading.Event(), {}
    stop = threading.Event()

    async def serve() -> None:
        try:
            async with _listening(settings) as (url, app):
                told["office"] = await _furnish(settings, url, app)
                opened.set()
                await asyncio.to_thread(stop.wait)
        except BaseException as error:
            told["error"] = error
            opened.set()
            raise

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    opened.wait()
    try:
        if "office" not in told:
            raise told["error"]
        yield told["office"]
    finally:
        stop.set()
        thread.join()


@asynccontextmanager
async def _listening(settings: Settings) -> AsyncIterator[tuple[str, Any]]:
    app = create_app(settings)
    port = urlsplit(settings.public_url).port or 0
    async with app.router.lifespan_context(app):  # here and not by uvicorn, which would swallow what goes wrong
        server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, access_log=False, lifespan="off"))
        serving = asyncio.create_task(server.serve())
        try:
            with anyio.fail_after(60):
                while not server.started:  # noqa: ASYNC110  uvicorn offers nothing to wait on
                    await anyio.sleep(0.02)
            yield settings.public_url, app
        finally:
            server.should_exit = True
            await serving


async def _furnish(settings: Settings, url: str, app: Any) -> Office:
    await register_clients(settings, CLIENTS)
    people, sessions = app.state.people, {}
    for role, name in NAMES.items():
        user = role.value.replace("_", "-")
        await people.users.add(User(user, name, "Ministry of Manpower", "IDN", (role,)))
        sessions[role.value] = await people.sessions.start(user, role)
    for user, (role, name) in SECONDS.items():
        await people.users.add(User(user, name, "Ministry of Manpower", "IDN", (role,)))
        sessions[user] = await people.sessions.start(user, role)
    roles = (Role.LICENSING_OFFICER, Role.AUDITOR)
    invitation = await people.users.add(User("siti", "Siti Rahayu", "Ministry of Manpower", "IDN", roles))
    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as http:
        api = Api(http, settings)
        await _fill_register(api)
        return Office(url, sessions, invitation, await _fill_registrations(api), settings)


async def _fill_register(api: Api) -> None:
    """An agency with a director who was convicted, a case that is not proven, a licence that was suspended."""
    source = {"source": "register of the ministry"}
    agency = {"name": ["PT Sinar Teduh Abadi"], "country": ["id"], "registrationNumber": ["IDN-20114497"]}
    director = {"name": ["Budi Hartono"], "nationality": ["id"], "birthDate": ["1971-05-09"]}
    partner = {"name": ["บริษัท ร่มเย็นจัดหางาน จำกัด"], "country": ["th"]}
    charged = {"party": "agency-1", "offences": ["wage_theft"], "stage": "charged", "opened_on": "2026-03-02"}
    period = {"party": "agency-1", "number": "LIC-2024-001", "authority": "Licensing office"}
    for path, body in (
        ("parties/agency-1", {"schema": "Company", "properties": agency}),
        ("parties/director-1", {"schema": "Person", "properties": director}),
        ("parties/thai-1", {"schema": "Company", "properties": partner}),
        ("links/link-1", {"from": "director-1", "to": "agency-1", "kind": "director", "since": "2019-03-01"}),
        ("links/link-2", {"from": "agency-1", "to": "thai-1", "kind": "representative", "since": "2022-01-10"}),
        (
            "cases/case-1",
            {
                "party": "director-1", "offences": ["forced_labour"], "stage": "convicted", "stage_on": "2022-04-01",
                "opened_on": "2021-02-01", "final_on": "2022-10-01", "court": "District Court",
            },
        ),
        ("cases/case-2", charged),
        ("licences/lic-1", period | {"status": "valid", "valid_from": "2024-01-01", "valid_to": "2027-12-31"}),
        ("licences/lic-1", period | {"status": "suspended", "valid_from": "2026-05-01", "valid_to": "2027-12-31"}),
    ):  # fmt: skip
        taken = body if path.startswith(("links", "licences")) else body | source
        await api.ask(REGISTRAR, "PUT", f"/v1/{path}", json=taken)


async def _fill_registrations(api: Api) -> str:
    """The same worker twice under two names, somebody who may be a child, somebody below a sector's minimum."""
    studio = Studio()

    def worker(shot: int, **particulars: Any) -> dict[str, Any]:
        prints = [{"position": "right-index", "image": encode(studio.fingerprint(Impression(640, shot)))}]
        return {
            "photo": encode(studio.photo(Shot(CAST[9], shot))),
            "fingers": prints,
            "born": "1994-05-06",
        } | particulars

    await register(api, DESK, worker(1, name="Maya Sari", nationality="IDN"), secrets.token_hex(8))
    again = await register(api, DESK, worker(2, name="Dewi Lestari", nationality="IDN"), secrets.token_hex(8))
    child = {"name": "Lia Putri", "born": "2012-03-01", "no_biometrics": "NOT_POSSIBLE"}
    await register(api, DESK, child, secrets.token_hex(8))
    with anyio.fail_after(60):
        while True:
            items = (await api.ask(ADJUDICATOR, "GET", "/v1/adjudications")).json()["items"]
            if found := [item["case"] for item in items if item["registration"] == again["registration"]]:
                return str(found[0])
            await anyio.sleep(0.05)
