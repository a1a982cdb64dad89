"""Doors of the register: histories, links, cases, listings, licences and inspections. A table, read top to bottom."""

from typing import Final

from services.gateway.access.policy import Action, Kind
from services.gateway.audit.shown import PARTY, Shown
from services.gateway.door import Door
from shared.contracts import cases, inspections, licences, listings, parties, provenance

_PAGE: Final = ("cursor", "limit")
_DAYS: Final = ("valid_on", "known_on")
_CSV: Final = ("Accept",)
_PARTY: Final = (Shown(("party",), PARTY),)
_PARTIES: Final = (Shown(("results", "*", "party"), PARTY),)
_ENDS: Final = (Shown(("from",), PARTY), Shown(("to",), PARTY))
_LINKS: Final = (Shown(("links", "*", "from"), PARTY), Shown(("links", "*", "to"), PARTY))
_CASE_HISTORY: Final = (Shown(("results", "*", "content", "party"), PARTY),)

REGISTER_DOORS: Final[tuple[Door, ...]] = (
    Door(
        "GET", "/v1/parties/{id}/history", "registry", Kind.PARTY, Action.READ,
        "readPartyHistory", "What was told of a party, when and by whom", "parties",
        None, provenance.HistoryPage, _PAGE,
    ),
    Door(
        "GET", "/v1/parties/{id}/links", "registry", Kind.PARTY, Action.READ,
        "readPartyLinks", "Who owned, directed or succeeded whom on a day", "parties",
        None, parties.LinksOnDay, _DAYS, shows=_LINKS,
    ),
    Door(
        "GET", "/v1/links/{id}", "registry", Kind.PARTY, Action.READ,
        "readLink", "One link", "parties", None, parties.LinkRecord, ("known_on",), shows=_ENDS,
    ),
    Door(
        "GET", "/v1/links/{id}/history", "registry", Kind.PARTY, Action.READ,
        "readLinkHistory", "What was told of a link, when and by whom", "parties",
        None, provenance.HistoryPage, _PAGE,
        shows=(
            Shown(("results", "*", "content", "from"), PARTY),
            Shown(("results", "*", "content", "to"), PARTY),
        ),
    ),
    Door(
        "GET", "/v1/cases", "registry", Kind.PARTY, Action.LIST,
        "listCases", "Cases that the caller may see", "cases", None, cases.CasePage,
        (*_PAGE, "party", "member", "stage", "status", "offence"), _CSV, shows=_PARTIES,
    ),
    Door(
        "GET", "/v1/cases/{id}", "registry", Kind.PARTY, Action.READ,
        "readCase", "A case as it stood on a day", "cases", None, cases.CaseRecord, _DAYS, shows=_PARTY,
    ),
    Door(
        "POST", "/v1/cases/{id}/corrections", "registry", Kind.PARTY, Action.WRITE,
        "correctCase", "Put right what was wrongly told of a case", "cases", cases.CaseCorrection, cases.CaseRecord,
    ),
    Door(
        "GET", "/v1/cases/{id}/history", "registry", Kind.PARTY, Action.READ,
        "readCaseHistory", "What was told of a case, when and by whom", "cases",
        None, provenance.HistoryPage, _PAGE, shows=_CASE_HISTORY,
    ),
    Door(
        "GET", "/v1/offences", "registry", Kind.PARTY, Action.LIST,
        "listOffences", "The list of offences, and what national law says about them", "cases",
        None, cases.OffenceList,
    ),
    Door(
        "GET", "/v1/listings", "registry", Kind.PARTY, Action.LIST,
        "listListings", "Listings that the caller may see", "listings", None, listings.ListingPage,
        (*_PAGE, "party", "member", "state"), _CSV, shows=_PARTIES,
    ),
    Door(
        "PUT", "/v1/listings/{id}", "registry", Kind.PARTY, Action.WRITE,
        "putListing", "Propose to list a party because of a case", "listings",
        listings.ListingBody, listings.ListingRecord,
    ),
    Door(
        "GET", "/v1/listings/{id}", "registry", Kind.PARTY, Action.READ,
        "readListing", "A listing as it stood on a day", "listings",
        None, listings.ListingRecord, _DAYS, shows=_PARTY,
    ),
    Door(
        "POST", "/v1/listings/{id}/moves", "registry", Kind.PARTY, Action.WRITE,
        "moveListing", "Notify, hear, list, suspend, remove …", "listings", listings.MoveBody, listings.ListingRecord,
    ),
    Door(
        "POST", "/v1/listings/{id}/corrections", "registry", Kind.PARTY, Action.WRITE,
        "correctListing", "Take the last move of a listing back", "listings",
        listings.ListingCorrection, listings.ListingRecord,
    ),
    Door(
        "GET", "/v1/listings/{id}/history", "registry", Kind.PARTY, Action.READ,
        "readListingHistory", "What was told of a listing, when and by whom", "listings",
        None, provenance.HistoryPage, _PAGE, shows=_CASE_HISTORY,
    ),
    Door(
        "GET", "/v1/licences/{id}", "registry", Kind.PARTY, Action.READ,
        "readLicence", "A licence with every status that was told of it", "licences",
        None, licences.LicenceHistory, shows=_PARTY,
    ),
    Door(
        "POST", "/v1/licences/{id}/corrections", "registry", Kind.PARTY, Action.WRITE,
        "correctLicence", "Put right what was wrongly told of a licence", "licences",
        licences.LicenceCorrection, licences.LicenceHistory,
    ),
    Door(
        "GET", "/v1/licences/{id}/history", "registry", Kind.PARTY, Action.READ,
        "readLicenceHistory", "What was told of a licence, when and by whom", "licences",
        None, provenance.HistoryPage, _PAGE, shows=_CASE_HISTORY,
    ),
    Door(
        "PUT", "/v1/licences/{id}/particulars", "registry", Kind.PARTY, Action.WRITE,
        "putParticulars", "The file of a licence: requirements, bonds, fees, complaints", "licences",
        licences.ParticularsBody, licences.Particulars,
    ),
    Door(
        "GET", "/v1/licences/{id}/particulars", "registry", Kind.PARTY, Action.READ,
        "readParticulars", "The file of a licence, and what is not met", "licences", None, licences.Particulars,
    ),
    Door(
        "GET", "/v1/inspections", "registry", Kind.PARTY, Action.LIST,
        "listInspections", "Inspections of workplaces", "inspections", None, inspections.InspectionPage,
        (*_PAGE, "party", "state", "workplace", "overdue"), _CSV, shows=_PARTIES,
    ),
    Door(
        "PUT", "/v1/inspections/{id}", "registry", Kind.PARTY, Action.WRITE,
        "putInspection", "An inspection, and how far it has got", "inspections",
        inspections.InspectionBody, inspections.InspectionRecord,
    ),
    Door(
        "GET", "/v1/inspections/{id}", "registry", Kind.PARTY, Action.READ,
        "readInspection", "One inspection, and what is overdue of it", "inspections",
        None, inspections.InspectionRecord, shows=_PARTY,
    ),
)  # fmt: skip
