"""The page of alerts: what rules over the log ask an auditor to look at."""

from typing import Annotated, Any

from fastapi import Depends, Response

from services.gateway.access.policy import Action, Kind
from services.gateway.console.asking import DoorRefusedError
from services.gateway.console.records import comes_back
from services.gateway.console.routing import page_router
from services.gateway.console.visit import Visit, forward_to, text_of, visiting

router = page_router("/console/alerts")
ListDep = Annotated[Visit, Depends(visiting((Kind.ALERT, Action.LIST)))]
JudgeDep = Annotated[Visit, Depends(visiting((Kind.ALERT, Action.WRITE)))]
_SOME = 20


@router.get("")
async def alerts_page(visit: ListDep, cursor: str = "", open: str = "", done: str | None = None) -> Response:  # noqa: A002
    """Those that wait; or all."""
    return await _alerts(visit, cursor, only_open=open != "no", done=done)


@router.post("/{alert}")
async def acknowledge(visit: JudgeDep, alert: str) -> Response:
    """Say what the look came to."""
    form = await visit.form()
    try:
        await visit.ask.send("POST", f"/v1/alerts/{alert}/acknowledgement", {"reason": text_of(form, "reason")})
    except DoorRefusedError as error:
        return await _alerts(visit, "", only_open=True, refused=comes_back(error))
    return forward_to("/console/alerts", done="kept")


async def _alerts(
    visit: Visit, cursor: str, *, only_open: bool, done: str | None = None, refused: Any = None
) -> Response:
    page = await visit.ask.get("/v1/alerts", cursor=cursor, open="true" if only_open else "false", limit=_SOME)
    return visit.show(
        "alerts.html", 422 if refused else 200,
        alerts=page["results"], following=page["next"], only_open=only_open, done=done, refused=refused,
    )  # fmt: skip
