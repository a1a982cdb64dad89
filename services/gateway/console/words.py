"""The console's own words for what the API says in codes. Each text stands once, in English, marked for translation."""

from collections.abc import Mapping
from typing import Any, Final

from services.gateway.console.claim_words import CLAIM_GLOSSARY
from services.gateway.console.languages import marked as _
from services.gateway.console.office_words import OFFICE_GLOSSARY
from services.gateway.console.support_words import SUPPORT_GLOSSARY
from services.gateway.console.visit_words import VISIT_GLOSSARY

STATUS: Final = {
    "NONE": _("nothing on record that still stands"),
    "ALLEGED": _("alleged: not proven"),
    "CHARGED": _("charged: not proven"),
    "CONVICTED_APPEALABLE": _("convicted, appeal still open: not proven"),
    "CONVICTED_FINAL": _("convicted by a final judgment"),
    "ADMIN_FINAL": _("final administrative decision"),
    "CIVIL_FINAL": _("final civil judgment"),
    "ACQUITTED": _("acquitted"),
    "WITHDRAWN": _("withdrawn or dismissed"),
}
LISTING: Final = {
    "proposed": _("listing proposed: not a finding"),
    "notified": _("notified, reply awaited: not a finding"),
    "representations": _("representations made: not a finding"),
    "listed": _("listed on a final decision"),
    "suspended": _("listing suspended by a court: not a finding"),
    "agreement": _("on the list of those who agreed to put it right"),
    "expired": _("listing expired"),
    "removed": _("taken off the list"),
    "dropped": _("proposal dropped"),
}
LICENCE: Final = {
    "applied": _("applied for"),
    "refused": _("refused"),
    "provisional": _("provisional"),
    "valid": _("valid"),
    "conditions": _("valid with conditions"),
    "suspended": _("suspended"),
    "preventive_suspension": _("suspended as a precaution"),
    "cancelled": _("cancelled"),
    "expired": _("expired"),
    "delisted": _("delisted"),
    "denied_renewal": _("renewal denied"),
    "banned": _("banned for good"),
}
OFFENCE: Final = {
    "trafficking_in_persons": _("trafficking in persons"),
    "forced_labour": _("forced labour"),
    "child_labour": _("child labour"),
    "passport_retention": _("keeping passports"),
    "wage_theft": _("wage theft"),
    "illegal_recruitment": _("illegal recruitment"),
    "excessive_fees": _("excessive fees"),
    "contract_substitution": _("contract substitution"),
    "debt_bondage": _("debt bondage"),
    "deceptive_recruitment": _("deceptive recruitment"),
    "restriction_of_movement": _("restriction of movement"),
    "obstruction_of_inspection": _("obstruction of inspection"),
}
STAGE: Final = {
    "reported": _("reported"),
    "under_investigation": _("under investigation"),
    "charged": _("charged"),
    "on_trial": _("on trial"),
    "convicted": _("decided against the party"),
    "acquitted": _("acquitted"),
    "dismissed": _("dismissed"),
    "withdrawn": _("withdrawn"),
}
APPEAL: Final = {
    "none": _("no appeal"),
    "pending": _("appeal pending"),
    "upheld": _("upheld on appeal"),
    "overturned": _("overturned on appeal"),
}
LINK: Final = {
    "owner": _("owner"),
    "director": _("director"),
    "representative": _("representative"),
    "principal": _("principal"),
    "successor": _("successor"),
    "family": _("family"),
}
SCHEMA: Final = {
    "Person": _("person"),
    "Company": _("company"),
    "Organization": _("organisation"),
    "PublicBody": _("public body"),
    "LegalEntity": _("person or organisation"),
}
PROPERTY: Final = {
    "name": _("name"),
    "alias": _("also known as"),
    "previousName": _("former name"),
    "weakAlias": _("nickname"),
    "birthDate": _("born"),
    "nationality": _("nationality"),
    "country": _("country"),
    "jurisdiction": _("country of registration"),
    "gender": _("sex"),
    "schema": _("kind"),
    "address": _("address"),
    "idNumber": _("identity number"),
    "passportNumber": _("passport number"),
    "passportDigest": _("passport number (digest)"),
    "registrationNumber": _("registration number"),
    "licenseNumber": _("licence number"),
    "taxNumber": _("tax number"),
    "phone": _("telephone"),
    "email": _("e-mail"),
    "website": _("website"),
    "sector": _("sector"),
}
PURPOSE: Final = {
    "worker_registration": _("registration of workers"),
    "licence_check": _("licence check"),
    "employer_screening": _("screening of employers"),
    "labour_inspection": _("labour inspection"),
    "criminal_investigation": _("criminal investigation"),
    "child_protection": _("child protection"),
    "victim_support": _("victim support"),
    "consular_assistance": _("consular assistance"),
    "register_maintenance": _("keeping the register"),
    "adjudication": _("adjudication"),
    "audit": _("audit"),
    "administration": _("administration"),
    "public": _("public information"),
}
ROLE: Final = {
    "desk_officer": _("desk officer"),
    "licensing_officer": _("licensing officer"),
    "labour_inspector": _("labour inspector"),
    "investigator": _("investigator"),
    "prosecutor": _("prosecutor"),
    "consular_officer": _("consular officer"),
    "child_protection": _("child protection officer"),
    "victim_support": _("victim support officer"),
    "adjudicator": _("adjudicator"),
    "registrar": _("registrar"),
    "auditor": _("auditor"),
    "member_system": _("member system"),
    "administrator": _("administrator"),
}
MEMBER_STATE: Final = {
    "answered": _("answered"),
    "silent": _("did not answer"),
    "cut_off": _("cut off from the federation"),
    "not_asked": _("was not asked"),
}
SILENCE: Final = {
    "time-out": _("it took too long"),
    "away": _("it cannot be reached"),
    "resting": _("it failed before and is left alone for a while"),
    "signature": _("its answer was not signed as it must be"),
    "clock": _("its clock is wrong"),
    "purpose": _("not agreed for this purpose"),
    "dataset": _("only a part of one register was asked for"),
    "directory": _("the directory of members has expired"),
    "refused": _("it refused"),
    "no-sealing-key": _("it has no key to seal to"),
    "nothing to ask with": _("neither face, fingers nor document to ask with"),
    "error": _("its answer could not be used"),
}
COUNTRY: Final = {
    "BRN": _("Brunei"),
    "IDN": _("Indonesia"),
    "KHM": _("Cambodia"),
    "LAO": _("Laos"),
    "MMR": _("Myanmar"),
    "MYS": _("Malaysia"),
    "PHL": _("Philippines"),
    "SGP": _("Singapore"),
    "THA": _("Thailand"),
    "TLS": _("Timor-Leste"),
    "VNM": _("Viet Nam"),
}
SIGNAL: Final = {
    "SAME_PERSON_OTHER_IDENTITY": _("Same person, other particulars?"),
    "DOCUMENT_NUMBER_REUSED": _("Document number used before"),
    "CANDIDATE_IN_OTHER_MEMBER": _("Registered in another member state?"),
    "DOCUMENT_IN_OTHER_MEMBER": _("Document number used in another member state"),
    "PORTRAIT_MISMATCH": _("Portrait and photo differ"),
    "MRZ_CHECK_DIGIT": _("Check digit does not fit"),
    "MRZ_UNREADABLE": _("Machine-readable zone unreadable"),
    "MRZ_DATA_MISMATCH": _("Zone and typed data differ"),
    "PAGE_MRZ_MISMATCH": _("Page and zone differ"),
    "CHIP_UNREADABLE": _("Chip unreadable"),
    "CHIP_SIGNATURE_WRONG": _("Chip's signature is wrong"),
    "CHIP_CHAIN_WRONG": _("Chip's certificates do not fit"),
    "CHIP_DATA_ALTERED": _("Chip's data altered"),
    "CHIP_DATA_UNSIGNED": _("Chip's data unsigned"),
    "CHIP_AUTHORITY_UNKNOWN": _("Chip's authority unknown"),
    "CHIP_SIGNER_EXPIRED": _("Chip's signer expired"),
    "CHIP_SIGNER_REVOKED": _("Chip's signer revoked"),
    "CHIP_DATA_MISMATCH": _("Chip and page differ"),
    "SEAL_UNREADABLE": _("Seal unreadable"),
    "SEAL_SIGNATURE_WRONG": _("Seal's signature is wrong"),
    "SEAL_SIGNER_UNKNOWN": _("Seal's signer unknown"),
    "SEAL_DATA_MISMATCH": _("Seal and page differ"),
    "BIRTH_RECORD_MISMATCH": _("Birth record differs"),
    "DOCUMENT_EXPIRED": _("Document expired"),
    "DOCUMENT_DATES_IMPOSSIBLE": _("Document's dates are impossible"),
    "DOCUMENT_NUMBER_FORMAT": _("Unusual document number"),
    "DOCUMENT_REPORTED_LOST": _("Document reported lost"),
    "PORTRAIT_REUSED": _("Portrait used before"),
    "CHILD_POSSIBLE": _("May be a child"),
    "BELOW_SECTOR_MINIMUM": _("Below the minimum age of this work"),
    "AGE_UNDETERMINED": _("Age cannot be told"),
    "AGE_ESTIMATE_YOUNG": _("Looks young: ask for a birth record"),
    "MODALITIES_CONTRADICT": _("Face and fingers contradict each other"),
}
STRENGTH: Final = {"weak": _("weak"), "medium": _("medium"), "strong": _("strong")}
REGISTRATION: Final = {
    "PROVISIONAL": _("provisional"),
    "UNDER_REVIEW": _("under review"),
    "VERIFIED": _("verified"),
    "REJECTED": _("this record was rejected"),
    "MERGED": _("merged"),
    "PROTECTED": _("protected"),
    "WITHDRAWN": _("withdrawn"),
    "RECEIVED": _("received, checks are under way"),
    "CHECKED": _("checked"),
}
CASE_STATE: Final = {
    "OPEN": _("waiting"),
    "DEFERRED": _("waiting for papers"),
    "DECIDED": _("decided"),
    "CLOSED": _("closed"),
}
FINDING: Final = {
    "NO_CONTRADICTION": _("No contradiction: the record is right"),
    "DIFFERENT_PERSONS": _("Two different persons"),
    "SAME_IDENTITY": _("Same person, same identity"),
    "SAME_PERSON_TRUE_HERE": _("Same person; these particulars are true"),
    "SAME_PERSON_TRUE_ELSEWHERE": _("Same person; the other particulars are true"),
    "RIGHTFUL_HOLDER": _("Rightful holder of the document"),
    "DOCUMENT_OF_ANOTHER": _("The document is another person's, or forged"),
    "CHILD": _("A child"),
    "ADULT": _("An adult"),
    "COME_OF_AGE": _("Has come of age"),
}
GROUND: Final = {
    "FACES_COMPARED": _("faces compared"),
    "FINGERS_COMPARED": _("fingers compared"),
    "PARTICULARS_COMPARED": _("particulars compared"),
    "DOCUMENT_EXAMINED": _("document examined"),
    "CHIP_AUTHENTICATED": _("chip authenticated"),
    "ISSUER_CONFIRMED": _("issuer confirmed"),
    "BIRTH_RECORD": _("birth record"),
    "SCHOOL_OR_HEALTH_RECORD": _("school or health record"),
    "WORKER_HEARD": _("worker heard"),
    "FAMILY_HEARD": _("family heard"),
    "AGE_ASSESSMENT": _("age assessment"),
    "CAPTURE_ERROR": _("capture error"),
    "FACE_AGE_ESTIMATE": _("estimate of age from the face"),
}
PAPER: Final = {
    "PASSPORT": _("passport"),
    "NATIONAL_ID": _("national identity card"),
    "BIRTH_CERTIFICATE": _("birth certificate"),
    "FAMILY_REGISTER": _("family register"),
    "SCHOOL_RECORD": _("school record"),
    "HEALTH_RECORD": _("health record"),
    "CONSULAR_LETTER": _("letter of a consulate"),
    "NEW_CAPTURE": _("new photo and prints"),
}
IMAGE: Final = {
    "photo": _("Photo"),
    "portrait": _("Portrait in the document"),
    "right-thumb": _("Right thumb"),
    "right-index": _("Right index finger"),
    "right-middle": _("Right middle finger"),
    "right-ring": _("Right ring finger"),
    "right-little": _("Right little finger"),
    "left-thumb": _("Left thumb"),
    "left-index": _("Left index finger"),
    "left-middle": _("Left middle finger"),
    "left-ring": _("Left ring finger"),
    "left-little": _("Left little finger"),
    "unknown": _("Finger"),
}
CHANGE: Final = {
    "new_hit": _("somebody new is found"),
    "hit_gone": _("no longer found"),
    "party_changed": _("particulars changed"),
    "status_changed": _("legal status changed"),
    "case_fell_away": _("a case fell away"),
    "licence_changed": _("licence changed"),
    "licence_suspended": _("licence suspended"),
    "listing_changed": _("listing changed"),
}
CORRECTION: Final = {
    "wrong_party": _("it was another party's"),
    "wrong_step": _("the step was wrong"),
    "wrong_date": _("the day was wrong"),
    "duplicate": _("it was told twice"),
    "decision_amended": _("the decision was amended"),
    "told_late": _("it was told late"),
}
PROCEEDING: Final = {
    "criminal": _("criminal"),
    "administrative": _("administrative"),
    "civil": _("civil"),
}
PARTICULAR: Final = {
    "name": _("Name"),
    "native_name": _("Name in own script"),
    "born": _("Born"),
    "sex": _("Sex"),
    "nationality": _("Nationality"),
    "document_number": _("Document number"),
    "document_issuer": _("Document's issuer"),
    "registered_on": _("Registered on"),
}

