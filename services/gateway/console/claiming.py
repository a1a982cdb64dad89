"""Pages of claims: what is owed, line by line, before whom, and what was decided."""

from typing import Annotated, Any, Final

from fastapi import Depends, Response
from starlette.datastructures import FormData

from services.gateway.access.policy import Action, Kind
from services.gateway.console.amounts import minor, money
from services.gateway.console.asking import DoorRefusedError
from services.gateway.console.claim_words import CLAIM, CLAIM_KIND, FORUM, PERIOD
from services.gateway.console.languages import marked
from services.gateway.console.records import Book, Column, Filter, comes_back, entered, list_page
from services.gateway.console.routing import page_router
from services.gateway.console.visit import Visit, forward_to, text_of, visiting
from services.gateway.console.words import COUNTRY, SECTOR
from shared.db.database import now
from shared.standards.currencies import currencies

router = page_router("/console")
ListDep = Annotated[Visit, Depends(visiting((Kind.CLAIM, Action.LIST)))]
ReadDep = Annotated[Visit, Depends(visiting((Kind.CLAIM, Action.READ)))]
WriteDep = Annotated[Visit, Depends(visiting((Kind.CLAIM, Action.WRITE)))]

CLAIMS: Final = Book(
    "/console/claims", "/v1/claims", marked("Claims"),
    marked("What workers are owed. No employer, agency or other office learns of it here."),
    (
        Column("opened_at", marked("Begun"), "instant"), Column("kind", marked("What"), "claim_kind"),
        Column("forum", marked("Before whom"), "forum"), Column("state", marked("State"), "claim", {"paid": "good"}),
        Column("claimed", marked("Claimed"), "money"), Column("granted", marked("Granted"), "money"),
        Column("received", marked("Received"), "money"), Column("about", marked("About"), "code"),
        Column("erased_on", marked("Erased"), "day"),
    ),
    (
        Filter("state", marked("State"), "claim", tuple(CLAIM)),
        Filter("kind", marked("What"), "claim_kind", tuple(CLAIM_KIND)),
        Filter("about", marked("Support case, or complaint"), "code"),
        Filter("against", marked("Party of the register"), "code"),
    ),
)  # fmt: skip
_DOORS: Final = {"grant": "granted", "grant_partly": "partly_granted", "refuse": "refused"}
_RECEIPTS: Final = frozenset({"pay", "pay_part"})
_ROWS: Final = 4
_WAGES: Final = ("period", "hours_a_day", "days_a_week", "overtime_rate")
_FEES: Final = ("origin", "destination", "sector", "contract_months", "asked_on")
_TOLD: Final = ("day", "authority", "reference", "note")


@router.get("/claims")
async def claims_page(visit: ListDep) -> Response:
    """This office's, newest first."""
    return await list_page(visit, CLAIMS, "claims.html", kinds=tuple(CLAIM_KIND), money=money)


@router.get("/claims/new")
async def new_page(visit: WriteDep, kind: str = "unpaid_wages", about: str = "") -> Response:
    """What a claim is made of."""
    return _new(visit, {"kind": kind, "about": about})


@router.post("/claims/preview")
async def preview(visit: WriteDep) -> Response:
    """What it comes to, line by line; nothing is kept."""
    form = await visit.form()
    try:
        computed = await visit.ask.send("POST", "/v1/claims/preview", body_of(form))
    except DoorRefusedError as error:
        return _new(visit, fields_of(form), refused=comes_back(error))
    return _new(visit, fields_of(form), computed=computed)


@router.post("/claims")
async def draft(visit: WriteDep) -> Response:
    """Keep it as a draft."""
    form = await visit.form()
    try:
        made = await visit.ask.send("POST", "/v1/claims", body_of(form))
    except DoorRefusedError as error:
        return _new(visit, fields_of(form), refused=comes_back(error))
    return forward_to(f"/console/claims/{made['id']}", done="drafted")


@router.get("/claims/{claim}")
async def claim_page(visit: ReadDep, claim: str, done: str | None = None) -> Response:
    """A claim, whole."""
    return await _claim(visit, claim, done)


