"""Doors of screening besides `/match`: entities, reconciliation, cleared hits, batches, watches. A table, read top to
bottom.
"""

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

SCREENING_DOORS: Final[tuple[Door, ...]] = (
    Door(
        "GET", "/entities/{id}", "registry", Kind.PARTY, Action.READ,
        "readEntity", "A party as FollowTheMoney has it", "screening", None, entities.EntityRecord, ("nested",),
        shows=(Shown(("id",), PARTY), Shown(_NESTED, PARTY)),
    ),
    Door(
        "GET", "/entities/{id}/adjacent", "registry", Kind.PARTY, Action.READ,
        "readAdjacent", "A party and what is adjacent to it", "screening",
        None, entities.AdjacentEntities, ("limit", "offset"),
        shows=(
            Shown(("entity", "id"), PARTY),
            Shown(("adjacent", "*", "results", "*", "properties", "*", "*", "id"), PARTY),
        ),
    ),
    Door(
        "GET", "/entities/{id}/adjacent/{name}", "registry", Kind.PARTY, Action.READ,
        "readAdjacentProperty", "What is adjacent to a party by one property", "screening",
        None, entities.AdjacentProperty, ("limit", "offset"),
        shows=(Shown(("results", "*", "properties", "*", "*", "id"), PARTY),),
    ),
    Door(
        "GET", "/catalog", "registry", Kind.PARTY, Action.LIST,
        "readCatalog", "What can be asked", "screening", None, entities.Catalog,
    ),
    Door(
        "GET", "/algorithms", "registry", Kind.PARTY, Action.LIST,
        "readAlgorithms", "How it is scored", "screening", None, entities.Algorithms,
    ),
    Door(
        "GET", "/reconcile/{dataset}", "registry", Kind.PARTY, Action.SCREEN,
        "reconcileByGet", "Reconciliation Service API 0.2: the manifest, or candidates", "reconciliation",
        query=("queries", "extend"), shows=(_CANDIDATES, _COLUMNS), form=reconciliation.ReconciliationDocument,
    ),
    Door(
        "POST", "/reconcile/{dataset}", "registry", Kind.PARTY, Action.SCREEN,
        "reconcile", "Candidates for cells, or columns for reconciled ones; form or JSON", "reconciliation",
        reconciliation.ReconciliationRequest, shows=(_CANDIDATES, _COLUMNS),
        form=reconciliation.ReconciliationDocument,
    ),
    Door(
        "GET", "/reconcile/{dataset}/suggest/{kind}", "registry", Kind.PARTY, Action.SCREEN,
        "suggest", "What may be meant by the letters typed so far", "reconciliation",
        None, reconciliation.Suggestions, ("prefix", "cursor"), shows=(Shown(("result", "*", "id"), PARTY),),
    ),
    Door(
        "GET", "/reconcile/{dataset}/properties", "registry", Kind.PARTY, Action.LIST,
        "proposeProperties", "Columns that can be added", "reconciliation",
        None, reconciliation.ProposedProperties, ("type", "limit"),
    ),
    Door(
        "GET", "/reconcile/{dataset}/preview", "registry", Kind.PARTY, Action.READ,
        "preview", "A small page on a party (HTML)", "reconciliation", query=("id",), whole=FieldClass.CASE_STATUS,
    ),
    Door(
        "POST", "/v1/screening/clearances", "registry", Kind.PARTY, Action.SCREEN,
        "clearHit", "Note that a hit is not the party asked about", "screening",
        offices.ClearanceBody, offices.Clearance, status=201,
    ),
    Door(
        "GET", "/v1/screening/clearances", "registry", Kind.PARTY, Action.LIST,
        "listClearances", "What the caller's office cleared", "screening", None, offices.ClearancePage, _PAGE,
        shows=(_RESULTS,),
    ),
    Door(
        "DELETE", "/v1/screening/clearances/{id}", "registry", Kind.PARTY, Action.SCREEN,
        "withdrawClearance", "Take a clearance back", "screening", status=204,
    ),
    Door(
        "POST", "/v1/screening/thresholds", "registry", Kind.PARTY, Action.WRITE,
        "setThreshold", "Put another threshold in force for an office", "screening",
        offices.ThresholdBody, offices.Threshold, status=201,
    ),
    Door(
        "GET", "/v1/screening/thresholds", "registry", Kind.PARTY, Action.LIST,
        "readThresholds", "Thresholds of an office, with who set them, when and why", "screening",
        None, offices.Thresholds, ("organisation",),
    ),
    Door(
        "POST", "/v1/screening/batches", "registry", Kind.PARTY, Action.SCREEN,
        "openBatch", "Screen a list (text/csv)", "screening", None, batches.Batch, ("limit",), status=202,
    ),
    Door(
        "GET", "/v1/screening/batches/{id}", "registry", Kind.PARTY, Action.LIST,
        "readBatch", "How far a batch is", "screening", None, batches.Batch,
    ),
    Door(
        "GET", "/v1/screening/batches/{id}/result", "registry", Kind.PARTY, Action.LIST,
        "readBatchResult", "The result of a batch (text/csv)", "screening", query=("cursor",), shows=(_RESULTS,),
        form=batches.BatchRow,
    ),
    Door(
        "POST", "/v1/watches", "registry", Kind.PARTY, Action.SCREEN,
        "makeWatch", "Be told when a party, or whoever a query finds, changes", "watches",
        watches.WatchBody, watches.Watch, status=201,
    ),
    Door(
        "GET", "/v1/watches", "registry", Kind.PARTY, Action.LIST,
        "listWatches", "The watches of the caller's office", "watches", None, watches.WatchPage, _PAGE,
        shows=(_RESULTS,),
    ),
    Door(
        "GET", "/v1/watches/notices", "registry", Kind.PARTY, Action.LIST,
        "listNotices", "What changed for the caller's office", "watches", None, watches.NoticePage, _PAGE,
        shows=(_RESULTS,),
    ),
    Door(
        "GET", "/v1/watches/keys", "registry", Kind.PARTY, Action.LIST,
        "readWebhookKeys", "The public keys that webhooks are signed with", "watches", None, watches.WebhookKeys,
    ),
    Door(
        "DELETE", "/v1/watches/{id}", "registry", Kind.PARTY, Action.SCREEN,
        "giveUpWatch", "Watch no longer", "watches", status=204,
    ),
    Door(
        "POST", "/v1/watches/{id}/redeliveries", "registry", Kind.PARTY, Action.SCREEN,
        "redeliverNotices", "Send again what the webhook did not take", "watches", None, watches.Redelivery, status=202,
    ),
    Door(
        "GET", "/search/{dataset}", "registry", Kind.PARTY, Action.SCREEN,
        "search", "Find parties by words", "screening", None, screening.SearchResponse,
        ("q", "schema", "limit", "offset", "sort", "countries", "filter", "facets", *_SCOPE),
        shows=(Shown(("results", "*", "id"), PARTY),),
    ),
)  # fmt: skip
