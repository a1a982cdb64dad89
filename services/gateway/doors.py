"""The doors: which requests go on to which service, and what must hold before they do. A table, read top to bottom."""

from functools import partial
from typing import Final

from services.gateway.access.policy import Action, Kind
from services.gateway.adjudication_doors import ADJUDICATION_DOORS
from services.gateway.audit.shown import REGISTRATION, Shown
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
from shared.contracts import osia, registrations

__all__ = ["DOORS", "Door"]

_REGISTRATION: Final = Shown(("registration",), REGISTRATION)
_CANDIDATES: Final = Shown(("candidates", "*", "registration"), REGISTRATION)

_registration = partial(Door, service="registry", kind=Kind.REGISTRATION, tag="registrations")
_biometric = partial(Door, service="biometrics", kind=Kind.BIOMETRIC, tag="biometrics")

DOORS: Final[tuple[Door, ...]] = (
    _registration(
        "POST", "/v1/registrations", Action.CREATE, "registerWorker", "Register a worker",
        registrations.RegistrationRequest, registrations.Registration, headers=("Idempotency-Key", "Prefer"),
        status=201, shows=(_REGISTRATION, _CANDIDATES),
    ),
    _registration(
        "GET", "/v1/registrations", Action.LIST,
        "listRegistrations", "Registrations that the caller may see, newest first",
        None, registrations.RegistrationPage, ("cursor", "limit", "signal", "reference"),
        shows=(
            Shown(("items", "*", "registration"), REGISTRATION),
            Shown(("items", "*", "candidates", "*", "registration"), REGISTRATION),
        ),
    ),
    _registration(
        "GET", "/v1/registrations/{registration}", Action.READ,
        "readRegistration", "One registration, as far as the caller may see it",
        None, registrations.Registration, headers=("Prefer",), shows=(_CANDIDATES,),
    ),
    _biometric(
        "POST", "/v1/verify", Action.VERIFY, "verifyFromBio", "Are two faces or prints of one person? (OSIA)",
        osia.VerifyFromBioRequest, osia.Verification, ("transactionId", "threshold"), scopes=frozenset({"abis.verify"}),
        accepted=osia.TaskId,
    ),
    _biometric(
        "POST", "/v1/quality", Action.QUALITY, "assessQuality", "Can this photo or print be used, and how good is it?",
        osia.BiometricData, osia.QualityResult, ("transactionId",), scopes=frozenset({"abis.verify"}),
    ),
    *OSIA_DOORS,
    *MOSIP_DOORS,
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
