"""The command that measures red flags: what is planted in years of recruitment, found, and flagged falsely."""

import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table

from services.cli.console import json_option, run, show_json
from services.cli.preparation import settings_in
from services.cli.proportions import wilson
from services.cli.red_flag_trial import Flagged, hold_year
from services.sandbox.recruitment import NEAR, Near, Year, make_year
from shared.contracts.red_flags import FlagRule

_OF_EMPLOYERS: Final = frozenset({FlagRule.RETAINED_PASSPORTS, FlagRule.COMPLAINTS_FROM_SEVERAL_MEMBERS})
REPORTED: Final = (101, 110)
"""First and last seed of the figures in the documents; thresholds were chosen with seeds 1 to 3."""

log = Console(stderr=True)


@click.command(epilog="Example: lindung evaluate redflags --registrations 20000 --json")
@click.option("--registrations", type=click.IntRange(1_000, 200_000), default=20_000, show_default=True, help="A year.")
@click.option(
    "--seeds",
    nargs=2,
    type=click.IntRange(0, 1_000_000),
    default=REPORTED,
    show_default=True,
    help="First and last: a year each. Thresholds were chosen with 1 to 3.",
)
@json_option
def redflags(registrations: int, seeds: tuple[int, int], as_json: bool) -> None:
    """Plant reasons to look at agencies and employers, and what only looks so: recall and false alarms by rule.

    Digests, comparisons of contracts and fees, the gathering from the database and the rules are the registry's own.
    Agencies, workers, complaints and conversations are drawn; shares are our judgement.
    """
    began, tally = time.perf_counter(), _Tally()
    for seed in range(seeds[0], seeds[1] + 1):
        log.print(f"year of seed {seed}")
        year = make_year(registrations, seed)
        with TemporaryDirectory(prefix="lindung-recruitment-") as folder:
            settings = settings_in(Path(folder))
            tally.add(year, run(lambda: hold_year(settings, year)))  # noqa: B023  run at once
    document = tally.document() | {"seeds": list(seeds), "seconds": round(time.perf_counter() - began)}
    if as_json:
        show_json(document)
    else:
        _show(document)


class _Tally:
    """Counts over years."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, year: Year, flagged: Flagged) -> None:
        """One year's outcome."""
        self._counts["all", "registrations"] += len(year.visits)
        for rule in FlagRule:
            parties = frozenset(year.employers if rule in _OF_EMPLOYERS else year.agencies)
            planted, found = year.planted[rule] & parties, flagged.parties[rule]
            self._count(rule, planted=planted, found=planted & found, others=parties - planted, false=found - planted)
        for near, (rule, _) in NEAR.items():
            alike = year.near[near] - year.planted[rule]
            self._count(near, alike=alike, flagged=alike & flagged.parties[rule])

    def _count(self, of: str, **parties: Iterable[str]) -> None:
        for what, some in parties.items():
            self._counts[of, what] += len(list(some))

    def document(self) -> dict[str, Any]:
        """All that was counted, with intervals."""
        return {
            "registrations": self._counts["all", "registrations"],
            "rules": {rule.value: self._rule(rule) for rule in FlagRule},
            "near": {near.value: self._near(near) for near in Near},
        }

    def _rule(self, rule: FlagRule) -> dict[str, Any]:
        count = self._counts
        return {
            "parties": "employers" if rule in _OF_EMPLOYERS else "agencies",
            "planted": count[rule, "planted"],
            "found": count[rule, "found"],
            "recall": _share(count[rule, "found"], count[rule, "planted"]),
            "others": count[rule, "others"],
            "false": count[rule, "false"],
            "false_share": _share(count[rule, "false"], count[rule, "others"]),
        }

    def _near(self, near: Near) -> dict[str, Any]:
        rule, says = NEAR[near]
        flagged, alike = self._counts[near, "flagged"], self._counts[near, "alike"]
        return {"rule": rule.value, "says": says, "flagged": flagged, "of": alike, "share": _share(flagged, alike)}


def _share(count: int, of: int) -> dict[str, Any]:
    low, high = wilson(count, of)
    return {"share": round(count / of, 4) if of else None, "ci95": [round(low, 4), round(high, 4)]}


def _show(document: dict[str, Any]) -> None:
    console = Console()
    table = Table("rule", "planted", "found", "recall, 95 %", "others", "false", "false, 95 %")
    for rule, row in document["rules"].items():
        told = (row["planted"], row["found"], _percent(row["recall"]), row["others"], row["false"])
        table.add_row(rule, *map(str, told), _percent(row["false_share"]))
    console.print(table)
    table = Table("only looks so", "rule", "parties", "flagged", "95 %")
    for row in document["near"].values():
        table.add_row(row["says"], row["rule"], str(row["of"]), str(row["flagged"]), _percent(row["share"]))
    console.print(table)


def _percent(share: dict[str, Any]) -> str:
    low, high = share["ci95"]
    return f"{100 * low:.1f} to {100 * high:.1f} %"
