"""Pages of adjudication: the queue, a case with both records side by side, and what a reviewer finds."""

from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import Depends, Response
from starlette.exceptions import HTTPException

from services.gateway.access.policy import Action, Kind
from services.gateway.console.asking import DoorRefusedError
from services.gateway.console.prints import draw_prints
from services.gateway.console.routing import page_router
from services.gateway.console.visit import Visit, forward_to, text_of, texts_of, visiting
from services.gateway.console.words import FINDING, GROUND, PAPER
from shared.contracts.caller import Role
from shared.db.database import now

router = page_router("/console/decide")
ListDep = Annotated[Visit, Depends(visiting((Kind.ADJUDICATION, Action.LIST)))]
ReadDep = Annotated[Visit, Depends(visiting((Kind.ADJUDICATION, Action.READ)))]
WriteDep = Annotated[Visit, Depends(visiting((Kind.ADJUDICATION, Action.WRITE)))]

_OF_CHILDREN: Final = ("CHILD", "ADULT", "COME_OF_AGE")
_ABOUT_ANOTHER: Final = ("DIFFERENT_PERSONS", "SAME_IDENTITY", "SAME_PERSON_TRUE_HERE", "SAME_PERSON_TRUE_ELSEWHERE")
_COMPARED: Final = (
    *("name", "native_name", "born", "sex", "nationality", "document_issuer", "document_number", "registered_on"),
)
_DIFFERS: Final = {"document_issuer": "document", "document_number": "document"}
_DEFERRAL: Final = timedelta(days=60)
_BEST: Final = ("child_heard", "guardian", "safety", "assessment", "recommended")
_SHOWABLE: Final = ("image/jpeg", "image/png", "image/bmp", "image/webp")


@router.get("")
async def queue_page(visit: ListDep, done: str | None = None) -> Response:
    """What waits for this reviewer, most harm first."""
    ask = visit.ask
    queue, load = await ask.get("/v1/adjudications"), await ask.get("/v1/adjudications/workload")
    return visit.show("queue.html", items=queue["items"], load=load, done=done, at=now())


@router.post("/next")
async def take_next(visit: WriteDep) -> Response:
    """Take the case that harms most by waiting."""
    await visit.form()
    case = await visit.ask.send("POST", "/v1/adjudications/claims", {})
    return (
        forward_to("/console/decide", done="empty") if case is None else forward_to(f"/console/decide/{case['case']}")
    )


@router.get("/{case}")
async def case_page(visit: ReadDep, case: str, beside: str | None = None) -> Response:
    """A case: the record it is about, and one other beside it."""
    return await _case(visit, case, beside)


async def _case(
    visit: Visit, case: str, beside: str | None, refused: DoorRefusedError | None = None, entered: Any = None
) -> Response:
    document = await visit.ask.get(f"/v1/adjudications/{case}")
    steps = await visit.ask.get(f"/v1/adjudications/{case}/events")
    subject = next(each for each in document["records"] if each["subject"])
    others = [each for each in document["records"] if not each["subject"]]
    other = next((each for each in others if each["registration"] == beside), others[0] if others else None)
    childs = visit.who.role is Role.CHILD_PROTECTION
    findings = [code for code in FINDING if (code in _OF_CHILDREN) is childs and (other or code not in _ABOUT_ANOTHER)]
    return visit.show(
        "decide.html",
        refused.status if refused else 200,
        case=document,
        steps=steps["events"],
        subject=subject,
        other=other,
        others=others,
        rows=_rows(subject, other),
        images=_images(subject, other),
        findings=findings,
        grounds=list(GROUND),
        papers=list(PAPER),
        best=_BEST,
        latest=(now() + _DEFERRAL).date(),
        refused=refused.problem if refused else None,
        entered=entered or {},
        childs=childs,
    )


