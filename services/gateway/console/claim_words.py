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
}
