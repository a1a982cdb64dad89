"""The command that measures every page of the console at the server, with a full register behind it."""

import base64
import secrets
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import click
import httpx
import numpy as np
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, insert, select

from services.cli.console import FOUND, json_option, run, show_json
from services.cli.console_bench_records import ORGANISATION, OfficeRecords, fill_offices
from services.cli.screening_bench import fill
from services.gateway.access.people.users import User
from services.registry.adjudication.opening import Opening
from services.registry.adjudication.tables import AdjudicationRow
from services.registry.parties.tables import PartyRow
from services.registry.workers.findings import other_identity
from services.registry.workers.particulars import Particulars
from services.registry.workers.store import Conclusion, RegistrationStore, Submission
from services.registry.workers.tables import RegistrationRow
from services.registry.workers.views import address
from services.standalone import create_app
from shared.contracts.caller import Role
from shared.contracts.registrations import RegistrationCandidate, RegistrationRequest, Relation
from shared.crypto.keyfiles import make_key_files
from shared.crypto.sealing import KeyRing
from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.settings import SERVICES, Settings

BAR_MS: Final = 300.0
_OPENED: Final = 100
"""Registrations of which the sealed particulars are real: the newest, which pages show."""
_CHUNK: Final = 5_000
_ROLES: Final = (
    *(Role.LICENSING_OFFICER, Role.ADJUDICATOR, Role.AUDITOR, Role.REGISTRAR),
    *(Role.LABOUR_INSPECTOR, Role.VICTIM_SUPPORT, Role.ADMINISTRATOR),
)
_QUICK_PARTIES: Final = 2_000
_QUICK_WORKERS: Final = 1_000
_QUICK_RECORDS: Final = 100

log = Console(stderr=True)


@click.command(name="console", epilog="Example: lindung bench console --register million.sqlite --json")
@click.option("--quick", is_flag=True, help="2,000 parties, 1,000 workers, 100 records: seconds.")
@click.option(
    "--register",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A registry's SQLite file that holds the parties; it is copied. Default: 2,000 are imported.",
)
@click.option("--workers", default=100_000, show_default=True, type=click.IntRange(_OPENED), help="Registrations.")
@click.option(
    "--records",
    default=1_000,
    show_default=True,
    type=click.IntRange(1),
    help="Complaints, conversations, referrals, support cases, claims, payments, people who sign in: so many of each.",
)
@click.option("--times", default=40, show_default=True, type=click.IntRange(5), help="Each page is asked for.")
@json_option
def console_pages(quick: bool, register: Path | None, workers: int, records: int, times: int, as_json: bool) -> None:
    """How long each page takes at the server, one request after the other; 1 when one is slower than 300 ms (p95)."""
    chosen = (_QUICK_WORKERS, _QUICK_RECORDS, 10) if quick else (workers, records, times)
    with tempfile.TemporaryDirectory(prefix="lindung-console-") as folder:
        document = run(lambda: measure(Path(folder), None if quick else register, *chosen))
    if as_json:
        show_json(document)
    else:
        _show(document)
    if any(page["p95_ms"] > BAR_MS for page in document["pages"]):
        raise SystemExit(FOUND)


async def measure(folder: Path, register: Path | None, workers: int, records: int, times: int) -> dict[str, Any]:
    """Every page's times over a deployment of its own.

    Args:
        folder: where it is made.
        register: a registry's SQLite file to begin with; None: a small one is imported.
        workers: registrations.
        records: of each kind that an office holds.
        times: requests of each page.
    """
    settings = Settings(var=folder, face_engine="dlib", cap_factor=1_000_000, log_level="error")
    if register is not None:
        shutil.copyfile(register, folder / "registry.db")
    for service in SERVICES:
        upgrade(service, settings.database_url(service))
    make_key_files(settings.key_folder)
    database = Database(settings.database_url("registry"))
    if register is None:
        await fill(database, 0, _QUICK_PARTIES, {}, 1)
    async with database.read() as session:
        parties = await session.scalar(select(func.count()).select_from(PartyRow)) or 0
        party = str(await session.scalar(select(PartyRow.id).order_by(PartyRow.seq).limit(1)))
        name = str(await session.scalar(select(PartyRow.caption).where(PartyRow.id == party)))
    await database.close()
    async with _visitors(settings, workers) as visitors:
        held = await fill_offices(settings, visitors.http, party, records)
        pages = [await _page(visitors, each, times) for each in _pages(party, name, visitors, held)]
    return {"parties": parties, "workers": workers, "records": records, "times": times, "pages": pages}