def _rows(subject: Any, other: Any) -> list[dict[str, Any]]:
    differs = set(other["differs"]) if other else set()
    return [
        {
            "name": name,
            "one": subject[name],
            "other": other[name] if other else None,
            "differs": _DIFFERS.get(name, name) in differs or name in differs,
        }
        for name in _COMPARED
        if subject[name] or (other and other[name])
    ]


def _images(subject: Any, other: Any) -> list[dict[str, Any]]:
    """Images of the same kind beside each other, faces first."""
    sides = [{each["what"]: each for each in side["images"]} if side else {} for side in (subject, other)]
    kinds = dict.fromkeys([*sides[0], *sides[1]])
    ordered = sorted(kinds, key=lambda what: ("photo", "portrait").index(what) if what in ("photo", "portrait") else 2)
    return [{"what": what, "one": sides[0].get(what), "other": sides[1].get(what)} for what in ordered]


@router.get("/{case}/images/{registration}/{what}")
async def image(visit: ReadDep, case: str, registration: str, what: str) -> Response:
    """One image; each look is a step of the case."""
    answer = await visit.ask.raw("GET", f"/v1/adjudications/{case}/images/{registration}/{what}")
    kind = answer.headers["content-type"].partition(";")[0]
    if kind not in _SHOWABLE:
        raise HTTPException(415)
    return Response(
        answer.content, media_type=kind, headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    )


@router.get("/{case}/prints/{registration}/{finger}")
async def prints_page(visit: ReadDep, case: str, registration: str, finger: str) -> Response:
    """One finger of both records, with the points that the comparison took for the same."""
    found = await visit.ask.get(f"/v1/adjudications/{case}/correspondences/{registration}/{finger}")
    return visit.show(
        "prints.html", case=case, registration=registration, finger=finger, found=found, drawing=draw_prints(found)
    )


@router.post("/{case}/claim")
async def claim(visit: WriteDep, case: str) -> Response:
    """Take this case in hand."""
    await visit.form()
    await visit.ask.send("POST", f"/v1/adjudications/{case}/claim", {})
    return forward_to(f"/console/decide/{case}")


@router.post("/{case}/decision")
async def decide(visit: WriteDep, case: str) -> Response:
    """Say what was found."""
    form = await visit.form()
    finding, beside = text_of(form, "finding"), text_of(form, "beside")
    body = {
        "finding": finding,
        "other": (beside or None) if finding in (*_ABOUT_ANOTHER, "DOCUMENT_OF_ANOTHER") else None,
        "grounds": texts_of(form, "ground"),
        "reason": text_of(form, "reason"),
    }
    return await _step(visit, case, "decision", body, beside)


@router.post("/{case}/deferral")
async def defer(visit: WriteDep, case: str) -> Response:
    """Ask the worker for papers."""
    form = await visit.form()
    body = {"papers": texts_of(form, "paper"), "reason": text_of(form, "reason"), "due": text_of(form, "due")}
    return await _step(visit, case, "deferral", body, text_of(form, "beside"))


@router.post("/{case}/best-interests")
async def keep_best_interests(visit: WriteDep, case: str) -> Response:
    """What is best for the child, before anything else."""
    form = await visit.form()
    body = {name: text_of(form, name) for name in _BEST}
    return await _step(visit, case, "best-interests", body, text_of(form, "beside"), stay=True)


@router.post("/{case}/reopening")
async def reopen(visit: WriteDep, case: str) -> Response:
    """Look at a decided case again."""
    form = await visit.form()
    return await _step(visit, case, "reopening", {"reason": text_of(form, "reason")}, "", stay=True)


async def _step(
    visit: Visit, case: str, step: str, body: dict[str, Any], beside: str, *, stay: bool = False
) -> Response:
    """Take a step; one that is refused comes back with what was entered and why."""
    try:
        await visit.ask.send("POST", f"/v1/adjudications/{case}/{step}", body)
    except DoorRefusedError as error:
        if error.status not in {409, 422}:
            raise
        return await _case(visit, case, beside or None, error, body)
    return forward_to(f"/console/decide/{case}") if stay else forward_to("/console/decide", done=step)
