"""Words of claims and of the aid fund."""

from collections.abc import Mapping
from typing import Final

from services.gateway.console.languages import marked as _

CLAIM_KIND: Final = {
    "unpaid_wages": _("unpaid wages"),
    "recruitment_fees": _("fees that were too high"),
    "damages": _("damages"),
}
FORUM: Final = {
    "labour": _("labour office or court"),
    "civil": _("civil court"),
    "criminal": _("criminal court"),
    "fund": _("our aid fund"),
}
CLAIM: Final = {
    "draft": _("draft"),
    "filed": _("filed"),
    "heard": _("heard"),
    "granted": _("granted"),
    "partly_granted": _("granted in part"),
    "refused": _("refused"),
    "appealed": _("appealed"),
    "paid_in_part": _("paid in part"),
    "paid": _("paid"),
    "closed": _("closed"),
    "withdrawn": _("withdrawn"),
}
CLAIM_MOVE: Final = {
    "file": _("File it"),
    "hear": _("It was heard"),
    "grant": _("It was granted"),
    "grant_partly": _("It was granted in part"),
    "refuse": _("It was refused"),
    "appeal": _("Appeal"),
    "pay_part": _("A part was paid"),
    "pay": _("The rest was paid"),
    "close": _("Close it"),
    "withdraw": _("Withdraw it"),
}
PERIOD: Final = {"month": _("a month"), "week": _("a week"), "day": _("a day"), "hour": _("an hour")}
LINE: Final = {
    "wage": _("wage"),
    "overtime": _("overtime"),
    "paid": _("paid"),
    "fee_paid": _("fee paid"),
    "fee_allowed": _("fee allowed"),
    "damage": _("damage"),
    "nothing_owed_back": _("nothing is owed back"),
}
PAYMENT_KIND: Final = {
    "award": _("a claim that the fund decided"),
    "emergency": _("emergency"),
    "medical": _("medical care"),
    "legal": _("legal aid"),
    "travel": _("travel"),
    "livelihood": _("livelihood"),
}
PAYMENT: Final = {
    "proposed": _("proposed"),
    "released": _("released"),
    "cancelled": _("cancelled"),
    "reversed": _("taken back"),
}
PAYMENT_MOVE: Final = {"release": _("Release it"), "cancel": _("Cancel it")}
WAITS_FOR: Final = {"you": _("you, or another of your office"), "another": _("somebody else of your office")}
POSTING: Final = {
    "contribution": _("contribution"),
    "reservation": _("reservation"),
    "release": _("release"),
    "cancellation": _("cancellation"),
    "reversal": _("reversal"),
}
ACCOUNT: Final = {"available": _("available"), "reserved": _("reserved"), "paid_out": _("paid out")}
REVERSAL: Final = {
    "entered_in_error": _("entered in error"),
    "returned_by_bank": _("returned by the bank"),
    "refunded": _("refunded"),
}
LEDGER_RULE: Final = {
    "zero": _("its lines do not add up to zero"),
    "gap": _("its number does not follow the one before"),
    "balance": _("a balance is not the sum of what was moved"),
    "below_zero": _("an account has less than nothing"),
    "reversal": _("it takes back what cannot be taken back, or another amount, or twice"),
}

CLAIM_GLOSSARY: Final[Mapping[str, Mapping[str, str]]] = {
    "claim_kind": CLAIM_KIND,
    "forum": FORUM,
    "claim": CLAIM,
    "claim_move": CLAIM_MOVE,
    "period": PERIOD,
    "line": LINE,
    "payment_kind": PAYMENT_KIND,
    "payment": PAYMENT,
    "payment_move": PAYMENT_MOVE,
    "waits_for": WAITS_FOR,
    "posting": POSTING,
    "account": ACCOUNT,
    "reversal": REVERSAL,
    "ledger_rule": LEDGER_RULE,
    "currency": {},  # codes of ISO 4217 are said as they are
}
