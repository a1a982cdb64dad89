"""Words for administration and for the offices' own records: the rest of the console's words."""

from collections.abc import Mapping
from typing import Final

from services.gateway.console.languages import marked as _

PERSON_STATE: Final = {
    "active": _("active"),
    "invited": _("invited, has not signed in yet"),
    "external": _("proven by another provider"),
    "cut off": _("cut off"),
}
ACT: Final = {
    "add_person": _("Let somebody in"),
    "set_roles": _("Other roles"),
    "reset_person": _("New code for somebody"),
    "cut_person": _("Cut off"),
    "add_client": _("Let a system in"),
    "new_key": _("Another key"),
    "cut_client": _("Cut off"),
    "set_cap": _("Another cap"),
}
ACT_DETAIL: Final = {
    "name": _("Name"),
    "organisation": _("Office"),
    "roles": _("Roles"),
    "role": _("Role"),
    "bound": _("Tokens bound to a key"),
    "key": _("Key’s thumbprint"),
    "cap": _("What is counted"),
    "minute": _("In a minute"),
    "day": _("On a day"),
}
ACT_STATE: Final = {"waiting": _("waiting"), "done": _("done"), "refused": _("let be")}
CAP: Final = {
    "screening": _("screening"),
    "identifying": _("searching by face and fingers"),
    "comparing": _("comparing two images"),
    "registering": _("registering workers"),
    "register": _("writing the register"),
    "reading": _("everything else"),
    "shown": _("records shown in lists"),
}
KEY_USE: Final = {
    "signs": _("signs for the service"),
    "seals": _("seals what is kept of people, for each state"),
    "digests": _("makes digests"),
    "opens_packets": _("opens what desks sealed"),
}
ALERT: Final = {
    "same_subject": _("One record looked at again and again"),
    "many_subjects": _("Many records within an hour"),
    "out_of_hours": _("Work outside office hours"),
    "refused_in_a_row": _("Refused again and again"),
    "near": _("A record that one stands too near to"),
    "sought_help": _("A record of somebody who sought help"),
}

