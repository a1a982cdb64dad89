"""Pages of support: who is presumed a victim, one case with its services and its return, the directory of providers."""

from typing import Annotated, Any, Final

from fastapi import Depends, Response
from starlette.datastructures import FormData

from services.gateway.access.policy import Action, Kind
from services.gateway.console.asking import DoorRefusedError
from services.gateway.console.languages import marked
from services.gateway.console.office_words import LANGUAGE
from services.gateway.console.records import Book, Column, Filter, comes_back, entered, list_page
from services.gateway.console.routing import page_router
from services.gateway.console.support_words import SERVICE
from services.gateway.console.visit import Visit, forward_to, text_of, texts_of, visiting
from services.gateway.console.words import COUNTRY
from shared.contracts.caller import Role
from shared.db.database import now

router = page_router("/console")
ListDep = Annotated[Visit, Depends(visiting((Kind.SUPPORT, Action.LIST)))]
ReadDep = Annotated[Visit, Depends(visiting((Kind.SUPPORT, Action.READ)))]
WriteDep = Annotated[Visit, Depends(visiting((Kind.SUPPORT, Action.WRITE)))]

_LATE: Final = Column("overdue", marked("Late"), word=marked("follow-up overdue"), tones={"true": "bad"})
SUPPORT: Final = Book(
    "/console/support", "/v1/support-cases", marked("Support"),
    marked("Whoever is presumed a victim is helped, whatever they do for a proceeding. One person manages each case."),
    (
        Column("opened_at", marked("Opened"), "instant"), Column("state", marked("State"), "support_state"),
        Column("manager", marked("Manager"), "code"), Column("stand_in", marked("Stands in"), "code"),
        Column("mine", marked("Mine"), word=marked("mine"), tones={"true": "good"}), _LATE,
        Column("erased_on", marked("Erased"), "day"),
    ),
    (
        Filter("state", marked("State"), "support_state", ("open", "closed")), Filter("mine", marked("Only mine")),
        Filter("overdue", marked("Only with an overdue follow-up")),
    ),
)  # fmt: skip
PROVIDERS: Final = Book(
    "/console/providers", "/v1/support-providers", marked("Providers"),
    marked("Who gives which service, in which languages. Where a shelter is, nothing here says."),
    (
        Column("name", marked("Name")), Column("services", marked("Services"), "service"),
        Column("languages", marked("Languages"), "language"),
        Column("accepts_children", marked("Children"), word=marked("accepts children")),
        Column("active", marked("Active"), word=marked("active"), tones={"true": "good"}),
    ),
    (Filter("service", marked("Service"), "service", tuple(SERVICE)), Filter("active", marked("Only active ones"))),
    key="",
)  # fmt: skip
_TRUTHS: Final = frozenset({"voluntary", "safe", "return_recommended"})
_STEPS: Final = {
    "manager": ("manager", ("person", "reason")),
    "stand-in": ("stand-in", ("person", "until", "reason")),
    "person": ("person", ("child", "reason")),
    "presumption": ("presumption/end", ("reason",)),
    "reflection": ("reflection", ("until", "reason")),
    "wish": ("reflection/wish", ("wished_on", "language")),
    "service": ("services", ("service", "follow_up_on")),
    "move": ("services/{of}/moves", ("move", "provider", "remark")),
    "follow-up": ("services/{of}/follow-ups", ("found", "next")),
    "return": ("repatriation", ("country",)),
    "return-move": ("repatriation/moves", ("move", "remark")),
    "voluntariness": ("repatriation/voluntariness", ("voluntary", "asked_on", "language")),
    "safety": ("repatriation/safety", ("safe", "assessed_on", "risks", "measures")),
    "best-interests": (
        "repatriation/best-interests",
        ("child_heard", "guardian", "safety", "assessment", "recommended", "return_recommended"),
    ),
    "close": ("close", ("reason",)),
    "hold": ("hold", ("until", "reason")),
}
"""What can be done in a case: where it is sent, and the fields that are."""


@router.get("/support")
async def support_page(visit: ListDep, referral: str = "", assessment: str = "") -> Response:
    """The office's cases, newest first, and a form to open one."""
    return await _cases(visit, {"referral": referral, "assessment": assessment})


@router.post("/support")
async def open_case(visit: WriteDep) -> Response:
    """Presume somebody a victim. A child's case is child protection's from this moment."""
    form = await visit.form()
    body = body_of(form)
    try:
        case = await visit.ask.send("POST", "/v1/support-cases", body)
    except DoorRefusedError as error:
        return await _cases(visit, entered(form), comes_back(error))
    return _forward(case, "opened")


