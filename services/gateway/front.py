"""The page at the gateway's address: what this is, whether it works, and how to sign in."""

from importlib.resources import files
from typing import Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

router = APIRouter(include_in_schema=False)


@router.get("/", response_class=HTMLResponse)
async def front() -> HTMLResponse:
    """The front page; holds no data."""
    page = files("services.gateway").joinpath("front.html").read_text(encoding="utf-8")
    return HTMLResponse(page, headers=_HEADERS)
