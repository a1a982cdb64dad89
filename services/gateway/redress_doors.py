"""Doors to claims of workers and to the aid fund. A table.

A claim names whom it is against, and that is no look at them: nothing of a party is shown, and nothing of a claim is to
be read out of who looked at whom. A payment is about a claimant; the ledger is not.
"""

from functools import partial
from typing import Final

from services.gateway.access.policy import Action, Kind
from services.gateway.door import Door
from shared.contracts import fund
from shared.contracts import redress as contract
from shared.contracts.retention import HoldBody

_KEY: Final = ("Idempotency-Key",)

_claim = partial(Door, service="registry", kind=Kind.CLAIM, tag="claims")
_fund = partial(Door, service="registry", kind=Kind.FUND, tag="fund")
_fund_claim = partial(Door, service="registry", kind=Kind.CLAIM, tag="fund")

CLAIM_DOORS: Final[tuple[Door, ...]] = (
    _claim(
        "POST", "/v1/claims/preview", Action.READ, "previewClaim", "What a claim comes to, line by line",
        contract.ClaimBody, contract.Computation,
    ),
    _claim(
        "POST", "/v1/claims", Action.WRITE, "draftClaim", "Begin a claim",
        contract.ClaimBody, contract.Claim, status=201,
    ),
    _claim(
        "GET", "/v1/claims", Action.LIST, "listClaims", "This office's claims, newest first",
        None, contract.ClaimPage, ("state", "kind", "about", "against", "before", "limit"),
    ),
    _claim("GET", "/v1/claims/{id}", Action.READ, "readClaim", "A claim, whole", None, contract.Claim),
    _claim(
        "PUT", "/v1/claims/{id}", Action.WRITE, "redraftClaim", "Replace a draft", contract.ClaimBody, contract.Claim,
    ),
    _claim(
        "POST", "/v1/claims/{id}/moves", Action.WRITE,
        "moveClaim", "File, tell of a hearing, appeal, close or withdraw", contract.ClaimStep, contract.Claim,
    ),
    _claim(
        "POST", "/v1/claims/{id}/decisions", Action.WRITE, "decideClaim", "Tell what the forum decided",
        contract.DecisionBody, contract.Claim,
    ),
    _claim(
        "POST", "/v1/claims/{id}/receipts", Action.WRITE, "receiveOnClaim", "Tell that money reached the claimant",
        contract.ReceiptBody, contract.Claim,
    ),
    _claim(
        "POST", "/v1/claims/{id}/documents", Action.WRITE, "addClaimDocuments", "Add papers by their digests",
        contract.ClaimDocumentsBody, contract.Claim,
    ),
    _claim(
        "POST", "/v1/claims/{id}/hold", Action.WRITE,
        "holdClaim", "Keep a claim until a day, whatever the clock says; or no longer", HoldBody, contract.Claim,
    ),
)  # fmt: skip

FUND_DOORS: Final[tuple[Door, ...]] = (
    _fund(
        "GET", "/v1/fund", Action.READ, "readFund", "What there is in the aid fund, by currency", None, fund.FundList,
    ),
    _fund(
        "POST", "/v1/fund/contributions", Action.WRITE, "contribute", "Take in what a donor gave",
        fund.ContributionBody, fund.LedgerPosting, headers=_KEY, status=201,
    ),
    _fund_claim(
        "POST", "/v1/fund/payments", Action.WRITE,
        "proposePayment", "Reserve a payment until another person releases it",
        fund.PaymentBody, fund.Payment, headers=_KEY, status=201,
    ),
    _fund_claim(
        "GET", "/v1/fund/payments", Action.LIST, "listPayments", "This office's payments, newest first",
        None, fund.PaymentPage, ("state", "before", "limit"),
    ),
    _fund_claim("GET", "/v1/fund/payments/{id}", Action.READ, "readPayment", "A payment, whole", None, fund.Payment),
    _fund_claim(
        "POST", "/v1/fund/payments/{id}/release", Action.WRITE, "releasePayment", "Pay what another person proposed",
        None, fund.Payment,
    ),
    _fund_claim(
        "POST", "/v1/fund/payments/{id}/cancel", Action.WRITE, "cancelPayment", "Do not pay what was proposed",
        None, fund.Payment,
    ),
    _fund(
        "POST", "/v1/fund/postings/{id}/reversal", Action.WRITE,
        "reversePosting", "Take a contribution or a release back, by another posting",
        fund.ReversalBody, fund.LedgerPosting, status=201,
    ),
    _fund(
        "GET", "/v1/fund/ledger", Action.READ, "readLedger", "Postings of the ledger, newest first",
        None, fund.LedgerPage, ("currency", "before", "limit"),
    ),
    _fund(
        "GET", "/v1/fund/report", Action.LIST, "readDonorReport", "What donors are told of a year",
        None, fund.DonorReport, ("year",), ("Accept",),
    ),
)  # fmt: skip
