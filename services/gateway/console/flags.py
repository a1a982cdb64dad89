"""The page of red flags: reasons to look at an agency or an employer, and what each does not prove."""

from typing import Annotated, Final

from fastapi import Depends, Response

from services.gateway.access.policy import Action, Kind
from services.gateway.console.languages import marked
from services.gateway.console.office_words import RED_FLAG
from services.gateway.console.records import Book, Column, Filter, list_page
from services.gateway.console.routing import page_router
from services.gateway.console.visit import Visit, visiting

router = page_router("/console/red-flags")
ListDep = Annotated[Visit, Depends(visiting((Kind.RED_FLAG, Action.LIST)))]

FLAGS: Final = Book(
    "/console/red-flags", "/v1/red-flags", marked("Red flags"),
    marked("Reasons to look at an agency or an employer. No finding: nothing follows from one by itself."),
    (
        Column("party", marked("Party"), "party"), Column("rule", marked("What stands out"), "red_flag"),
        Column("strength", marked("How much it says"), "strength", {"strong": "warn"}),
        Column("first_on", marked("From"), "day"), Column("last_on", marked("To"), "day"),
        Column("raised_on", marked("Since"), "day"),
    ),
    (Filter("rule", marked("What stands out"), "red_flag", tuple(RED_FLAG)),),
    key="",
)  # fmt: skip


@router.get("")
async def flags_page(visit: ListDep) -> Response:
    """Those raised last first, and what each rule compares."""
    rules = (await visit.ask.get("/v1/red-flag-rules"))["items"]
    return await list_page(visit, FLAGS, "flags.html", rules=rules)