@router.get("/support/{case}")
async def case_page(visit: ReadDep, case: str, done: str | None = None) -> Response:
    """One case: all of it for who manages it, that there is one for others of the office."""
    return await _case(visit, case, done)


@router.post("/support/{case}")
async def step(visit: WriteDep, case: str) -> Response:
    """One of the things that can be done in a case."""
    form = await visit.form()
    name = text_of(form, "step")
    path, names = _STEPS.get(name, ("unknown", ()))
    address = f"/v1/support-cases/{case}/{path.format(of=text_of(form, 'of'))}"
    try:
        after = await visit.ask.send("POST", address, step_of(form, name, names))
    except DoorRefusedError as error:
        return await _case(visit, case, None, comes_back(error))
    return _forward(after, "kept")


@router.get("/providers")
async def providers_page(visit: ListDep) -> Response:
    """The office's directory, and a form to add to it."""
    return await list_page(
        visit, PROVIDERS, "providers.html", services=tuple(SERVICE), languages_spoken=tuple(LANGUAGE)
    )


@router.post("/providers")
async def put_provider(visit: WriteDep) -> Response:
    """Add a provider, or say anew what it does."""
    form = await visit.form()
    body = {
        "name": text_of(form, "name"),
        "services": texts_of(form, "services"),
        "languages": texts_of(form, "languages"),
        "accepts_children": text_of(form, "accepts_children") == "yes",
        "active": text_of(form, "active") == "yes",
    }
    try:
        await visit.ask.send("PUT", f"/v1/support-providers/{text_of(form, 'id')}", body)
    except DoorRefusedError as error:
        more = {"services": tuple(SERVICE), "languages_spoken": tuple(LANGUAGE), "typed": entered(form)}
        return await list_page(visit, PROVIDERS, "providers.html", refused=comes_back(error), **more)
    return forward_to("/console/providers", done="kept")


def body_of(form: FormData) -> dict[str, Any]:
    """A case as a form opens it: of a lead its source, of an officer's own presumption the reason."""
    body: dict[str, Any] = {
        name: text_of(form, name)
        for name in ("found_on", "child", "language", "called", "registration")
        if text_of(form, name)
    }
    for name in ("assessment", "referral"):
        if text_of(form, name):
            return body | {"ground": "lead", name: text_of(form, name)}
    return body | {"ground": "officer", "reason": text_of(form, "reason")}


def step_of(form: FormData, name: str, names: tuple[str, ...]) -> dict[str, Any]:
    """The body of a step; the code of a move is an outcome or an ending, consent goes with accepting."""
    body: dict[str, Any] = {each: text_of(form, each) or None for each in names}
    body |= {each: body[each] == "yes" for each in _TRUTHS & body.keys()}
    if text_of(form, "code"):
        body["outcome" if name == "move" else "ending"] = text_of(form, "code")
    if name == "move" and body["move"] == "accept":
        body["consent"] = {"given_on": text_of(form, "given_on"), "language": text_of(form, "language")}
    return body


def _forward(case: Any, done: str) -> Response:
    """To the case; to the list, where it is child protection's now."""
    return (
        forward_to("/console/support", done="child")
        if case is None
        else forward_to(f"/console/support/{case['id']}", done=done)
    )


async def _cases(visit: Visit, fields: dict[str, Any], refused: Any = None) -> Response:
    return await list_page(
        visit, SUPPORT, "support_cases.html", fields=fields, refused=refused,
        languages_spoken=tuple(LANGUAGE), answers=("yes", "no", "unknown"), today=now().date(),
    )  # fmt: skip


async def _case(visit: Visit, case: str, done: str | None, refused: Any = None) -> Response:
    found = await visit.ask.get(f"/v1/support-cases/{case}")
    told = await visit.ask.get("/v1/support-providers", active="true", limit=200) if found["content"] else {"items": []}
    return visit.show(
        "support_case.html", 422 if refused else 200,
        case=found, content=found["content"], providers=told["items"], services=tuple(SERVICE),
        languages_spoken=tuple(LANGUAGE), answers=("yes", "no", "unknown"), members=tuple(COUNTRY), today=now().date(),
        for_children=visit.who.role is Role.CHILD_PROTECTION, done=done, refused=refused,
    )  # fmt: skip
