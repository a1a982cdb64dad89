"""Doors of the register: parties, links, cases, listings, licences, inspections, agencies. A table, top to bottom."""

from functools import partial
from typing import Final

from services.gateway.access.policy import Action, Kind
from services.gateway.audit.shown import PARTY, Shown
from services.gateway.door import Door
from shared.contracts import agencies, cases, inspections, licences, listings, parties, provenance

_PAGE: Final = ("cursor", "limit")
_DAYS: Final = ("valid_on", "known_on")
_CSV: Final = ("Accept",)
_PARTY: Final = (Shown(("party",), PARTY),)
_FOUND: Final = (Shown(("results", "*", "id"), PARTY),)
_PARTIES: Final = (Shown(("results", "*", "party"), PARTY),)
_ENDS: Final = (Shown(("from",), PARTY), Shown(("to",), PARTY))
_LINKS: Final = (Shown(("links", "*", "from"), PARTY), Shown(("links", "*", "to"), PARTY))
_AGENCIES: Final = (Shown(("agencies", "*", "agency"), PARTY),)
_CASE_HISTORY: Final = (Shown(("results", "*", "content", "party"), PARTY),)

_party = partial(Door, service="registry", kind=Kind.PARTY, tag="parties")
_case = partial(Door, service="registry", kind=Kind.PARTY, tag="cases")
_licence = partial(Door, service="registry", kind=Kind.PARTY, tag="licences")
_agency = partial(Door, service="registry", kind=Kind.PARTY, tag="agencies")
_listing = partial(Door, service="registry", kind=Kind.PARTY, tag="listings")
_inspection = partial(Door, service="registry", kind=Kind.PARTY, tag="inspections")

