"""Pages as text: Jinja2 templates beside this module, everything escaped."""

from typing import Any, Final, cast

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from services.desk.page.notices import notices
from services.desk.page.presence import COOKIE, station_of
from services.desk.station import Station
from shared.contracts.registrations import FingerPosition

STEPS: Final = (
    ("consent", "Consent"),
    ("document", "Document"),
    ("photo", "Photo"),
    ("fingers", "Fingers"),
    ("review", "Review"),
    ("receipt", "Receipt"),
)


class PageFolder:
    """The templates."""

    def __init__(self) -> None:
        self._jinja = Environment(
            loader=PackageLoader("services.desk.page"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self._jinja.filters |= {"finger": finger_name, "since": since}

    def text(self, template: str, values: dict[str, Any]) -> str:
        """One page."""
        return self._jinja.get_template(template).render(values)


def show(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page with what every page shows: where one is, the way to the gateway, the outbox, the clock."""
    station = station_of(request)
    pages = cast("PageFolder", request.app.state.pages)
    is_open = station.lock.is_open(request.cookies.get(COOKIE))
    told = {"step": None} | _state(station) | {"open": is_open} | values
    names = [name for name, _ in told["steps"]]
    told["at"] = names.index(told["step"]) if told["step"] in names else 0
    return HTMLResponse(pages.text(template, told), status)


def finger_name(position: FingerPosition | str) -> str:
    """`right-index` is `Right index`."""
    return str(position).replace("-", " ").capitalize()


def since(seconds: float) -> str:
    """How long, in words that need no calculating."""
    hours = round(seconds / 3600)
    if hours < 1:
        return "less than an hour"
    return f"{hours} hours" if hours < 48 else f"{hours // 24} days"


def _state(station: Station) -> dict[str, Any]:
    agreed = station.enrolment is None or station.enrolment.notice is None or station.enrolment.agreed
    return {
        "steps": [each for each in STEPS if agreed or each[0] not in {"photo", "fingers"}],
        "line": station.sender.line,
        "room": station.outbox.room(),
        "clock_trouble": station.clock.trouble(station.outbox.newest()),
        "can_seal": station.keys.ready,
        "desk": station.settings.client,
        "lock_s": station.settings.lock_s,
        "languages": list(notices().values()),
    }
