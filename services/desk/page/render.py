"""Pages as text: Jinja2 templates beside this module, in the officer's language, everything escaped."""

from datetime import timedelta
from functools import cache
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from services.desk.languages import Language, Saying
from services.desk.page import words
from services.desk.page.notices import notices
from services.desk.page.presence import COOKIE, language_of, station_of
from services.desk.particulars import GROUPS
from services.desk.queue.outbox import Room
from services.desk.station import Station
from shared.pages.languages import LANGUAGES, catalogue
from shared.standards.currencies import currencies


@cache
def _environment(code: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("services.desk.page"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.i18n"],
    )  # fmt: skip
    environment.install_gettext_translations(catalogue("services.desk", code), newstyle=True)  # type: ignore[attr-defined]
    language = Language(code)
    environment.globals |= {"language": language, "say": language.say, "number": language.number}
    environment.globals |= {"page_languages": LANGUAGES, "words": words, "groups": GROUPS}
    environment.globals |= {"said_of": lambda table: [(code, language.say(word)) for code, word in table.items()]}
    environment.globals["money"] = [(each, f"{each} – {language.currency(each)}") for each in currencies()]
    return environment


def show(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page with what every page shows: where one is, the way to the gateway, the outbox, the clock."""
    station = station_of(request)
    is_open = station.lock.is_open(request.cookies.get(COOKIE))
    told = {"step": None} | _state(station) | {"open": is_open} | values
    told["at"] = told["steps"].index(told["step"]) if told["step"] in told["steps"] else 0
    page = _environment(language_of(request).code).get_template(template)
    return HTMLResponse(page.render(told), status)


def stamp(station: Station, room: Room) -> str:
    """Changes whenever the first page would show something else of the gateway and the outbox."""
    return f"{station.sender.line.online}-{room.waiting}-{room.refused}-{station.keys.ready}-{room.oldest_s // 60}"


def waiting_words(count: int) -> Saying:
    """How many packets wait."""
    return Saying("%(count)s waiting", count=count)


def line_words(online: bool | None) -> str:
    """How the way to the gateway is."""
    if online is None:
        return words.NOT_YET
    return words.CONNECTED if online else words.NOT_SENDING


def _about(count: int) -> int:
    """Rounded down to two digits."""
    size: int = 10 ** max(len(str(count)) - 2, 0)
    return count // size * size


def _state(station: Station) -> dict[str, Any]:
    agreed = station.enrolment is None or station.enrolment.notice is None or station.enrolment.agreed
    line, room = station.sender.line, station.outbox.room()
    return {
        "steps": [each for each in words.STEPS if agreed or each not in {"photo", "fingers"}],
        "line": line,
        "line_words": line_words(line.online),
        "room": room,
        "oldest": timedelta(minutes=max(1, round(room.oldest_s / 60))),
        "fits": _about(room.fits),
        "waiting_words": waiting_words(room.waiting),
        "stamp": stamp(station, room),
        "clock_trouble": station.clock.trouble(station.outbox.newest()),
        "can_seal": station.keys.ready,
        "desk": station.settings.client,
        "lock_s": station.settings.lock_s,
        "languages": list(notices().values()),
    }
