"""Doors of the exchange: lists in and out. A table, read top to bottom."""

from functools import partial
from typing import Final

from services.gateway.access.policy import Action, Kind
from services.gateway.audit.shown import PARTY, Shown
from services.gateway.door import Door
from shared.contracts import exchange

_door = partial(Door, service="registry", kind=Kind.PARTY, tag="exchange")

EXCHANGE_DOORS: Final[tuple[Door, ...]] = (
    _door(
        "POST", "/v1/imports", Action.WRITE, "openImport", "Begin to import a list",
        exchange.ImportOrder, exchange.ImportRecord, status=201,
    ),
    _door(
        "PUT", "/v1/imports/{id}/parts/{number}", Action.WRITE, "putImportPart", "Some whole lines of a list",
        exchange.ImportPart, exchange.ImportRecord,
    ),
    _door(
        "GET", "/v1/imports/{id}", Action.WRITE, "readImport", "How far an import has got", None, exchange.ImportRecord,
    ),
    _door(
        "GET", "/v1/imports/{id}/rejections", Action.WRITE,
        "readRejections", "Lines that were not taken, with the reason",
        None, exchange.RejectionPage, ("after", "limit"),
    ),
    _door(
        "GET", "/v1/exports/parties", Action.LIST,
        "exportParties", "Parties as FollowTheMoney JSON, or what changed since an instant",
        None, exchange.ExportPage, ("source", "since", "cursor", "limit"),
        shows=(Shown(("results", "*", "id"), PARTY),),
    ),
)  # fmt: skip
