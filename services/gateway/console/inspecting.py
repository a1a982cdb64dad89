"""Pages of visits: where to go next and why, the visits, one visit with what was found and is to be put right."""

from typing import Annotated, Any, Final

from fastapi import Depends, Response
from starlette.datastructures import FormData

from services.gateway.access.policy import Action, Kind
from services.gateway.console.asking import DoorRefusedError
from services.gateway.console.languages import marked
from services.gateway.console.records import Book, Column, Filter, comes_back, entered, list_page
from services.gateway.console.routing import page_router
from services.gateway.console.visit import Visit, forward_to, text_of, texts_of, visiting
from services.gateway.console.visit_words import ACCESS, PLACE, VISIT_STATE
from services.gateway.console.words import OFFENCE

router = page_router("/console/visits")
ListDep = Annotated[Visit, Depends(visiting((Kind.VISIT, Action.LIST)))]
ReadDep = Annotated[Visit, Depends(visiting((Kind.VISIT, Action.READ)))]
WriteDep = Annotated[Visit, Depends(visiting((Kind.VISIT, Action.WRITE)))]

NEXT: Final = 15
"""Workplaces of the plan that are shown."""
VISITS: Final = Book(
    "/console/visits", "/v1/visits", marked("Visits"),
    marked("Where to go next, and what came of it. Reasons to look are no findings; a part is drawn at random."),
    (
        Column("id", marked("Visit"), "code"), Column("planned_on", marked("Planned"), "day"),
        Column("place", marked("Workplace"), "place"), Column("area", marked("Area"), "code"),
        Column("party", marked("Party"), "party"),
        Column("state", marked("State"), "visit_state", {"planned": "warn", "follow_up": "warn", "closed": "good"}),
        Column("next_due_on", marked("To be put right by"), "day"),
        Column("overdue", marked("Overdue"), tones={"true": "bad"}, word=marked("overdue")),
    ),
    (
        Filter("state", marked("State"), "visit_state", tuple(VISIT_STATE)),
        Filter("overdue", marked("Overdue only")),
    ),
)  # fmt: skip


@router.get("")
async def visits_page(visit: ListDep) -> Response:
    """The plan, and visits, newest first."""
    asked = visit.request.query_params
    typed = {name: asked[name] for name in ("party", "place", "area", "chosen") if asked.get(name)}
    return await _list(visit, typed)


@router.post("")
async def plan(visit: WriteDep) -> Response:
    """Plan a visit."""
    form = await visit.form()
    body: dict[str, Any] = {
        name: text_of(form, name) or None for name in ("place", "area", "party", "address", "planned_on")
    }
    body |= {name: text_of(form, name) == "yes" for name in ("informal", "joint")}
    body["chosen"] = text_of(form, "chosen") or "inspector"
    try:
        made = await visit.ask.send("POST", "/v1/visits", body)
    except DoorRefusedError as error:
        return await _list(visit, entered(form), comes_back(error))
    return forward_to(f"/console/visits/{made['id']}", done="planned")


@router.get("/{key}")
async def visit_page(visit: ReadDep, key: str, done: str | None = None) -> Response:
    """One visit."""
    return await _visit(visit, key, done)


@router.post("/{key}/moves")
async def move(visit: WriteDep, key: str) -> Response:
    """Tell what was done; what was found is told whole."""
    form = await visit.form()
    body: dict[str, Any] = {"move": text_of(form, "move"), "note": text_of(form, "note") or None}
    if body["move"] != "call_off":
        body |= {"findings": texts_of(form, "findings"), "remedies": _remedies(form)}
    if body["move"] == "carry_out":
        body |= {name: text_of(form, name) or None for name in ("carried_out_on", "access")}
    try:
        await visit.ask.send("POST", f"/v1/visits/{key}/moves", body)
    except DoorRefusedError as error:
        return await _visit(visit, key, None, comes_back(error), entered(form))
    return forward_to(f"/console/visits/{key}", done="moved")


def _remedies(form: FormData) -> list[dict[str, str | None]]:
    return [
        {"offence": code, "due_on": due, "done_on": text_of(form, f"done-{code}") or None}
        for code in OFFENCE
        if (due := text_of(form, f"due-{code}"))
    ]


async def _list(visit: Visit, typed: dict[str, Any], refused: Any = None) -> Response:
    plans = visit.may(Kind.VISIT, Action.WRITE) and visit.who.role == "labour_inspector"
    following = (await visit.ask.get("/v1/visit-plan", limit=NEXT))["items"] if plans else []
    return await list_page(
        visit, VISITS, "visits.html", plan=following, plans=plans, typed=typed, refused=refused, places=tuple(PLACE)
    )


async def _visit(visit: Visit, key: str, done: str | None, refused: Any = None, typed: Any = None) -> Response:
    return visit.show(
        "visit.html", 422 if refused else 200,
        item=await visit.ask.get(f"/v1/visits/{key}"), done=done, refused=refused, typed=typed or {},
        offences=tuple(OFFENCE), ways=tuple(ACCESS),
    )  # fmt: skip
