"""Doors of the exchange: lists in and out. A table, read top to bottom."""

from typing import Final

from services.gateway.access.policy import Action, Kind
from services.gateway.audit.shown import PARTY, Shown
from services.gateway.door import Door
from shared.contracts import exchange

EXCHANGE_DOORS: Final[tuple[Door, ...]] = (
    Door(
        "POST", "/v1/imports", "registry", Kind.PARTY, Action.WRITE,
        "openImport", "Begin to import a list", "exchange", exchange.ImportOrder, exchange.ImportRecord, status=201,
    ),
    Door(
        "PUT", "/v1/imports/{id}/parts/{number}", "registry", Kind.PARTY, Action.WRITE,
        "putImportPart", "Some whole lines of a list", "exchange", exchange.ImportPart, exchange.ImportRecord,
    ),
    Door(
        "GET", "/v1/imports/{id}", "registry", Kind.PARTY, Action.WRITE,
        "readImport", "How far an import has got", "exchange", None, exchange.ImportRecord,
    ),
    Door(
        "GET", "/v1/imports/{id}/rejections", "registry", Kind.PARTY, Action.WRITE,
        "readRejections", "Lines that were not taken, with the reason", "exchange",
        None, exchange.RejectionPage, ("after", "limit"),
    ),
    Door(
        "GET", "/v1/exports/parties", "registry", Kind.PARTY, Action.LIST,
        "exportParties", "Parties as FollowTheMoney JSON, or what changed since an instant", "exchange",
        None, exchange.ExportPage, ("source", "since", "cursor", "limit"),
        shows=(Shown(("results", "*", "id"), PARTY),),
    ),
)  # fmt: skip
