"""Pages of what an office watches, what changed, and which records that it received were put right."""

from typing import Annotated, Any, Final

from fastapi import Depends, Response

from services.gateway.access.policy import Action, Kind
from services.gateway.console.routing import page_router
from services.gateway.console.visit import Visit, forward_to, text_of, texts_of, visiting

router = page_router("/console/watches")
WatchDep = Annotated[Visit, Depends(visiting((Kind.PARTY, Action.SCREEN)))]
_SOME: Final = 100


@router.get("")
async def watches_page(visit: WatchDep, after: int = 0, done: str | None = None) -> Response:
    """Watches, notices and corrections of the visitor's office."""
    ask = visit.ask
    watches = await ask.get("/v1/watches", limit=_SOME)
    notices = await ask.get("/v1/watches/notices", cursor=after, limit=_SOME)
    corrections = await ask.get_or_none("/v1/corrections", limit=_SOME)
    labels = {each["id"]: _label(each) for each in watches["results"]}
    return visit.show(
        "watches.html",
        watches=watches["results"],
        labels=labels,
        notices=list(reversed(notices["results"])),
        later=notices["next"] if len(notices["results"]) == _SOME else None,
        looked_at=notices["looked_at"],
        corrections=[each for each in (corrections or {}).get("results", []) if not each["acknowledged_at"]],
        done=done,
    )


def _label(watch: dict[str, Any]) -> str:
    if watch["label"]:
        return str(watch["label"])
    if watch["party"]:
        return str(watch["party"])
    names = watch["query"]["properties"]["name"] or watch["query"]["properties"]["idNumber"]
    return str(names[0]) if names else str(watch["id"])


@router.post("/end")
async def end(visit: WatchDep) -> Response:
    """Watch no longer."""
    form = await visit.form()
    await visit.ask.raw("DELETE", f"/v1/watches/{text_of(form, 'watch')}")
    return forward_to("/console/watches", done="ended")


@router.post("/acknowledge")
async def acknowledge(visit: WatchDep) -> Response:
    """Say that corrections were carried out in what the office holds."""
    numbers = [int(number) for number in texts_of(await visit.form(), "number") if number.isdigit()]
    if numbers:
        await visit.ask.send("POST", "/v1/corrections/acknowledgements", {"numbers": numbers})
    return forward_to("/console/watches", done="acknowledged")
