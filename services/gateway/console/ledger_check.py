"""Adds a ledger up again from what its door tells: no database, and no word of whoever keeps it. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

_REVERSIBLE: Final = frozenset({"contribution", "release"})

Posting = Mapping[str, Any]
"""As `GET /v1/fund/ledger` tells it."""


@dataclass(frozen=True)
class LedgerFault:
    """A rule that a posting does not keep."""

    rule: str
    posting: str


@dataclass
class _Fund:
    """One office's money in one currency, as far as it was read.

    Attributes:
        begun: its first posting was read: an account that was not seen yet has nothing.
        number: of the posting read last; None: none yet.
        balances: by account.
        postings: by id.
        reversed: ids of postings that were taken back.
    """

    begun: bool = False
    number: int | None = None
    balances: dict[str, int] = field(default_factory=dict)
    postings: dict[str, Posting] = field(default_factory=dict)
    reversed: set[str] = field(default_factory=set)


def faults_of(postings: Sequence[Posting], whole: bool) -> list[LedgerFault]:
    """What does not add up, oldest first.

    Args:
        postings: newest first, none left out between the first and the last.
        whole: they are all there are; otherwise what came before them is taken as it is.
    """
    funds: dict[tuple[str, str, str], _Fund] = {}
    found: list[LedgerFault] = []
    for posting in reversed(postings):
        fund = funds.setdefault((posting["member"], posting["organisation"], posting["currency"]), _Fund())
        fund.begun = fund.begun or whole or posting["number"] == 1
        found += [LedgerFault(rule, posting["id"]) for rule in dict.fromkeys(_broken(fund, posting))]
        _take(fund, posting)
    return found


def _broken(fund: _Fund, posting: Posting) -> Iterator[str]:
    lines = posting["lines"]
    if len(lines) < 2 or sum(line["amount"] for line in lines) != 0:
        yield "zero"
    if posting["number"] != (fund.number + 1 if fund.number is not None else 1 if fund.begun else posting["number"]):
        yield "gap"
    yield from (rule for line in lines for rule in _line_faults(fund, line))
    if (posting["kind"] == "reversal") != bool(posting["reverses"]) or (
        posting["reverses"] and not _reverses(fund, posting)
    ):
        yield "reversal"


def _line_faults(fund: _Fund, line: Mapping[str, Any]) -> Iterator[str]:
    before = fund.balances.get(line["account"], 0 if fund.begun else None)
    if before is not None and before + line["amount"] != line["balance"]:
        yield "balance"
    if line["balance"] > 0 if line["account"].startswith("donor:") else line["balance"] < 0:
        yield "below_zero"


def _reverses(fund: _Fund, posting: Posting) -> bool:
    """Whether it takes back, once, a contribution or a release of the same amount."""
    other = fund.postings.get(posting["reverses"])
    if other is None:
        return not fund.begun
    once = posting["reverses"] not in fund.reversed
    return once and other["kind"] in _REVERSIBLE and _moved(other["lines"]) == _moved(posting["lines"])


def _moved(lines: Iterable[Mapping[str, Any]]) -> int:
    return max((line["amount"] for line in lines), default=0)


def _take(fund: _Fund, posting: Posting) -> None:
    fund.number = posting["number"]
    fund.postings[posting["id"]] = posting
    fund.balances |= {line["account"]: line["balance"] for line in posting["lines"]}
    if posting["reverses"]:
        fund.reversed.add(posting["reverses"])
