"""Pages: templates, the headers that every page is sent with, and the files that pages are made of."""

import hashlib
from functools import cache
from importlib.resources import files
from typing import Any, Final

from fastapi.responses import HTMLResponse
from jinja2 import ChainableUndefined, Environment, PackageLoader
from markupsafe import Markup

from services.gateway.console.languages import LANGUAGES, Language, catalogue
from services.gateway.console.words import word
from shared.pages import PAGE_HEADERS

HEADERS: Final = {**PAGE_HEADERS, "Referrer-Policy": "same-origin"}
"""Without a referrer a browser does not say of a form which site it comes from, and it could not be checked."""

_FILES: Final = {
    "lindung.css": ("shared.pages", "text/css"),
    "console.css": ("shared.pages", "text/css"),
    "console.js": ("services.gateway.console.static", "text/javascript"),
    "mark.svg": ("services.gateway.console.static", "image/svg+xml"),
}


class FileUnknownError(Exception):
    """Pages are made of no such file."""


@cache
def page_file(name: str) -> tuple[bytes, str]:
    """A file that pages are made of, and its media type.

    Raises:
        FileUnknownError: another name.
    """
    if name not in _FILES:
        raise FileUnknownError(name)
    package, media_type = _FILES[name]
    return files(package).joinpath(name).read_bytes(), media_type


@cache
def file_address(name: str) -> str:
    """Where a page finds a file; the address changes with the content, so that it may be kept for long."""
    digest = hashlib.sha256(page_file(name)[0]).hexdigest()[:12]
    return f"/console/files/{name}?v={digest}"


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("services.gateway.console"),
        autoescape=True,
        undefined=ChainableUndefined,  # the policy leaves out fields that the visitor may not see
        finalize=lambda value: "" if value is None else value,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined]
    environment.globals.update(file_address=file_address, languages=LANGUAGES)
    return environment


def render(template: str, language: Language, **values: Any) -> Markup:
    """A template filled in, in a language."""

    def said(code: Any, kind: str) -> str:
        return language.say(word(kind, code))

    tools = {"day": language.day, "instant": language.instant, "number": language.number, "said": said}
    return Markup(  # noqa: S704  the template's own output: every value in it was escaped
        _environment(language.code).get_template(template).render(language=language, **tools, **values)
    )


def page(template: str, language: Language, status: int = 200, **values: Any) -> HTMLResponse:
    """A page as it is sent."""
    return HTMLResponse(render(template, language, **values), status, HEADERS)
