"""The page of the region: members, and how they are."""

from typing import Annotated, Final

from fastapi import Depends, Response

from services.gateway.access.policy import Action, Kind
from services.gateway.console.routing import page_router
from services.gateway.console.visit import Visit, visiting

router = page_router()
MembersDep = Annotated[Visit, Depends(visiting((Kind.CORRECTION, Action.READ)))]

_ALERTS: Final = 20


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