SECTOR: Final = {
    "any": _("any work"),
    "domestic": _("work in a household"),
    "manufacturing": _("factory"),
    "construction": _("construction"),
    "plantation": _("plantation"),
    "services": _("services"),
    "fishing": _("fishing"),
    "seafaring": _("work on ships"),
    "seafood_processing": _("seafood processing"),
    "hazardous": _("dangerous work"),
}
COMPLAINT: Final = {
    "received": _("received, not read yet"),
    "in_hand": _("an officer works on it"),
    "referred": _("handed to another office"),
    "closed": _("closed"),
}
RECORD: Final = {
    "party": _("the party"),
    "case": _("case"),
    "listing": _("listing"),
    "licence": _("licence"),
}
PUT_RIGHT: Final = {
    "fell_away": _("no longer so"),
    "mitigated": _("less grave now"),
    "corrected": _("was wrong"),
}
COMPARISON: Final = {
    "face": _("Faces"),
    "finger": _("Prints"),
    "finger_record": _("Prints that came as a record of minutiae"),
}

GLOSSARY: Final[Mapping[str, Mapping[str, str]]] = {
    "status": STATUS,
    "listing": LISTING,
    "licence": LICENCE,
    "offence": OFFENCE,
    "stage": STAGE,
    "appeal": APPEAL,
    "link": LINK,
    "schema": SCHEMA,
    "property": PROPERTY,
    "purpose": PURPOSE,
    "role": ROLE,
    "member_state": MEMBER_STATE,
    "silence": SILENCE,
    "country": COUNTRY,
    "signal": SIGNAL,
    "strength": STRENGTH,
    "registration": REGISTRATION,
    "case_state": CASE_STATE,
    "finding": FINDING,
    "ground": GROUND,
    "paper": PAPER,
    "image": IMAGE,
    "change": CHANGE,
    "correction": CORRECTION,
    "proceeding": PROCEEDING,
    "particular": PARTICULAR,
    "sector": SECTOR,
    "complaint": COMPLAINT,
    "record": RECORD,
    "put_right": PUT_RIGHT,
    "comparison": COMPARISON,
    **OFFICE_GLOSSARY,
    **SUPPORT_GLOSSARY,
    **CLAIM_GLOSSARY,
    **VISIT_GLOSSARY,
}


def word(kind: str, code: Any) -> str:
    """The English text of a code; a code that is new to the console is shown as it came, with spaces."""
    return GLOSSARY[kind].get(str(code)) or str(code).replace("_", " ")
