"""Pages of the region and of administration: members and how they are, thresholds, what only the command line does."""

from typing import Annotated, Final

from fastapi import Depends, Response

from services.gateway.access.policy import Action, Kind
from services.gateway.console.asking import DoorRefusedError
from services.gateway.console.routing import page_router
from services.gateway.console.visit import Visit, forward_to, text_of, visiting

router = page_router()
MembersDep = Annotated[Visit, Depends(visiting((Kind.CORRECTION, Action.READ)))]
ThresholdDep = Annotated[Visit, Depends(visiting((Kind.PARTY, Action.WRITE)))]

_ALERTS: Final = 20
_COMMANDS: Final = (
    ("lindung user add | list | reset | cut", "users"),
    ("lindung client add | list | cut", "clients"),
    ("lindung keys list | rotate", "keys"),
    ("lindung calibration propose | sign | activate", "calibrations"),
    ("lindung caps", "caps"),
)


@router.get("/members")
async def members_page(visit: MembersDep) -> Response:
    """Each member: whether it answers, how far its log is known; and corrections that nobody has acknowledged."""
    ask = visit.ask
    members = await ask.get_or_none("/v1/members")
    waiting = await ask.get_or_none("/v1/corrections/open")
    alerts = await ask.get_or_none("/v1/members/alerts", limit=_ALERTS)
    return visit.show(
        "members.html",
        members=members,
        waiting=(waiting or {}).get("results", []),
        alerts=(alerts or {}).get("results", []),
    )


@router.get("/administration")
async def administration_page(visit: ThresholdDep, organisation: str = "", done: str | None = None) -> Response:
    """Thresholds of offices, and what the command line does."""
    return await _administration(visit, organisation, done=done)


@router.post("/administration/thresholds")
async def set_threshold(visit: ThresholdDep) -> Response:
    """Raise an office's bar; under the calibrated one nobody gets."""
    form = await visit.form()
    organisation = text_of(form, "organisation")
    body = {name: text_of(form, name) for name in ("organisation", "threshold", "cutoff", "reason")}
    try:
        await visit.ask.send("POST", "/v1/screening/thresholds", body)
    except DoorRefusedError as error:
        if error.status not in {403, 409, 422}:
            raise
        return await _administration(visit, organisation, refused=error)
    return forward_to("/console/administration", organisation=organisation, done="set")


async def _administration(
    visit: Visit, organisation: str, *, done: str | None = None, refused: DoorRefusedError | None = None
) -> Response:
    asked = organisation or visit.who.organisation
    thresholds = await visit.ask.get("/v1/screening/thresholds", organisation=asked)
    return visit.show(
        "administration.html",
        refused.status if refused else 200,
        thresholds=thresholds,
        organisation=asked,
        done=done,
        refused=refused.problem if refused else None,
        commands=_COMMANDS,
    )
