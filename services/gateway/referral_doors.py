"""Doors to referrals from one office to another. A table."""

from functools import partial
from typing import Final

from services.gateway.access.policy import Action, Kind
from services.gateway.audit.shown import PARTY, REFERRAL, Shown
from services.gateway.door import Door
from services.gateway.receiving_member import receiver_may_be_asked
from shared.contracts import referrals as contract

_CONTENT: Final = (Shown(("employer",), PARTY), Shown(("party",), PARTY))
_ONE: Final = (
    Shown(("id",), REFERRAL), Shown(("content", "employer"), PARTY), Shown(("content", "party"), PARTY),
    Shown(("party",), PARTY),
)  # fmt: skip

_door = partial(Door, service="registry", kind=Kind.REFERRAL, tag="referrals")

REFERRAL_DOORS: Final[tuple[Door, ...]] = (
    _door(
        "GET", "/v1/referral-agreements", Action.LIST,
        "listReferralAgreements", "What offices agreed to tell each other", None, contract.AgreementList,
    ),
    _door(
        "GET", "/v1/referral-contact", Action.LIST,
        "readReferralContact", "Where this office is told that a referral waits", None, contract.ReferralContact,
    ),
    _door(
        "PUT", "/v1/referral-contact", Action.WRITE,
        "putReferralContact", "Say where this office is told that a referral waits",
        contract.ReferralContactBody, contract.ReferralContact,
    ),
    _door(
        "POST", "/v1/referrals/preview", Action.READ, "previewReferral", "Exactly what the receiver would see",
        contract.ReferralBody, contract.ReferralContent, shows=_CONTENT, guard=receiver_may_be_asked,
    ),
    _door(
        "POST", "/v1/referrals", Action.WRITE, "sendReferral", "Send what the preview shows",
        contract.ReferralBody, contract.Referral, status=201, shows=_ONE, guard=receiver_may_be_asked,
    ),
    _door(
        "GET", "/v1/referrals", Action.LIST, "listReferrals", "Referrals from and to this office, newest first",
        None, contract.ReferralPage, ("direction", "state", "overdue", "before", "limit"),
    ),
    _door(
        "GET", "/v1/referrals/{id}", Action.READ, "readReferral", "A referral, as this office sees it",
        None, contract.Referral, shows=_ONE,
    ),
    _door(
        "POST", "/v1/referrals/{id}/moves", Action.WRITE,
        "moveReferral", "Receive, accept, decline, request more, hand back, complete or withdraw",
        contract.ReferralStep, contract.Referral, shows=_ONE,
    ),
    _door(
        "POST", "/v1/referrals/{id}/answer", Action.WRITE, "answerReferral", "Tell more, as requested",
        contract.ReferralAnswer, contract.Referral, shows=_ONE,
    ),
    _door(
        "POST", "/v1/referrals/{id}/revoke", Action.WRITE, "revokeReferral", "The person takes the consent back",
        None, contract.Referral, shows=_ONE,
    ),
)  # fmt: skip
