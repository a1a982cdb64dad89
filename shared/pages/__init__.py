"""What every page has: the one stylesheet, and the headers that keep a page to itself."""

from functools import cache
from importlib.resources import files
from typing import Final

PAGE_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
        "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",  # with no-referrer a browser says of a form only `Origin: null`
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Headers of a page: nothing from another host, no script in the page's text, in no frame, kept in no cache."""


@cache
def stylesheet() -> str:
    """The text of `lindung.css`: type, space, colours, buttons, fields, tables, notices, steps, print."""
    return files("shared.pages").joinpath("lindung.css").read_text(encoding="utf-8")
