"""The doors: which requests go on to which service, and what must hold before they do. A table, read top to bottom."""

from typing import Final

from services.gateway.access.policy import Action, Kind
from services.gateway.adjudication_doors import ADJUDICATION_DOORS
from services.gateway.audit.shown import PARTY, REGISTRATION, Shown
from services.gateway.calibration_doors import CALIBRATION_DOORS
from services.gateway.door import Door
from services.gateway.exchange_doors import EXCHANGE_DOORS
from services.gateway.indicator_doors import INDICATOR_DOORS
from services.gateway.mosip_doors import MOSIP_DOORS
from services.gateway.osia_doors import OSIA_DOORS
from services.gateway.public_doors import COMPLAINT_DOORS
from services.gateway.red_flag_doors import RED_FLAG_DOORS
from services.gateway.redress_doors import CLAIM_DOORS, FUND_DOORS
from services.gateway.referral_doors import REFERRAL_DOORS
from services.gateway.register_doors import REGISTER_DOORS
from services.gateway.screening_doors import SCREENING_DOORS
from services.gateway.support_doors import SUPPORT_DOORS
from services.gateway.visit_doors import VISIT_DOORS
from shared.contracts import agencies, cases, licences, osia, parties, registrations

__all__ = ["DOORS", "Door"]

_PAGE: Final = ("cursor", "limit")
_REGISTRATION: Final = Shown(("registration",), REGISTRATION)
_AGENCIES: Final = Shown(("agencies", "*", "agency"), PARTY)
_CANDIDATES: Final = Shown(("candidates", "*", "registration"), REGISTRATION)
_PARTIES: Final = Shown(("results", "*", "id"), PARTY)

DOORS: Final[tuple[Door, ...]] = (
    Door(
        "POST", "/v1/registrations", "registry", Kind.REGISTRATION, Action.CREATE,
        "registerWorker", "Register a worker", "registrations",
        registrations.RegistrationRequest, registrations.Registration,
        headers=("Idempotency-Key", "Prefer"), status=201, shows=(_REGISTRATION, _CANDIDATES),
    ),
    Door(
        "GET", "/v1/registrations", "registry", Kind.REGISTRATION, Action.LIST,
        "listRegistrations", "Registrations that the caller may see, newest first", "registrations",
        None, registrations.RegistrationPage, (*_PAGE, "signal", "reference"),
        shows=(
            Shown(("items", "*", "registration"), REGISTRATION),
            Shown(("items", "*", "candidates", "*", "registration"), REGISTRATION),
        ),
    ),
    Door(
        "GET", "/v1/registrations/{registration}", "registry", Kind.REGISTRATION, Action.READ,
        "readRegistration", "One registration, as far as the caller may see it", "registrations",
        None, registrations.Registration, headers=("Prefer",), shows=(_CANDIDATES,),
    ),
    Door(
        "POST", "/v1/verify", "biometrics", Kind.BIOMETRIC, Action.VERIFY,
        "verifyFromBio", "Are two faces or prints of one person? (OSIA)", "biometrics",
        osia.VerifyFromBioRequest, osia.Verification, ("transactionId", "threshold"), scopes=frozenset({"abis.verify"}),
        accepted=osia.TaskId,
    ),
    Door(
        "POST", "/v1/quality", "biometrics", Kind.BIOMETRIC, Action.QUALITY,
        "assessQuality", "Can this photo or print be used, and how good is it?", "biometrics",
        osia.BiometricData, osia.QualityResult, ("transactionId",), scopes=frozenset({"abis.verify"}),
    ),
    *OSIA_DOORS,
    *MOSIP_DOORS,
    Door(
        "PUT", "/v1/parties/{id}", "registry", Kind.PARTY, Action.WRITE,
        "putParty", "Create or replace a person or an organisation", "parties", parties.PartyBody, parties.PartyRecord,
    ),
    Door(
        "GET", "/v1/parties", "registry", Kind.PARTY, Action.LIST,
        "listParties", "Persons and organisations", "parties", None, parties.PartyPage,
        (*_PAGE, "schema", "country", "name"), ("Accept",), shows=(_PARTIES,),
    ),
    Door(
        "GET", "/v1/parties/{id}", "registry", Kind.PARTY, Action.READ,
        "readParty", "One person or organisation, as it was on a day", "parties", None, parties.PartyRecord,
        ("valid_on", "known_on"),
    ),
    Door(
        "PUT", "/v1/links/{id}", "registry", Kind.PARTY, Action.WRITE,
        "putLink", "Who owns, directs or represents whom", "parties", parties.LinkBody, parties.LinkRecord,
    ),
    Door(
        "PUT", "/v1/cases/{id}", "registry", Kind.PARTY, Action.WRITE,
        "putCase", "A case against a party, and how far it has got", "cases", cases.CaseBody, cases.CaseRecord,
    ),
    Door(
        "PUT", "/v1/licences/{id}", "registry", Kind.PARTY, Action.WRITE,
        "putLicence", "A recruitment agency's licence", "licences", licences.LicenceBody, licences.LicenceRecord,
    ),
    Door(
        "GET", "/v1/licences", "registry", Kind.PARTY, Action.READ,
        "readLicences", "A party's licences as they stood on a day", "licences", None, licences.LicencesOnDay,
        ("party", "on", "known_on"),
    ),
    Door(
        "GET", "/v1/agencies/heaping", "registry", Kind.PARTY, Action.READ,
        "readHeaping", "Agencies whose workers are just old enough", "agencies", None, agencies.AgencyHeaps,
        shows=(_AGENCIES,),
    ),
    *ADJUDICATION_DOORS,
    *REGISTER_DOORS,
    *EXCHANGE_DOORS,
    *SCREENING_DOORS,
    *INDICATOR_DOORS,
    *REFERRAL_DOORS,
    *SUPPORT_DOORS,
    *RED_FLAG_DOORS,
    *VISIT_DOORS,
    *CLAIM_DOORS,
    *FUND_DOORS,
    *COMPLAINT_DOORS,
    *CALIBRATION_DOORS,
)  # fmt: skip
"""`POST /match/{dataset}` is not here: it asks every member and stands in `federation/`."""
