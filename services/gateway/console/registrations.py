"""Pages of registrations: the list as each role may see it, and one of them with its signals and what is missing."""

from typing import Annotated, Final

from fastapi import Depends, Response

from services.gateway.access.policy import Action, Kind
from services.gateway.console.routing import page_router
from services.gateway.console.visit import Visit, forward_to, text_of, visiting
from services.gateway.console.words import SIGNAL
from shared.contracts.caller import Purpose

router = page_router("/console/registrations")
ListDep = Annotated[Visit, Depends(visiting((Kind.REGISTRATION, Action.LIST)))]
ReadDep = Annotated[Visit, Depends(visiting((Kind.REGISTRATION, Action.READ)))]
VictimDep = Annotated[Visit, Depends(visiting((Kind.VICTIM, Action.WRITE)))]
_SOME: Final = 50
_NARROWED: Final = {Purpose.CHILD_PROTECTION: "child", Purpose.LABOUR_INSPECTION: "labour"}


@router.get("")
async def list_page(visit: ListDep, cursor: str = "", signal: str = "") -> Response:
    """Registrations, newest first: a desk's own, children's for child protection, those below a minimum for labour."""
    page = await visit.ask.get("/v1/registrations", cursor=cursor, signal=signal, limit=_SOME)
    return visit.show(
        "registrations.html",
        items=page["items"],
        following=page["next"],
        signal=signal,
        signals=list(SIGNAL),
        view=_NARROWED.get(visit.purpose, "all") if visit.purpose else "all",
    )


@router.get("/{registration}")
async def registration_page(visit: ReadDep, registration: str) -> Response:
    """One registration, as far as this visitor may see it."""
    ask = visit.ask
    record = await ask.get(f"/v1/registrations/{registration}")
    links = await ask.get_or_none(f"/v1/registrations/{registration}/links")
    papers = await ask.get_or_none(f"/v1/registrations/{registration}/papers")
    may_protect = visit.may(Kind.VICTIM, Action.READ)
    victim = await ask.get_or_none(f"/v1/registrations/{registration}/victim-status") if may_protect else None
    return visit.show(
        "registration.html",
        record=record,
        links=(links or {}).get("links", []),
        papers=papers,
        victim=victim,
        view=_NARROWED.get(visit.purpose, "all") if visit.purpose else "all",
    )


@router.post("/{registration}/victim-status")
async def set_victim_status(visit: VictimDep, registration: str) -> Response:
    """Presume, identify, or end: no complaint and no proof is needed to presume."""
    form = await visit.form()
    body = {"status": text_of(form, "status"), "reason": text_of(form, "reason")}
    await visit.ask.send("PUT", f"/v1/registrations/{registration}/victim-status", body)
    return forward_to(f"/console/registrations/{registration}")