@router.post("/claims/{claim}/moves")
async def move(visit: WriteDep, claim: str) -> Response:
    """One of the moves that the claim offers: a step, a decision, or money that reached the claimant."""
    form = await visit.form()
    name, code = text_of(form, "move"), text_of(form, "currency")
    body: dict[str, Any] = {each: text_of(form, each) or None for each in _TOLD}
    amount = minor(text_of(form, "amount"), code) if text_of(form, "amount") else None
    if name in _DOORS:
        door, body = "decisions", body | {"outcome": _DOORS[name], "amount": amount}
    elif name in _RECEIPTS:
        door, body = "receipts", {each: body[each] for each in ("day", "reference", "note")} | {"amount": amount}
    else:
        door, body = "moves", body | {"move": name}
    try:
        await visit.ask.send("POST", f"/v1/claims/{claim}/{door}", body)
    except DoorRefusedError as error:
        return await _claim(visit, claim, None, comes_back(error))
    return forward_to(f"/console/claims/{claim}", done="kept")


@router.post("/claims/{claim}/hold")
async def hold(visit: WriteDep, claim: str) -> Response:
    """Keep it until a day, whatever the clock says; or no longer."""
    form = await visit.form()
    body = {"until": text_of(form, "until") or None, "reason": text_of(form, "reason")}
    try:
        await visit.ask.send("POST", f"/v1/claims/{claim}/hold", body)
    except DoorRefusedError as error:
        return await _claim(visit, claim, None, comes_back(error))
    return forward_to(f"/console/claims/{claim}", done="kept")


def body_of(form: FormData) -> dict[str, Any]:
    """A claim as a form tells it; rows that are empty are none."""
    code = text_of(form, "currency")
    body: dict[str, Any] = {name: text_of(form, name) for name in ("about", "against", "note") if text_of(form, name)}
    body |= {"forum": text_of(form, "forum"), "currency": code}
    match text_of(form, "kind"):
        case "unpaid_wages":
            months = [
                row | {"overtime_hours": row["overtime_hours"] or "0", "paid": minor(row["paid"] or "0", code)}
                for row in rows_of(form, ("month", "worked", "overtime_hours", "paid"))
            ]
            body["wages"] = _texts(form, _WAGES) | {"wage": minor(text_of(form, "wage"), code), "months": months}
        case "recruitment_fees":
            paid = [
                row | {"amount": minor(row["amount"], code), "paid_on": row["paid_on"] or None}
                for row in rows_of(form, ("what", "amount", "paid_on"))
            ]
            body["fees"] = _texts(form, _FEES) | {"wage": minor(text_of(form, "wage"), code), "payments": paid}
        case _:
            harms = rows_of(form, ("what", "amount"))
            body["damages"] = {"items": [row | {"amount": minor(row["amount"], code)} for row in harms]}
    return body


def _texts(form: FormData, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: text_of(form, name) for name in names}


def rows_of(form: FormData, names: tuple[str, ...]) -> list[dict[str, str]]:
    """Rows of a form: the n-th of each field belong together; those in which nothing was typed are left out."""
    columns = [[str(value).strip() for value in form.getlist(name)] for name in names]
    rows = [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=False)]
    return [row for row in rows if any(row.values())]


def fields_of(form: FormData) -> dict[str, Any]:
    """What was typed, with its rows, for the form that is shown again."""
    names = ("month", "worked", "overtime_hours", "paid"), ("what", "amount", "paid_on"), ("what", "amount")
    kind = list(CLAIM_KIND).index(text_of(form, "kind")) if text_of(form, "kind") in CLAIM_KIND else 2
    return entered(form) | {"rows": rows_of(form, names[kind])}


def _new(visit: Visit, fields: dict[str, Any], computed: Any = None, refused: Any = None) -> Response:
    rows = fields.get("rows", [])
    return visit.show(
        "claim_new.html", 422 if refused else 200,
        fields=fields | {"rows": [*rows, *({} for _ in range(_ROWS))]},
        kind=fields["kind"] if fields.get("kind") in CLAIM_KIND else "unpaid_wages", kinds=tuple(CLAIM_KIND),
        forums=tuple(FORUM), periods=tuple(PERIOD), currencies=currencies().values(), members=tuple(COUNTRY),
        sectors=tuple(SECTOR), computed=computed, refused=refused, money=money, today=now().date(),
    )  # fmt: skip


async def _claim(visit: Visit, claim: str, done: str | None, refused: Any = None) -> Response:
    found = await visit.ask.get(f"/v1/claims/{claim}")
    return visit.show(
        "claim.html", 422 if refused else 200, claim=found, done=done, refused=refused, money=money, today=now().date()
    )
