"""Doors of screening besides `/match`: entities, reconciliation, cleared hits, batches, watches. A table, read top to
bottom.
"""

from functools import partial
from typing import Final

from services.gateway.access.policy import Action, Kind
from services.gateway.audit.shown import PARTY, Shown
from services.gateway.door import Door
from shared.contracts import batches, entities, offices, reconciliation, screening, watches
from shared.contracts.disclosure import FieldClass

_NESTED: Final = ("properties", "*", "*", "properties", "*", "*", "id")
_PAGE: Final = ("cursor", "limit")
_SCOPE: Final = (
    "include_dataset",
    "exclude_dataset",
    "exclude_schema",
    "topics",
    "exclude_entity_ids",
    "changed_since",
)
_CANDIDATES: Final = Shown(("*", "result", "*", "id"), PARTY)
_COLUMNS: Final = Shown(("rows", "#"), PARTY)
_RESULTS: Final = Shown(("results", "*", "party"), PARTY)

_screening = partial(Door, service="registry", kind=Kind.PARTY, tag="screening")
_reconciliation = partial(Door, service="registry", kind=Kind.PARTY, tag="reconciliation")
_watch = partial(Door, service="registry", kind=Kind.PARTY, tag="watches")

SCREENING_DOORS: Final[tuple[Door, ...]] = (
    _screening(
        "GET", "/entities/{id}", Action.READ, "readEntity", "A party as FollowTheMoney has it",
        None, entities.EntityRecord, ("nested",), shows=(Shown(("id",), PARTY), Shown(_NESTED, PARTY)),
    ),
    _screening(
        "GET", "/entities/{id}/adjacent", Action.READ, "readAdjacent", "A party and what is adjacent to it",
        None, entities.AdjacentEntities, ("limit", "offset"),
        shows=(
            Shown(("entity", "id"), PARTY),
            Shown(("adjacent", "*", "results", "*", "properties", "*", "*", "id"), PARTY),
        ),
    ),
    _screening(
        "GET", "/entities/{id}/adjacent/{name}", Action.READ,
        "readAdjacentProperty", "What is adjacent to a party by one property",
        None, entities.AdjacentProperty, ("limit", "offset"),
        shows=(Shown(("results", "*", "properties", "*", "*", "id"), PARTY),),
    ),
    _screening("GET", "/catalog", Action.LIST, "readCatalog", "What can be asked", None, entities.Catalog),
    _screening("GET", "/algorithms", Action.LIST, "readAlgorithms", "How it is scored", None, entities.Algorithms),
    _reconciliation(
        "GET", "/reconcile/{dataset}", Action.SCREEN,
        "reconcileByGet", "Reconciliation Service API 0.2: the manifest, or candidates",
        query=("queries", "extend"), shows=(_CANDIDATES, _COLUMNS), form=reconciliation.ReconciliationDocument,
    ),
    _reconciliation(
        "POST", "/reconcile/{dataset}", Action.SCREEN,
        "reconcile", "Candidates for cells, or columns for reconciled ones; form or JSON",
        reconciliation.ReconciliationRequest, shows=(_CANDIDATES, _COLUMNS), form=reconciliation.ReconciliationDocument,
    ),
    _reconciliation(
        "GET", "/reconcile/{dataset}/suggest/{kind}", Action.SCREEN,
        "suggest", "What may be meant by the letters typed so far",
        None, reconciliation.Suggestions, ("prefix", "cursor"), shows=(Shown(("result", "*", "id"), PARTY),),
    ),
    _reconciliation(
        "GET", "/reconcile/{dataset}/properties", Action.LIST, "proposeProperties", "Columns that can be added",
        None, reconciliation.ProposedProperties, ("type", "limit"),
    ),
    _reconciliation(
        "GET", "/reconcile/{dataset}/preview", Action.READ, "preview", "A small page on a party (HTML)",
        query=("id",), whole=FieldClass.CASE_STATUS,
    ),
    _screening(
        "POST", "/v1/screening/clearances", Action.SCREEN, "clearHit", "Note that a hit is not the party asked about",
        offices.ClearanceBody, offices.Clearance, status=201,
    ),
    _screening(
        "GET", "/v1/screening/clearances", Action.LIST, "listClearances", "What the caller's office cleared",
        None, offices.ClearancePage, _PAGE, shows=(_RESULTS,),
    ),
    _screening(
        "DELETE", "/v1/screening/clearances/{id}", Action.SCREEN, "withdrawClearance", "Take a clearance back",
        status=204,
    ),
    _screening(
        "POST", "/v1/screening/thresholds", Action.WRITE,
        "setThreshold", "Put another threshold in force for an office",
        offices.ThresholdBody, offices.Threshold, status=201,
    ),
    _screening(
        "GET", "/v1/screening/thresholds", Action.LIST,
        "readThresholds", "Thresholds of an office, with who set them, when and why",
        None, offices.Thresholds, ("organisation",),
    ),
    _screening(
        "POST", "/v1/screening/batches", Action.SCREEN, "openBatch", "Screen a list (text/csv)",
        None, batches.Batch, ("limit",), status=202,
    ),
    _screening(
        "GET", "/v1/screening/batches/{id}", Action.LIST, "readBatch", "How far a batch is", None, batches.Batch,
    ),
    _screening(
        "GET", "/v1/screening/batches/{id}/result", Action.LIST, "readBatchResult", "The result of a batch (text/csv)",
        query=("cursor",), shows=(_RESULTS,), form=batches.BatchRow,
    ),
    _watch(
        "POST", "/v1/watches", Action.SCREEN, "makeWatch", "Be told when a party, or whoever a query finds, changes",
        watches.WatchBody, watches.Watch, status=201,
    ),
    _watch(
        "GET", "/v1/watches", Action.LIST, "listWatches", "The watches of the caller's office",
        None, watches.WatchPage, _PAGE, shows=(_RESULTS,),
    ),
    _watch(
        "GET", "/v1/watches/notices", Action.LIST, "listNotices", "What changed for the caller's office",
        None, watches.NoticePage, _PAGE, shows=(_RESULTS,),
    ),
    _watch(
        "GET", "/v1/watches/keys", Action.LIST, "readWebhookKeys", "The public keys that webhooks are signed with",
        None, watches.WebhookKeys,
    ),
    _watch("DELETE", "/v1/watches/{id}", Action.SCREEN, "giveUpWatch", "Watch no longer", status=204),
    _watch(
        "POST", "/v1/watches/{id}/redeliveries", Action.SCREEN,
        "redeliverNotices", "Send again what the webhook did not take", None, watches.Redelivery, status=202,
    ),
    _screening(
        "GET", "/search/{dataset}", Action.SCREEN, "search", "Find parties by words",
        None, screening.SearchResponse,
        ("q", "schema", "limit", "offset", "sort", "countries", "filter", "facets", *_SCOPE),
        shows=(Shown(("results", "*", "id"), PARTY),),
    ),
)  # fmt: skip