class _Visitors:
    """Browsers of people in each role, and a case to look at."""

    def __init__(self, http: httpx.AsyncClient, cookies: dict[Role, str], tokens: dict[Role, str]) -> None:
        self.http = http
        self.cookies = cookies
        self.tokens = tokens
        self.case = ""

    async def get(self, role: Role, path: str, form: dict[str, str] | None = None) -> httpx.Response:
        headers = {"Cookie": f"lindung={self.cookies[role]}"}
        if form is None:
            return await self.http.get(path, headers=headers)
        return await self.http.post(path, headers=headers, data=form | {"csrf": self.tokens[role]})


@asynccontextmanager
async def _visitors(settings: Settings, workers: int) -> AsyncIterator[_Visitors]:
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        people, cookies, tokens = app.state.people, {}, {}
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=settings.public_url, timeout=120) as http:
            for role in _ROLES:
                user = role.value.replace("_", "-")
                await people.users.add(User(user, "Bench", ORGANISATION, settings.member, (role,)))
                cookies[role] = await people.sessions.start(user, role)
                page = await http.get("/console/settings", headers={"Cookie": f"lindung={cookies[role]}"})
                tokens[role] = page.text.partition('name="csrf" value="')[2].partition('"')[0]
            visitors = _Visitors(http, cookies, tokens)
            visitors.case = await _register_workers(settings, workers)
            yield visitors


async def _register_workers(settings: Settings, workers: int) -> str:
    """As many registrations, bare rows but for the newest, of which every tenth is a case.

    Returns:
        One of the cases.
    """
    database = Database(settings.database_url("registry"))
    digest_key = base64.b64decode((settings.key_folder / "registry-digest.key").read_text())
    store = RegistrationStore(database, KeyRing.load(settings.key_folder / "registry-sealing.json"), digest_key)
    first = await _checked(store, settings.member, "Worker 0", ())
    await _bare_rows(database, first, workers - _OPENED)
    for number in range(1, _OPENED):
        likeness = RegistrationCandidate(
            registration=first, score=9.0, relation=Relation.OTHER_IDENTITY, differences=["name"], scores=[]
        )
        again = await _checked(store, settings.member, f"Worker {number}", () if number % 10 else (likeness,))
        await Opening(database, store).weigh(again)
    async with database.read() as session:
        case = str(await session.scalar(select(AdjudicationRow.id).limit(1)))
    await database.close()
    return case


async def _checked(
    store: RegistrationStore, member: str, name: str, candidates: tuple[RegistrationCandidate, ...]
) -> str:
    request = RegistrationRequest(name=name, born="1994-05-06")
    stated = Particulars(name, None, "1994-05-06", None, None, None)
    body = secrets.token_bytes(8)
    made = (await store.accept(Submission(member, "bench-desk", body.hex(), body, request, stated))).id
    row, _ = await store.packet(made)
    identity = other_identity(list(candidates))
    signals = address([identity] if identity else [])
    await store.conclude(row, Conclusion(signals, list(candidates), [], False, []))
    return made


async def _bare_rows(database: Database, like: str, count: int) -> None:
    """Registrations that are counted, sorted and filtered, and never opened."""
    async with database.read() as session:
        row = (await session.scalars(select(RegistrationRow).where(RegistrationRow.id == like))).one()
    known = {
        column.key: getattr(row, column.key) for column in RegistrationRow.__table__.columns if column.key != "seq"
    }
    for start in range(0, count, _CHUNK):
        rows = [
            known | {"id": f"R{n:024x}", "person_id": f"P{n:024x}", "idempotency_key": f"bare-{n}"}
            for n in range(start, min(start + _CHUNK, count))
        ]
        async with database.write() as session:
            await session.execute(insert(RegistrationRow), rows)


