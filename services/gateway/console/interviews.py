"""Pages of conversations with workers: the next question, ticks with their confidence, the lead and what is missing."""

import asyncio
import hashlib
from typing import Annotated, Any, Final

from fastapi import Depends, Response
from starlette.datastructures import FormData, UploadFile

from services.gateway.access.policy import Action, Kind
from services.gateway.console.asking import DoorRefusedError
from services.gateway.console.languages import marked
from services.gateway.console.office_words import LANGUAGE, LEAD_STRENGTH
from services.gateway.console.records import Book, Column, Filter, comes_back, list_page
from services.gateway.console.routing import page_router
from services.gateway.console.visit import Visit, forward_to, text_of, visiting

router = page_router("/console/interviews")
ListDep = Annotated[Visit, Depends(visiting((Kind.ASSESSMENT, Action.LIST)))]
ReadDep = Annotated[Visit, Depends(visiting((Kind.ASSESSMENT, Action.READ)))]
WriteDep = Annotated[Visit, Depends(visiting((Kind.ASSESSMENT, Action.WRITE)))]

ANSWERS: Final = ("yes", "no", "unknown")
CONFIDENCES: Final = ("low", "medium", "high")
_TONES: Final = {"strong": "bad", "medium": "warn", "weak": "", "none": ""}
INTERVIEWS: Final = Book(
    "/console/interviews", "/v1/assessments", marked("Conversations"),
    marked("What workers told this office, held against published indicators. A lead is no finding."),
    (
        Column("opened_at", marked("Begun"), "instant"), Column("state", marked("State"), "assessment"),
        Column("strength", marked("Lead"), "lead_strength", _TONES),
        Column("interviewer", marked("Who asks"), "code"), Column("employer", marked("Employer"), "code"),
    ),
    (Filter("state", marked("State"), "assessment", ("open", "closed")),),
)  # fmt: skip


@router.get("")
async def interviews_page(visit: ListDep) -> Response:
    """This office's, newest first, and a form to begin one."""
    return await list_page(visit, INTERVIEWS, "interviews.html", languages_spoken=tuple(LANGUAGE), answers=ANSWERS)


@router.post("")
async def begin(visit: WriteDep) -> Response:
    """Begin a conversation. A child's is child protection's from this moment."""
    form = await visit.form()
    body = {name: text_of(form, name) for name in ("registration", "employer") if text_of(form, name)}
    body |= {name: text_of(form, name) or "unknown" for name in ("child", "recruited_or_moved")}
    body["language"] = text_of(form, "language") or "en"
    complaint = text_of(form, "complaint")
    try:
        made = await visit.ask.send("POST", "/v1/assessments", body)
    except DoorRefusedError as error:
        typed = body | {"complaint": complaint}
        more = {"languages_spoken": tuple(LANGUAGE), "answers": ANSWERS, "refused": comes_back(error), "typed": typed}
        return await list_page(visit, INTERVIEWS, "interviews.html", **more)
    if made is None:
        return forward_to("/console/interviews", done="child")
    if complaint:
        step = {"state": "in_hand", "assessment": made["id"]}
        await visit.ask.send("POST", f"/v1/complaints/{complaint}/state", step)
    return forward_to(f"/console/interviews/{made['id']}")


@router.get("/{interview}")
async def interview_page(
    visit: ReadDep, interview: str, question: str = "", specialist: bool = False, done: str | None = None
) -> Response:
    """The next question, or the one that was picked; what was told; the lead."""
    return await _interview(visit, interview, question, specialist=specialist, done=done)


@router.post("/{interview}/answers")
async def tell(visit: WriteDep, interview: str) -> Response:
    """Keep ticks, the question that they came from, and what was said in the worker's words."""
    form = await visit.form()
    evidence, day = await _evidence(form), text_of(form, "observed_on") or None
    body: dict[str, Any] = {
        "ticks": [
            {
                "code": code,
                "answer": answer,
                "confidence": text_of(form, "confidence") or "medium",
                "observed_on": day,
                "evidence": evidence if answer == "yes" else [],
            }
            for code, answer in ticked(form)
        ]
    }
    for name in ("question", "note"):
        if text_of(form, name):
            body[name] = text_of(form, name)
    return await _step(visit, interview, "answers", body, specialist=text_of(form, "specialist") == "yes")


