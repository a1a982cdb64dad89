"""Pages of complaints: an office's list, one complaint with what was said, the answer, and what is done with it."""

from typing import Annotated, Any, Final

from fastapi import Depends, Response

from services.gateway.access.policy import Action, Kind
from services.gateway.console.asking import DoorRefusedError
from services.gateway.console.languages import marked
from services.gateway.console.pages import HEADERS
from services.gateway.console.records import Book, Column, Filter, comes_back, list_page
from services.gateway.console.routing import page_router
from services.gateway.console.visit import Visit, forward_to, text_of, visiting
from services.gateway.console.words import COMPLAINT

router = page_router("/console/complaints")
ListDep = Annotated[Visit, Depends(visiting((Kind.COMPLAINT, Action.LIST)))]
ReadDep = Annotated[Visit, Depends(visiting((Kind.COMPLAINT, Action.READ)))]
WriteDep = Annotated[Visit, Depends(visiting((Kind.COMPLAINT, Action.WRITE)))]

COMPLAINTS: Final = Book(
    "/console/complaints", "/v1/complaints", marked("Complaints"),
    marked("What workers told on the public page. Employers, agencies and their states learn nothing of it."),
    (
        Column("received_at", marked("Received"), "instant"),
        Column("state", marked("State"), "complaint", {"received": "warn", "in_hand": "good"}),
        Column("offences", marked("About"), "offence"), Column("language", marked("Language"), "language"),
        Column("officer", marked("Officer"), "code"), Column("party", marked("Party"), "code"),
        Column("again", marked("Came again")),
    ),
    (Filter("state", marked("State"), "complaint", tuple(COMPLAINT)),),
)  # fmt: skip


@router.get("")
async def complaints_page(visit: ListDep) -> Response:
    """This office's, newest first."""
    return await list_page(visit, COMPLAINTS)


@router.get("/{complaint}")
async def complaint_page(visit: ReadDep, complaint: str, done: str | None = None) -> Response:
    """What was said by the worker and by the office."""
    return await _complaint(visit, complaint, done)


@router.get("/{complaint}/files/{number}")
async def file(visit: ReadDep, complaint: str, number: int) -> Response:
    """A photo or a document of the worker's, as a download: it comes from outside and is not opened in the page."""
    answer = await visit.ask.raw("GET", f"/v1/complaints/{complaint}/files/{number}")
    kind = answer.headers["content-type"].partition(";")[0]
    name = f"complaint-{number}.{kind.rpartition('/')[2]}"
    return Response(
        answer.content, media_type=kind, headers={**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    )


@router.post("/{complaint}/messages")
async def answer(visit: WriteDep, complaint: str) -> Response:
    """Say something to the worker, who reads it with the secret reference."""
    body = {"text": text_of(await visit.form(), "text")}
    return await _step(visit, complaint, "messages", body, "answered")


@router.post("/{complaint}/state")
async def move(visit: WriteDep, complaint: str) -> Response:
    """Bring it to another state, with the party and the conversation that belong to it."""
    form = await visit.form()
    body: dict[str, Any] = {"state": text_of(form, "move")}
    for name in ("party", "assessment"):
        if text_of(form, name):
            body[name] = text_of(form, name)
    return await _step(visit, complaint, "state", body, "moved")


async def _step(visit: Visit, complaint: str, step: str, body: dict[str, Any], done: str) -> Response:
    try:
        await visit.ask.send("POST", f"/v1/complaints/{complaint}/{step}", body)
    except DoorRefusedError as error:
        return await _complaint(visit, complaint, None, comes_back(error), body)
    return forward_to(f"/console/complaints/{complaint}", done=done)


async def _complaint(
    visit: Visit, complaint: str, done: str | None, refused: Any = None, typed: Any = None
) -> Response:
    return visit.show(
        "complaint.html", 422 if refused else 200,
        complaint=await visit.ask.get(f"/v1/complaints/{complaint}"),
        done=done, refused=refused, typed=typed or {}, may_interview=visit.may(Kind.ASSESSMENT, Action.WRITE),
    )  # fmt: skip
