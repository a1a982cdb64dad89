"""Doors to referrals from one office to another. A table."""

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

REFERRAL_DOORS: Final[tuple[Door, ...]] = (
    Door(
        "GET", "/v1/referral-agreements", "registry", Kind.REFERRAL, Action.LIST,
        "listReferralAgreements", "What offices agreed to tell each other", "referrals", None, contract.AgreementList,
    ),
    Door(
        "GET", "/v1/referral-contact", "registry", Kind.REFERRAL, Action.LIST,
        "readReferralContact", "Where this office is told that a referral waits", "referrals",
        None, contract.ReferralContact,
    ),
    Door(
        "PUT", "/v1/referral-contact", "registry", Kind.REFERRAL, Action.WRITE,
        "putReferralContact", "Say where this office is told that a referral waits", "referrals",
        contract.ReferralContactBody, contract.ReferralContact,
    ),
    Door(
        "POST", "/v1/referrals/preview", "registry", Kind.REFERRAL, Action.READ,
        "previewReferral", "Exactly what the receiver would see", "referrals",
        contract.ReferralBody, contract.ReferralContent, shows=_CONTENT, guard=receiver_may_be_asked,
    ),
    Door(
        "POST", "/v1/referrals", "registry", Kind.REFERRAL, Action.WRITE,
        "sendReferral", "Send what the preview shows", "referrals",
        contract.ReferralBody, contract.Referral, status=201, shows=_ONE, guard=receiver_may_be_asked,
    ),
    Door(
        "GET", "/v1/referrals", "registry", Kind.REFERRAL, Action.LIST,
        "listReferrals", "Referrals from and to this office, newest first", "referrals", None, contract.ReferralPage,
        ("direction", "state", "overdue", "before", "limit"),
    ),
    Door(
        "GET", "/v1/referrals/{id}", "registry", Kind.REFERRAL, Action.READ,
        "readReferral", "A referral, as this office sees it", "referrals", None, contract.Referral, shows=_ONE,
    ),
    Door(
        "POST", "/v1/referrals/{id}/moves", "registry", Kind.REFERRAL, Action.WRITE,
        "moveReferral", "Receive, accept, decline, request more, hand back, complete or withdraw", "referrals",
        contract.ReferralStep, contract.Referral, shows=_ONE,
    ),
    Door(
        "POST", "/v1/referrals/{id}/answer", "registry", Kind.REFERRAL, Action.WRITE,
        "answerReferral", "Tell more, as requested", "referrals",
        contract.ReferralAnswer, contract.Referral, shows=_ONE,
    ),
    Door(
        "POST", "/v1/referrals/{id}/revoke", "registry", Kind.REFERRAL, Action.WRITE,
        "revokeReferral", "The person takes the consent back", "referrals", None, contract.Referral, shows=_ONE,
    ),
)  # fmt: skip
