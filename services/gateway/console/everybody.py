"""Pages for workers and the public: check an agency, know fees and ages, complain. Nobody signs in."""

from typing import Annotated, Any, Final, cast
from urllib.parse import urlencode

import httpx
from fastapi import Query, Request, Response
from starlette.datastructures import FormData

from services.gateway.access.proxies import address_of
from services.gateway.console.asking import DoorRefusedError
from services.gateway.console.languages import LANGUAGES, marked
from services.gateway.console.pages import page
from services.gateway.console.routing import page_router
from services.gateway.console.visit import LANGUAGE_COOKIE, forward_to, keep, language_of, text_of, texts_of
from services.gateway.console.words import OFFENCE
from shared.settings import Settings
from shared.standards.ages import Sector

router = page_router("/public")

FIGURE_WORDS: Final = {
    "licences": "licence",
    "listings": "offence",
    "cases": "status",
    "decisions": "proceeding",
    "complaint_offences": "offence",
    "registration_states": "registration",
    "leads": "lead_strength",
    "referrals": "office",
    "referral_states": "referral",
}
"""By which list of words a table's values are said; months are said as they are."""
STATES: Final = ("BRN", "IDN", "KHM", "LAO", "MMR", "MYS", "PHL", "SGP", "THA", "TLS", "VNM")
_LOST: Final = marked("No complaint has this reference. Look at it again: letters and digits in five groups of four.")


@router.get("")
async def front(
    request: Request,
    q: Annotated[str, Query(max_length=200)] = "",
    origin: Annotated[str, Query(max_length=3)] = "",
    destination: Annotated[str, Query(max_length=3)] = "",
    sector: Annotated[str, Query(max_length=40)] = "any",
) -> Response:
    """Everything on one page, with what was asked for answered."""
    found = await _ask(request, "GET", f"lookup?{urlencode({'q': q})}") if len(q.strip()) > 1 else None
    corridor = urlencode({"origin": origin, "destination": destination, "sector": sector})
    known = origin in STATES and destination in STATES and sector in set(Sector)
    age = await _ask(request, "GET", f"minimum-age?{corridor}") if known else None
    fees = await _ask(request, "GET", f"fees?{corridor}") if known else None
    return _page(
        request, "public.html", q=q, found=found, age=age, fees=fees,
        origin=origin, destination=destination, sector=sector,
    )  # fmt: skip


@router.get("/statistics")
async def statistics(request: Request, year: Annotated[int | None, Query(ge=2000, le=2100)] = None) -> Response:
    """What this member's register counts, table after table."""
    told = await _ask(request, "GET", f"statistics?year={year}" if year else "statistics")
    tables: dict[str, list[Any]] = {}
    for figure in told["results"]:
        tables.setdefault(figure["table"], []).append(figure)
    return _page(request, "public_statistics.html", told=told, tables=tables, words=FIGURE_WORDS)


@router.get("/statistics.csv")
async def statistics_file(request: Request, year: Annotated[int, Query(ge=2000, le=2100)]) -> Response:
    """The same for a spreadsheet."""
    answer = await _fetch(request, "GET", f"statistics?year={year}", accept="text/csv")
    name = f'attachment; filename="lindung-statistics-{year}.csv"'
    return Response(answer.content, media_type="text/csv; charset=utf-8", headers={"Content-Disposition": name})


@router.post("/complaints")
async def complain(request: Request) -> Response:
    """Take a complaint, and show its reference once."""
    form = await request.form()
    body: dict[str, Any] = {
        "text": text_of(form, "text"),
        "about": text_of(form, "about") or None,
        "contact": text_of(form, "contact") or None,
        "offences": texts_of(form, "offences"),
        "child": text_of(form, "child") == "yes",
        "language": language_of(request, None).code,
    }
    if not body["text"]:
        return forward_to("/public", complain="empty")
    return _page(request, "public_receipt.html", 201, receipt=await _ask(request, "POST", "complaints", body))


@router.post("/complaints/mine")
async def read_mine(request: Request) -> Response:
    """A complaint as its worker sees it; something more may be said in the same request."""
    form = await request.form()
    reference, text = text_of(form, "reference"), text_of(form, "text")
    try:
        status = await _own(request, reference, text, form)
    except DoorRefusedError as error:
        if error.status not in (404, 422):
            raise
        return _page(request, "public.html", 422, wrong=_LOST, sector="any")
    return _page(request, "public_complaint.html", reference=reference, complaint=status)


@router.post("/language")
async def choose_language(request: Request) -> Response:
    """Read in another language from now on."""
    chosen = text_of(await request.form(), "language")
    answer = forward_to("/public")
    if chosen in LANGUAGES:
        keep(answer, request, LANGUAGE_COOKIE, chosen)
    return answer


async def _own(request: Request, reference: str, text: str, form: FormData) -> Any:
    if text and text_of(form, "say") == "yes":
        return await _ask(request, "POST", "complaints/messages", {"reference": reference, "text": text})
    return await _ask(request, "POST", "complaints/status", {"reference": reference})


async def _ask(request: Request, method: str, path: str, body: Any = None) -> Any:
    return (await _fetch(request, method, path, body)).json()


async def _fetch(
    request: Request, method: str, path: str, body: Any = None, accept: str = "application/json"
) -> httpx.Response:
    """The gateway's public doors, with the visitor's own address: floods are counted there.

    Raises:
        DoorRefusedError: a problem.
    """
    transport = httpx.ASGITransport(request.app, raise_app_exceptions=False, client=(address_of(request), 0))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway", trust_env=False) as client:
        answer = await client.request(method, f"/v1/public/{path}", json=body, headers={"Accept": accept})
    if answer.is_error:
        raise DoorRefusedError(answer.status_code, answer.json())
    return answer


def _page(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    return page(
        template,
        language_of(request, None),
        status,
        visit=None,
        here=request.url.path,
        states=STATES,
        sectors=[sector.value for sector in Sector if sector is not Sector.NON_DOMESTIC],
        offences=list(OFFENCE),
        member=cast("Settings", request.app.state.settings).member,
        **values,
    )
