"""The page at the gateway's address: what this is, whether it works, and how to sign in."""

from importlib.resources import files

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from shared.pages import PAGE_HEADERS

router = APIRouter(include_in_schema=False)


@router.get("/", response_class=HTMLResponse)
async def front() -> HTMLResponse:
    """The front page; holds no data."""
    page = files("services.gateway").joinpath("front.html").read_text(encoding="utf-8")
    return HTMLResponse(page, headers=PAGE_HEADERS)
