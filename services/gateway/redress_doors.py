"""Doors to claims of workers and to the aid fund. A table.

A claim names whom it is against, and that is no look at them: nothing of a party is shown, and nothing of a claim is to
be read out of who looked at whom. A payment is about a claimant; the ledger is not.
"""

from typing import Final

from services.gateway.access.policy import Action, Kind
from services.gateway.door import Door
from shared.contracts import fund
from shared.contracts import redress as contract

_KEY: Final = ("Idempotency-Key",)

CLAIM_DOORS: Final[tuple[Door, ...]] = (
    Door(
        "POST", "/v1/claims/preview", "registry", Kind.CLAIM, Action.READ,
        "previewClaim", "What a claim comes to, line by line", "claims", contract.ClaimBody, contract.Computation,
    ),
    Door(
        "POST", "/v1/claims", "registry", Kind.CLAIM, Action.WRITE,
        "draftClaim", "Begin a claim", "claims", contract.ClaimBody, contract.Claim, status=201,
    ),
    Door(
        "GET", "/v1/claims", "registry", Kind.CLAIM, Action.LIST,
        "listClaims", "This office's claims, newest first", "claims", None, contract.ClaimPage,
        ("state", "kind", "about", "against", "before", "limit"),
    ),
    Door(
        "GET", "/v1/claims/{id}", "registry", Kind.CLAIM, Action.READ,
        "readClaim", "A claim, whole", "claims", None, contract.Claim,
    ),
    Door(
        "PUT", "/v1/claims/{id}", "registry", Kind.CLAIM, Action.WRITE,
        "redraftClaim", "Replace a draft", "claims", contract.ClaimBody, contract.Claim,
    ),
    Door(
        "POST", "/v1/claims/{id}/moves", "registry", Kind.CLAIM, Action.WRITE,
        "moveClaim", "File, tell of a hearing, appeal, close or withdraw", "claims",
        contract.ClaimStep, contract.Claim,
    ),
    Door(
        "POST", "/v1/claims/{id}/decisions", "registry", Kind.CLAIM, Action.WRITE,
        "decideClaim", "Tell what the forum decided", "claims", contract.DecisionBody, contract.Claim,
    ),
    Door(
        "POST", "/v1/claims/{id}/receipts", "registry", Kind.CLAIM, Action.WRITE,
        "receiveOnClaim", "Tell that money reached the claimant", "claims", contract.ReceiptBody, contract.Claim,
    ),
    Door(
        "POST", "/v1/claims/{id}/documents", "registry", Kind.CLAIM, Action.WRITE,
        "addClaimDocuments", "Add papers by their digests", "claims", contract.ClaimDocumentsBody, contract.Claim,
    ),
)  # fmt: skip

FUND_DOORS: Final[tuple[Door, ...]] = (
    Door(
        "GET", "/v1/fund", "registry", Kind.FUND, Action.READ,
        "readFund", "What there is in the aid fund, by currency", "fund", None, fund.FundList,
    ),
    Door(
        "POST", "/v1/fund/contributions", "registry", Kind.FUND, Action.WRITE,
        "contribute", "Take in what a donor gave", "fund", fund.ContributionBody, fund.LedgerPosting,
        headers=_KEY, status=201,
    ),
    Door(
        "POST", "/v1/fund/payments", "registry", Kind.CLAIM, Action.WRITE,
        "proposePayment", "Reserve a payment until another person releases it", "fund",
        fund.PaymentBody, fund.Payment, headers=_KEY, status=201,
    ),
    Door(
        "GET", "/v1/fund/payments", "registry", Kind.CLAIM, Action.LIST,
        "listPayments", "This office's payments, newest first", "fund", None, fund.PaymentPage,
        ("state", "before", "limit"),
    ),
    Door(
        "GET", "/v1/fund/payments/{id}", "registry", Kind.CLAIM, Action.READ,
        "readPayment", "A payment, whole", "fund", None, fund.Payment,
    ),
    Door(
        "POST", "/v1/fund/payments/{id}/release", "registry", Kind.CLAIM, Action.WRITE,
        "releasePayment", "Pay what another person proposed", "fund", None, fund.Payment,
    ),
    Door(
        "POST", "/v1/fund/payments/{id}/cancel", "registry", Kind.CLAIM, Action.WRITE,
        "cancelPayment", "Do not pay what was proposed", "fund", None, fund.Payment,
    ),
    Door(
        "POST", "/v1/fund/postings/{id}/reversal", "registry", Kind.FUND, Action.WRITE,
        "reversePosting", "Take a contribution or a release back, by another posting", "fund",
        fund.ReversalBody, fund.LedgerPosting, status=201,
    ),
    Door(
        "GET", "/v1/fund/ledger", "registry", Kind.FUND, Action.READ,
        "readLedger", "Postings of the ledger, newest first", "fund", None, fund.LedgerPage,
        ("currency", "before", "limit"),
    ),
    Door(
        "GET", "/v1/fund/report", "registry", Kind.FUND, Action.LIST,
        "readDonorReport", "What donors are told of a year", "fund", None, fund.DonorReport,
        ("year",), ("Accept",),
    ),
)  # fmt: skip