COMPLAINT_MOVE: Final = {
    "in_hand": _("Take it in hand"),
    "referred": _("It was referred"),
    "closed": _("Close it"),
}
ANSWER: Final = {"yes": _("yes"), "no": _("no"), "unknown": _("not known")}
CONFIDENCE: Final = {"low": _("hardly sure"), "medium": _("fairly sure"), "high": _("sure")}
LEAD_STRENGTH: Final = {
    "none": _("no lead"),
    "weak": _("weak lead"),
    "medium": _("medium lead"),
    "strong": _("strong lead"),
}
ASSESSMENT: Final = {"open": _("goes on"), "closed": _("closed")}
DIMENSION: Final = {
    "1": _("Deceptive recruitment"),
    "2": _("Coercive recruitment"),
    "3": _("Recruitment by abuse of vulnerability"),
    "4": _("Exploitation at work"),
    "5": _("Coercion at the place of work"),
    "6": _("Abuse of vulnerability at the place of work"),
}
INTERVIEW_STAGE: Final = {
    "safety": _("Safety and needs"),
    "recruitment": _("How it began"),
    "work": _("The work"),
    "money": _("Money"),
    "living": _("Where one lives"),
    "freedom": _("Freedom to move"),
    "harm": _("Harm"),
    "closing": _("At the end"),
}
LANGUAGE: Final = {
    "en": _("English"),
    "id": _("Indonesian"),
    "th": _("Thai"),
    "km": _("Khmer"),
    "lo": _("Lao"),
    "ms": _("Malay"),
    "my": _("Burmese"),
    "tl": _("Filipino"),
    "vi": _("Vietnamese"),
    "zh": _("Chinese"),
}
OFFICE: Final = {
    "labour_inspection": _("labour inspection"),
    "police": _("police"),
    "victim_services": _("victim services"),
    "child_protection": _("child protection"),
    "licensing": _("licensing"),
    "prosecution": _("prosecution"),
    "consular": _("consular office"),
    "anti_trafficking_unit": _("police unit against trafficking"),
}
DIRECTION: Final = {"in": _("to us"), "out": _("from us")}
REFERRAL: Final = {
    "sent": _("sent, not received yet"),
    "received": _("received"),
    "more_requested": _("more was asked for"),
    "accepted": _("accepted"),
    "declined": _("declined"),
    "handed_back": _("handed back"),
    "completed": _("completed"),
    "withdrawn": _("withdrawn"),
}
REFERRAL_MOVE: Final = {
    "receive": _("Receive it"),
    "accept": _("Accept"),
    "decline": _("Decline"),
    "request_more": _("Ask for more"),
    "answer": _("Tell more and send again"),
    "hand_back": _("Hand it back"),
    "complete": _("Complete"),
    "withdraw": _("Withdraw it"),
    "revoke": _("The person takes the consent back"),
}
REFERRAL_CODE: Final = {
    "not_our_task": _("not our task"),
    "no_capacity": _("no capacity"),
    "already_known": _("already known here"),
    "contact_missing": _("no way to reach the person"),
    "employer_missing": _("the employer is missing"),
    "too_little_told": _("too little was told"),
    "person_declined": _("the person does not want it"),
    "person_not_reached": _("the person was not reached"),
    "helped": _("helped"),
    "action_taken": _("action was taken"),
    "nothing_found": _("nothing was found"),
    "sent_in_error": _("sent in error"),
    "settled": _("settled meanwhile"),
    "consent_revoked": _("consent taken back"),
}
REFERRAL_ABOUT: Final = {"person": _("a person"), "party": _("an employer or agency")}
REFERRAL_PURPOSE: Final = {
    "assistance": _("assistance"),
    "protection": _("protection"),
    "investigation": _("investigation"),
    "inspection": _("inspection"),
    "licence_review": _("review of the licence"),
    "prosecution": _("prosecution"),
    "consular_help": _("consular help"),
}
URGENCY: Final = {
    "normal": _("normal: within 7 days"),
    "urgent": _("urgent: within 24 hours"),
    "immediate": _("immediate: within 4 hours"),
}
PARTY_REASON: Final = {
    "wages": _("wages"),
    "hours": _("hours"),
    "contract": _("contract"),
    "documents_kept": _("documents kept"),
    "fees": _("fees"),
    "licence": _("licence"),
    "recruitment": _("recruitment"),
    "exploitation": _("exploitation"),
    "child_at_work": _("a child at work"),
}
AGREED: Final = {
    "purpose": _("What is asked for"),
    "strength": _("Strength of the lead"),
    "indicators": _("Indicators"),
    "employer": _("Employer"),
    "language": _("Language"),
    "contact": _("How to reach the person"),
    "party": _("Party"),
    "reasons": _("Reasons"),
    "consent": _("Consent"),
    "law": _("Law that obliges to tell"),
}
RED_FLAG: Final = {
    "contract_substitution": _("contracts that got worse"),
    "shared_contact": _("many workers, one telephone or account"),
    "one_holder": _("one person holds many documents"),
    "fees_above_cap": _("fees above the lawful ones"),
    "age_heaping": _("workers just old enough"),
    "retained_passports": _("passports kept, told more than once"),
    "complaints_from_several_members": _("complaints from several states"),
}
CROSSING: Final = {
    "delivered": _("the other state has it"),
    "not_yet": _("not with the other state yet; it is sent again"),
    "refused": _("the other state does not take it: withdraw it"),
}

OFFICE_GLOSSARY: Final[Mapping[str, Mapping[str, str]]] = {
    "person_state": PERSON_STATE,
    "act": ACT,
    "act_detail": ACT_DETAIL,
    "act_state": ACT_STATE,
    "cap": CAP,
    "key_use": KEY_USE,
    "alert": ALERT,
    "complaint_move": COMPLAINT_MOVE,
    "answer": ANSWER,
    "confidence": CONFIDENCE,
    "lead_strength": LEAD_STRENGTH,
    "assessment": ASSESSMENT,
    "dimension": DIMENSION,
    "interview_stage": INTERVIEW_STAGE,
    "language": LANGUAGE,
    "office": OFFICE,
    "direction": DIRECTION,
    "referral": REFERRAL,
    "referral_move": REFERRAL_MOVE,
    "referral_code": REFERRAL_CODE,
    "referral_about": REFERRAL_ABOUT,
    "referral_purpose": REFERRAL_PURPOSE,
    "urgency": URGENCY,
    "party_reason": PARTY_REASON,
    "agreed": AGREED,
    "crossing": CROSSING,
    "red_flag": RED_FLAG,
}