def _pages(
    party: str, name: str, visitors: _Visitors, held: OfficeRecords
) -> list[tuple[str, Role, str, dict[str, str] | None]]:
    licensing, adjudicator, auditor = Role.LICENSING_OFFICER, Role.ADJUDICATOR, Role.AUDITOR
    supporter = Role.VICTIM_SUPPORT
    registrar, inspector, administrator = Role.REGISTRAR, Role.LABOUR_INSPECTOR, Role.ADMINISTRATOR
    return [
        ("sign in", licensing, "/login", None),
        ("settings", licensing, "/console/settings", None),
        ("purpose", licensing, "/console/purpose", None),
        ("screen, form", licensing, "/console/screen", None),
        ("screen, a name", licensing, "/console/screen", {"q": name}),
        ("screen, a number", licensing, "/console/screen", {"q": "IDN-20114497"}),
        ("party", licensing, f"/console/parties/{party}", None),
        ("case of a party", licensing, held.case, None),
        ("licence", licensing, held.licence, None),
        ("watches", licensing, "/console/watches", None),
        ("list, form", licensing, "/console/screen/lists", None),
        ("queue", adjudicator, "/console/decide", None),
        ("case", adjudicator, f"/console/decide/{visitors.case}", None),
        ("prints point by point", adjudicator, held.prints, None),
        ("registrations", adjudicator, "/console/registrations", None),
        ("log", auditor, "/console/log", None),
        ("log, an entry with its proof", auditor, "/console/log/3", None),
        ("members", auditor, "/console/members", None),
        ("alerts", auditor, "/console/alerts", None),
        ("accuracy and operations", registrar, "/console/operations", None),
        ("administration", registrar, "/console/administration", None),
        ("red flags", inspector, "/console/red-flags", None),
        ("visits and the plan", inspector, "/console/visits", None),
        ("complaints", inspector, "/console/complaints", None),
        ("complaint", inspector, held.complaint, None),
        ("conversations", inspector, "/console/interviews", None),
        ("conversation", inspector, held.interview, None),
        ("referrals", inspector, "/console/referrals", None),
        ("referral", inspector, held.referral, None),
        ("refer", inspector, f"/console/referrals/new?party={party}", None),
        ("support", supporter, "/console/support", None),
        ("support case", supporter, held.support, None),
        ("providers", supporter, "/console/providers", None),
        ("claims", supporter, "/console/claims", None),
        ("claim", supporter, held.claim, None),
        ("payments", supporter, "/console/payments", None),
        ("payment", supporter, held.payment, None),
        ("fund and its ledger", supporter, "/console/fund", None),
        ("fund, added up again", auditor, "/console/fund/check", None),
        ("what donors are told", supporter, "/console/fund/report", None),
        ("people", administrator, "/console/people", None),
        ("systems", administrator, "/console/systems", None),
        ("acts to confirm", administrator, "/console/acts", None),
        ("keys", administrator, "/console/keys", None),
    ]


async def _page(visitors: _Visitors, page: tuple[str, Role, str, dict[str, str] | None], times: int) -> dict[str, Any]:
    name, role, path, form = page
    taken, spent = [], []
    for _ in range(times + 1):  # the first is not counted: it compiles the template
        began, spent_before = time.perf_counter(), time.process_time()
        answer = await visitors.get(role, path, form)
        taken.append(1000 * (time.perf_counter() - began))
        spent.append(1000 * (time.process_time() - spent_before))
        if answer.status_code != 200:
            where = dict(parse_qsl(urlsplit(answer.headers.get("location", "")).query))
            raise click.ClickException(f"{name}: {answer.status_code} {where}")
    p50, p95 = np.percentile(taken[1:], [50, 95])
    figures = {"p50_ms": p50, "p95_ms": p95, "max_ms": max(taken[1:]), "cpu_p50_ms": np.median(spent[1:])}
    return {"page": name} | {figure: round(float(value), 1) for figure, value in figures.items()}


def _show(document: dict[str, Any]) -> None:
    title = f"{document['parties']:,} parties, {document['workers']:,} workers; each page {document['times']} times"
    table = Table("page", "p50 ms", "p95 ms", "slowest ms", "CPU ms", title=title)
    for each in document["pages"]:
        table.add_row(each["page"], *(f"{each[name]:,}" for name in ("p50_ms", "p95_ms", "max_ms", "cpu_p50_ms")))
    Console().print(table)