REGISTER_DOORS: Final[tuple[Door, ...]] = (
    _party(
        "PUT", "/v1/parties/{id}", Action.WRITE, "putParty", "Create or replace a person or an organisation",
        parties.PartyBody, parties.PartyRecord,
    ),
    _party(
        "GET", "/v1/parties", Action.LIST, "listParties", "Persons and organisations",
        None, parties.PartyPage, (*_PAGE, "schema", "country", "name"), _CSV, shows=_FOUND,
    ),
    _party(
        "GET", "/v1/parties/{id}", Action.READ, "readParty", "One person or organisation, as it was on a day",
        None, parties.PartyRecord, _DAYS,
    ),
    _party(
        "GET", "/v1/parties/{id}/history", Action.READ,
        "readPartyHistory", "What was told of a party, when and by whom", None, provenance.HistoryPage, _PAGE,
    ),
    _party(
        "GET", "/v1/parties/{id}/links", Action.READ,
        "readPartyLinks", "Who owned, directed or succeeded whom on a day",
        None, parties.LinksOnDay, _DAYS, shows=_LINKS,
    ),
    _party(
        "PUT", "/v1/links/{id}", Action.WRITE, "putLink", "Who owns, directs or represents whom",
        parties.LinkBody, parties.LinkRecord,
    ),
    _party(
        "GET", "/v1/links/{id}", Action.READ, "readLink", "One link",
        None, parties.LinkRecord, ("known_on",), shows=_ENDS,
    ),
    _party(
        "GET", "/v1/links/{id}/history", Action.READ, "readLinkHistory", "What was told of a link, when and by whom",
        None, provenance.HistoryPage, _PAGE,
        shows=(
            Shown(("results", "*", "content", "from"), PARTY),
            Shown(("results", "*", "content", "to"), PARTY),
        ),
    ),
    _case(
        "PUT", "/v1/cases/{id}", Action.WRITE, "putCase", "A case against a party, and how far it has got",
        cases.CaseBody, cases.CaseRecord,
    ),
    _case(
        "GET", "/v1/cases", Action.LIST, "listCases", "Cases that the caller may see",
        None, cases.CasePage, (*_PAGE, "party", "member", "stage", "status", "offence"), _CSV, shows=_PARTIES,
    ),
    _case(
        "GET", "/v1/cases/{id}", Action.READ, "readCase", "A case as it stood on a day",
        None, cases.CaseRecord, _DAYS, shows=_PARTY,
    ),
    _case(
        "POST", "/v1/cases/{id}/corrections", Action.WRITE, "correctCase", "Put right what was wrongly told of a case",
        cases.CaseCorrection, cases.CaseRecord,
    ),
    _case(
        "GET", "/v1/cases/{id}/history", Action.READ, "readCaseHistory", "What was told of a case, when and by whom",
        None, provenance.HistoryPage, _PAGE, shows=_CASE_HISTORY,
    ),
    _case(
        "GET", "/v1/offences", Action.LIST,
        "listOffences", "The list of offences, and what national law says about them", None, cases.OffenceList,
    ),
    _listing(
        "GET", "/v1/listings", Action.LIST, "listListings", "Listings that the caller may see",
        None, listings.ListingPage, (*_PAGE, "party", "member", "state"), _CSV, shows=_PARTIES,
    ),
    _listing(
        "PUT", "/v1/listings/{id}", Action.WRITE, "putListing", "Propose to list a party because of a case",
        listings.ListingBody, listings.ListingRecord,
    ),
    _listing(
        "GET", "/v1/listings/{id}", Action.READ, "readListing", "A listing as it stood on a day",
        None, listings.ListingRecord, _DAYS, shows=_PARTY,
    ),
    _listing(
        "POST", "/v1/listings/{id}/moves", Action.WRITE, "moveListing", "Notify, hear, list, suspend, remove …",
        listings.MoveBody, listings.ListingRecord,
    ),
    _listing(
        "POST", "/v1/listings/{id}/corrections", Action.WRITE, "correctListing", "Take the last move of a listing back",
        listings.ListingCorrection, listings.ListingRecord,
    ),
    _listing(
        "GET", "/v1/listings/{id}/history", Action.READ,
        "readListingHistory", "What was told of a listing, when and by whom",
        None, provenance.HistoryPage, _PAGE, shows=_CASE_HISTORY,
    ),
    _licence(
        "PUT", "/v1/licences/{id}", Action.WRITE, "putLicence", "A recruitment agency's licence",
        licences.LicenceBody, licences.LicenceRecord,
    ),
    _licence(
        "GET", "/v1/licences", Action.READ, "readLicences", "A party's licences as they stood on a day",
        None, licences.LicencesOnDay, ("party", "on", "known_on"),
    ),
    _licence(
        "GET", "/v1/licences/{id}", Action.READ, "readLicence", "A licence with every status that was told of it",
        None, licences.LicenceHistory, shows=_PARTY,
    ),
    _licence(
        "POST", "/v1/licences/{id}/corrections", Action.WRITE,
        "correctLicence", "Put right what was wrongly told of a licence",
        licences.LicenceCorrection, licences.LicenceHistory,
    ),
    _licence(
        "GET", "/v1/licences/{id}/history", Action.READ,
        "readLicenceHistory", "What was told of a licence, when and by whom",
        None, provenance.HistoryPage, _PAGE, shows=_CASE_HISTORY,
    ),
    _licence(
        "PUT", "/v1/licences/{id}/particulars", Action.WRITE,
        "putParticulars", "The file of a licence: requirements, bonds, fees, complaints",
        licences.ParticularsBody, licences.Particulars,
    ),
    _licence(
        "GET", "/v1/licences/{id}/particulars", Action.READ,
        "readParticulars", "The file of a licence, and what is not met", None, licences.Particulars,
    ),
    _inspection(
        "GET", "/v1/inspections", Action.LIST, "listInspections", "Inspections of workplaces",
        None, inspections.InspectionPage, (*_PAGE, "party", "state", "workplace", "overdue"), _CSV, shows=_PARTIES,
    ),
    _inspection(
        "PUT", "/v1/inspections/{id}", Action.WRITE, "putInspection", "An inspection, and how far it has got",
        inspections.InspectionBody, inspections.InspectionRecord,
    ),
    _inspection(
        "GET", "/v1/inspections/{id}", Action.READ, "readInspection", "One inspection, and what is overdue of it",
        None, inspections.InspectionRecord, shows=_PARTY,
    ),
    _agency(
        "GET", "/v1/agencies/heaping", Action.READ, "readHeaping", "Agencies whose workers are just old enough",
        None, agencies.AgencyHeaps, shows=_AGENCIES,
    ),
)  # fmt: skip
