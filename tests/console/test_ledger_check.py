"""A ledger is added up again from what its door tells: each rule that is broken is found, and where."""

from typing import Any

import pytest

from services.gateway.console.ledger_check import LedgerFault, faults_of


def posting(number: int, kind: str, *lines: tuple[str, int, int], reverses: str | None = None) -> dict[str, Any]:
    """A posting as the door tells it: account, amount and balance of each line."""
    names = ("account", "amount", "balance")
    told = [dict(zip(names, line, strict=True)) for line in lines]
    whose = {"member": "IDN", "organisation": "home", "currency": "THB"}
    return whose | {"id": f"L{number}", "number": number, "kind": kind, "lines": told, "reverses": reverses}


def ledger() -> list[dict[str, Any]]:
    """A contribution, a payment proposed and released, and what the bank returned; newest first."""
    oldest_first = [
        posting(1, "contribution", ("donor:d", -100, -100), ("available", 100, 100)),
        posting(2, "reservation", ("available", -40, 60), ("reserved", 40, 40)),
        posting(3, "release", ("reserved", -40, 0), ("paid_out", 40, 40)),
        posting(4, "reversal", ("paid_out", -40, 0), ("available", 40, 100), reverses="L3"),
    ]
    return oldest_first[::-1]


def broken(how: str) -> list[dict[str, Any]]:
    """The ledger with one thing wrong in it."""
    told = ledger()
    newest, first = told[0], told[-1]
    match how:
        case "a line changed":
            newest["lines"][0]["amount"] = -30
        case "a line lost":
            first["lines"].pop()
        case "a posting lost":
            del told[1]
        case "the first lost":
            told.pop()
        case "reversed twice":
            again = posting(5, "reversal", ("paid_out", -40, -40), ("available", 40, 140), reverses="L3")
            told.insert(0, again)
        case "a reservation reversed":
            newest["reverses"] = "L2"
        case "reverses nothing":
            newest["reverses"] = None
        case _:
            newest["lines"] = [
                {"account": "paid_out", "amount": -30, "balance": 10},
                {"account": "available", "amount": 30, "balance": 90},
            ]
    return told


@pytest.mark.parametrize(
    ("how", "found"),
    [
        ("a line changed", [("zero", "L4"), ("balance", "L4")]),
        ("a line lost", [("zero", "L1"), ("balance", "L2")]),
        ("a posting lost", [("gap", "L4"), ("balance", "L4"), ("reversal", "L4")]),
        ("the first lost", [("gap", "L2"), ("balance", "L2")]),
        ("reversed twice", [("below_zero", "L5"), ("reversal", "L5")]),
        ("a reservation reversed", [("reversal", "L4")]),
        ("reverses nothing", [("reversal", "L4")]),
        ("another amount", [("reversal", "L4")]),
    ],
)
def test_what_is_wrong_is_found(how: str, found: list[tuple[str, str]]) -> None:
    assert [(each.rule, each.posting) for each in faults_of(broken(how), whole=True)] == found


def test_a_ledger_that_adds_up_does_so_whole_and_in_part() -> None:
    other = [each | {"organisation": "away", "id": f"A{each['number']}"} for each in ledger()[1:]]
    assert faults_of([*ledger(), *other], whole=True) == []
    for read in range(1, 5):
        assert faults_of(ledger()[:read], whole=False) == []
    short = ledger()[:2]
    short[0]["number"] = 9
    assert faults_of(short, whole=False) == [LedgerFault("gap", "L4")]