@router.post("/{interview}/person")
async def tell_person(visit: WriteDep, interview: str) -> Response:
    """What became known of the person; a child's conversation is child protection's from then on."""
    form = await visit.form()
    body = {name: text_of(form, name) for name in ("child", "recruited_or_moved")}
    return await _step(visit, interview, "person", body)


@router.post("/{interview}/interviewer")
async def hand_over(visit: WriteDep, interview: str) -> Response:
    """Let another officer go on; the reason is kept."""
    form = await visit.form()
    return await _step(visit, interview, "interviewer", {name: text_of(form, name) for name in ("person", "reason")})


@router.post("/{interview}/close")
async def close(visit: WriteDep, interview: str) -> Response:
    """Add nothing more."""
    await visit.form()
    return await _step(visit, interview, "close", {})


def ticked(form: FormData) -> list[tuple[str, str]]:
    """Indicators with their answers: fields `tick-CODE`, and the pair `code`, `answer`; what is not answered is not."""
    pairs = [(name.removeprefix("tick-"), text_of(form, name)) for name in form if name.startswith("tick-")]
    pairs.append((text_of(form, "code"), text_of(form, "answer")))
    return [(code, answer) for code, answer in pairs if code and answer in ANSWERS]


async def _evidence(form: FormData) -> list[str]:
    """Digests of what the officer holds: those that were typed, and those of files, which are read and not kept."""
    digests = text_of(form, "evidence").lower().split()
    for file in form.getlist("file"):
        if isinstance(file, UploadFile) and file.size:
            digests.append(hashlib.sha256(await file.read()).hexdigest())
            await file.close()
    return digests


async def _step(visit: Visit, interview: str, step: str, body: dict[str, Any], *, specialist: bool = False) -> Response:
    try:
        told = await visit.ask.send("POST", f"/v1/assessments/{interview}/{step}", body)
    except DoorRefusedError as error:
        picked = str(body.get("question", ""))
        return await _interview(visit, interview, picked, specialist=specialist, refused=comes_back(error), typed=body)
    if told is None:
        return forward_to("/console/interviews", done="child")
    more = {"specialist": "true"} if specialist else {}
    return forward_to(f"/console/interviews/{interview}", done=step, **more)


async def _interview(
    visit: Visit, interview: str, picked: str, *, specialist: bool,
    done: str | None = None, refused: Any = None, typed: Any = None,
) -> Response:  # fmt: skip
    ask = visit.ask
    assessment, guide, published = await asyncio.gather(
        ask.get(f"/v1/assessments/{interview}"),
        ask.get(f"/v1/assessments/{interview}/questions", specialist=str(specialist).lower()),
        ask.get("/v1/indicators"),
    )
    may_flags = visit.may(Kind.RED_FLAG, Action.READ)
    flags = (await ask.get(f"/v1/assessments/{interview}/red-flags"))["items"] if may_flags else []
    questions, indicators = guide["items"], {each["code"]: each for each in published["items"]}
    is_open = assessment["state"] == "open"
    return visit.show(
        "interview.html", 422 if refused else 200,
        interview=assessment, questions=questions if is_open else [],
        question=next((each for each in questions if each["code"] == picked), questions[0] if questions else None),
        indicators=indicators, flags=flags, standing=_standing(assessment["ticks"]), specialist=specialist,
        is_open=is_open, own=assessment["interviewer"] == visit.who.user,
        answers=ANSWERS, confidences=CONFIDENCES, strengths=tuple(LEAD_STRENGTH),
        may_refer=visit.may(Kind.REFERRAL, Action.WRITE), done=done, refused=refused, typed=typed or {},
    )  # fmt: skip


def _standing(ticks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The last answer of each person to each indicator, in the order in which they were first given."""
    latest: dict[tuple[str, str], dict[str, Any]] = {}
    for tick in ticks:
        latest[tick["code"], tick["by"]] = tick
    return list(latest.values())
