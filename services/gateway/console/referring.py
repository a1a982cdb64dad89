"""Pages of referrals: to and from this office, exactly what is sent before it is sent, and what can be done next."""

from typing import Annotated, Any, Final

from fastapi import Depends, Response
from starlette.datastructures import FormData

from services.gateway.access.policy import Action, Kind
from services.gateway.console.asking import DoorRefusedError
from services.gateway.console.languages import marked
from services.gateway.console.office_words import LANGUAGE, PARTY_REASON, REFERRAL, URGENCY
from services.gateway.console.records import Book, Column, Filter, comes_back, entered, list_page
from services.gateway.console.routing import page_router
from services.gateway.console.visit import Visit, forward_to, text_of, texts_of, visiting
from services.gateway.console.words import COUNTRY
from shared.contracts.caller import Role
from shared.db.database import now

router = page_router("/console/referrals")
ListDep = Annotated[Visit, Depends(visiting((Kind.REFERRAL, Action.LIST)))]
ReadDep = Annotated[Visit, Depends(visiting((Kind.REFERRAL, Action.READ)))]
WriteDep = Annotated[Visit, Depends(visiting((Kind.REFERRAL, Action.WRITE)))]

_TONES: Final = {
    "sent": "warn", "received": "warn", "more_requested": "warn", "accepted": "good", "completed": "good",
}  # fmt: skip
REFERRALS: Final = Book(
    "/console/referrals", "/v1/referrals", marked("Referrals"),
    marked("People and employers that offices hand on to each other. The sender sees how far it got, not the work."),
    (
        Column("sent_at", marked("Sent"), "instant"), Column("direction", marked("Direction"), "direction"),
        Column("sender", marked("From"), "office"), Column("receiver", marked("To"), "office"),
        Column("about", marked("About"), "referral_about"), Column("urgency", marked("Urgency"), "urgency"),
        Column("state", marked("State"), "referral", _TONES), Column("due_at", marked("Answer by"), "instant"),
        Column("overdue", marked("Late"), word=marked("overdue"), tones={"true": "bad"}),
    ),
    (
        Filter("direction", marked("Direction"), "direction", ("in", "out")),
        Filter("state", marked("State"), "referral", tuple(REFERRAL)),
        Filter("overdue", marked("Only what nobody answered in time")),
    ),
)  # fmt: skip
_OFFICE_OF: Final = {
    Role.LABOUR_INSPECTOR: "labour_inspection",
    Role.INVESTIGATOR: "police",
    Role.VICTIM_SUPPORT: "victim_services",
    Role.CHILD_PROTECTION: "child_protection",
    Role.LICENSING_OFFICER: "licensing",
    Role.PROSECUTOR: "prosecution",
    Role.CONSULAR_OFFICER: "consular",
}
_OWN_DOORS: Final = {"answer": "answer", "revoke": "revoke"}
"""Moves that are not sent to `moves`, and where they are."""


@router.get("")
async def referrals_page(visit: ListDep) -> Response:
    """From and to this office, newest first."""
    return await list_page(visit, REFERRALS)


@router.get("/new")
async def new_page(visit: WriteDep, assessment: str = "", party: str = "") -> Response:
    """Whom to refer to, and on what ground; of a person out of a conversation, or of a party."""
    return await _new(visit, {"assessment": assessment, "party": party})


@router.post("/preview")
async def preview(visit: WriteDep) -> Response:
    """Exactly what the receiver would see; nothing is sent yet. With `edit` the form again."""
    form = await visit.form()
    fields = entered(form)
    if text_of(form, "edit"):
        return await _new(visit, fields)
    body = body_of(form)
    try:
        content = await visit.ask.send("POST", "/v1/referrals/preview", body)
    except DoorRefusedError as error:
        return await _new(visit, fields, comes_back(error))
    indicators = await _indicators(visit, content)
    return visit.show("referral_preview.html", content=content, body=body, fields=fields, indicators=indicators)


@router.post("")
async def send(visit: WriteDep) -> Response:
    """Send what the preview showed."""
    form = await visit.form()
    try:
        sent = await visit.ask.send("POST", "/v1/referrals", body_of(form))
    except DoorRefusedError as error:
        return await _new(visit, entered(form), comes_back(error))
    return forward_to(f"/console/referrals/{sent['id']}", done="sent")


@router.get("/{referral}")
async def referral_page(visit: ReadDep, referral: str, done: str | None = None) -> Response:
    """One referral as this office sees it."""
    return await _referral(visit, referral, done)


@router.post("/{referral}/moves")
async def move(visit: WriteDep, referral: str) -> Response:
    """One of the moves that the referral offers."""
    form = await visit.form()
    name = text_of(form, "move")
    body: dict[str, Any] = {}
    if name == "answer":
        body = {"contact": text_of(form, "contact") or None, "reasons": texts_of(form, "reasons")}
    elif name not in _OWN_DOORS:
        body = {"move": name, "code": text_of(form, "code") or None, "note": text_of(form, "note") or None}
    try:
        await visit.ask.send("POST", f"/v1/referrals/{referral}/{_OWN_DOORS.get(name, 'moves')}", body)
    except DoorRefusedError as error:
        return await _referral(visit, referral, None, comes_back(error))
    return forward_to(f"/console/referrals/{referral}", done="moved")


def body_of(form: FormData) -> dict[str, Any]:
    """What a form asks to be referred; of consent and law only the ground that was picked."""
    body: dict[str, Any] = {"to": text_of(form, "to"), "urgency": text_of(form, "urgency") or "normal"}
    for name in ("member", "assessment", "party", "contact"):
        if text_of(form, name):
            body[name] = text_of(form, name)
    if texts_of(form, "reasons"):
        body["reasons"] = texts_of(form, "reasons")
    if text_of(form, "ground") == "consent":
        body["consent"] = {"given_on": text_of(form, "given_on"), "language": text_of(form, "language")}
    elif text_of(form, "ground") == "override":
        body["override"] = {name: text_of(form, name) for name in ("law", "decided_by", "why")}
    return body


async def _new(visit: Visit, fields: dict[str, Any], refused: Any = None) -> Response:
    agreements = (await visit.ask.get("/v1/referral-agreements"))["items"]
    about = "party" if fields.get("party") else "person"
    own = _OFFICE_OF.get(visit.who.role)
    open_to = [each for each in agreements if each["sender"] == own and each["about"] == about]
    return visit.show(
        "referral_new.html", 422 if refused else 200,
        fields=fields, about=about, agreements=open_to,
        offices=list(dict.fromkeys(each["receiver"] for each in open_to)),
        across=any(each["across"] for each in open_to), members=tuple(COUNTRY), urgencies=tuple(URGENCY),
        reasons=tuple(PARTY_REASON), languages_spoken=tuple(LANGUAGE), today=now().date(), refused=refused,
    )  # fmt: skip


async def _referral(visit: Visit, referral: str, done: str | None, refused: Any = None) -> Response:
    found = await visit.ask.get(f"/v1/referrals/{referral}")
    return visit.show(
        "referral.html", 422 if refused else 200,
        referral=found, indicators=await _indicators(visit, found["content"]),
        reasons=tuple(PARTY_REASON), done=done, refused=refused, may_support=visit.may(Kind.SUPPORT, Action.WRITE),
    )  # fmt: skip


async def _indicators(visit: Visit, content: Any) -> dict[str, str]:
    """Names of the published indicators, where some are told and the visitor may read them."""
    if not (content and content["indicators"] and visit.may(Kind.ASSESSMENT, Action.LIST)):
        return {}
    return {each["code"]: each["name"] for each in (await visit.ask.get("/v1/indicators"))["items"]}
