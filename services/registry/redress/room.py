"""The redress room: its errors as answers."""

from services.registry.redress.claim_rows import ClaimUnknownError
from services.registry.redress.claims import FundPaysError, ReceiptKnownError, TooManyDocumentsError
from services.registry.redress.fund import (
    NotReversibleError,
    NotTheFundsClaimError,
    PaymentDecidedError,
    SamePersonError,
)
from services.registry.redress.fund_views import PaymentUnknownError, PostingUnknownError
from services.registry.redress.offices import NotARedressOfficeError
from services.registry.redress.postings import InsufficientFundsError
from services.registry.redress.rules import (
    AmountTooLargeError,
    GrantedAmountError,
    IllegalClaimMoveError,
    MoreThanGrantedError,
    NothingClaimedError,
)
from shared.http.problems import Answer, ProblemTable

PROBLEMS: ProblemTable = {
    ClaimUnknownError: Answer(404, "not-found", "There is no such claim"),
    PaymentUnknownError: Answer(404, "not-found", "There is no such payment"),
    PostingUnknownError: Answer(404, "not-found", "There is no such posting"),
    NotARedressOfficeError: Answer(403, "not-a-redress-office", "Not appointed to this"),
    SamePersonError: Answer(403, "same-person", "A second person does this"),
    IllegalClaimMoveError: Answer(409, "illegal-move", "The claim cannot make this move"),
    FundPaysError: Answer(409, "fund-pays", "The aid fund's ledger tells what it paid"),
    ReceiptKnownError: Answer(409, "receipt-known", "This was told already"),
    PaymentDecidedError: Answer(409, "payment-decided", "The payment is decided already"),
    NotReversibleError: Answer(409, "not-reversible", "This posting cannot be reversed"),
    InsufficientFundsError: Answer(409, "insufficient-funds", "There is not so much in the fund"),
    AmountTooLargeError: Answer(422, "amount-too-large", "The amount is too large"),
    NothingClaimedError: Answer(422, "nothing-claimed", "The claim comes to nothing"),
    GrantedAmountError: Answer(422, "granted-amount", "This is not a part of what was claimed"),
    MoreThanGrantedError: Answer(422, "more-than-granted", "More than was granted"),
    NotTheFundsClaimError: Answer(422, "not-the-funds-claim", "The fund does not pay this claim"),
    TooManyDocumentsError: Answer(422, "too-many-documents", "More papers than a claim holds"),
}
"""Errors of the room, beside those of the rooms that it reads."""
